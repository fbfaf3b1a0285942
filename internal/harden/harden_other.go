//go:build !linux && !darwin && !windows

package harden

func steps() []step { return common() }
