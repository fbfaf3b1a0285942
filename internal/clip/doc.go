// Package clip puts secrets on the clipboard and takes them off again.
//
// [Copy] tries the ways that the surroundings offer, in this order, and its [Result] says which one was used, whether
// clipboard managers were told to keep their hands off, and whether the value will be cleared:
//
//	over SSH, or asked for   OSC 52 through the controlling terminal (osc52.go)
//	macOS                    osascript (marked concealed), pbcopy
//	Windows                  the Win32 clipboard, excluded from its history and from the cloud
//	WSL                      powershell.exe (excluded in the same way), clip.exe
//	Wayland                  the data-control protocol, spoken here (wayland.go); then wl-copy
//	X11                      the selection, owned here (x11.go); then xclip, xsel
//
// Secrets reach other programs and our own child by a pipe, never by argument, environment or file. Programs are found by
// absolute path in PATH, get a short list of variables and a time limit. The two protocols are spoken here, because
// the usual programs cannot mark a value as sensitive (xclip, xsel, wl-copy before 2.3), and because wl-copy writes its
// input to a file in /tmp, which stays when the compositor ends first. A way that failed is never hidden: the notes of the result name what is weaker.
//
// # Clearing
//
// The value is cleared after a time, also when the command has ended and its terminal is closed, and only when it is still
// ours. A child of the same program, started with a hidden command by the caller ([Keeper]), in a session of its own, waits:
//
//   - where the protocols are spoken here, the child owns the clipboard; taking it away is letting go of it;
//   - where a program set it, the child knows a keyed hash (HMAC-SHA256 under a random key that lives only in its memory),
//     reads the clipboard back when the time has come, and clears only on a match;
//   - OSC 52 cannot be read. It is not cleared unless the caller asks for a blind clearing, having told the user that it
//     takes whatever is there by then. The default is not to, and the result says so.
//
// Somebody else can still copy in the instant between the look and the clearing; no clipboard has a compare-and-clear.
//
// A waiting child leaves a file in Keeper.Dir (its number, when, and for which display; no secret, no hash). [ClearNow] asks
// all of them to clear at once, which is what locking does; a later copy to the same display releases the earlier child. The
// child also clears when it is asked to end (SIGTERM at logout).
//
// Seen running: X11 under Xvfb, Wayland under sway, wl-copy, xclip, xsel, OSC 52 with and without tmux. The ways of macOS,
// Windows and WSL compile and follow their documentation; nobody has run them yet.
//
// # To add a way
//
// A program: a row in programs (program.go). A protocol: a type that satisfies holder (keeper.go), opened in
// openOwner. Add its place in the order (ways in order.go), and a test against the real thing.
package clip
