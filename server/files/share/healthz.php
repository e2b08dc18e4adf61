<?php
// nginx and PHP can serve. No database: its failover must not take every server out.
header('Content-Type: text/plain');
header('Cache-Control: no-store');
echo "ok\n";
