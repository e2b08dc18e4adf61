# shellcheck shell=bash
# The Systems Manager agent: the only way in, and what runs migrate and bake.

# Debian's image lacks it. The region's own bucket is reached by the S3 gateway endpoint.
install_agent() {
	if ! command -v curl >/dev/null; then
		apt update
		apt_install curl ca-certificates
	fi
	if ! systemctl cat amazon-ssm-agent.service >/dev/null 2>&1 &&
		! systemctl cat snap.amazon-ssm-agent.amazon-ssm-agent.service >/dev/null 2>&1; then
		local region domain deb
		region=$(region)
		domain=$(retry 10 3 imds services/domain)
		deb=$(mktemp --suffix=.deb)
		retry 10 10 curl -fsS -m 300 -o "$deb" \
			"https://s3.$region.$domain/amazon-ssm-$region/latest/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb"
		dpkg -i "$deb"
		rm -f "$deb"
	fi
	start_agent
}

# In an image the agent is off (see seal): its state is the builder's and must not
# speak for this server.
start_agent() {
	systemctl cat amazon-ssm-agent.service >/dev/null 2>&1 || return 0 # a snap looks after itself
	systemctl is-enabled -q amazon-ssm-agent || rm -rf /var/lib/amazon/ssm
	systemctl enable --now amazon-ssm-agent
}
