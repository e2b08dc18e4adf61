<?php
// WordPress' drop-in for the database. WordPress can ask for TLS but cannot name an
// authority, and without one PHP's client checks nobody's certificate.
class WebphasesDatabase extends wpdb
{
    public function db_connect($allow_bail = true)
    {
        mysqli_report(MYSQLI_REPORT_OFF);
        [$host, $port] = explode(':', $this->dbhost);
        $link = mysqli_init();
        mysqli_ssl_set($link, null, null, '/etc/webphases/rds.pem', null, null);
        // A database that is gone or hangs must not hold a process for ever.
        mysqli_options($link, MYSQLI_OPT_CONNECT_TIMEOUT, 5);
        mysqli_options($link, MYSQLI_OPT_READ_TIMEOUT, 60);
        // The rest is what the class that this one extends does.
        if (!@mysqli_real_connect($link, $host, $this->dbuser, $this->dbpassword, null, (int) $port, null, MYSQLI_CLIENT_SSL)) {
            $this->dbh = null;
            if ($allow_bail) {
                $this->bail('<h1>Error establishing a database connection</h1>', 'db_connect_fail');
            }
            return false;
        }
        $this->dbh = $link;
        $this->is_mysql = true;
        $this->has_connected = true;
        $this->init_charset();
        $this->set_charset($this->dbh);
        $this->ready = true;
        $this->set_sql_mode();
        $this->select($this->dbname, $this->dbh);
        return true;
    }
}
$wpdb = new WebphasesDatabase(DB_USER, DB_PASSWORD, DB_NAME, DB_HOST);
