//go:build !unix && !windows

package harden

func common() []step { return nil }
