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

# About 80 MB for a PHP process; half of the memory is left to all else.
php_config() {
	local version children
	version=$(php_version)
	children=$(awk '/^MemTotal/ { n = int($2 / 1024 / 2 / 80); print (n < 4 ? 4 : n) }' /proc/meminfo)
	rm -f "/etc/php/$version/fpm/pool.d/www.conf"
	sed "s/@CHILDREN@/$children/" "$ROOT/share/fpm.conf" | put 0644 root "/etc/php/$version/fpm/pool.d/webphases.conf"
}

nginx_config() {
	local entry=direct
	! behind_load_balancer || entry=load-balancer
	rm -f /etc/nginx/sites-enabled/default
	sed "s|@NETWORK@|$(setting .site.network)|" "$ROOT/share/nginx/$entry.conf" |
		put 0644 root /etc/nginx/conf.d/webphases-entry.conf
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

serve() {
	nginx -t -q
	"php-fpm$(php_version)" -t -y "/etc/php/$(php_version)/fpm/php-fpm.conf" 2>/dev/null || die "php-fpm refuses its configuration"
	systemctl enable "$(fpm)" nginx
	systemctl reload-or-restart "$(fpm)"
	systemctl reload-or-restart nginx
	retry 20 1 curl -fsS -m 5 -o /dev/null http://127.0.0.1/healthz
}
