// Package uhidsetup knows what a Linux machine needs for the virtual security key: which files an administrator installs (units, rules, module loading, the list
// of users), how they are put there and taken away again, and what can stand in the way (the checks of `signet doctor`).
//
// There are two ways. The helper way installs internal/uhidhelper behind a socket of systemd's; nobody but that one process opens /dev/uhid. The rule way opens
// /dev/uhid to whoever sits at the machine; every program of the session can then make keyboards and mice, so it is never the default.
//
// plan.go says what is installed for which choice, files.go has the texts, install.go and uninstall.go put them below a root directory ("" is the machine's own,
// tests give another) and touch no file that does not carry our mark, binary.go finds a program that only the administrator can change, steps.go lists the
// commands that make it count at once. look.go and the checks beside it only read. A new trap is one function in the table of look.go and one test with a made
// root directory.
package uhidsetup
