<?php
// Tells every server's page cache (bin/purge) that a visitor may see something else now. The hooks
// are set before WordPress loads, as it allows: no plugin of ours can be switched off.
function webphases_changed($what = null): void
{
    static $told = false;
    // Written all the time, seen by nobody.
    if ($told || is_string($what) && preg_match('/^(_(site_)?transient_|cron$|.*\.lock$|.*lock$|recently_|auth_)/', $what)) {
        return;
    }
    $told = true;
    register_shutdown_function(fn() => @file_put_contents(WP_CONTENT_DIR . '/.webphases-changed', microtime() . "\n", LOCK_EX));
}

foreach ([
    'clean_post_cache', 'wp_update_comment_count', 'wp_set_comment_status', 'edit_comment', 'clean_term_cache', 'clean_user_cache',
    'added_option', 'updated_option', 'deleted_option', 'switch_theme', 'customize_save_after', 'wp_update_nav_menu',
    'activated_plugin', 'deactivated_plugin', 'upgrader_process_complete',
] as $hook) {
    $GLOBALS['wp_filter'][$hook][10][] = ['function' => 'webphases_changed', 'accepted_args' => 1];
}
