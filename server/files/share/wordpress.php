<?php
// What is the same on every server. The file that includes this one holds the rest.
define('DB_CHARSET', 'utf8mb4');
// Known to MariaDB and to MySQL; their own defaults are not the same.
define('DB_COLLATE', 'utf8mb4_unicode_520_ci');
define('WP_CONTENT_DIR', '/srv/wp-content');
define('WP_LANG_DIR', '/usr/share/wordpress/wp-content/languages');
define('FS_METHOD', 'direct');
// Code comes by package or by the plugin pages, never from the editor in the browser.
define('DISALLOW_FILE_EDIT', true);
define('WP_ALLOW_MULTISITE', false);
define('WP_DEBUG', false);
define('WP_DEBUG_DISPLAY', false);
// webphases-cron.timer runs what is due; a visitor's request need not.
define('DISABLE_WP_CRON', true);
// One address, whatever a visitor's Host header says: it would reach links in e-mails.
define('WP_HOME', WEBPHASES_HOME);
define('WP_SITEURL', WEBPHASES_HOME);
define('WP_CONTENT_URL', WEBPHASES_HOME . '/wp-content');
require __DIR__ . '/changed.php';
if (defined('WEBPHASES_MAIL_HOST')) {
    require __DIR__ . '/mail.php';
}
