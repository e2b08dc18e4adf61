# shellcheck shell=bash
# The same content in one run by Debian's own WordPress stack (Apache with PHP in it, as its
# package installs them) and by ours. Prints ratios; what is asked for must be the same page.

# rate URL [AB ARGUMENTS]: requests per second of eight clients in ten seconds.
rate() {
	local url=$1 said
	shift
	said=$(on_server ab -q -k -l -c 8 -t 10 -n 1000000 -H 'Host: 10.123.0.2' "$@" "$url" 2>&1)
	[[ $said != *'Non-2xx'* && $said =~ 'Failed requests:        0' ]] || fail "ab: $said"
	awk '/^Requests per second/ { print $4 }' <<<"$said"
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }

debian_stack() {
	on_server sh -c 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
		apt-get -q -y install --no-install-recommends apache2 apache2-utils libapache2-mod-php; rm /usr/sbin/policy-rc.d' >"$WORK/apache.log" 2>&1
	on_server sh -c 'echo "Listen 8080" >/etc/apache2/ports.conf
		printf "<VirtualHost *:8080>\nDocumentRoot /usr/share/wordpress\nAlias /wp-content /srv/wp-content\n<Directory /usr/share/wordpress>\nRequire all granted\nOptions FollowSymLinks\nDirectoryIndex index.php\nFallbackResource /index.php\n</Directory>\n<Directory /srv/wp-content>\nRequire all granted\nOptions FollowSymLinks\n</Directory>\n</VirtualHost>\n" >/etc/apache2/sites-available/000-default.conf
		a2dismod -q -f mpm_event; a2enmod -q mpm_prefork php8.4; systemctl restart apache2' >>"$WORK/apache.log" 2>&1
	until_true 20 on_server curl -fsS -o /dev/null -H 'Host: 10.123.0.2' http://127.0.0.1:8080/
}

# A front page as most sites have it: ten posts of some length.
ordinary_content() {
	on_server mariadb wordpress -e "DELETE FROM wp_posts WHERE post_title LIKE 'post %' AND ID % 300 <> 0"
	in_wordpress '$words = str_repeat("Lorem ipsum dolor sit amet, consetetur sadipscing elitr. ", 60);
		for ($n = 0; $n < 12; $n++) { wp_insert_post(["post_title" => "Post $n", "post_content" => $words, "post_status" => "publish"]); }'
}

speed() {
	local theirs ours file cookie their_admin our_admin
	step "speed: Debian's own stack"
	ordinary_content
	debian_stack
	sleep 6 # the cache has been emptied for these posts
	on_server curl -s -H 'Host: 10.123.0.2' http://127.0.0.1:8080/ >"$WORK/theirs.html"
	on_server curl -s -H 'Host: 10.123.0.2' http://127.0.0.1/ >"$WORK/ours.html"
	cmp "$WORK/theirs.html" "$WORK/ours.html" || fail "the two stacks show different pages: $(diff "$WORK/theirs.html" "$WORK/ours.html" | head -20)"
	on_server sh -c 'curl -s -H "Host: 10.123.0.2" http://127.0.0.1/ >/srv/wp-content/uploads/front.html'
	cookie=$(in_wordpress 'echo LOGGED_IN_COOKIE, "=", rawurlencode(wp_generate_auth_cookie(get_users(["role" => "administrator"])[0]->ID, time() + 86400, "logged_in"));')
	expect wpadminbar on_server curl -s -H 'Host: 10.123.0.2' -H "Cookie: $cookie" http://127.0.0.1/
	theirs=$(rate http://127.0.0.1:8080/)
	their_admin=$(rate http://127.0.0.1:8080/ -H "Cookie: $cookie")
	on_server systemctl stop apache2
	step "speed: ours"
	ours=$(rate http://127.0.0.1/)
	our_admin=$(rate http://127.0.0.1/ -H "Cookie: $cookie")
	file=$(rate http://127.0.0.1/wp-content/uploads/front.html)
	printf '%-34s %12s %12s %8s\n' '' "Debian's own" ours ratio
	printf '%-34s %10s/s %10s/s %7sx\n' 'front page, a stranger' "$theirs" "$ours" "$(ratio "$ours" "$theirs")"
	printf '%-34s %10s/s %10s/s %7sx\n' 'front page, logged in' "$their_admin" "$our_admin" "$(ratio "$our_admin" "$their_admin")"
	printf '%-34s %12s %10s/s %7sx\n' 'a file of the same size' '' "$file" "$(ratio "$ours" "$file")"
}
