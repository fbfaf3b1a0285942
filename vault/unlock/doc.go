// Package unlock is the local layer of vault.md 5.10: the ways in that protect this device's key and are never synced. Any
// of them yields the device key file. The OS keyring, a passphrase and any age plugin identity live here; hardware keys
// enter as an age.Identity from outside.
//
// Nothing here falls back to a weaker method, and nothing blocks on a keyring longer than its time-out (I15). To add a
// way: one file with its New… and Open…, one row in the table of kinds, one test with the real thing.
package unlock
