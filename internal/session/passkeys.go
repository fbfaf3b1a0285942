package session

import (
	"context"
	"errors"
	"time"

	"signet/vault/entry"
)

// PasskeyRef names one passkey: a credential of an entry.
type PasskeyRef struct {
	Entry entry.ID
	Cred  string
}

// Passkey is what may be shown of a passkey: no secret. Its texts come from outside and are not clean.
type Passkey struct {
	PasskeyRef
	Title        string // of the entry
	CredentialID []byte
	RPID, RPName string
	UserHandle   []byte
	UserName     string
	DisplayName  string
	Binding      string // synced, device; "" where nothing is known
	BE, BS       string // "1", "0", or "" where nothing is known
	Counter      uint32
	Algorithm    int64  // COSE; 0 unknown
	Here         bool   // its key can be used on this device
	Where        string // Binding device: the name of the device that has the key; "" unknown
	Discoverable bool
	Protect      int // credProtect, 1 to 3
	Extensions   []string
	Usable       bool // its key can be signed with by this program
	Created      time.Time
	LastUsed     time.Time // on this device; zero: never
	Trashed      time.Time
}

// PasskeyQuery says which passkeys are wanted: all those outside the trash when it is zero.
type PasskeyQuery struct {
	RPID  string   // exactly this site
	Entry entry.ID // of this entry
	Trash bool     // those in the trash instead
}

// ErrUnknownPasskey says that an entry has no such passkey (any more).
var ErrUnknownPasskey = errors.New("no such passkey")

// Request is one row of the request log: a program asked for something, and this is what became of it. Texts come from outside and are not clean.
type Request struct {
	At        time.Time
	Command   string // as passkeys.Event has it
	Requester string // the asking program in words; "" unknown
	Route     string // how it reached us: "uhid", "pty", "command line"
	RPID      string
	UserName  string
	Answer    string // "ok", "refused", "no passkey", "timeout" … in words
	Status    byte   // CTAP status
	UP, UV    bool
	Asked     bool
	Trusted   bool // written by an unlocked process of this device; false: recorded while locked, not authenticated
}

func (l *Local) Passkeys(ctx context.Context, q PasskeyQuery) ([]Passkey, error) {
	return nil, errors.ErrUnsupported
}

func (l *Local) SetPasskeyUser(ctx context.Context, ref PasskeyRef, name, display string) (Applied, error) {
	return Applied{}, errors.ErrUnsupported
}

func (l *Local) TrashPasskey(ctx context.Context, ref PasskeyRef) (Applied, error) {
	return Applied{}, errors.ErrUnsupported
}

func (l *Local) Requests(ctx context.Context, limit int) ([]Request, error) {
	return nil, errors.ErrUnsupported
}
