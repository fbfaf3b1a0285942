// Package totp computes one-time codes and reads and writes the strings in which their keys travel.
//
// It is pure: time and counters come in, nothing is stored. Codes are made for
//
//	totp    RFC 6238, SHA-1, SHA-256 or SHA-512, any period
//	hotp    RFC 4226; the counter belongs to the caller, who stores the next one before showing a code
//	steam   the five characters of Steam Guard
//
// with 1 to 10 digits. Sites use 6 to 8; the others are accepted because importers meet them and RFC 4226 defines them
// all the same. The kinds motp and yandex are recognised and kept, so that nothing is lost between two programs, but
// their codes need a PIN and are not made: [Key.Code] answers [ErrUnsupported].
//
// Reading ([Parse], [ParseURI], [ParseSecret]) is lenient where writers differ without doubt about the meaning (blanks,
// dashes, lower case and padding in secrets, "SHA-256" or "HmacSHA256", the spellings of Steam, a literal "%" in a label)
// and strict where a guess would give wrong codes: no secret, an unknown algorithm, digits or period out of range, one
// parameter twice with two values. formats.md 10.1 lists what is seen in the wild. Error texts never hold input: it may
// be the secret.
//
// Writing ([Key.URIString]) returns the original when no field was changed, and otherwise changes only what differs, so
// that parameters of other programs survive.
//
// To support one more kind, add its constant and its facts (key.go), its code in code.go, its spellings in
// parse.go, and vectors from its specification to the tests.
package totp
