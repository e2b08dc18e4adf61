# shellcheck shell=bash
# What the program decided (one SSM parameter) and what only the role may read (one secret).
# Both live in memory for the length of one run.

load_settings() {
	[[ -r $BOOT_ENV ]] || die "$BOOT_ENV is missing: this server was not booted by its user data"
	# shellcheck source=/dev/null
	. "$BOOT_ENV"
	AWS_DEFAULT_REGION=$(region)
	export AWS_DEFAULT_REGION
	trap 'rm -f "$RUN"/{settings,secret}.json "$RUN/remote.cnf"' EXIT
	retry 20 6 read_settings || die "cannot read SSM parameter $SETTINGS_PARAMETER"
	retry 20 6 read_secret || die "cannot read secret $(setting .secretArn)"
}

read_settings() {
	aws ssm get-parameter --name "$SETTINGS_PARAMETER" --query Parameter.Value --output text >"$RUN/settings.json" &&
		jq -e '.secretArn and .database' "$RUN/settings.json" >/dev/null
}

# Never through a variable or an argument: a file in memory that root alone can read.
read_secret() {
	(
		umask 077
		aws secretsmanager get-secret-value --secret-id "$(setting .secretArn)" \
			--query SecretString --output text >"$RUN/secret.json" &&
			jq -e '.username and .password' "$RUN/secret.json" >/dev/null
	)
}

setting() { jq -r "$1 // empty" "$RUN/settings.json"; }
database_is_local() { [[ $(setting .database.local) == true ]]; }
domain() { setting .site.domain; }
behind_load_balancer() { [[ $(setting .site.behindLoadBalancer) == true ]]; }

# render PROGRAM: jq turns settings and secret into a text with the target's own quoting.
render() {
	jq -nr --slurpfile settings "$RUN/settings.json" --slurpfile secret "$RUN/secret.json" \
		--argjson https "$(site_is_https && echo true || echo false)" \
		-L "$ROOT/share" -f "$ROOT/share/$1.jq"
}

# With a domain the site is HTTPS once a certificate that browsers accept is there.
site_is_https() {
	if behind_load_balancer; then
		[[ $(setting .site.tlsAtLoadBalancer) == true ]]
	else
		[[ -n $(domain) && -e /etc/letsencrypt/live/$(domain)/fullchain.pem ]]
	fi
}
