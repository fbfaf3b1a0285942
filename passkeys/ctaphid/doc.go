// Package ctaphid speaks CTAPHID, the framing of CTAP over 64-byte HID reports (CTAP 2.1, section 11.2), on the authenticator's side.
//
// It cuts messages into packets and puts packets together, hands out channels, keeps hosts apart that talk at the same time, sends keep-alives while
// a request waits for a person, and passes whole messages to a Handler. It knows nothing of CBOR: passkeys does, and passkeys/uhid and passkeys/pty
// bring the bytes.
//
// Everything that arrives comes from a program that may be hostile: lengths, channels and the number of channels are bounded, a packet that fits nowhere
// is answered with the error that the specification names or dropped where it says so, and nothing here can be made to wait for ever.
//
// packet.go has the layout of packets, server.go the life of a connection, channel.go the channels and the lock. A new command gets its constant in
// packet.go, a row in Server.execute, and a test that reaches it.
package ctaphid
