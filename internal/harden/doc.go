// Package harden makes the process a worse place to look for secrets. main calls [Init] before anything else.
//
//	core files off (RLIMIT_CORE 0)          Unix        a crash must not write keys to the disk
//	not dumpable, not traceable             Linux       no other process of the user reads this one's memory, no core at all
//	                                        macOS       a debugger cannot attach (PT_DENY_ATTACH)
//	no heap in crash reports                Windows     WerSetFlags
//	files for the owner only (umask 077)    Unix        whatever is created later, by whoever forgets the mode
//	TEA_TRACE, TEA_DEBUG, UV_DEBUG unset    everywhere  the TUI's libraries would log every keystroke and paste to a file
//
// A step that is not available is a [Warning], never a reason not to start: a password manager that refuses to open is
// worth less than one that says what is missing. The limit and the umask are inherited by programs that Signet starts; the
// dumpable flag is not, each start of Signet sets it anew. None of this stops root, or a debugger that was there first;
// THREATS.md says what is promised.
//
// To add a step, add a row to steps in the platform's file and a check to harden_test.go, which looks at a real child
// process from outside. Init runs at every start of the program: it may cost 0.2 ms, so no step may start a program, read
// a file or ask the network.
package harden
