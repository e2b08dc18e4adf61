# shellcheck shell=bash
# wp-content: /srv/wp-content points at the server's own folder or at EFS.

readonly LOCAL_CONTENT=/srv/webphases/local SHARED=/srv/webphases/shared
readonly MOUNT_UNIT=srv-webphases-shared.mount

storage_is_shared() { [[ -n $(setting .storage.fileSystemId) ]]; }

# TLS and the access point are not options: the file system's policy refuses the rest.
# A unit of its own keeps the proxy alive apart from the script that started it.
mount_shared() {
	install -d "$SHARED"
	sed -e "s|@FILESYSTEM@|$(setting .storage.fileSystemId)|" \
		-e "s|@ACCESSPOINT@|$(setting .storage.accessPointId)|" \
		"$ROOT/share/systemd/$MOUNT_UNIT" >"/etc/systemd/system/$MOUNT_UNIT"
	systemctl daemon-reload
	# A new mount target's name takes a while to appear in DNS.
	retry 12 15 systemctl start "$MOUNT_UNIT" || die "cannot mount $(setting .storage.fileSystemId)"
	mountpoint -q "$SHARED" || die "$SHARED is not mounted"
}

# The access point makes every file the web user's; on the server's own disk we see to it.
as_web() { setpriv --reuid=www-data --regid=www-data --clear-groups "$@"; }

# The first server fills an empty folder with the package's themes and plugins.
# The lock is on the file system itself: other servers wait, then find it filled.
seed_content() {
	local target=$1
	[[ ! -d $target/themes ]] || return 0
	(
		flock -w 300 8
		[[ ! -d $target/themes ]] || exit 0
		log "first use: filling $target"
		as_web mkdir -p "$target/uploads" "$target/upgrade"
		for part in plugins themes; do
			as_web rm -rf "$target/.$part"
			as_web cp -rL "/usr/share/wordpress/wp-content/$part" "$target/.$part"
			as_web mv -T "$target/.$part" "$target/$part"
		done
	) 8>"$target/.webphases-lock"
}

content() {
	local target=$LOCAL_CONTENT
	if storage_is_shared; then
		mount_shared
		target=$SHARED
	else
		install -d -o www-data -g www-data "$target"
	fi
	seed_content "$target"
	# The connection to the managed database; on this server's own there is no TLS.
	if ! database_is_local; then
		echo "<?php require '$ROOT/share/db.php';" | as_web tee "$target/db.php" >/dev/null
	fi
	ln -sfnT "$target" /srv/.wp-content
	mv -T /srv/.wp-content /srv/wp-content
}
