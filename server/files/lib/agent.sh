# shellcheck shell=sh
# The Systems Manager agent: the only way in, and what brings and runs the scripts. User data
# holds this file before there are any scripts, so it is plain sh and needs nothing of theirs.

agent_metadata() {
	token=$(curl -fsS -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token) || return
	echo "X-aws-ec2-metadata-token: $token" | curl -fsS -m 5 -H @- "http://169.254.169.254/latest/meta-data/$1"
}

agent_retry() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ "$n" -lt 20 ] || return 1
		sleep 10
	done
}

agent_apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
}

agent_installed() {
	systemctl cat amazon-ssm-agent.service >/dev/null 2>&1 ||
		systemctl cat snap.amazon-ssm-agent.amazon-ssm-agent.service >/dev/null 2>&1
}

# Debian's image lacks it. The region's own bucket is reached by the S3 gateway endpoint.
agent_package() {
	region=$(agent_metadata placement/region) || return
	domain=$(agent_metadata services/domain) || return
	mkdir -p /run/webphases-agent
	curl -fsS -m 300 -o /run/webphases-agent/agent.deb \
		"https://s3.$region.$domain/amazon-ssm-$region/latest/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb" || return
	agent_apt install /run/webphases-agent/agent.deb
}

install_agent() {
	if ! command -v curl >/dev/null; then
		agent_retry agent_apt update
		agent_retry agent_apt install curl ca-certificates
	fi
	if ! agent_installed; then
		agent_retry agent_package
		rm -rf /run/webphases-agent
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
