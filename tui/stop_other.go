//go:build !unix

package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// jobControl is nothing here: a process is not stopped by key.
type jobControl struct{}

func newStopper() *jobControl { return &jobControl{} }

func (*jobControl) mayStop() string { return "There is no shell here to go back to" }

func (*jobControl) stop() {}

func (*jobControl) away(bool) {}

func (*jobControl) listen(context.Context, *tea.Program) {}
