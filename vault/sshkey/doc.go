// Package sshkey tells what may be shown of an SSH key: its type, fingerprint and comment. It never gives out the secret part.
//
// It is pure: text comes in, an [Info] goes out. It reads OpenSSH's own container (whose public half is in the clear even when
// the key asks for a passphrase), PKCS#8, PKCS#1 and SEC 1 in PEM, PKCS#8 in base64url as CXF spells it, PuTTY's files, and
// lines of authorized_keys. Error texts never hold input. To support one more container, add its case to [Private] and a key
// made by the program that writes it to the tests.
package sshkey
