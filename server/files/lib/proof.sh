# shellcheck shell=bash
# What this server has achieved, where the program reads it: in the one parameter that its
# role may write. A success and a failure stand side by side; see proof.go for the fields.

proof_parameter() {
	local name=${WEBPHASES_PROOF:-}
	# shellcheck source=/dev/null
	[[ $name || ! -r $BOOT_ENV ]] || name=$(. "$BOOT_ENV" && echo "${PROOF_PARAMETER:-}")
	echo "$name"
}

read_record() { aws ssm get-parameter --name "$1" --query Parameter.Value --output text; }
write_record() { aws ssm put-parameter --name "$1" --type String --overwrite --value "$2" >/dev/null; }

# prove ok|failed JSON: adds who, when and with which scripts. The servers of a group may write at
# the same time: who then finds neither his own record nor a later one writes again.
prove() {
	local key=$1 name mine all try
	name=$(proof_parameter)
	[[ $name ]] || return 0 # started by hand, for nobody who waits
	mine=$(jq -cn --argjson more "$2" --arg instance "$(imds instance-id)" --arg revision "$(cat "$ROOT/revision")" \
		--arg time "$(date -u +%FT%TZ)" '{$instance, $revision, $time} + $more') || return
	for ((try = 1; try <= 5; try++)); do
		all=$(read_record "$name" | jq -c --arg key "$key" --argjson mine "$mine" '.[$key] = $mine') &&
			write_record "$name" "$all" && sleep $((RANDOM % 3 + 1)) &&
			read_record "$name" | jq -e --arg key "$key" --argjson mine "$mine" \
				'.[$key] | . == $mine or .time >= $mine.time' >/dev/null && return
		sleep $((try * 2))
	done
	log "cannot write the proof to $name" >&2
	return 1
}

# prove_failure STATUS: at the end of a script, if it failed.
prove_failure() {
	(($1)) || return 0
	prove failed "$(jq -cn --arg script "${0##*/}" --arg why "${WHY:0:300}" '{$script, $why}')"
}
