// Package strength says how hard a password is to guess, the way zxcvbn does (Wheeler, "zxcvbn: Low-Budget Password Strength
// Estimation", USENIX Security 2016): it looks for the patterns that people use (words of six frequency lists, also reversed and
// with look-alike characters, walks on a keyboard, repeats, sequences, dates, years), and finds the chain of patterns that an
// attacker reaches first. The score counts guesses, not characters.
//
// Keyboards and what a pattern costs are github.com/trustelem/zxcvbn. Its packages matching and frequency are not used in the program,
// because they build their tables in package init: 16 ms and 1 to 2 ms of every start, also of a "signet get". The matchers here
// are our own, words.gz holds the library's six lists merged into one (MIT licence, as the library), and both are made ready when
// the first password is estimated. The tests judge them by the whole library: the same guesses for every ASCII password, except
// that it may miss a way of reading look-alikes where several stand for one letter. Beyond ASCII they differ on purpose: the library
// works on bytes and misses patterns that end in a wide character.
//
// A pattern is one file with one method of tables or one function that appends to a list of matches; strength.go lists them, and
// chain.go puts them together.
package strength
