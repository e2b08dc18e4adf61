# shellcheck shell=bash
# For every script: the log, bounded retries, instance metadata, one run at a time.
set -euo pipefail
umask 022

readonly ROOT=/opt/webphases      # these scripts
readonly STATE=/var/lib/webphases # what this server has done; survives a reboot
readonly RUN=/run/webphases       # secrets while they are needed; memory only
readonly BOOT_ENV=/etc/webphases/boot.env
readonly STAMP=$STATE/baked
readonly MIGRATED=$STATE/migrated       # the data has moved off this server; holds what was counted
readonly MAINTENANCE=$STATE/maintenance # visitors get 503 as long as it is there
readonly BITNAMI=/opt/bitnami           # the Marketplace image: its own WordPress is left alone
export DEBIAN_FRONTEND=noninteractive AWS_PAGER='' AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=5
export HOME=${HOME:-/root} LC_ALL=C.UTF-8

WHY='' # of a failure, for whoever reads its record

log() { printf 'webphases: %s: %s\n' "${0##*/}" "$*"; }
die() {
	WHY=$*
	log "error: $*" >&2
	exit 1
}

# at_exit FUNCTION: is called with the exit status when the script ends, however it ends; the
# one that was named last comes first.
AT_EXIT=()
at_exit() { AT_EXIT=("$1" "${AT_EXIT[@]}"); }
on_exit() {
	local status=$? each
	set +e
	trap - ERR EXIT
	for each in "${AT_EXIT[@]}"; do "$each" "$status"; done
	exit "$status"
}
trap on_exit EXIT
# The text of a command before its expansion holds no secret.
trap 'WHY=${WHY:-line $LINENO of ${BASH_SOURCE[0]##*/}: $BASH_COMMAND}' ERR
set -E

# retry TRIES SECONDS COMMAND...: a bound, so that a boot ends in success or a failed unit.
retry() {
	local tries=$1 pause=$2 n
	shift 2
	for ((n = 1; n <= tries; n++)); do
		"$@" && return 0
		log "try $n of $tries failed: $1" >&2
		((n == tries)) || sleep "$pause"
	done
	return 1
}

# Boot, Session Manager and State Manager may all start a script; they take turns. The lock is
# on a descriptor that the script and what it starts hold: as long as one of them lives, a copy
# that outlived its killed script among them, nobody else begins. (Daemons are systemd's children.)
one_at_a_time() {
	install -d -m 0700 "$RUN"
	install -d "$STATE" /etc/webphases
	[[ ! ${WEBPHASES_LOCKED:-} ]] || return 0
	exec 9>"$RUN/lock"
	flock -w "${LOCK_SECONDS:-1800}" 9 || die "another script has been running for ${LOCK_SECONDS:-1800} seconds"
	export WEBPHASES_LOCKED=1
}

# The header goes through stdin: arguments are public in the process list.
imds() {
	local base=http://169.254.169.254/latest token
	token=$(curl -fsS -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token) || return
	curl -fsS -m 5 -H @- "$base/meta-data/$1" <<<"X-aws-ec2-metadata-token: $token"
}

region() { retry 10 3 imds placement/region; }

# write_boot_env SETTINGS PROOF: what this server is, for this boot and all that follow.
write_boot_env() {
	install -d /etc/webphases
	printf 'SETTINGS_PARAMETER=%q\nPROOF_PARAMETER=%q\n' "$1" "$2" >"$BOOT_ENV.new"
	mv "$BOOT_ENV.new" "$BOOT_ENV"
	install_units
	systemctl enable webphases-boot
}

install_units() {
	install -m 0644 "$ROOT"/share/systemd/webphases-*.{service,timer} /etc/systemd/system/
	systemctl daemon-reload
}

# bake leaves the sum of what it did: another release of it has more to install.
bake_sum() { cat "$ROOT/bin/bake" "$ROOT/lib/efs.sh" | sha256sum; }
baked() { [[ -e $STAMP && $(<"$STAMP") == "$(bake_sum)" ]]; }

apt() { retry 5 20 apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"; }
apt_install() { apt install --no-install-recommends "$@"; }
