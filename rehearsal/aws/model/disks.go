package model

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/rehearsal/aws/cloud"
	"github.com/webphases/webphases/server"
)

// disk is what a server's or an image's disk holds.
type disk struct {
	revision string // of the scripts; "": none
	data     string // dataHere, dataMoved, or "" if the site never was here
}

const dataHere, dataMoved = "here", "moved"

func diskOf(c *cloud.Cloud, id string) (d disk) {
	if found := c.Get(tDisk, id); found != nil {
		d.revision, d.data = found.Str("revision"), found.Str("data")
	}
	return d
}

func (d disk) put(c *cloud.Cloud, id string) error {
	if d.revision == "" {
		return nil
	}
	return c.Put(&cloud.Record{Type: tDisk, ID: id, Outputs: resource.PropertyMap{
		"revision": stringProp(d.revision),
		"data":     stringProp(d.data),
	}})
}

// settle is what configure and migrate do with the data: they stay where the
// settings have them, or move off the server for good.
func (d *disk) settle(c *cloud.Cloud, parameter string, now time.Time) *server.Moved {
	_, settings := settingsIn(c, parameter)
	switch {
	case settings.Database.Local:
		d.data = dataHere
	case d.data == dataHere:
		d.data = dataMoved
	}
	if d.data != dataMoved {
		return nil
	}
	return &server.Moved{Tables: 12, Rows: 3153, Files: 7, Time: now}
}

// copyScripts gives an image the scripts of the server that it is made of.
func copyScripts(c *change) error {
	return diskOf(c.cloud, str(c.in, "sourceInstanceId")).put(c.cloud, c.id)
}

// dropDisk is the end of a server's or an image's disk.
func dropDisk(c *change) error { return c.cloud.Delete(tDisk, c.id) }
