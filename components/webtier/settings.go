package webtier

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// Settings is what a server asks for at boot. It lies in a parameter and not in
// user data: a stack that grows changes the parameter, and the servers stay.
type Settings struct {
	SecretARN     pulumi.StringInput
	SecretVersion pulumi.StringInput // ID of the secret's content: servers have to have read this one
	Database      *DatabaseSettings  // nil: on the server itself
	Storage       *StorageSettings   // nil: on the server itself
	Domain        string
	AdminUser     string // WordPress' first administrator
	AdminEmail    string
	Network       string // the VPC's range: the load balancer has its addresses there
	TLS           bool   // the load balancer ends TLS
}

// DatabaseSettings is where the database is.
type DatabaseSettings struct {
	Host pulumi.StringInput
	Port pulumi.IntInput
	Name string
}

// StorageSettings is where wp-content is.
type StorageSettings struct {
	FileSystemID, AccessPointID pulumi.StringInput
}

func (s Settings) check() error {
	var errs []error
	if s.SecretARN == nil || s.SecretVersion == nil || s.Network == "" || s.AdminUser == "" || s.AdminEmail == "" {
		errs = append(errs, errors.New("Settings.SecretARN, SecretVersion, Network, AdminUser and AdminEmail are required"))
	}
	if (s.Database == nil) != (s.Storage == nil) {
		errs = append(errs, errors.New("Settings.Database and Settings.Storage go together: data is on the server or off it"))
	}
	return errors.Join(errs...)
}

// makeSettings writes the parameter. It holds no secret, so it is kept in
// plain sight: a preview shows what changes.
func (w *WebTier) makeSettings(ctx *pulumi.Context) (err error) {
	text := w.settingsJSON()
	w.params, err = ssm.NewParameter(ctx, w.name+"-settings", &ssm.ParameterArgs{
		Type:          pulumi.String("String"),
		InsecureValue: text,
		Description:   pulumi.String("What the servers of " + ctx.Project() + " " + ctx.Stack() + " read at boot"),
	}, pulumi.Parent(w))
	if err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	w.version = pulumi.All(text, w.args.Settings.SecretVersion).ApplyT(func(v []any) string {
		return server.Version(v[0].(string), v[1].(string))
	}).(pulumi.StringOutput)
	return nil
}

func (w *WebTier) settingsJSON() pulumi.StringOutput {
	a := w.args
	var address pulumi.StringInput = w.Address
	var host, fileSystem, accessPoint, targetGroup pulumi.StringInput = pulumi.String(""), pulumi.String(""), pulumi.String(""), pulumi.String("")
	var port pulumi.IntInput = pulumi.Int(0)
	if d := a.Settings.Database; d != nil {
		host, port = d.Host, d.Port
	}
	if s := a.Settings.Storage; s != nil {
		fileSystem, accessPoint = s.FileSystemID, s.AccessPointID
	}
	if a.Group != nil {
		address, targetGroup = a.Group.Address, a.Group.TargetGroupARN
	}
	return pulumi.All(a.Settings.SecretARN, host, port, fileSystem, accessPoint, targetGroup, address).ApplyT(func(v []any) (string, error) {
		settings := server.Settings{
			Region:    a.Region,
			SecretARN: v[0].(string),
			Database:  server.Database{Local: true},
			Site: server.Site{
				Domain:             a.Settings.Domain,
				Address:            strings.ToLower(v[6].(string)), // AWS writes some of a balancer's name in capitals
				Admin:              server.Admin{User: a.Settings.AdminUser, Email: a.Settings.AdminEmail},
				TLSAtLoadBalancer:  a.Settings.TLS,
				BehindLoadBalancer: a.Group != nil,
				TargetGroupARN:     v[5].(string),
				Network:            a.Settings.Network,
			},
		}
		if a.Settings.Database != nil {
			settings.Database = server.Database{Host: v[1].(string), Port: v[2].(int), Name: a.Settings.Database.Name}
			settings.Storage = &server.Storage{FileSystemID: v[3].(string), AccessPointID: v[4].(string)}
		}
		return settings.JSON()
	}).(pulumi.StringOutput)
}

// userData is the first boot's script of a server that serves. It is the same in
// every phase but for the parameters' names.
func (w *WebTier) userData() pulumi.StringOutput {
	return pulumi.All(w.params.Name, w.serving.Name).ApplyT(func(v []any) (string, error) {
		return server.UserData(server.Boot{SettingsParameter: v[0].(string), ProofParameter: v[1].(string)})
	}).(pulumi.StringOutput)
}
