# shellcheck shell=bash
# MariaDB on this server (phase 1) and the way to the managed one (phases 2, 3).

readonly LOCAL_DATA=$STATE/local-data # this server holds, or held, the site's data

needs_migration() { ! database_is_local && [[ -e $LOCAL_DATA && ! -e $MIGRATED ]]; }

local_sql() { mariadb --protocol=socket --default-character-set=utf8mb4 -N -B "$@"; }
remote_sql() { mariadb --defaults-extra-file="$RUN/remote.cnf" --default-character-set=utf8mb4 -N -B "$@"; }
remote_client_file() { (umask 077 && render client >"$RUN/remote.cnf"); }

app_can_log_in() { mariadb --defaults-extra-file="$RUN/app.cnf" "$(setting .database.name)" -e 'SELECT 1' >/dev/null; }

# WordPress' own user of the managed database. After a rotation the old password stays good
# beside the new one until the next, for servers that still have it. Given twice, the new one
# would push the old one out: so one server at a time, and only who finds it still refused.
managed_database() {
	remote_client_file
	(umask 077 && render app-client >"$RUN/app.cnf")
	retry 10 6 remote_sql -e 'SELECT 1' >/dev/null || die "cannot reach the managed database"
	(
		flock -w 300 8
		app_can_log_in 2>/dev/null || render app-user | remote_sql
	) 8>"$SHARED/.webphases-lock"
	app_can_log_in
}

local_database() {
	[[ ! -e $MIGRATED ]] || die "the data has moved to the managed database; phase 1 would show old data"
	if ! command -v mariadbd >/dev/null; then
		install -D -m 0644 "$ROOT/share/mariadb.cnf" /etc/mysql/mariadb.conf.d/90-webphases.cnf
		apt update
		apt_install mariadb-server
	fi
	systemctl enable --now mariadb
	retry 30 2 local_sql -e 'SELECT 1' >/dev/null
	render local-user | local_sql
	touch "$LOCAL_DATA"
}

# After the move the old data stays on the disk, unused; nothing deletes it.
retire_local_database() {
	[[ ! -e $MIGRATED ]] || systemctl disable --now mariadb
}
