// Package audit looks for what is weak in a vault: passwords that are known from breaches, used twice, easy to guess or old,
// logins without a second factor, entries that are there twice, cards and documents that expire, addresses without encryption.
// It is an engine over a stream of entries: it knows neither the vault nor a terminal nor the network.
//
// Passwords are compared by a keyed hash whose key lives as long as the Auditor, and judged once: what was computed for a password
// is kept under that hash, so that a second run after an edit costs little. SHA-1 of passwords, which breach lists ask for, exists
// during one run and is wiped. No finding holds a secret.
//
// Breaches are asked of Sources: HashFile and HashDir search a downloaded list, Online asks a service by k-anonymity through a Fetcher that
// internal/cli fills. To add a kind of finding, add it to the table in kinds.go and find it in examine.go (one entry alone) or in
// groups.go (several together).
package audit
