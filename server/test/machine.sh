# shellcheck shell=bash
# A Debian 13 server in a container with systemd, and an AWS beside it. Nothing of the
# host's network is touched: two namespaces and a cable between them.

readonly MIRROR=${DEBIAN_MIRROR:-} # none: the one that debootstrap knows
readonly IN_THE_IMAGE=systemd,systemd-sysv,dbus,ca-certificates,curl,procps,iproute2
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

# disk: the state of a fresh server from the official image, as far as the scripts see it.
disk() {
	local root=$WORK/root
	if [[ ${WEBPHASES_TEST_DEBIAN:-} ]]; then
		cp -a "$WEBPHASES_TEST_DEBIAN" "$root"
	else
		debootstrap --variant=minbase --include="$IN_THE_IMAGE" trixie "$root" ${MIRROR:+"$MIRROR"} >"$WORK/debootstrap.log" 2>&1 || {
			tail "$WORK/debootstrap.log"
			return 1
		}
	fi
	echo 'Acquire::http::Proxy "http://10.123.0.1:3128";' >"$root/etc/apt/apt.conf.d/99test"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/test" # this disk need not survive a power cut
	echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"   # no names: an unanswered look-up would cost seconds
	printf '10.123.0.1 db.test\n127.0.0.1 localhost\n' >"$root/etc/hosts"
	mkdir -p "$root/root/.aws" "$root/srv/fake/efs"
	printf '[default]\nendpoint_url = http://169.254.169.254:4566\n' >"$root/root/.aws/config"
	chown 33:33 "$root/srv/fake/efs"
	install -m 0755 "$HERE"/fake/{curl,git} "$root/usr/local/bin/"
	fake_downloads "$root/srv/fake"
}

# The certificate authority that plays RDS', an agent package and the EFS helper's files.
fake_downloads() {
	local at=$1 repo=$1/efs-utils agent=$WORK/agent
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca \
		-keyout "$WORK/ca.key" -out "$at/global-bundle.pem" 2>/dev/null
	mkdir -p "$repo"/{src/mount_efs,src/watchdog,dist} "$agent"/{DEBIAN,etc/systemd/system}
	cp "$HERE/fake/mount.efs" "$repo/src/mount_efs/__init__.py"
	touch "$repo/src/watchdog/__init__.py" "$repo"/dist/{efs-utils.conf,efs-utils.crt,amazon-efs-mount-watchdog.service}
	printf 'Package: amazon-ssm-agent\nVersion: 1\nArchitecture: all\nMaintainer: test <t@example.org>\nDescription: test\n' >"$agent/DEBIAN/control"
	printf '#!/bin/sh\nsystemctl daemon-reload\nsystemctl enable --now amazon-ssm-agent\n' >"$agent/DEBIAN/postinst"
	chmod 0755 "$agent/DEBIAN/postinst"
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
		--network-namespace-path="/run/netns/$WEB" --resolv-conf=off --console=read-only </dev/null >"$WORK/console.log" 2>&1 &
	NSPAWN=$!
	PIDS+=("$NSPAWN")
	for ((n = 0; n < 60; n++)); do
		sleep 1
		LEADER=$(pgrep -P "$NSPAWN" || true)
		if [[ $LEADER ]] && on_server systemctl is-active -q multi-user.target 2>/dev/null; then return; fi
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

# A managed database: another datadir, another address, TLS only, a name in its certificate.
start_database() {
	local root=$WORK/root
	openssl req -newkey rsa:2048 -nodes -subj /CN=db.test -keyout "$root/srv/fake/db.key" -out "$WORK/db.csr" 2>/dev/null
	openssl x509 -req -in "$WORK/db.csr" -CA "$root/srv/fake/global-bundle.pem" -CAkey "$WORK/ca.key" -days 2 \
		-extfile <(echo subjectAltName=DNS:db.test) -out "$root/srv/fake/db.crt" 2>/dev/null
	chmod 0644 "$root/srv/fake/db.key"
	chroot "$root" mariadb-install-db --user=mysql --datadir=/srv/fake/rds >/dev/null 2>&1
	{
		echo "CREATE DATABASE wordpress CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;"
		# shellcheck disable=SC2028 # the backslashes are for SQL
		echo "CREATE USER 'wpadmin'@'%' IDENTIFIED BY 'It''s a \"p\\\\w\" #1;';"
		echo "GRANT ALL ON *.* TO 'wpadmin'@'%';"
	} >"$root/srv/fake/init.sql"
	ip netns exec "$AWS" chroot "$root" mariadbd --no-defaults --user=mysql --datadir=/srv/fake/rds \
		--socket=/srv/fake/rds/s --pid-file=/srv/fake/rds/pid --bind-address=10.123.0.1 --skip-name-resolve --init-file=/srv/fake/init.sql \
		--ssl-cert=/srv/fake/db.crt --ssl-key=/srv/fake/db.key --require-secure-transport=ON \
		>"$WORK/database.log" 2>&1 &
	PIDS+=($!)
}
