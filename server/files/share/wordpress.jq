# /etc/wordpress/config-default.php
import "quote" as q;
$settings[0] as $s | $secret[0] as $k |
"<?php",
"// Written by webphases at every start of this server; changes here are lost.",
(if $s.database.local then
	{DB_NAME: "wordpress", DB_USER: "wordpress", DB_PASSWORD: $k.password, DB_HOST: "localhost"}
else
	{DB_NAME: $s.database.name, DB_USER: "wp_app", DB_PASSWORD: $k.app_password, DB_HOST: "\($s.database.host):\($s.database.port)"}
end
+ ($k | with_entries(select(.key | test("_(key|salt)$"))) | with_entries(.key |= ascii_upcase))
+ (if $s.site.mail == null then {} else
	{WEBPHASES_MAIL_HOST: $s.site.mail.host, WEBPHASES_MAIL_PORT: "\($s.site.mail.port)", WEBPHASES_MAIL_FROM: $s.site.mail.from,
	WEBPHASES_MAIL_USER: ($s.site.mail.username // ""), WEBPHASES_MAIL_PASSWORD: ($k.mail_password // "")}
end)
+ {WEBPHASES_HOME: "\(if $https then "https" else "http" end)://\(if $s.site.domain == "" then $s.site.address else $s.site.domain end)"}
| to_entries[] | "define('\(.key)', \(.value | q::php));"),
"define('FORCE_SSL_ADMIN', \($https));",
(if $s.database.local then empty else "define('MYSQL_CLIENT_FLAGS', MYSQLI_CLIENT_SSL);" end),
"require '/opt/webphases/share/wordpress.php';"
