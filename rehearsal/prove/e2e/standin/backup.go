package standin

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var vaultPolicy = regexp.MustCompile(`^(PUT|GET|DELETE) /backup-vaults/([^/]+)/access-policy$`)

// VaultPolicies keeps the policies of backup vaults.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultAccessPolicy.html
func VaultPolicies() StandIn {
	kept := map[string]string{} // by vault
	return StandIn{Name: "Backup vault policies", Answer: func(c *Call) *Answer {
		m := vaultPolicy.FindStringSubmatch(c.Action)
		if c.Service != "backup" || m == nil {
			return nil
		}
		method, vault := m[1], m[2]
		switch {
		case method == http.MethodPut:
			var in struct{ Policy string }
			if err := json.Unmarshal(c.Body, &in); err != nil {
				return failure("InvalidParameterValueException", err.Error())
			}
			kept[vault] = in.Policy
		case kept[vault] == "":
			return failure("ResourceNotFoundException", "There is no access policy for "+vault)
		case method == http.MethodDelete:
			delete(kept, vault)
		default:
			arn := "arn:aws:backup:" + c.region() + ":" + serverAccount + ":backup-vault:" + vault
			return reply(map[string]string{"BackupVaultArn": arn, "BackupVaultName": vault, "Policy": kept[vault]})
		}
		return reply(struct{}{})
	}}
}

var backupSelection = regexp.MustCompile(`^(PUT|GET|DELETE) /backup/plans/([^/]+)/selections/?([^/]*)$`)

// BackupSelections keeps what a backup plan backs up.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html
func BackupSelections() StandIn {
	kept, made := map[string]json.RawMessage{}, 0 // by plan and ID
	return StandIn{Name: "Backup selections", Answer: func(c *Call) *Answer {
		m := backupSelection.FindStringSubmatch(c.Action)
		if c.Service != "backup" || m == nil {
			return nil
		}
		method, plan, id := m[1], m[2], m[3]
		key := plan + "/" + id
		switch {
		case method == http.MethodPut:
			var in struct{ BackupSelection json.RawMessage }
			if err := json.Unmarshal(c.Body, &in); err != nil {
				return failure("InvalidParameterValueException", err.Error())
			}
			made++
			id = "selection-" + strconv.Itoa(made)
			kept[plan+"/"+id] = in.BackupSelection
			return reply(map[string]string{"BackupPlanId": plan, "SelectionId": id})
		case kept[key] == nil:
			return failure("ResourceNotFoundException", "There is no selection "+id)
		case method == http.MethodDelete:
			delete(kept, key)
			return reply(struct{}{})
		default:
			return reply(map[string]any{"BackupPlanId": plan, "SelectionId": id, "BackupSelection": kept[key]})
		}
	}}
}

var (
	backupTags = regexp.MustCompile(`^(GET|POST) /(tags|untag)/([^/]+)/?$`)
	backupMade = regexp.MustCompile(`"Backup(?:Vault|Plan)Arn": *"([^"]+)"`)
)

// BackupTags keeps the tags of vaults and plans: the server looks for them by a path
// that clients do not ask for.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListTags.html
func BackupTags() StandIn {
	kept := map[string]map[string]string{} // by ARN
	return StandIn{
		Name: "Backup tags",
		Mend: func(c *Call, body []byte) []byte {
			var in struct{ BackupVaultTags, BackupPlanTags map[string]string }
			made := backupMade.FindSubmatch(body)
			if c.Service == "backup" && strings.HasPrefix(c.Action, "PUT ") && made != nil && json.Unmarshal(c.Body, &in) == nil {
				given := maps.Clone(in.BackupVaultTags)
				if given == nil {
					given = maps.Clone(in.BackupPlanTags)
				}
				kept[string(made[1])] = given
			}
			return body
		},
		Answer: func(c *Call) *Answer {
			m := backupTags.FindStringSubmatch(c.Action)
			if c.Service != "backup" || m == nil {
				return nil
			}
			arn, err := url.PathUnescape(m[3])
			if err != nil || kept[arn] == nil {
				return failure("ResourceNotFoundException", "There is no "+m[3])
			}
			var in struct {
				Tags       map[string]string
				TagKeyList []string
			}
			switch {
			case m[1] == http.MethodGet:
				return reply(map[string]any{"Tags": kept[arn]})
			case json.Unmarshal(c.Body, &in) != nil:
				return failure("InvalidParameterValueException", "not JSON")
			}
			maps.Copy(kept[arn], in.Tags)
			for _, key := range in.TagKeyList {
				delete(kept[arn], key)
			}
			return reply(struct{}{})
		},
	}
}
