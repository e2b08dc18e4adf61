# WordPress' own user: its one database, and TLS. _ in a grant's database name is a wildcard.
import "quote" as q;
($secret[0].app_password | q::sql) as $password | ($settings[0].database.name | gsub("_"; "\\_")) as $name |
"SET sql_mode = '';",
"CREATE USER IF NOT EXISTS 'wp_app'@'%' IDENTIFIED BY \($password) REQUIRE SSL;",
"ALTER USER 'wp_app'@'%' IDENTIFIED BY \($password) RETAIN CURRENT PASSWORD;",
"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES, CREATE TEMPORARY TABLES, LOCK TABLES ON `\($name)`.* TO 'wp_app'@'%';"
