// Package seal turns plaintexts into age files and back: to an epoch, to a member's slot, to this device's own local
// secret. It is the only room of the vault's data path that knows age; it does no I/O of its own and keeps nothing.
//
// To add a way of sealing, add its stanza type here with its test against the stock age command (vault.md 5.15).
package seal
