package uhidhelper

import "time"

// Options of a run.
type Options struct {
	Users  string // list of users
	Listen string // path of a socket to make; "": the one that the service manager passes
	Getenv func(string) string
	Log    func(format string, args ...any)
}

// idleTime is how long the helper stays when nobody has a key; systemd starts it again when somebody connects.
const idleTime = 30 * time.Second
