package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Error is a failure as a person and a script see it: an exit code, a stable name for scripts, what happened, and what to
// do next. Every error that leaves a command is one, made here or by classify.
type Error struct {
	Exit ExitCode
	Code string // stable, lower case, dotted: "entry.not_found"
	Msg  string // lower case, no period
	Hint string // the exact next step, or ""
	Err  error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Msg
	}
	if e.Msg == "" {
		return e.Err.Error()
	}
	return e.Msg + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// usagef is a misuse of the command line: exit 2.
func usagef(format string, args ...any) *Error {
	return &Error{Exit: ExitUsage, Code: "usage", Msg: fmt.Sprintf(format, args...)}
}

// failf is a failure without a code of its own: exit 1.
func failf(code, format string, args ...any) *Error {
	return &Error{Exit: ExitFailure, Code: code, Msg: fmt.Sprintf(format, args...)}
}

// hint adds the next step.
func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// classify finds the exit code of any error: the one switch of the program.
func classify(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Exit: ExitInterrupted, Code: "interrupted", Msg: "interrupted"}
	}
	for _, c := range known {
		if errors.Is(err, c.is) {
			return &Error{Exit: c.exit, Code: c.code, Hint: c.hint, Err: err}
		}
	}
	if e := classifyTyped(err); e != nil {
		return e
	}
	return &Error{Exit: ExitFailure, Code: "failed", Err: err}
}

// sentinel is one row of the table of errors that other rooms export.
type sentinel struct {
	is   error
	exit ExitCode
	code string
	hint string
}

// surroundings are errors of the standard library; vaultErrors (open.go) has those of the vault.
var surroundings = []sentinel{
	{fs.ErrPermission, ExitFailure, "permission", "look at the owner and the mode of the file or directory"},
	{fs.ErrNotExist, ExitFailure, "no_such_file", ""},
}

var known = append(append([]sentinel{}, vaultErrors...), surroundings...)
