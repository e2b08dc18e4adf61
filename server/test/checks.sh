# shellcheck shell=bash

step() { printf '%4ds  %s\n' "$SECONDS" "$*"; }
fail() {
	echo "FAIL: $*" >&2
	trap - ERR
	on_server journalctl -b --no-pager -n 60 >&2 || true
	exit 1
}

# until_true SECONDS COMMAND...
until_true() {
	local n seconds=$1
	shift
	for ((n = 0; n < seconds; n++)); do
		if "$@" >/dev/null 2>&1; then return; fi
		sleep 1
	done
	fail "not true in $seconds s: $*"
}

# get PATH [CURL ARGUMENTS]: from the address a load balancer would have.
get() {
	local path=$1
	shift
	ip netns exec "$AWS" curl -sS -m 20 "$@" "http://10.123.0.2$path"
}
status() { get "$@" -o /dev/null -w '%{http_code} %{redirect_url}'; }
expect() {
	local want=$1 got
	shift
	got=$("$@" 2>&1 | tr -d '\000' || true)
	[[ $got == *"$want"* ]] || fail "want '$want' from: $*: got '$got'"
}

# kept PATH [CURL ARGUMENTS]: what nginx says of its page cache.
kept() { get "$@" -o /dev/null -D - | tr -d '\r' | sed -n 's/^X-Cache: //p'; }

# is_kept PATH [CURL ARGUMENTS]: whether the page cache answers; what is forgotten once more a
# little after a change is kept again by asking.
is_kept() { [[ $(kept "$@") == HIT ]]; }

# log_in: what the administrator gets who types the secret's password.
log_in() {
	status /wp-login.php --cookie wordpress_test_cookie=WP%20Cookie%20check --data log=webmaster --data-urlencode "pwd=$ADMIN_PASSWORD"
}

# watch PATH: asks for it all the time and takes down the status codes, until watched is called.
watch() {
	: >"$WORK/watched"
	while :; do
		status "$1" -m 5 >>"$WORK/watched" 2>/dev/null || true
		echo >>"$WORK/watched"
		sleep 0.1
	done &
	WATCH=$!
	PIDS+=("$WATCH")
}
watched() { # CODE...: only these were seen
	kill "$WATCH"
	wait "$WATCH" 2>/dev/null || true
	local seen
	seen=$(grep -oE '^[0-9]{3}' "$WORK/watched" | sort | uniq -c | grep -vE " ($(IFS='|' && echo "$*"))\$" || true)
	[[ -z $seen ]] || fail "only $* may be seen, but: $seen"
	[[ -s $WORK/watched ]] || fail "nothing was watched"
}

# Many rows with quotes, newlines, zero bytes and four-byte letters; files beside them.
add_content() {
	on_server mariadb wordpress -e "
		INSERT INTO wp_posts (post_author, post_date, post_content, post_title, post_excerpt, to_ping, pinged, post_content_filtered)
		SELECT 1, NOW(), CONCAT('line\nquote '' \" \\\\ 🗻 ', seq, CHAR(0)), CONCAT('post ', seq), '', '', '', '' FROM seq_1_to_3000"
	as_web sh -c '
		mkdir -p /srv/wp-content/uploads/2026
		echo kept > "/srv/wp-content/uploads/2026/写真 1.txt"
		echo "<?php echo 1;" > /srv/wp-content/uploads/evil.php
		ln -s 2026 /srv/wp-content/uploads/latest'
}

# What a copy must not change, asked from the database behind the client's options.
posts() { "$@" -N -B -e 'SELECT COUNT(*), MAX(ID), SUM(LENGTH(post_content)), SUM(CRC32(post_content)) FROM wordpress.wp_posts'; }

# The secret's password (in each spelling), keys and salts must not be where others look.
secret_is_nowhere() {
	local where
	for where in 's a "p' 's an \' 'a "gate' 'secret-key-' 'secret-salt-'; do
		! on_server journalctl -b --no-pager | grep -qF "$where" || fail "secret in the log"
		! grep -qF "$where" "$WORK/console.log" || fail "secret on the console"
		! on_server sh -c 'cat /proc/[0-9]*/cmdline' | grep -aqF "$where" || fail "secret in the process list"
		! on_server grep -rlF "$where" /etc /opt /var/lib/webphases /run/webphases /tmp --exclude=config-default.php ||
			fail "secret in a file"
	done
	expect '640 root www-data' on_server stat -c '%a %U %G' /etc/wordpress/config-default.php
}
