package standin

import (
	"encoding/json"
	"net/http"
	"strings"
)

const fileSystems = "/2015-02-01/file-systems/"

// ofFileSystem splits a call such as PUT .../file-systems/fs-1/policy; part is ""
// for the file system itself. Other calls give no method.
func ofFileSystem(c *Call) (method, id, part string) {
	method, path, _ := strings.Cut(c.Action, " ")
	rest, ok := strings.CutPrefix(path, fileSystems)
	if c.Service != "elasticfilesystem" || !ok {
		return "", "", ""
	}
	id, part, _ = strings.Cut(rest, "/")
	return method, id, part
}

// BackupPolicies keeps the backup policies of file systems.
//
// Source: https://docs.aws.amazon.com/efs/latest/ug/API_PutBackupPolicy.html
func BackupPolicies() StandIn {
	status := map[string]string{} // by file system
	return StandIn{Name: "EFS backup policies", Answer: func(c *Call) *Answer {
		method, id, part := ofFileSystem(c)
		if method == http.MethodDelete && part == "" {
			delete(status, id) // the policy goes with its file system
		}
		if part != "backup-policy" {
			return nil
		}
		if method == http.MethodPut {
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

// DeletedFilePolicies lets the policies of file systems be deleted.
//
// Source: https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystemPolicy.html
func DeletedFilePolicies() StandIn {
	deleted := map[string]bool{} // by file system
	return StandIn{Name: "EFS deletion of policies", Answer: func(c *Call) *Answer {
		method, id, part := ofFileSystem(c)
		if part != "policy" {
			return nil
		}
		switch {
		case method == http.MethodPut:
			delete(deleted, id)
		case method == http.MethodDelete:
			deleted[id] = true
			return reply(struct{}{})
		case deleted[id]:
			return failure("PolicyNotFound", "There is no policy")
		}
		return nil
	}}
}
