package standin

import (
	"encoding/json"
	"net/http"
	"strings"
)

// BackupPolicies keeps the backup policies of file systems.
//
// Source: https://docs.aws.amazon.com/efs/latest/ug/API_PutBackupPolicy.html
func BackupPolicies() StandIn {
	status := map[string]string{} // by file system
	return StandIn{Name: "EFS backup policies", Answer: func(c *Call) *Answer {
		method, path, _ := strings.Cut(c.Action, " ")
		id, ok := strings.CutPrefix(path, "/2015-02-01/file-systems/")
		if c.Service != "elasticfilesystem" || !ok {
			return nil
		}
		id, ours := strings.CutSuffix(id, "/backup-policy")
		switch {
		case !ours && method == http.MethodDelete:
			delete(status, id) // the policy goes with its file system
			return nil
		case !ours:
			return nil
		case method == http.MethodPut:
			var in struct{ BackupPolicy struct{ Status string } }
			if err := json.Unmarshal(c.Body, &in); err != nil {
				return failure("BadRequest", err.Error())
			}
			status[id] = in.BackupPolicy.Status
		}
		if status[id] == "" {
			return failure("PolicyNotFound", "There is no backup policy")
		}
		return reply(map[string]any{"BackupPolicy": map[string]string{"Status": status[id]}})
	}}
}
