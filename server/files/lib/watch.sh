# shellcheck shell=bash
# AWS' CloudWatch agent: memory, disk and swap, which nobody else sees, and logs. A server without it
# serves all the same, so nothing here ends a script.

readonly WATCHER=/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl

# Debian has no package of it. The region's own bucket is reached by the S3 gateway endpoint.
install_watcher() {
	local region at
	region=$(region)
	at=https://amazoncloudwatch-agent-$region.s3.$region.$(imds services/domain)/debian/$(dpkg --print-architecture)/latest
	retry 5 15 curl -fsS -m 300 -o "$RUN/watcher.deb" "$at/amazon-cloudwatch-agent.deb" || return
	apt_install "$RUN/watcher.deb" || return
	rm -f "$RUN/watcher.deb"
}

# It follows the journal by a file: it knows files only.
watch_server() {
	if [[ -z $(setting .watch.logGroup) ]]; then
		[[ ! -x $WATCHER ]] || "$WATCHER" -a stop >/dev/null
		systemctl disable -q --now webphases-journal
		return
	fi
	[[ -x $WATCHER ]] || install_watcher || return
	put 0644 root /etc/logrotate.d/webphases <"$ROOT/share/logrotate.conf"
	systemctl enable -q --now webphases-journal
	render watch | put 0644 root /etc/webphases/watch.json
	"$WATCHER" -a fetch-config -m ec2 -s -c file:/etc/webphases/watch.json >/dev/null
}
