package session

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"signet/passkeys"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// maxSitePasskeys bounds how many passkeys of one site are read at once: more than an authenticator hands out.
const maxSitePasskeys = 2048

// findPasskeys returns the passkeys of a site that this device can sign with, the newest first.
func (l *Local) findPasskeys(ctx context.Context, rpID string) ([]passkeys.Credential, error) {
	recs, err := l.v.With(ctx, []string{entry.PasskeyRPWord(rpID)}, maxSitePasskeys)
	if err != nil {
		return nil, err
	}
	var out []passkeys.Credential
	for _, f := range passkeysIn(recs, func(_ entry.Entry, c entry.Credential) bool { return c.Text("rpId") == rpID }) {
		c, err := l.usable(f)
		switch {
		case errors.Is(err, errUnusable):
		case err != nil:
			return nil, err
		case c.Discoverable:
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b passkeys.Credential) int {
		return cmp.Or(b.Created.Compare(a.Created), bytes.Compare(a.ID, b.ID))
	})
	return out, nil
}

func (l *Local) usable(f found) (passkeys.Credential, error) {
	c, err := l.credentialOf(f)
	if err == nil {
		c.LastUsed = l.v.Local().PasskeyUsed(f.e.ID, f.cred.ID)
	}
	return c, err
}

// within is what can find records: an open vault, or an update of it.
type within interface {
	With(words []string, limit int) ([]format.Record, error)
	Record(id entry.ID) (format.Record, error)
}

type reading struct {
	ctx context.Context
	v   *vault.Vault
}

func (r reading) With(words []string, limit int) ([]format.Record, error) {
	return r.v.With(r.ctx, words, limit)
}

func (r reading) Record(id entry.ID) (format.Record, error) { return r.v.Record(r.ctx, id) }

// passkeyByID finds a passkey outside the trash by its credential id; passkeys.ErrNoCredential.
func (l *Local) passkeyByID(w within, id []byte) (found, error) {
	text := b64.EncodeToString(id)
	recs, err := w.With([]string{entry.PasskeyIDWord(text)}, maxSitePasskeys)
	if err != nil {
		return found{}, err
	}
	all := passkeysIn(recs, func(_ entry.Entry, c entry.Credential) bool { return c.Text("credentialId") == text && l.here(c) })
	if len(all) == 0 {
		return found{}, passkeys.ErrNoCredential
	}
	return all[0], nil
}

func (l *Local) byID(ctx context.Context, id []byte) (passkeys.Credential, error) {
	f, err := l.passkeyByID(reading{ctx, l.v}, id)
	if err != nil {
		return passkeys.Credential{}, err
	}
	c, err := l.usable(f)
	if errors.Is(err, errUnusable) {
		err = passkeys.ErrNoCredential
	}
	return c, err
}

// putPasskey adds a passkey as one edit: what it replaces goes to the trash, and it gets its place.
func (l *Local) putPasskey(ctx context.Context, c passkeys.Credential) (Applied, error) {
	cred, bound, err := l.membersOf(&c)
	if err != nil {
		return Applied{}, err
	}
	return l.applied(l.v.Update(ctx, func(w vault.Within) ([]entry.Edit, error) {
		edits, err := l.putEdits(w, &c, cred)
		if err == nil && bound != nil {
			err = putBound(w, c.ID, bound)
		}
		return edits, err
	}))
}

func putBound(w vault.Within, id []byte, p *private) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	data := secret.New(text)
	defer data.Wipe()
	return w.PutBound(vault.BoundName(id), data)
}

func (l *Local) putEdits(w vault.Within, c *passkeys.Credential, cred entry.Credential) ([]entry.Edit, error) {
	recs, err := w.With([]string{entry.PasskeyRPWord(c.RPID)}, maxSitePasskeys)
	if err != nil {
		return nil, err
	}
	handle := b64.EncodeToString(c.User.ID)
	same := passkeysIn(recs, func(_ entry.Entry, o entry.Credential) bool {
		return o.Text("rpId") == c.RPID && o.Text("userHandle") == handle
	})
	ids, now := entry.SystemIDs(), l.now()
	var edits []entry.Edit
	for _, f := range same {
		if l.here(f.cred) && f.cred.Text(entry.PasskeyDiscoverable) != "false" {
			edits = append(edits, trashEdits(f, now, ids, false)...)
		}
	}
	id, err := l.place(w, c, same)
	if err != nil {
		return nil, err
	}
	var more []entry.Edit
	if id == "" {
		more, err = newSite(c, cred, now, ids).Edits(ids)
	} else {
		more, err = l.addTo(w, id, cred, ids)
	}
	return append(edits, more...), err
}

func (l *Local) addTo(w vault.Within, id entry.ID, cred entry.Credential, ids entry.IDs) ([]entry.Edit, error) {
	rec, err := w.Record(id)
	if err != nil {
		return nil, err
	}
	return entry.FromRecord(rec, entry.View{}).AddCredential(cred, ids)
}

// usedPasskey notes a use. A counter that counts is raised durably; when it was used last is this device's own.
func (l *Local) usedPasskey(ctx context.Context, id []byte, u passkeys.Use) error {
	if u.Counter == 0 {
		f, err := l.passkeyByID(reading{ctx, l.v}, id)
		if err != nil {
			return err
		}
		return l.noteUse(f, u.At)
	}
	var used found
	_, err := l.v.Update(ctx, func(w vault.Within) (edits []entry.Edit, err error) {
		if used, err = l.passkeyByID(w, id); err != nil || u.Counter <= used.counter() {
			return nil, err
		}
		return []entry.Edit{entry.Set(used.e.ID, entry.CredPath(used.cred.ID, "signet:counter"), strconv.FormatUint(uint64(u.Counter), 10))}, nil
	})
	if err != nil {
		return err
	}
	return l.noteUse(used, u.At)
}

func (l *Local) noteUse(f found, at time.Time) error {
	if l.v.ReadOnly() {
		return nil
	}
	if err := l.v.Local().UsedPasskey(f.e.ID, f.cred.ID, at); err != nil {
		return err
	}
	return l.v.Local().Used(f.e.ID)
}

// renamePasskey changes the account's names.
func (l *Local) renamePasskey(ctx context.Context, find func(w within) (found, error), name, display string) (Applied, error) {
	return l.applied(l.v.Update(ctx, func(w vault.Within) ([]entry.Edit, error) {
		f, err := find(w)
		if err != nil {
			return nil, err
		}
		return []entry.Edit{
			entry.Set(f.e.ID, entry.CredPath(f.cred.ID, "username"), valid(name)), entry.Set(f.e.ID, entry.CredPath(f.cred.ID, "userDisplayName"), valid(display)),
		}, nil
	}))
}

// trashPasskey moves one to the trash.
func (l *Local) trashPasskey(ctx context.Context, find func(w within) (found, error)) (Applied, error) {
	return l.applied(l.v.Update(ctx, func(w vault.Within) ([]entry.Edit, error) {
		f, err := find(w)
		if err != nil {
			return nil, err
		}
		return trashEdits(f, l.now(), entry.SystemIDs(), true), nil
	}))
}

// named finds a passkey by its credential id.
func (l *Local) named(id []byte) func(w within) (found, error) {
	return func(w within) (found, error) { return l.passkeyByID(w, id) }
}

// kept is what is known of all passkeys as long as the vault does not change: hosts ask for it again and again.
type kept struct {
	gen   uint64
	known bool
	count int
	sites []passkeys.RP
}

// allKept counts the discoverable passkeys outside the trash that this device can sign with, as far as a list knows, and their sites, sorted.
func (l *Local) allKept(ctx context.Context) (kept, error) {
	gen, err := l.v.Generation(ctx)
	if err != nil {
		return kept{}, err
	}
	l.mu.Lock()
	k := l.kept
	l.mu.Unlock()
	if k.known && k.gen == gen {
		return k, nil
	}
	k = kept{gen: gen, known: true} // read after its generation: what changes meanwhile has another
	names := map[string]string{}
	_, err = l.rows(ctx, 0, func(r entry.Row, _ string) bool {
		if r.Has.Passkeys == 0 || r.Rec != entry.RecEntry || !r.Trashed.IsZero() {
			return false
		}
		for _, p := range r.Passkeys() {
			if l.keeps(&p) {
				k.count++
				names[p.RPID] = cmp.Or(names[p.RPID], p.RPName)
			}
		}
		return false
	})
	if err != nil {
		return kept{}, err
	}
	k.sites = make([]passkeys.RP, 0, len(names))
	for _, id := range slices.Sorted(maps.Keys(names)) {
		k.sites = append(k.sites, passkeys.RP{ID: id, Name: names[id]})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = k
	return k, nil
}

// keeps reports whether a passkey of a row is one that Find returns, as far as a row knows.
func (l *Local) keeps(p *entry.PasskeyInfo) bool {
	bound := p.Binding == entry.BindingDevice && p.Keyless
	return p.Discoverable && signs(p.Alg) && (!p.Keyless || bound && p.Device == l.device)
}

// trashAllPasskeys moves every passkey that this device can sign with to the trash, as one edit.
func (l *Local) trashAllPasskeys(ctx context.Context) (Applied, error) {
	return l.applied(l.v.Update(ctx, func(w vault.Within) (edits []entry.Edit, err error) {
		rows, err := w.Rows(func(r entry.Row) bool { return r.Has.Passkeys > 0 && r.Rec == entry.RecEntry && r.Trashed.IsZero() })
		if err != nil {
			return nil, err
		}
		ids, now := entry.SystemIDs(), l.now()
		for _, r := range rows {
			rec, err := w.Record(r.ID)
			if err != nil {
				return nil, err
			}
			all := passkeysIn([]format.Record{rec}, func(_ entry.Entry, c entry.Credential) bool { return l.here(c) })
			if len(all) > 0 && len(all) == len(all[0].e.Credentials) && len(all[0].e.Other) == 0 {
				edits = append(edits, entry.Trash(r.ID, now))
				continue
			}
			for _, f := range all {
				edits = append(edits, trashEdits(f, now, ids, false)...)
			}
		}
		return edits, nil
	}))
}
