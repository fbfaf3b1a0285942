// Package tui is Signet's terminal program: one Bubble Tea model (root.go) that holds a stack of screens and a stack of dialogs.
//
//	tui.go      Run: owns the terminal, the signals and what happens after the program ends
//	root.go     the model: who gets which message; the only place that replaces the stack
//	route.go    which screen a request opens: one row per screen
//	session.go  an open vault in the program: opening, watching, locking, idle time
//	approve.go  what programs ask: a queue, the dialog above everything else, the answers; announce.go tells the port which vault is open
//	virtualkey.go  the virtual security key: its switch and its place in the status line
//	status.go   the status line: notices, countdowns, the leader's pending chord
//	layout.go   (w, h) → rectangles, pure
//	keys.go     the only file that names keys
//
// Below it: tui/screen (one file per full screen, and the ports), tui/dialog (overlays that return Actions), tui/widget (parts
// that know no vault), tui/theme (looks, as plain values), tui/tuitest (an in-memory vault and an emulated terminal for tests).
// The package talks to ports only: internal/cli fills them.
//
// Locking replaces the whole stack by the unlock screen and ends the session's context: answers that arrive later have no
// screen to go to, and are wiped. A form with unsaved changes leaves a draft, which opens again after the next unlock.
//
// To add a screen, see the recipe in tui/screen/doc.go.
package tui
