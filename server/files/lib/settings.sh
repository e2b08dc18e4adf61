# shellcheck shell=bash
# What the program decided (one SSM parameter) and what only the role may read (one secret).
# Both live in memory for the length of one run.

load_settings() {
	[[ -r $BOOT_ENV ]] || die "$BOOT_ENV is missing: this server has not been told where its settings are"
	# shellcheck source=/dev/null
	. "$BOOT_ENV"
	AWS_DEFAULT_REGION=$(region)
	export AWS_DEFAULT_REGION
	at_exit forget_settings
	retry 20 6 read_settings || die "cannot read SSM parameter $SETTINGS_PARAMETER and the secret that it names"
}

# What a command was sent for must be what is read: an answer may be older than the last write.
read_settings() {
	aws ssm get-parameter --name "$SETTINGS_PARAMETER" --query Parameter.Value --output text >"$RUN/settings.json" &&
		jq -e '.secretArn and .database' "$RUN/settings.json" >/dev/null && read_secret || return
	[[ ${WEBPHASES_WANT:--} == - || $(settings_version) == "$WEBPHASES_WANT" ]]
}

# Never through a variable or an argument: files in memory that root alone can read.
read_secret() {
	(
		umask 077
		aws secretsmanager get-secret-value --secret-id "$(setting .secretArn)" --output json >"$RUN/secret-value.json" &&
			jq -j .SecretString "$RUN/secret-value.json" >"$RUN/secret.json" &&
			jq -e '.username and .password and .app_password and .admin_password' "$RUN/secret.json" >/dev/null
	)
}

# As proof.go computes it: of the settings' text and the version of the secret's content.
settings_version() {
	{
		cat "$RUN/settings.json"
		jq -r .VersionId "$RUN/secret-value.json"
	} | sha256sum | cut -c1-16
}

forget_settings() { rm -f "$RUN"/{settings,secret,secret-value}.json "$RUN"/{remote,app}.cnf; }

setting() { jq -r "$1 // empty" "$RUN/settings.json"; }
database_is_local() { [[ $(setting .database.local) == true ]]; }
domain() { setting .site.domain; }
site_host() { setting '(.site.domain | select(. != "")) // .site.address'; } # what visitors call it
behind_load_balancer() { [[ $(setting .site.behindLoadBalancer) == true ]]; }
behind_cloudfront() { [[ $(setting .site.edge) == true ]]; }

# render PROGRAM: jq turns settings and secret into a text with the target's own quoting.
render() {
	jq -nr --slurpfile settings "$RUN/settings.json" --slurpfile secret "$RUN/secret.json" \
		--argjson https "$(site_is_https && echo true || echo false)" \
		-L "$ROOT/share" -f "$ROOT/share/$1.jq"
}

# With a domain the site is HTTPS once a certificate that browsers accept is there.
site_is_https() {
	if behind_load_balancer; then
		behind_cloudfront || [[ $(setting .site.tlsAtLoadBalancer) == true ]]
	else
		[[ -n $(domain) && -e /etc/letsencrypt/live/$(domain)/fullchain.pem ]]
	fi
}
