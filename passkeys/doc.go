// Package passkeys is a FIDO2 authenticator in software: CTAP 2.1 requests in, answers out, with the credentials kept by a CredentialStore and every use of
// them approved by an Approver. CTAP1, which is U2F, can be offered besides. It is pure: no device, no terminal, no randomness
// of its own, and no clock but the timer that takes a question off the screen when its U2F host has gone (errand.go).
//
// authenticator.go dispatches; the commands come one file each, named as the specification names them. store.go, approve.go and state.go say what an
// authenticator stands on, for others to implement; passkeystest has them in memory. Below the commands are the parts that all of them use: status.go has
// the status codes, cbor.go the canonical CBOR that CTAP demands, authdata.go the authenticator data that gets signed, cosekey.go the keys and signatures,
// sealed.go the credentials that live inside their ids, pinprotocol.go how PINs and secrets travel, pintoken.go and verification.go who was verified, for
// what and for how long. u2f.go answers U2F: apdu.go reads its messages, errand.go keeps a question to a person up while a U2F host asks again and again.
// event.go tells a log of what happened. passkeys/device puts all of it behind passkeys/ctaphid, which brings the bytes.
//
// Requests come from any program that can open the device, so nothing in them is believed: lengths and depths are bounded, an encoding that is not the one
// canonical form is refused, and secrets are compared in constant time. Nothing that a host sends destroys a passkey for good.
//
// A new command gets its file, a row in commands, its part of getInfo, and a table test that reaches every status it can answer.
package passkeys
