package webtier

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// Site is what a server asks for at boot. It lies in a parameter and not in
// user data: a stack that grows changes the parameter, and the servers stay.
type Site struct {
	SecretARN     pulumi.StringInput
	SecretVersion pulumi.StringInput // ID of the secret's content: servers have to have read this one
	SecretKeyARN  string             // of the KMS key that encrypts it; "": AWS's
	Database      *SiteDatabase      // nil: on the server itself
	Storage       *SiteStorage       // nil: on the server itself
	Domain        string
	Network       string // the VPC's range: the load balancer has its addresses there
	TLS           bool   // the load balancer ends TLS
	Edge          bool   // CloudFront is before the load balancer
	Mail          Mail
}

// SiteDatabase is where the database is.
type SiteDatabase struct {
	Host pulumi.StringInput
	Port pulumi.IntInput
	Name string
}

// SiteStorage is where wp-content is.
type SiteStorage struct {
	FileSystemID, AccessPointID pulumi.StringInput
}

func (s Site) check() error {
	var errs []error
	if s.SecretARN == nil || s.SecretVersion == nil || s.Network == "" {
		errs = append(errs, errors.New("Site.SecretARN, SecretVersion and Network are required"))
	}
	if (s.Database == nil) != (s.Storage == nil) {
		errs = append(errs, errors.New("Site.Database and Site.Storage go together: data is on the server or off it"))
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
	w.version = pulumi.All(text, w.args.Site.SecretVersion).ApplyT(func(v []any) string {
		return server.Version(v[0].(string), v[1].(string))
	}).(pulumi.StringOutput)
	return nil
}

func (w *WebTier) settingsJSON() pulumi.StringOutput {
	a := w.args
	var address pulumi.StringInput = w.Address
	var host, fileSystem, accessPoint, targetGroup pulumi.StringInput = pulumi.String(""), pulumi.String(""), pulumi.String(""), pulumi.String("")
	var port pulumi.IntInput = pulumi.Int(0)
	if d := a.Site.Database; d != nil {
		host, port = d.Host, d.Port
	}
	if s := a.Site.Storage; s != nil {
		fileSystem, accessPoint = s.FileSystemID, s.AccessPointID
	}
	if a.Group != nil {
		address, targetGroup = a.Group.Address, a.Group.TargetGroupARN
	}
	var logs pulumi.StringInput = pulumi.String("")
	if w.logs != nil {
		logs = w.logs.Name
	}
	return pulumi.All(a.Site.SecretARN, host, port, fileSystem, accessPoint, targetGroup, address, logs).ApplyT(func(v []any) (string, error) {
		settings := server.Settings{
			Region:    a.Region,
			SecretARN: v[0].(string),
			Database:  server.Database{Local: true},
			Site: server.Site{
				Domain:             a.Site.Domain,
				Address:            strings.ToLower(v[6].(string)), // AWS writes some of a balancer's name in capitals
				Admin:              server.Admin{User: a.AdminUser, Email: a.AdminEmail},
				TLSAtLoadBalancer:  a.Site.TLS,
				Edge:               a.Site.Edge,
				BehindLoadBalancer: a.Group != nil,
				TargetGroupARN:     v[5].(string),
				Network:            a.Site.Network,
				Mail:               a.Site.Mail.settings(),
			},
		}
		if a.Site.Database != nil {
			settings.Database = server.Database{Host: v[1].(string), Port: v[2].(int), Name: a.Site.Database.Name}
			settings.Storage = &server.Storage{FileSystemID: v[3].(string), AccessPointID: v[4].(string)}
		}
		if w.logs != nil {
			settings.Watch = &server.Watch{LogGroup: v[7].(string), MetricsNamespace: a.MetricsNamespace}
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
