package session

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"signet/passkeys"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/format"
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
	Usable       bool // there is a key, and this program can sign with it
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
	rows, err := l.passkeyRows(ctx, q)
	if err != nil {
		return nil, err
	}
	names, err := l.v.DeviceNames(ctx)
	if err != nil {
		return nil, err
	}
	var all []listed
	for i := range rows {
		if r := &rows[i]; r.Rec == entry.RecEntry && r.Trashed.IsZero() != q.Trash {
			for _, p := range r.Passkeys() {
				if q.RPID == "" || p.RPID == q.RPID {
					all = append(all, listed{r, p})
				}
			}
		}
	}
	order := make([]int32, len(all))
	for i := range order {
		order[i] = int32(i) //nolint:gosec // as many as there are rows
	}
	slices.SortFunc(order, func(a, b int32) int { return all[a].compare(&all[b]) })
	out := make([]Passkey, 0, len(all))
	for _, i := range order {
		out = append(out, l.shown(all[i].row, &all[i].key, names))
	}
	return out, nil
}

// listed is one passkey of a row.
type listed struct {
	row *entry.Row
	key entry.PasskeyInfo
}

// compare orders by site, then account, then age.
func (a *listed) compare(b *listed) int {
	return cmp.Or(strings.Compare(a.key.RPID, b.key.RPID), strings.Compare(a.key.UserName, b.key.UserName), a.key.Created.Compare(b.key.Created),
		strings.Compare(string(a.row.ID), string(b.row.ID)), strings.Compare(a.key.Cred, b.key.Cred))
}

// passkeyRows are the rows that may have what is asked for.
func (l *Local) passkeyRows(ctx context.Context, q PasskeyQuery) ([]entry.Row, error) {
	switch {
	case q.Entry != "":
		return l.v.Rows(ctx, []entry.ID{q.Entry})
	case q.RPID != "":
		return l.v.Search(ctx, []string{entry.PasskeyRPWord(q.RPID)}, maxMatches)
	}
	return l.rows(ctx, 0, func(r entry.Row, _ string) bool { return r.Has.Passkeys > 0 })
}

func (l *Local) shown(r *entry.Row, p *entry.PasskeyInfo, names map[string]string) Passkey {
	out := Passkey{
		PasskeyRef: PasskeyRef{r.ID, p.Cred}, Title: r.Title, RPID: p.RPID, RPName: p.RPName, UserName: p.UserName, DisplayName: p.DisplayName,
		Binding: p.Binding, BE: p.BE, BS: p.BS, Counter: p.Counter, Algorithm: p.Alg, Discoverable: p.Discoverable, Protect: p.Protect,
		Extensions: p.Extensions, Created: p.Created, Trashed: r.Trashed, LastUsed: l.v.Local().PasskeyUsed(r.ID, p.Cred), Here: true,
	}
	out.CredentialID, _ = b64.DecodeString(p.CredentialID)
	out.UserHandle, _ = b64.DecodeString(p.UserHandle)
	if p.Binding == entry.BindingDevice { // one that was imported names no device: its key is nowhere here
		out.Where = names[p.Device]
		out.Here = p.Device == l.device && l.v.Local().HasBound(vault.BoundName(out.CredentialID))
	}
	out.Usable = len(out.CredentialID) > 0 && signs(p.Alg) && (!p.Keyless || p.Binding == entry.BindingDevice)
	return out
}

// signs reports whether this program signs with keys of an algorithm.
func signs(alg int64) bool {
	a := passkeys.Algorithm(alg)
	return a == passkeys.RS256 || slices.Contains(passkeys.Algorithms(), a)
}

func (l *Local) SetPasskeyUser(ctx context.Context, ref PasskeyRef, name, display string) (Applied, error) {
	return l.renamePasskey(ctx, l.refer(ref), name, display)
}

func (l *Local) TrashPasskey(ctx context.Context, ref PasskeyRef) (Applied, error) {
	return l.trashPasskey(ctx, l.refer(ref))
}

// refer finds what a reference names, outside the trash.
func (l *Local) refer(ref PasskeyRef) func(w within) (found, error) {
	return func(w within) (found, error) {
		rec, err := w.Record(ref.Entry)
		if err != nil && !errors.Is(err, vault.ErrNotFound) {
			return found{}, err
		}
		all := passkeysIn([]format.Record{rec}, func(_ entry.Entry, c entry.Credential) bool { return c.ID == ref.Cred })
		if len(all) == 0 {
			return found{}, ErrUnknownPasskey
		}
		return all[0], nil
	}
}
