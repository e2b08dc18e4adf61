<?php
// install.php USER EMAIL, password on stdin: installs WordPress if its database has no administrator
// yet. Ends in one of two sentences; anything else is a failure.
const WP_INSTALLING = true;
[, $user, $email] = $argv;
$typed = stream_get_contents(STDIN);
$_SERVER['PHP_SELF'] = '/index.php';

function wp_new_blog_notification() // it would send a letter that repeats the login
{
}

require '/usr/share/wordpress/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

if (is_blog_installed() && get_users(['role' => 'administrator', 'number' => 1, 'fields' => 'ID'])) {
    exit('webphases: it was installed');
}
$links = '/%year%/%monthnum%/%day%/%postname%/';
add_filter('pre_option_permalink_structure', fn() => $links); // or it tries them out, before anything serves
$made = wp_install('WordPress', $user, $email, true, '', wp_slash($typed));
if (is_wp_error($made['user_id']) || !user_can($made['user_id'], 'manage_options')) {
    exit('no administrator was made');
}
remove_all_filters('pre_option_permalink_structure');
update_option('permalink_structure', $links);
exit('webphases: installed');
