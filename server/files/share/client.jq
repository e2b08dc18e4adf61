# The database client's options: TLS, and the server must be who it says it is.
import "quote" as q;
$settings[0].database as $d | $secret[0] as $k |
"[client]",
"host=\($d.host | q::cnf)",
"port=\($d.port)",
"user=\($k.username | q::cnf)",
"password=\($k.password | q::cnf)",
"ssl-ca=/etc/webphases/rds.pem",
"ssl-verify-server-cert"
