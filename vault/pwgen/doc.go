// Package pwgen makes passwords and passphrases, and says how hard they are to guess.
//
// It is pure: randomness comes in as an io.Reader (production hands in crypto/rand.Reader), and the result goes out as a
// secret.Secret. Every choice is unbiased: numbers are drawn by rejection.
//
// [Characters] draws uniformly from all strings that obey the [Rules], so the entropy that it reports is the base-2
// logarithm of their number: exact, and lower than length times bits per character as soon as a class has a minimum.
// (Placing the required characters first and shuffling, as most generators do, favours some strings; its true strength is
// below what such programs print.) compose.go explains how the counting is done.
//
// [Passphrase] draws words from the EFF's long list, 12.9 bits each. No word of that list is the beginning of another, so
// different choices give different passphrases even without a separator, and the reported entropy is exact here too.
//
// The word list is embedded and split at first use: a program start costs nothing. NOTICE names its authors and licence.
// To add a character class, add it to classes (rules.go) and its flag to Rules; to add a list, a file beside
// eff_large.txt, its line in NOTICE and its tests.
package pwgen
