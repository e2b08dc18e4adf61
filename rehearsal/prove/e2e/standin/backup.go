package standin

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
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
