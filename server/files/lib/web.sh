# shellcheck shell=bash
# nginx, PHP and WordPress' configuration.

# put MODE GROUP FILE: stdin to FILE, whole or not at all, never readable too early.
put() {
	local new
	new=$(mktemp "$3.XXXXXX")
	cat >"$new"
	chgrp "$2" "$new"
	chmod "$1" "$new"
	mv -f "$new" "$3"
}

php_version() { basename "$(find /etc/php -mindepth 1 -maxdepth 1 | sort -V | tail -n 1)"; }
fpm() { echo "php$(php_version)-fpm"; }

wordpress_config() { render wordpress | put 0640 www-data /etc/wordpress/config-default.php; }

# Nobody but this script ever meets WordPress' installer: nginx does not serve it. The lock lies
# with the content, so that it holds between servers too.
install_site() {
	local said
	said=$(
		(
			flock -w 300 8
			jq -j .admin_password "$RUN/secret.json" | HTTP_HOST=$(site_host) as_web php \
				"$ROOT/share/install.php" "$(setting .site.admin.user)" "$(setting .site.admin.email)"
		) 8>/srv/wp-content/.webphases-lock
	) || true
	case $said in
	*"webphases: installed") log "installed WordPress; the administrator is $(setting .site.admin.user)" ;;
	*"webphases: it was installed") ;;
	*) die "WordPress' installer said: $said" ;;
	esac
}

shut_metadata() { nft -f "$ROOT/share/metadata.nft"; }

# A single server restarts for a new kernel by itself, in the two hours after 17:00 UTC, each at a
# minute of its own. The servers of a group get theirs with their next image.
kernel_updates() {
	local minute
	minute=$((0x$(cut -c1-4 /etc/machine-id) % 120))
	{
		echo "Unattended-Upgrade::Automatic-Reboot \"$(behind_load_balancer && echo false || echo true)\";"
		printf 'Unattended-Upgrade::Automatic-Reboot-Time "%02d:%02d";\n' $((17 + minute / 60)) $((minute % 60))
	} | put 0644 root /etc/apt/apt.conf.d/52webphases
}

# A peak slows a server with little memory down, where it would end the database otherwise.
swap_space() {
	local file=/var/swap
	[[ -z $(swapon --noheadings) ]] && awk '/^MemTotal/ { exit $2 > 4 * 1024 * 1024 }' /proc/meminfo || return 0
	! systemd-detect-virt -q --container || return 0 # its host's business
	if [[ ! -e $file ]]; then
		(umask 077 && fallocate -l 1G "$file.new" && mkswap -q "$file.new")
		mv "$file.new" "$file"
	fi
	swapon "$file" || log "no swap: this kernel does not take $file" >&2
}

# About 80 MB for a PHP process; half of the memory is left to all else.
php_config() {
	local version children
	version=$(php_version)
	children=$(awk '/^MemTotal/ { n = int($2 / 1024 / 2 / 80); print (n < 4 ? 4 : n) }' /proc/meminfo)
	rm -f "/etc/php/$version/fpm/pool.d/www.conf"
	put 0644 root "/etc/php/$version/fpm/conf.d/90-webphases.ini" <"$ROOT/share/php.ini"
	install -D -m 0644 "$ROOT/share/systemd/php-fpm.conf" "/etc/systemd/system/php$version-fpm.service.d/webphases.conf"
	systemctl daemon-reload
	sed "s/@CHILDREN@/$children/" "$ROOT/share/fpm.conf" | put 0644 root "/etc/php/$version/fpm/pool.d/webphases.conf"
}

nginx_config() {
	local entry=direct
	! behind_load_balancer || entry=load-balancer
	! behind_cloudfront || entry=edge
	rm -f /etc/nginx/sites-enabled/default
	sed "s|@NETWORK@|$(setting .site.network)|" "$ROOT/share/nginx/$entry.conf" |
		put 0644 root /etc/nginx/conf.d/webphases-entry.conf
	sed "s|@HOST@|$(site_host)|" "$ROOT/share/nginx/cache.conf" | put 0644 root /etc/nginx/conf.d/webphases-cache.conf
	install -d -m 0700 -o www-data -g www-data /var/cache/webphases{,/pages,/files}
	put 0644 root /etc/nginx/sites-enabled/webphases <"$ROOT/share/nginx/site.conf"
	install -d /etc/nginx/webphases
	rm -f /etc/nginx/webphases/*.conf
	if ! behind_load_balancer; then
		server_certificate
		put 0644 root /etc/nginx/webphases/tls.conf <"$ROOT/share/nginx/tls.conf"
		! site_is_https || put 0644 root /etc/nginx/webphases/redirect.conf <"$ROOT/share/nginx/redirect.conf"
	fi
}

# Port 443 always answers: with Debian's self-signed certificate until there is a real one.
server_certificate() {
	local live=/etc/letsencrypt/live/$(domain)
	[[ -e /etc/ssl/private/ssl-cert-snakeoil.key ]] || make-ssl-cert generate-default-snakeoil
	if site_is_https; then
		ln -sfn "$live/fullchain.pem" /etc/webphases/tls.crt
		ln -sfn "$live/privkey.pem" /etc/webphases/tls.key
	else
		ln -sfn /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/webphases/tls.crt
		ln -sfn /etc/ssl/private/ssl-cert-snakeoil.key /etc/webphases/tls.key
	fi
	if [[ -n $(domain) ]]; then
		domain | put 0644 root /etc/webphases/domain
		systemctl enable --now webphases-certificate.timer
	fi
}

# page PATH: as a visitor gets it, from this server. The cookie passes the page cache by, which would
# answer for a WordPress that cannot.
page() {
	local scheme=http forwarded=http
	if site_is_https; then
		forwarded=https
		behind_load_balancer || scheme=https # with the domain's certificate, which is not 127.0.0.1's
	fi
	curl -fsSk -m 30 -o "$RUN/page" -b wordpress_logged_in_check=1 -H "Host: $(site_host)" -H "X-Forwarded-Proto: $forwarded" \
		-H "CloudFront-Forwarded-Proto: $forwarded" "$scheme://127.0.0.1$1"
}

# WordPress with its database, themes and plugins. Some plugin may have moved the login page.
wordpress_answers() {
	{ page /wp-login.php && grep -q 'id="loginform"' "$RUN/page"; } || { page / && grep -q '</body>' "$RUN/page"; }
}

# At the next boot only configure starts these, when this server is fit to serve. A server that
# served before goes on even if WordPress does not answer now: maybe it is still of use.
serve() {
	local served=''
	nginx -t -q
	"php-fpm$(php_version)" -t -y "/etc/php/$(php_version)/fpm/php-fpm.conf" 2>/dev/null || die "php-fpm refuses its configuration"
	systemctl disable -q "$(fpm)" nginx
	! systemctl is-active -q nginx || served=1
	nginx -t -q -c "$ROOT/share/nginx/files.conf"
	systemctl reload-or-restart "$(fpm)"
	systemctl reload-or-restart webphases-files
	systemctl reload-or-restart nginx
	retry 20 1 curl -fsS -m 5 -o /dev/null http://127.0.0.1/healthz
	if ! retry 6 5 wordpress_answers; then
		[[ $served ]] || systemctl stop nginx
		die "WordPress does not answer: neither its login page nor its front page"
	fi
	systemctl restart webphases-purge # what is kept may be from before this run
	systemctl start webphases-cron.timer
	systemctl enable -q --now webphases-agent.timer
}
