package harden

import (
	"fmt"
	"os"
)

// Warning names a protection that could not be set up, and why.
type Warning struct {
	Step string // what is missing, in words for the user
	Err  error
}

// String is the sentence to show, without a prefix.
func (w Warning) String() string { return fmt.Sprintf("%s: %v", w.Step, w.Err) }

// step is one protection.
type step struct {
	name string
	run  func() error
}

// traceVariables make Bubble Tea and its renderer write what the user types and copies to a file (bubbletea.md, 4d.1).
var traceVariables = [...]string{"TEA_TRACE", "TEA_DEBUG", "UV_DEBUG"}

// Init sets up every protection that the platform has, and returns what failed. Calling it twice does no harm.
func Init() []Warning {
	var out []Warning
	for _, s := range append([]step{{"keep keystrokes out of trace files", unsetTraces}}, steps()...) {
		if err := s.run(); err != nil {
			out = append(out, Warning{s.name, err})
		}
	}
	return out
}

func unsetTraces() error {
	for _, name := range traceVariables {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	return nil
}
