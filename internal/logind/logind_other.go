//go:build !linux

package logind

import "context"

// listeners are none: nothing is known of suspend and screen lock here.
func (w *watcher) listeners() []func(context.Context) error { return nil }

// Probe says what can be noticed on this machine.
func Probe(context.Context, Options) Availability {
	const text = "Signet does not know yet how to notice it on this system"
	return Availability{Suspend: text, Screen: text}
}
