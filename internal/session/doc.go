// Package session is the one door to an open vault. internal/cli and the TUI's ports use a vault only through the interface
// Session: coarse calls with a context, values that can be encoded, no callbacks, no pointers into the vault. Local is the
// implementation in this process; later the agent's client is another, and both pass sessiontest.Run.
//
// Nothing that lives long keeps the vault's lock: it is held only while one edit is written. Secrets leave only when they
// are asked for: Get withholds concealed values unless told to reveal them, Field gives out one.
package session
