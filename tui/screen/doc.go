// Package screen holds the full screens of the TUI, one file each, and the ports through which they reach the world.
//
// A screen is a value behind a small interface (screen.go). It does no I/O: everything that takes time or touches the outside is
// a method named cmdXxx that returns a tea.Cmd, which calls a port with the session's context; its answer comes back as a
// message addressed to this very screen (Env.cmd), so an answer for a screen that is gone, or for a vault that was locked
// meanwhile, is dropped and wiped. What only the root can do (open another screen, ask a question, lock, copy's countdown) is
// asked for with the messages of msgs.go. Messages carry ids; where a secret has to travel it is a secret.Secret.
//
// To add a screen: one file with the type and its cmdXxx methods, a request in msgs.go, a row in tui/route.go, its keys in
// tui/keys.go (no key is named here), its golden frames in tui/golden_test.go. Secrets may stand only in the focused field, in
// a revealed row and in an open QR code; Close wipes them.
package screen
