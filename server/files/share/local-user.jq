import "quote" as q;
($secret[0].password | q::sql) as $password |
"SET sql_mode = '';",
"CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;",
"CREATE USER IF NOT EXISTS wordpress@localhost IDENTIFIED BY \($password);",
"ALTER USER wordpress@localhost IDENTIFIED BY \($password);",
"GRANT ALL ON wordpress.* TO wordpress@localhost;"
