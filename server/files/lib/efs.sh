# shellcheck shell=bash
# AWS' mount helper for EFS. Debian has no package of it; its release 2.2.0 is two Python
# programs and a TLS proxy in Rust. The proxy is left out: the helper's own option "stunnel"
# uses Debian's stunnel, which gets security updates and needs no compiler on the server.

# Tag v2.2.0. The commit's hash covers every file, so the transport need not be trusted.
readonly EFS_UTILS=https://github.com/aws/efs-utils
readonly EFS_UTILS_COMMIT=942e73a51e4a3bfd3c755f5f392247c5fa826ad4

install_efs_helper() {
	local source
	source=$(mktemp -d)
	git -C "$source" init -q
	retry 5 15 git -C "$source" fetch -q --depth 1 "$EFS_UTILS" "$EFS_UTILS_COMMIT"
	git -C "$source" checkout -q "$EFS_UTILS_COMMIT"
	install -D -m 0755 "$source/src/mount_efs/__init__.py" /sbin/mount.efs
	install -D -m 0755 "$source/src/watchdog/__init__.py" /usr/bin/amazon-efs-mount-watchdog
	install -D -m 0644 "$source/dist/efs-utils.conf" /etc/amazon/efs/efs-utils.conf
	install -D -m 0444 "$source/dist/efs-utils.crt" /etc/amazon/efs/efs-utils.crt
	install -D -m 0644 "$source/dist/amazon-efs-mount-watchdog.service" \
		/etc/systemd/system/amazon-efs-mount-watchdog.service
	install -d /var/log/amazon/efs
	rm -rf "$source"
}
