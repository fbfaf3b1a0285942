// Package e2e holds no code: its tests build the real program once and use it as people and scripts do, from outside, with real
// surroundings: a Secret Service, a full disk, kill -9, several processes at once, copies of the vault on other machines.
//
//   - program_test.go: how the program is built and run; every test starts there.
//   - kill_test.go: the loops that kill. SIGNET_KILL=5m makes them long.
//   - together_test.go: several processes on one vault.
//   - keyring_test.go: a real gnome-keyring under dbus-run-session.
//   - terminal_test.go: a real terminal (tmux) with a shell in it; tui_test.go and tuimore_test.go: what a user does there, resize storms, pastes of a
//     megabyte, signals, kill -9, two programs on one vault. They wait for text and never for time.
//   - disk_test.go: no room, cut files, flipped bits.
//   - story_test.go: the "Done when", the tour, a vault that moves to another machine.
//
// A new test is one function that takes newHome(t) and runs commands; it needs no knowledge of what is inside a vault, and
// judges by what signet answers. What a single command prints is tested in internal/cli; this room is for what only shows when
// the whole program runs.
package e2e
