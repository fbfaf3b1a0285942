// Command demo runs the whole TUI on the fakes of tui/tuitest, to look at it by hand: go run ./tui/tuitest/demo -screen unlock.
// It is not shipped, it keeps nothing, and the passphrase is "open sesame". Every new screen gets a way to be reached from here.
package main
