package main

import (
	"context"

	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

func draw(context.Context, *graph.Graph, *reach.Model) (string, error) { return "", nil }
