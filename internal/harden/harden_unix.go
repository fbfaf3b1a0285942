//go:build unix

package harden

import "golang.org/x/sys/unix"

// common are the steps that every Unix has.
func common() []step {
	return []step{
		{"switch core files off", func() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }},
		{"keep new files private", func() error { unix.Umask(0o077); return nil }},
	}
}
