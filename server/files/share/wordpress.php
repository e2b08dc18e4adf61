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

// Without a domain the site is whatever address it is called by, so that it never sends
// a visitor to another host. nginx lets only names and addresses through.
if (!defined('WEBPHASES_HOME')) {
    $scheme = ($_SERVER['HTTPS'] ?? '') === 'on' ? 'https' : 'http';
    define('WEBPHASES_HOME', $scheme . '://' . ($_SERVER['HTTP_HOST'] ?? 'localhost'));
}
define('WP_HOME', WEBPHASES_HOME);
define('WP_SITEURL', WEBPHASES_HOME);
define('WP_CONTENT_URL', WEBPHASES_HOME . '/wp-content');
