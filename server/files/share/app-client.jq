# The database client's options for WordPress' own user.
import "quote" as q;
$settings[0].database as $d | $secret[0] as $k |
"[client]",
"host=\($d.host | q::cnf)",
"port=\($d.port)",
"user=wp_app",
"password=\($k.app_password | q::cnf)",
"ssl-ca=/etc/webphases/rds.pem",
"ssl-verify-server-cert"
