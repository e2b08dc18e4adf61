# shellcheck shell=bash
# MariaDB on this server (phase 1) and the way to the managed one (phases 2, 3).

readonly LOCAL_DATA=$STATE/local-data # this server holds, or held, the site's data

needs_migration() { ! database_is_local && [[ -e $LOCAL_DATA && ! -e $MIGRATED ]]; }

local_sql() { mariadb --protocol=socket --default-character-set=utf8mb4 -N -B "$@"; }
remote_sql() { mariadb --defaults-extra-file="$RUN/remote.cnf" --default-character-set=utf8mb4 -N -B "$@"; }
remote_client_file() { (umask 077 && render client >"$RUN/remote.cnf"); }

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
