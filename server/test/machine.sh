# shellcheck shell=bash
# A Debian 13 server in a container with systemd, and an AWS beside it. Nothing of the
# host's network is touched: two namespaces and a cable between them.

readonly MIRROR=${DEBIAN_MIRROR:-} # none: the one that debootstrap knows
readonly CACHE=${WEBPHASES_TEST_CACHE:-/var/cache/webphases-test}
readonly WEB=wpweb$$ AWS=wpaws$$
WORK=''
PIDS=()

cleanup() {
	local pid
	set +e
	trap - ERR
	for pid in "${PIDS[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${PIDS[@]}"; do wait "$pid" 2>/dev/null; done
	ip netns del "$WEB" 2>/dev/null
	ip netns del "$AWS" 2>/dev/null
	pkill -KILL -f "^/usr/sbin/mysqld .*--pid-file=/srv/$WEB.pid"
	if [[ $WORK ]]; then rm -rf --one-file-system "$WORK"; fi
}

# skip REASON: said aloud; a silent skip would look like a pass.
skip() {
	echo "SKIP server/test/run: $*"
	exit 0
}

require() {
	local tool missing=()
	((EUID == 0)) || skip "needs root"
	for tool in debootstrap systemd-nspawn ip nsenter openssl python3 jq dpkg-deb go; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	((${#missing[@]} == 0)) || skip "needs ${missing[*]} (apt-get install debootstrap systemd-container iproute2 jq)"
	ip netns add "$WEB" 2>/dev/null || skip "cannot make network namespaces here"
}

network() {
	ip netns add "$AWS"
	ip link add web0 netns "$WEB" type veth peer name aws0 netns "$AWS"
	ip -n "$AWS" addr add 10.123.0.1/24 dev aws0
	ip -n "$AWS" addr add 169.254.169.254/32 dev aws0
	ip -n "$AWS" link set aws0 up
	ip -n "$AWS" link set lo up
	ip -n "$WEB" addr add 10.123.0.2/24 dev web0
	ip -n "$WEB" link set lo up
	ip -n "$WEB" link set web0 up
	ip -n "$WEB" route add default via 10.123.0.1
}

# installation RELEASE PACKAGES: the folder of an installation that is made once, and is not to be changed.
installation() {
	local kept=$CACHE/$1
	if [[ ! -e $kept ]]; then
		mkdir -p "$CACHE"
		rm -rf "$kept.new"
		debootstrap --variant=minbase --include="$2" "$1" "$kept.new" ${MIRROR:+"$MIRROR"} >"$CACHE/$1.log" 2>&1 || {
			tail "$CACHE/$1.log" >&2
			return 1
		}
		mv "$kept.new" "$kept"
	fi
	echo "$kept"
}

readonly DEBIAN=(trixie systemd,systemd-sysv,dbus,ca-certificates,curl,procps,iproute2)
readonly MYSQL=(sid mysql-server-core,adduser)

# disk: the state of a fresh server from the official image, as far as the scripts see it.
disk() {
	cp -a "$(installation "${DEBIAN[@]}")" "$WORK/root"
	dress "$WORK/root" http://10.123.0.1:3128 http://169.254.169.254:4566
	printf '10.123.0.1 db.test\n127.0.0.1 localhost\n' >"$WORK/root/etc/hosts"
	echo fs-0123456789abcdef0 fsap-0123456789abcdef0 >"$WORK/root/srv/fake/efs-ids"
	chown 33:33 "$WORK/root/srv/fake/efs"
}

# dress ROOT PROXY API: what stands in an installation for what only AWS and the internet have.
dress() {
	local root=$1
	mkdir -p "$root"/{etc/apt/apt.conf.d,etc/dpkg/dpkg.cfg.d,root/.aws,srv/fake/efs,usr/local/bin}
	echo "Acquire::http::Proxy \"$2\";" >"$root/etc/apt/apt.conf.d/99test"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/test" # this disk need not survive a power cut
	echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"   # no names: an unanswered look-up would cost seconds
	printf '[default]\nendpoint_url = %s\n' "$3" >"$root/root/.aws/config"
	install -m 0755 "$HERE"/fake/{curl,git} "$root/usr/local/bin/"
	fake_downloads "$root/srv/fake"
}

# The certificate authority that plays RDS', an agent package and the EFS helper's files.
fake_downloads() {
	local at=$1 repo=$1/efs-utils agent=$WORK/agent
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=test-ca \
		-keyout "$WORK/ca.key" -out "$at/global-bundle.pem" 2>/dev/null
	mkdir -p "$repo"/{src/mount_efs,src/watchdog,dist} "$agent"/{DEBIAN,etc/systemd/system}
	cp "$HERE/fake/mount.efs" "$repo/src/mount_efs/__init__.py"
	touch "$repo/src/watchdog/__init__.py" "$repo"/dist/{efs-utils.conf,efs-utils.crt,amazon-efs-mount-watchdog.service}
	printf 'Package: amazon-ssm-agent\nVersion: 1\nArchitecture: all\nMaintainer: test <t@example.org>\nDescription: test\n' >"$agent/DEBIAN/control"
	printf '#!/bin/sh\nsystemctl daemon-reload\nsystemctl enable --now amazon-ssm-agent\n' >"$agent/DEBIAN/postinst"
	chmod 0755 "$agent/DEBIAN/postinst"
	# The CloudWatch agent: it takes a configuration only if it is whole, and says what it was given.
	local watcher=$WORK/watcher
	mkdir -p "$watcher"/{DEBIAN,opt/aws/amazon-cloudwatch-agent/bin}
	printf 'Package: amazon-cloudwatch-agent\nVersion: 1\nArchitecture: all\nMaintainer: test <t@example.org>\nDescription: test\n' >"$watcher/DEBIAN/control"
	install -m 0755 "$HERE/fake/amazon-cloudwatch-agent-ctl" "$watcher/opt/aws/amazon-cloudwatch-agent/bin/"
	dpkg-deb --build --root-owner-group "$watcher" "$at/amazon-cloudwatch-agent.deb" >/dev/null
	printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' \
		>"$agent/etc/systemd/system/amazon-ssm-agent.service"
	dpkg-deb --build --root-owner-group "$agent" "$at/amazon-ssm-agent.deb" >/dev/null
}

start_aws() {
	python3 "$HERE/fake/aws.py" "$AWS" "$WORK" &
	PIDS+=($!)
}

start_server() {
	local n
	SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn -q --register=no --keep-unit --boot -D "$WORK/root" -M "$WEB" \
		--network-namespace-path="/run/netns/$WEB" --capability=CAP_NET_ADMIN --resolv-conf=off --console=read-only </dev/null >"$WORK/console.log" 2>&1 &
	NSPAWN=$!
	PIDS+=("$NSPAWN")
	for ((n = 0; n < 60; n++)); do
		sleep 1
		LEADER=$(pgrep -P "$NSPAWN" || true)
		if [[ $LEADER ]] && on_server systemctl is-active -q basic.target 2>/dev/null; then return; fi
	done
	tail "$WORK/console.log"
	return 1
}

restart_server() {
	kill "$NSPAWN"
	wait "$NSPAWN" || true
	start_server
}

on_server() {
	nsenter -a -t "$LEADER" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

as_web() { on_server setpriv --reuid=33 --regid=33 --clear-groups "$@"; }

# in_wordpress PHP: with all of WordPress, as on its own pages.
in_wordpress() { as_web env HTTP_HOST=10.123.0.2 php -r "require '/usr/share/wordpress/wp-load.php'; $1"; }

# What plays RDS: MySQL with TLS only and a name in its certificate.
install_database() {
	local root=$WORK/mysql
	cp -a "$(installation "${MYSQL[@]}")" "$root"
	chroot "$root" adduser --quiet --system --group --no-create-home mysql >/dev/null 2>&1
	install -d -m 0700 "$root/srv/data"
	chroot "$root" chown mysql:mysql /srv /srv/data
	openssl req -newkey rsa:2048 -nodes -subj /CN=db.test -keyout "$root/srv/db.key" -out "$WORK/db.csr" 2>/dev/null
	openssl x509 -req -in "$WORK/db.csr" -CA "$WORK/root/srv/fake/global-bundle.pem" -CAkey "$WORK/ca.key" -days 2 \
		-extfile <(echo subjectAltName=DNS:db.test) -out "$root/srv/db.crt" 2>/dev/null
	chmod 0644 "$root/srv/db.key"
	{
		echo "CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;"
		# shellcheck disable=SC2028 # the backslashes are for SQL
		echo "CREATE USER IF NOT EXISTS 'wpadmin'@'%' IDENTIFIED BY 'It''s a \"p\\\\w\" #1;';"
		echo "GRANT ALL ON *.* TO 'wpadmin'@'%' WITH GRANT OPTION;"
		echo "CREATE USER IF NOT EXISTS test@'10.123.0.1' IDENTIFIED BY 'test';"
		echo "GRANT ALL ON *.* TO test@'10.123.0.1';"
	} >"$root/srv/init.sql"
	chroot "$root" /usr/sbin/mysqld --no-defaults --initialize-insecure --user=mysql --datadir=/srv/data >"$WORK/database.log" 2>&1
}

start_database() {
	ip netns exec "$AWS" chroot "$WORK/mysql" /usr/sbin/mysqld --no-defaults --user=mysql --datadir=/srv/data \
		--socket=/srv/s --pid-file="/srv/$WEB.pid" --bind-address=10.123.0.1 --mysqlx=OFF --skip-log-bin --skip-name-resolve --secure-file-priv=NULL \
		--init-file=/srv/init.sql --ssl-cert=/srv/db.crt --ssl-key=/srv/db.key --require-secure-transport=ON \
		>>"$WORK/database.log" 2>&1 &
	DATABASE=$!
	PIDS+=("$DATABASE")
}

# managed OPTIONS...: SQL for it, from beside it.
managed() {
	ip netns exec "$AWS" chroot "$WORK/root" env MYSQL_PWD=test mariadb --no-defaults --ssl --skip-ssl-verify-server-cert \
		--default-character-set=utf8mb4 -h 10.123.0.1 -u test "$@"
}
