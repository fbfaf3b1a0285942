// Package session is the one door to an open vault. internal/cli and the TUI's ports use a vault only through the interface
// Session: coarse calls with a context, values that can be encoded, no callbacks, no pointers into the vault. Local is the
// implementation in this process; later the agent's client is another, and both pass sessiontest.Run.
//
// Door is the other side of the same vault: what a FIDO2 authenticator (package passkeys) stands on. It is a vault that may be locked, and implements the
// authenticator's store of credentials and its memory. door.go has the door itself; passkeystore.go keeps passkeys as credentials of entries, passkeycred.go
// spells one as CXF does and back, passkeyplace.go chooses the entry that a new one belongs to, passkeytrash.go moves one to the trash; passkeystate.go keeps what
// is synced of the authenticator in one record and the rest sealed to this device; requests.go is the log of what programs asked for; binding.go the settings that
// say where keys live. A new member of a passkey gets its name in vault/entry, its row in the schema there, and its line in membersOf and publicOf.
//
// Nothing that lives long keeps the vault's lock: it is held only while one edit is written. Secrets leave only when they
// are asked for: Get withholds concealed values unless told to reveal them, Field gives out one.
package session
