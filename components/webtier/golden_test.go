package webtier_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

// The image is made of a builder that has proven that it is baked, and the group
// starts from that image.
func TestGoldenImage(t *testing.T) {
	t.Parallel()
	run := build(t, phase3())
	made := run.Get(t, image, "web-image-blue")
	assert.Contains(t, made.Dependencies, tier+association+"::web-bake-blue")
	assert.Equal(t, testutil.ID(instance, "web-builder-blue"), made.String("sourceInstanceId"))
	assert.False(t, made.Input("snapshotWithoutReboot").BoolValue())
	assert.Equal(t, []string{"#initerror"}, made.ReplaceOn, "an image that was not finished is none")
	assert.Equal(t, testutil.ID(made.Token, made.Name), run.Get(t, template, "web").String("imageId"))
	stop := run.Get(t, catalog.EC2InstanceState, "web-builder-blue")
	assert.Equal(t, "stopped", stop.String("state"))
	assert.Contains(t, stop.Dependencies, tier+image+"::web-image-blue")

	fast := phase3()
	fast.GoldenImageReboot = false
	assert.True(t, build(t, fast).Get(t, image, "web-image-blue").Input("snapshotWithoutReboot").BoolValue())
}

// images runs a phase 3 and returns what the next update has to know.
func images(t *testing.T, args webtier.Args) (left webtier.Images, run *testutil.Run) {
	t.Helper()
	run = testutil.Must(t, func(ctx *pulumi.Context) error {
		w, err := webtier.New(ctx, "web", args)
		if err == nil {
			left = w.Images
		}
		return err
	})
	return left, run
}

// The image before the current one stays for one generation, and who goes back to
// what it was made of finds it.
func TestThePreviousImageStays(t *testing.T) {
	t.Parallel()
	args := phase3()
	first, run := images(t, args)
	assert.Len(t, run.All(image), 1)

	args.Group.Images = first
	same, run := images(t, args)
	assert.Equal(t, first, same, "nothing has changed")
	assert.Len(t, run.All(image), 1)

	args.ImageGeneration = 2
	second, run := images(t, args)
	assert.Equal(t, webtier.Images{Slot: "green", Content: second.Content, Previous: true}, second)
	assert.Equal(t, testutil.ID(image, "web-image-green"), run.Get(t, template, "web").String("imageId"))
	kept := run.Get(t, image, "web-image-blue")
	assert.ElementsMatch(t, []string{"sourceInstanceId", "snapshotWithoutReboot"}, kept.IgnoreChanges, "it stays what it is")
	assert.Len(t, run.All(instance), 1, "its builder goes")

	args.Group.Images = second
	kept2, run := images(t, args)
	assert.Equal(t, second, kept2)
	assert.Len(t, run.All(image), 2, "for as long as this image is the current one")

	args.ImageGeneration = 1
	back, run := images(t, args)
	assert.Equal(t, "blue", back.Slot)
	assert.Equal(t, first.Content, back.Content)
	assert.Equal(t, testutil.ID(image, "web-image-blue"), run.Get(t, template, "web").String("imageId"))

	for name, change := range map[string]func(*webtier.Args){
		"another image":     func(a *webtier.Args) { a.Image.Pinned = false },
		"another processor": func(a *webtier.Args) { a.InstanceType = "t4g.small" },
	} {
		args := phase3()
		args.Group.Images = first
		change(&args)
		next, _ := images(t, args)
		assert.Equal(t, "green", next.Slot, name)
	}
	args = phase3()
	args.Group.Images, args.InstanceType = first, "t3.large"
	next, _ := images(t, args)
	assert.Equal(t, first, next, "the size of the servers is nothing to the image")
}
