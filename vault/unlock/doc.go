// Package unlock is the local layer of vault.md 5.10: the ways in that protect this device's key and are never synced. Any
// of them yields the device key file. The OS keyring, a passphrase and any age plugin identity live here; hardware keys
// enter as an age.Identity from outside.
//
// Nothing here falls back to a weaker method, and nothing blocks on a keyring longer than its time-out (I15). Who is asked
// is a Prompter; this package knows no terminal. Errors of a keyring carry what was found and the exact next step
// (KeyringError, texts in explain.go).
//
//	keyring.go   patience: probe, time-outs, write then read back; over any Items
//	system_*.go  the operating system's Items; bus.go finds a session bus without starting one
//	passphrase.go, identity.go, plugin.go   age files and age plugins
//
// To add a way: one file with its New… and Open…, one row in the vault's table of kinds, one test with the real thing. To
// add a keyring: one system_<os>.go with Probe and Unlock; Probe never shows a dialog.
package unlock
