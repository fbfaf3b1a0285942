// Package roster answers who belongs to a vault: it verifies the chain of signed statements (vault.md 5.3, 5.9) and says
// which members, keys and epochs follow from it. It is pure: bytes in, a Roster or a clear refusal out.
//
// A roster file is believed only as far as every signature, proof and rule of the chain holds. To add a statement, add its
// type to vault/format, its rule to verify.go and an attack to attack_test.go that the rule stops.
package roster
