# shellcheck shell=bash
# The parts of migrate.

# A table, and a file: "what is here is our unfinished copy". Each names its server.
readonly MARK=webphases_migration

# The site with its data on this server, as the last configure that ended well left it.
old_site() {
	systemctl start mariadb
	retry 30 2 local_sql -e 'SET GLOBAL read_only = OFF'
	[[ ! -e $STATE/applied ]] || systemctl start "$(fpm)" webphases-files nginx webphases-cron.timer webphases-purge
	rm -f "$MAINTENANCE"
}

back_to_the_old_site() {
	(($1)) || return 0
	[[ ! -e $MIGRATED ]] || return 0 # past the switch: configure finishes the work
	log "not migrated; the site goes on with its data on this server" >&2
	old_site
}

# In the order of the bytes: each kind of server sorts names by rules of its own.
tables() { # of the database behind COMMAND...
	"$@" -e "SELECT table_name FROM information_schema.tables WHERE table_schema = '$NAME'
		AND table_type = 'BASE TABLE' AND table_name <> '$MARK'" | sorted
}

# On the disk: /tmp is memory, and a table may be larger than that.
sorted() { LC_ALL=C sort -S 64M -T /var/tmp; }

# What a plain WordPress never has and a plain copy would lose or RDS would refuse.
check_source() {
	local odd
	NAME=$(setting .database.name)
	systemctl start mariadb
	retry 30 2 local_sql -e 'SELECT 1' >/dev/null
	odd=$(local_sql -e "SELECT 'view or engine', table_name FROM information_schema.tables
		WHERE table_schema = 'wordpress' AND (table_type <> 'BASE TABLE' OR engine <> 'InnoDB')
		UNION ALL SELECT 'trigger', trigger_name FROM information_schema.triggers WHERE trigger_schema = 'wordpress'
		UNION ALL SELECT 'routine', routine_name FROM information_schema.routines WHERE routine_schema = 'wordpress'
		UNION ALL SELECT 'event', event_name FROM information_schema.events WHERE event_schema = 'wordpress'
		UNION ALL SELECT 'collation', CONCAT(table_name, '.', column_name) FROM information_schema.columns
		WHERE table_schema = 'wordpress' AND collation_name LIKE '%uca1400%'")
	[[ -z $odd ]] || die "move these by hand first: $odd"
}

# Never over another site's data: the target is empty, or holds our own unfinished copy.
check_target() {
	OWNER=$(imds instance-id)
	retry 30 10 remote_sql "$NAME" -e 'SELECT 1' >/dev/null || die "cannot reach the managed database"
	if ! remote_sql "$NAME" -e "SELECT owner FROM $MARK" >/dev/null 2>&1; then
		[[ -z $(tables remote_sql) ]] || die "the managed database holds tables that are not this migration's"
		# One statement: a mark without an owner never exists, and of two servers one fails.
		remote_sql "$NAME" -e "CREATE TABLE $MARK (owner VARCHAR(64) NOT NULL PRIMARY KEY) AS SELECT '$OWNER' AS owner"
	fi
	check_owner
}

check_owner() {
	local owner
	owner=$(remote_sql "$NAME" -e "SELECT owner FROM $MARK")
	[[ $owner == "$OWNER" ]] || die "the managed database holds the unfinished copy of server $owner"
}

claim_shared() {
	local mark=$SHARED/.$MARK owner
	if [[ ! -e $mark ]]; then
		[[ -z $(ls -A "$SHARED") ]] || die "the file system holds files that are not this migration's"
		(set -o noclobber && echo "$OWNER" >"$mark")
	fi
	owner=$(cat "$mark")
	[[ $owner == "$OWNER" ]] || die "the file system holds the unfinished copy of server $owner"
}

copy_files() {
	as_web rsync -rlptO --chmod=Du+rwx,Fu+rw --delete --exclude="/.$MARK" --exclude=/.webphases-lock \
		"$@" "$LOCAL_CONTENT/" "$SHARED/"
}

# Reading everything takes long, so it is done while the site serves: what differs from its
# copy in spite of the same size and time is copied again. What changes later is looked at later.
verify_files() {
	touch "$RUN/files-verified"
	copy_files --checksum
}

# php-fpm stops only after the requests it has begun; then the database takes no more writes.
# From here on somebody else ends the 503 if this script is killed.
stop_writes() {
	systemctl start --no-block webphases-resume
	touch "$MAINTENANCE"
	systemctl stop webphases-cron.timer webphases-cron.service
	systemctl stop "$(fpm)"
	local_sql -e 'SET GLOBAL read_only = ON'
}

# utf8mb4 both ways: a name for "the server's default" differs between the two.
copy_database() {
	local table
	check_owner
	tables remote_sql | while read -r table; do
		remote_sql "$NAME" -e "SET FOREIGN_KEY_CHECKS = 0; DROP TABLE \`$table\`"
	done
	mariadb-dump --protocol=socket --single-transaction --quick --no-tablespaces \
		--default-character-set=utf8mb4 --hex-blob wordpress | remote_sql "$NAME"
}

# Sorted rows, so that neither an order nor a server's own checksum formula matters.
digest() {
	local table=$1
	shift
	"$@" -e "SELECT * FROM \`$table\`" | sorted | sha256sum
}

verify_database() {
	local table rows=0
	[[ $(NAME=wordpress tables local_sql) == "$(tables remote_sql)" ]] || die "the tables differ after the copy"
	while read -r table; do
		[[ $(digest "$table" local_sql wordpress) == "$(digest "$table" remote_sql "$NAME")" ]] ||
			die "table $table differs after the copy"
		rows=$((rows + $(remote_sql "$NAME" -e "SELECT COUNT(*) FROM \`$table\`")))
	done < <(NAME=wordpress tables local_sql)
	MOVED_TABLES=$(NAME=wordpress tables local_sql | wc -l) MOVED_ROWS=$rows
	log "database verified: $MOVED_TABLES tables, $MOVED_ROWS rows"
}

# changed_files OPTIONS: compares, by every byte, what has changed since the live check. Sizes and
# times alone miss a file that changed twice within a second.
changed_files() {
	find "$LOCAL_CONTENT" -type f -cnewer "$RUN/files-verified" ! -name .webphases-lock -printf '%P\0' |
		as_web rsync -lptO --chmod=Fu+rw --from0 --files-from=- --checksum "$@" "$LOCAL_CONTENT/" "$SHARED/"
}

# All names, sizes and times; and every byte of what has changed since the live check.
verify_changed_files() {
	local differ
	differ=$(copy_files --dry-run --itemize-changes --no-perms)
	differ+=$(changed_files --dry-run --itemize-changes --no-perms)
	[[ -z $differ ]] || die "files differ after the copy: $differ"
	MOVED_FILES=$(find "$SHARED" -type f ! -name ".$MARK" ! -name .webphases-lock | wc -l)
	log "wp-content verified: $MOVED_FILES files"
}

# The mark on this disk is the switch. It comes first: a power cut after it must find a
# server that goes on to the new database, not one that copies old data over new.
finish_move() {
	jq -cn --argjson tables "$MOVED_TABLES" --argjson rows "$MOVED_ROWS" --argjson files "${MOVED_FILES:-0}" \
		--arg time "$(date -u +%FT%TZ)" '{$tables, $rows, $files, $time}' >"$MIGRATED.new"
	sync "$MIGRATED.new"
	mv "$MIGRATED.new" "$MIGRATED"
	sync "$STATE"
	remote_sql "$NAME" -e "DROP TABLE IF EXISTS $MARK"
	rm -f "$SHARED/.$MARK"
}
