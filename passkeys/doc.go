// Package passkeys is a FIDO2 authenticator in software: CTAP 2.1 requests in, answers out, with the credentials kept by a CredentialStore and every use of
// them approved by an Approver. It is pure: no device, no terminal, no clock and no randomness of its own.
//
// What lives here so far are the parts that every command stands on: status.go has the status codes, cbor.go the canonical CBOR that CTAP demands,
// authdata.go the authenticator data that gets signed, cosekey.go the keys and signatures, pinprotocol.go how PINs and secrets travel. The commands
// themselves come one file each, named as the specification names them. passkeys/ctaphid brings the bytes.
//
// Requests come from any program that can open the device, so nothing in them is believed: lengths and depths are bounded, an encoding that is not the one
// canonical form is refused, and secrets are compared in constant time.
package passkeys
