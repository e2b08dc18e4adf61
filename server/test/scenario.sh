# shellcheck shell=bash
# What a server must do after its first boot, in the order of a site's life.

step "phase 1: WordPress serves"
expect "[\"configure\",\"i-0123456789abcdef0\",\"$(version)\"]" proof '.ok | [.script, .instance, .settings]'
expect null proof .failed
expect 200 status /healthz
watched 000 404
expect 404 status /wp-admin/install.php
expect '302 http://10.123.0.2/wp-admin/' log_in
on_server mariadb --default-character-set=utf8mb4 wordpress -e "UPDATE wp_options SET option_value = '波 Phases' WHERE option_name = 'blogname'"
add_content
expect 200 status /wp-content/uploads/2026/%E5%86%99%E7%9C%9F%201.txt
expect 403 status /wp-content/uploads/evil.php
expect 404 status /.git/config
expect 404 status /wp-config.php
expect 400 status / -H 'Host: evil"x'
expect 200 ip netns exec "$AWS" curl -sk -o /dev/null -w '%{http_code}' https://10.123.0.2/healthz
# Nothing stands before this server, so a visitor's header is not believed.
expect 'action="http://10.123.0.2/' get /wp-login.php -H 'X-Forwarded-Proto: https'
expect 'action="http://10.123.0.2/' get /wp-login.php -H 'Host: evil.example.org'
! get '/wp-login.php?action=lostpassword' -H 'Host: evil.example.org' | grep -q evil || fail "a visitor's Host header is on the page"
expect i-0123456789abcdef0 on_server bash -c '. /opt/webphases/lib/common.sh; imds instance-id'
expect 'Failed to connect' as_web curl -sS -m 3 -X PUT http://169.254.169.254/latest/api/token
expect active on_server systemctl is-active webphases-cron.timer
on_server mariadb wordpress -e "DELETE FROM wp_options WHERE option_name = '_transient_doing_cron'"
on_server systemctl start webphases-cron
expect '0' on_server mariadb wordpress -N -e "SELECT COUNT(*) FROM wp_options WHERE option_name = 'cron' AND option_value LIKE '%wp_update_plugins%' AND option_value LIKE 'a:0%'"
secret_is_nowhere
config=$(on_server sha256sum /etc/wordpress/config-default.php)

step "phase 1: a reboot, where nothing serves until configure has read the settings; and configure again"
mv "$WORK/settings.json" "$WORK/settings.away"
restart_server
sleep 10
expect activating on_server systemctl is-active webphases-boot
expect inactive on_server systemctl is-active nginx
mv "$WORK/settings.away" "$WORK/settings.json"
until_true 60 on_server systemctl is-active webphases-boot
expect 200 status /healthz
run_command configure || fail "configure: $(cat "$WORK/command.log")"
[[ $(on_server sha256sum /etc/wordpress/config-default.php) == "$config" ]] || fail "configure changed its own result"
expect '波 Phases' get /

step "phase 1: pages are kept for visitors whom WordPress does not know, until the content changes"
until_true 15 is_kept /
until_true 15 is_kept / -H 'Cookie: _ga=1; theme=dark'
known=(wordpress_logged_in_x=1 wp-postpass_x=1 comment_author_x=1 woocommerce_cart_hash=1)
for cookie in "${known[@]}"; do
	expect BYPASS kept / -H "Cookie: $cookie"
done
expect BYPASS kept '/?s=x'
[[ -z $(kept / --data x=1) ]] || fail "a POST met the cache"
expect BYPASS kept / -I
expect BYPASS kept / -H 'Authorization: Basic eDp5'
expect BYPASS kept / -H 'Host: evil.example.org'
for own in /wp-login.php /wp-json/ /feed/ /robots.txt; do
	expect BYPASS kept "$own"
done
expect gzip get / -H 'Accept-Encoding: gzip' -o /dev/null -D -
cmp <(get / -H 'Accept-Encoding: gzip' | gunzip) <(get /) || fail "the compressed page is another"
id=$(in_wordpress 'echo wp_insert_post(["post_title" => "first words", "post_content" => "x", "post_status" => "publish"]);')
until_true 8 sh -c "ip netns exec $AWS curl -s http://10.123.0.2/ | grep -q 'first words'"
until_true 15 is_kept /
in_wordpress "wp_update_post(['ID' => $id, 'post_title' => 'other words']);"
until_true 8 sh -c "ip netns exec $AWS curl -s http://10.123.0.2/ | grep -q 'other words'"
in_wordpress "wp_delete_post($id, true);"
until_true 8 sh -c "! ip netns exec $AWS curl -s http://10.123.0.2/ | grep -q 'other words'"
expect 'max-age=31536000' get '/wp-includes/css/dashicons.min.css?ver=1' -o /dev/null -D -
expect 'max-age=604800' get /wp-includes/css/dashicons.min.css -o /dev/null -D -

step "phase 1: the agent is brought up to date"
sed -i 's/^Version: 1$/Version: 2/' "$WORK/agent/DEBIAN/control"
dpkg-deb --build --root-owner-group "$WORK/agent" "$WORK/root/srv/fake/amazon-ssm-agent.deb" >/dev/null
expect active on_server systemctl is-active webphases-agent.timer
on_server systemctl start webphases-agent
expect 'amazon-ssm-agent	2' on_server dpkg-query -W amazon-ssm-agent
expect active on_server systemctl is-active amazon-ssm-agent

step "phase 1: a site that does not answer is not a success, whatever pages are kept"
until_true 15 is_kept /
as_web sh -c 'echo "<?php nope();" >/srv/wp-content/plugins/broken.php'
plugins() { on_server mariadb wordpress -e "UPDATE wp_options SET option_value = '$1' WHERE option_name = 'active_plugins'"; }
plugins 'a:1:{i:0;s:10:"broken.php";}'
on_server sed -i 's/retry 6 5 wordpress/retry 2 1 wordpress/' /opt/webphases/lib/web.sh
! on_server env WEBPHASES_PROOF=/webphases/test/proof /opt/webphases/bin/configure >"$WORK/command.log" 2>&1 || fail "a broken site passed"
expect 'WordPress does not answer' proof .failed.why
expect active on_server systemctl is-active nginx
plugins 'a:0:{}'
as_web rm /srv/wp-content/plugins/broken.php

step "phase 1: a server of a backup's image goes on with what it holds"
echo i-0fedcba9876543210 >"$WORK/instance"
restart_server
on_server sh /root/user-data >"$WORK/boot.log" 2>&1 || fail "user data of a restored server: $(cat "$WORK/boot.log")"
until_true 60 grep -q i-0fedcba9876543210 "$WORK/proof.json"
expect '["configure","i-0fedcba9876543210"]' proof '[.ok.script, .ok.instance]'
expect '波 Phases' get /
expect '302 http://10.123.0.2/wp-admin/' log_in
rm "$WORK/instance"

step "phase 2: the managed database is not there yet; the old site goes on"
settings 2
on_server sed -i 's/retry 30 10 remote_sql/retry 1 1 remote_sql/' /opt/webphases/lib/move.sh
! on_server env WEBPHASES_PROOF=/webphases/test/proof /opt/webphases/bin/migrate >"$WORK/command.log" 2>&1 || fail "migrate without a database"
expect 'the site goes on' cat "$WORK/command.log"
expect 'cannot reach the managed database' proof .failed.why
expect '波 Phases' get /

step "phase 2: migrate refuses a database with another site's tables, and what a copy would lose"
install_database
start_database
until_true 30 managed -e 'SELECT 1'
managed wordpress -e 'CREATE TABLE theirs (id INT)'
! run_command migrate || fail "migrate wrote beside another site's tables"
expect "not this migration's" cat "$WORK/command.log"
managed wordpress -e 'DROP TABLE theirs'
managed wordpress -e "CREATE TABLE webphases_migration (owner VARCHAR(64) PRIMARY KEY) AS SELECT 'i-other' AS owner"
! run_command migrate || fail "migrate wrote over another server's copy"
expect 'unfinished copy of server i-other' cat "$WORK/command.log"
managed wordpress -e 'DROP TABLE webphases_migration'
on_server mariadb wordpress -e 'CREATE EVENT hourly ON SCHEDULE EVERY 1 HOUR DO DELETE FROM wp_options WHERE 1 = 0'
! run_command migrate || fail "migrate lost an event"
expect 'move these by hand first: event' cat "$WORK/command.log"
on_server mariadb wordpress -e 'DROP EVENT hourly'
expect '波 Phases' get /

step "phase 2: migrate is killed during the copy; the old site comes back and nobody else has begun before"
printf '#!/bin/bash\nsleep 8\nexec /usr/bin/mariadb-dump "$@"\n' >"$WORK/root/usr/local/bin/mariadb-dump"
chmod 0755 "$WORK/root/usr/local/bin/mariadb-dump"
run_command migrate &
running=$!
until_true 60 on_server pgrep -f mariadb-dump
expect '503 ' status /
on_server pkill -KILL -f '^/bin/bash /opt/webphases/bin/migrate'
! wait "$running" || fail "a killed migration is a success"
expect '503 ' status / # the copy that it started still runs
until_true 30 bash -c "ip netns exec $AWS curl -sS -m 5 http://10.123.0.2/ | grep -q '波 Phases'"
expect 0 on_server mariadb -N -e 'SELECT @@read_only'
rm "$WORK/root/usr/local/bin/mariadb-dump"

step "phase 2: migrate, while visitors come"
as_web sh -c 'echo "<?php sleep(10); echo \"waited\";" >/srv/wp-content/plugins/slow.php'
get /wp-content/plugins/slow.php >"$WORK/slow" &
slow=$!
before=$(posts on_server mariadb)
watch /wp-login.php
run_command migrate || fail "migrate: $(cat "$WORK/command.log")"
watched 200 503
wait "$slow" || fail "a request that had begun was cut off"
expect waited cat "$WORK/slow"
as_web rm /srv/wp-content/plugins/slow.php
grep verified "$WORK/command.log"
expect "[\"$(version)\",12," proof '[.ok.settings, .ok.moved.tables, .ok.moved.rows, .ok.moved.files]'
[[ $(posts managed) == "$before" ]] || fail "posts differ: $before and $(posts managed)"
expect '波 Phases' get /
expect kept get /wp-content/uploads/2026/%E5%86%99%E7%9C%9F%201.txt
expect /srv/webphases/shared on_server readlink /srv/wp-content
expect kept cat "$WORK/root/srv/fake/efs/uploads/2026/写真 1.txt"
expect kept cat "$WORK/root/srv/webphases/local/uploads/2026/写真 1.txt"
expect inactive on_server systemctl is-active mariadb
secret_is_nowhere

expect '302 http://10.123.0.2/wp-admin/' log_in
expect '"shop-prod"' on_server jq -c .metrics.namespace /srv/fake/watching
expect 'webphases: configure: serving' on_server cat /var/log/webphases/journal.log
expect wp_app on_server grep DB_USER /etc/wordpress/config-default.php

step "phase 2: a rotation leaves the servers their password that have not heard of it"
login() { managed -u wp_app -p"$1" wordpress -e 'SELECT 1'; }
login "$APP_PASSWORD" >/dev/null || fail "the first password"
secret 'another 4' >"$WORK/secret.json"
for _ in first second; do # server
	run_command configure || fail "configure: $(cat "$WORK/command.log")"
	login 'another 4' >/dev/null || fail "the new password"
	login "$APP_PASSWORD" >/dev/null || fail "the old password"
done
! managed -u wp_app -p'another 4' -e 'SELECT User FROM mysql.user' >/dev/null 2>&1 || fail "WordPress' user sees more than its database"

step "phase 2: a reboot while the file system is away serves nothing; then everything"
touch "$WORK/root/srv/fake/efs-is-away"
restart_server
sleep 10
expect inactive on_server systemctl is-active nginx
rm "$WORK/root/srv/fake/efs-is-away"
until_true 60 on_server systemctl is-active webphases-boot
expect '波 Phases' get /

step "phase 2: a database that hangs holds the site, but not its health"
get / >/dev/null
kill -STOP "$DATABASE"
for _ in {1..40}; do get '/?fresh' -o /dev/null 2>/dev/null & done
sleep 3
for _ in {1..10}; do
	expect 200 status /healthz -m 2
	expect 200 status / -m 2
done
kill -CONT "$DATABASE"
until_true 60 bash -c "ip netns exec $AWS curl -sS -m 5 http://10.123.0.2/ | grep -q '波 Phases'"

step "phase 2: a file system that hangs holds its files, but neither pages nor health"
get /wp-content/uploads/2026/%E5%86%99%E7%9C%9F%201.txt >/dev/null
on_server systemctl kill --kill-whom=all -s STOP webphases-files
for n in {1..40}; do get "/wp-content/uploads/$n.txt" -o /dev/null 2>/dev/null & done
sleep 3
for _ in {1..10}; do
	expect 200 status /healthz -m 2
	expect 200 status / -m 2
	expect kept get /wp-content/uploads/2026/%E5%86%99%E7%9C%9F%201.txt -m 2
done
on_server systemctl kill --kill-whom=all -s CONT webphases-files
until_true 20 sh -c "ip netns exec $AWS curl -s -o /dev/null -w '%{http_code}' http://10.123.0.2/wp-content/uploads/1.txt | grep -q 404"

step "phase 2: migrate again changes nothing"
managed wordpress -e "UPDATE wp_options SET option_value = '新 Phases' WHERE option_name = 'blogname'"
config=$(on_server sha256sum /etc/wordpress/config-default.php)
run_command migrate || fail "second migrate: $(cat "$WORK/command.log")"
expect 'nothing to move' cat "$WORK/command.log"
[[ $(on_server sha256sum /etc/wordpress/config-default.php) == "$config" ]] || fail "the second migrate changed the configuration"
expect '新 Phases' get /

step "the database must prove who it is"
on_server sed -i 's/db\.test:3306/db.other:3306/' /etc/wordpress/config-default.php
echo '10.123.0.1 db.other' >>"$WORK/root/etc/hosts"
on_server systemctl restart php8.4-fpm
expect 500 status '/?fresh'
run_command configure || fail "configure: $(cat "$WORK/command.log")"
expect 200 status /

step "a command waits until it reads what it was sent for"
on_server sed -i 's/retry 20 6 read_settings/retry 2 1 read_settings/' /opt/webphases/lib/settings.sh
! on_server env WEBPHASES_PROOF=/webphases/test/proof WEBPHASES_WANT=0000000000000000 /opt/webphases/bin/configure >"$WORK/command.log" 2>&1 ||
	fail "it believed other settings"
expect 'cannot read SSM parameter' proof .failed.why

step "phase 3: behind a load balancer, which has to find the server healthy"
settings 3
before_health=$(proof .ok)
run_command configure || fail "configure: $(cat "$WORK/command.log")"
sleep 15
[[ $(proof .ok) == "$before_health" ]] || fail "proven before the load balancer has spoken"
touch "$WORK/healthy"
until_true 40 grep -q "$(version)" "$WORK/proof.json"
expect '["i-0123456789abcdef0"]' proof .ok.healthy
expect 'action="https://10.123.0.2/' get /wp-login.php -H 'X-Forwarded-Proto: https'
settings 3-tls
run_command configure || fail "configure: $(cat "$WORK/command.log")"
expect 302 status /wp-login.php
expect 'action="https://www.example.org/' get /wp-login.php -H 'X-Forwarded-Proto: https'
expect '新 Phases' get / -H 'X-Forwarded-Proto: https' -H 'Host: www.example.org'

step "phase 3: behind CloudFront, which says who asks and how, and keeps what it may"
settings 3-edge
run_command configure || fail "configure: $(cat "$WORK/command.log")"
edge=(-H 'CloudFront-Forwarded-Proto: https' -H 'CloudFront-Viewer-TLS: TLSv1.3:TLS_AES_128_GCM_SHA256:fullHandshake')
# may_keep PATH [CURL ARGUMENTS]: what the answer says of who may keep it.
may_keep() { get "$@" "${edge[@]}" -o /dev/null -D - | tr -d '\r' | sed -n 's/^Cache-Control: //Ip' | paste -sd+; }
expect 'action="https://10.123.0.2/' get /wp-login.php "${edge[@]}"
! get /wp-login.php -H 'X-Forwarded-Proto: https' | grep -q 'action="https' || fail "only CloudFront says that it was HTTPS"
expect 426 status /wp-login.php -H 'CloudFront-Forwarded-Proto: https' -H 'CloudFront-Viewer-TLS: TLSv1.1:ECDHE-RSA-AES128-SHA:fullHandshake'
# The visitor's own word, what CloudFront adds, what the balancer adds.
get /?who "${edge[@]}" -H 'X-Forwarded-For: 10.123.0.77, 192.0.2.1, 198.51.100.9, 10.123.0.9' >/dev/null
expect '198.51.100.9 ' on_server tail -n 1 /var/log/nginx/access.log
page_rule='public, max-age=0, s-maxage=15, stale-while-revalidate=15, stale-if-error=86400'
for _ in made kept; do
	[[ $(may_keep /) == "$page_rule" ]] || fail "of the front page: $(may_keep /)"
done
for cookie in "${known[@]}"; do
	[[ $(may_keep / -H "Cookie: $cookie") == *private* ]] || fail "for $cookie: $(may_keep / -H "Cookie: $cookie")"
done
for own in '/?s=x' '/?p=1&preview=true' /feed/ /robots.txt /wp-json/ /wp-login.php /wp-admin/ /nothing-here /wp-cron.php; do
	[[ $(may_keep "$own") =~ private|no-store|no-cache ]] || fail "of $own: $(may_keep "$own")"
done
[[ $(may_keep / -H 'Authorization: Basic eDp5') == *private* ]] || fail "who logs in by header: $(may_keep / -H 'Authorization: Basic eDp5')"
[[ $(may_keep / --data x=1) != *public* ]] || fail "of a POST: $(may_keep / --data x=1)"
[[ $(may_keep '/wp-includes/css/dashicons.min.css?ver=1') == max-age=31536000 ]] || fail "of a file with a version"
[[ $(may_keep /healthz) == no-store ]] || fail "of the health check: $(may_keep /healthz)"

step "phase 3: a builder's disk is sealed, and its clone is a new server that serves"
on_server sh -c 'rm -rf /var/lib/webphases/*; mkdir -p /etc/ssh /var/lib/amazon/ssm/i-builder; touch /etc/ssh/ssh_host_test_key'
run_command bake || fail "bake: $(cat "$WORK/command.log")"
expect '"bake"' proof .ok.script
expect active on_server systemctl is-active amazon-ssm-agent
expect 0 on_server stat -c %s /etc/machine-id
expect 0 bash -c "find $WORK/root/var/log/journal -type f | wc -l"
for gone in var/lib/systemd/random-seed etc/ssh/ssh_host_test_key etc/webphases/boot.env etc/ssl/private/ssl-cert-snakeoil.key; do
	[[ ! -e $WORK/root/$gone ]] || fail "the image holds $gone"
done
restart_server
expect inactive on_server systemctl is-active nginx
expect inactive on_server systemctl is-active webphases-boot
settings 3
on_server sh /root/user-data >"$WORK/boot.log" 2>&1 || fail "user data of a clone: $(cat "$WORK/boot.log")"
until_true 60 grep -q '"script":"configure"' "$WORK/proof.json"
[[ ! -e $WORK/root/var/lib/amazon/ssm/i-builder ]] || fail "the clone's agent has the builder's state"
expect '新 Phases' get /
secret_is_nowhere
