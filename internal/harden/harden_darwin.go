package harden

import "golang.org/x/sys/unix"

func steps() []step {
	return append(common(), step{"keep debuggers away", unix.PtraceDenyAttach})
}
