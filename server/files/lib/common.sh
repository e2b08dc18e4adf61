# shellcheck shell=bash
# For every script: the log, bounded retries, instance metadata, one run at a time.
set -euo pipefail
umask 022

readonly ROOT=/opt/webphases      # these scripts
readonly STATE=/var/lib/webphases # what this server has done; survives a reboot
readonly RUN=/run/webphases       # secrets while they are needed; memory only
readonly BOOT_ENV=/etc/webphases/boot.env
readonly STAMP=$STATE/baked
export DEBIAN_FRONTEND=noninteractive AWS_PAGER='' AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=5
export HOME=${HOME:-/root} LC_ALL=C.UTF-8

log() { printf 'webphases: %s: %s\n' "${0##*/}" "$*"; }
die() {
	log "error: $*" >&2
	exit 1
}

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

# Boot, Session Manager and State Manager may all start a script; they take turns.
# -o: no child (a proxy, a daemon) may inherit the lock and keep it for ever.
one_at_a_time() {
	install -d -m 0700 "$RUN" "$STATE" /etc/webphases
	chmod 0755 /etc/webphases "$STATE"
	[[ ${WEBPHASES_LOCKED:-} ]] ||
		WEBPHASES_LOCKED=1 exec flock -o -w 1800 "$RUN/lock" "$0" "$@"
}

# The header goes through stdin: arguments are public in the process list.
imds() {
	local base=http://169.254.169.254/latest token
	token=$(curl -fsS -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token) || return
	curl -fsS -m 5 -H @- "$base/meta-data/$1" <<<"X-aws-ec2-metadata-token: $token"
}

region() { retry 10 3 imds placement/region; }

install_units() {
	install -m 0644 "$ROOT"/share/systemd/webphases-* /etc/systemd/system/
	systemctl daemon-reload
}

apt() { retry 5 20 apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"; }
apt_install() { apt install --no-install-recommends "$@"; }
