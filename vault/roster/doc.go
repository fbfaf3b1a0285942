// Package roster answers who belongs to a vault: it verifies the chain of signed statements (vault.md 5.3, 5.9) and says
// which members, keys and epochs follow from it. It is pure: bytes in, a Roster or a clear refusal out.
//
// A roster file is believed only as far as every signature, proof and rule of the chain holds.
//
//	verify.go      the chain: whose key, which signature, in which order; what is newer is read past
//	statements.go  the rule of each statement type
//	proof.go       what a new member says about its own keys
//	guard.go       may this device write now (vault.md 5.5); who was granted the current epoch
//	gate.go        which files of a log count after a rekey or revoke (5.3, 5.9)
//	fork.go        how two verified rosters stand to each other, and who decides a fork
//	author.go      the writing side; it gives out only what Verify accepts
//
// To add a statement: its type in vault/format, its rule in statements.go, and in attack_test.go the attacks that the rule
// stops, each with the words of its refusal. A rule without an attack is not tested: take the rule out and see a test fail.
package roster
