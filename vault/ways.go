package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// Way is a local way in as the directory shows it before anything is open: an untrusted hint, good for asking the person.
type Way struct {
	ID          string // of its files in unlock/
	Name        string // what the person calls it
	Kind        unlock.Kind
	NeedsPerson bool   // a passphrase, a touch or a PIN; a keyring only when it is locked
	WorkFactor  int    // passphrase: log2(N), 0 when the file cannot be read
	Plugin      string // plugin: its name

	hint format.WayHint
}

// maxWays bounds what is read from unlock/, which anybody who can write the directory fills.
const maxWays = 64

// wayID is what stands before .json in unlock/, and begins with the kind.
var wayID = regexp.MustCompile(`^(keyring|passphrase|plugin|fido2)(-[a-z0-9][a-z0-9-]{0,31})?$`)

// wayName is what a person may call a way in or a recovery code. Kinds are taken, because --unlock takes both.
var wayName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// Ways lists the local ways in as their hints show them, in the order in which Unlock tries them.
func (d *Dir) Ways() ([]Way, error) {
	files, err := d.m.List(unlockDir)
	if err != nil {
		return nil, err
	}
	var out []Way
	for _, f := range files {
		id, ok := strings.CutSuffix(path.Base(f.Name), ".json")
		if !ok || !wayID.MatchString(id) || len(out) == maxWays {
			continue
		}
		w, err := readWay(d.m, id)
		if err != nil {
			d.opt.Notice(Notice{"repaired", fmt.Sprintf("%s/%s.json cannot be read (%v)", unlockDir, id, err)})
			continue
		}
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b Way) int { return d.rank(a) - d.rank(b) })
	return out, nil
}

func readWay(m *mirror.Mirror, id string) (Way, error) {
	b, err := m.Read(unlockDir+"/"+id+".json", format.MaxHint)
	if err != nil {
		return Way{}, err
	}
	h, err := format.ParseWayHint(b)
	if err != nil {
		return Way{}, err
	}
	w := Way{ID: id, Name: id, Kind: unlock.Kind(h.Kind), hint: h, NeedsPerson: unlock.Kind(h.Kind) != unlock.KindKeyring}
	if name := hintName(h.Extra); wayName.MatchString(name) {
		w.Name = name
	}
	switch w.Kind {
	case unlock.KindPassphrase:
		w.WorkFactor = workFactor(m, id)
	case unlock.KindPlugin:
		if pid, err := unlock.ParseIdentity(secret.FromString(h.Identity)); err == nil {
			w.Plugin = pid.Plugin
		}
	}
	return w, nil
}

func workFactor(m *mirror.Mirror, id string) int {
	b, err := m.Read(scryptFile(id), unlock.MaxSealed)
	if err != nil {
		return 0
	}
	n, err := unlock.WorkFactor(b)
	if err != nil {
		return 0
	}
	return n
}

// hintName reads the name that stands in a hint beside what the format knows.
func hintName(extra []byte) string {
	var h struct {
		Name string `json:"name"`
	}
	if len(extra) == 0 || json.Unmarshal(extra, &h) != nil {
		return ""
	}
	return h.Name
}

// kindRank is the built-in order: what needs nobody first, what is typed last.
var kindRank = []unlock.Kind{unlock.KindKeyring, unlock.KindFIDO2, unlock.KindPlugin, unlock.KindPassphrase}

func (d *Dir) rank(w Way) int {
	for i, o := range d.opt.Order {
		if o == w.Name || o == string(w.Kind) {
			return i
		}
	}
	return len(d.opt.Order) + slices.Index(kindRank, w.Kind)
}

// scryptFile holds the way identity of a passphrase; keyFile the device key file, sealed to a way's recipient.
func scryptFile(id string) string { return unlockDir + "/" + id + ".age" }

func keyFile(kind unlock.Kind, id string) string {
	if kind == unlock.KindPassphrase {
		return unlockDir + "/" + id + "-key.age"
	}
	return unlockDir + "/" + id + ".age"
}

// wayRow is a local way in as the trusted list has it. No recipient is ever taken from anywhere else (vault.md 5.10).
type wayRow struct {
	ID        string      `json:"id"`
	Kind      unlock.Kind `json:"kind"`
	Name      string      `json:"name"`
	Recipient string      `json:"recipient,omitempty"`
	Identity  string      `json:"identity,omitempty"` // plugin: AGE-PLUGIN-…
	Added     int64       `json:"added"`
	Tested    int64       `json:"tested,omitempty"` // when it last opened the vault; at first, when it was added and opened once
	New       bool        `json:"new,omitempty"`    // counts once the rekey under way is committed
	Gone      bool        `json:"gone,omitempty"`   // goes once the rekey under way is committed
}

// keptKey marks a way that was removed or changed without replacing the key: copies of its old file still open everything.
type keptKey struct {
	Name string      `json:"name"`
	Kind unlock.Kind `json:"kind"`
	At   int64       `json:"at"`
}

// wayList is state/local/ways: authenticated, this device's own.
type wayList struct {
	V      int             `json:"v"`
	File   string          `json:"file"` // its own path, so that no other file of state/local passes for it
	Vault  string          `json:"vault"`
	Device format.MemberID `json:"device"`
	Ways   []wayRow        `json:"ways"`
	Kept   []keptKey       `json:"kept,omitempty"`
	// Rekey is the public signing key (base64url) that a rekey under way introduces. The roster says whether it was committed.
	Rekey string `json:"rekey,omitempty"`
	// Names are what this device calls members, where that differs from the roster (slot rename).
	Names map[format.MemberID]string `json:"names,omitempty"`
	// Tested is when a member's secret last opened the vault here.
	Tested map[format.MemberID]int64 `json:"tested,omitempty"`
}

func (l *wayList) index(match func(wayRow) bool) int { return slices.IndexFunc(l.Ways, match) }

// find gives the way with that name, else the only one of that kind.
func (l *wayList) find(nameOrKind string) (wayRow, error) {
	if i := l.index(func(w wayRow) bool { return w.Name == nameOrKind && !w.Gone }); i >= 0 {
		return l.Ways[i], nil
	}
	var found []wayRow
	for _, w := range l.Ways {
		if string(w.Kind) == nameOrKind && !w.Gone {
			found = append(found, w)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return wayRow{}, fmt.Errorf("find slot %q: %w", nameOrKind, ErrNotFound)
	}
	return wayRow{}, fmt.Errorf("find slot %q: several have this kind, use the name: %w", nameOrKind, ErrAmbiguous)
}

// settled is the list after a rekey under way: committed or not.
func (l wayList) settled(committed bool) (keep, drop []wayRow) {
	for _, w := range l.Ways {
		if w.Gone && committed || w.New && !committed {
			drop = append(drop, w)
			continue
		}
		w.New, w.Gone = false, false
		keep = append(keep, w)
	}
	return keep, drop
}

// sealable reports whether the way can be given a key: a list that was begun anew knows no recipients of its first way.
func (w wayRow) sealable() bool { return w.Kind == unlock.KindKeyring || w.Recipient != "" }

// wayKeeper writes ways in: their files and keyring items. It holds nothing secret.
type wayKeeper struct {
	m       *mirror.Mirror
	keyring unlock.Keyring
	user    string // of the keyring item
	ui      unlock.Prompter
}

func (k wayKeeper) notice() unlock.Keyring {
	ring := k.keyring
	if ring.Notice == nil && k.ui != nil {
		ring.Notice = k.ui.Message
	}
	return ring
}

// put gives a way the device key file, in place of the one it has, and reads it back.
func (k wayKeeper) put(ctx context.Context, w wayRow, key secret.Secret) error {
	if w.Kind == unlock.KindKeyring {
		return k.notice().Set(ctx, k.user, key)
	}
	sealed, err := unlock.SealKey(ctx, key, w.Recipient, k.ui)
	if err != nil {
		return err
	}
	return k.replace(keyFile(w.Kind, w.ID), sealed)
}

func (k wayKeeper) replace(name string, b []byte) error {
	if err := k.m.Replace(name, bytesWriter(b)); err != nil {
		return err
	}
	got, err := k.m.Read(name, unlock.MaxSealed)
	if err != nil {
		return fmt.Errorf("read back %s: %w", name, err)
	}
	if !bytes.Equal(got, b) {
		return fmt.Errorf("read back %s: other bytes than were written: %w", name, ErrCorrupt)
	}
	return nil
}

// remove takes a way's files or item away; absence is fine. The hint goes first, so that nobody is asked for a way that is half gone.
func (k wayKeeper) remove(ctx context.Context, w wayRow) error {
	if err := k.m.Remove(hintFile(w.ID)); err != nil {
		return err
	}
	if w.Kind == unlock.KindKeyring {
		return k.notice().Delete(ctx, k.user)
	}
	return k.m.RemoveAll(scryptFile(w.ID), keyFile(w.Kind, w.ID))
}

func hintFile(id string) string { return unlockDir + "/" + id + ".json" }

// NewWay asks for a local way in.
type NewWay struct {
	Kind       unlock.Kind
	Name       string        // "" for the kind, or the plugin's name
	Passphrase secret.Secret // passphrase
	WorkFactor int           // passphrase: 10 to 22, 0 for the default
	Identity   secret.Secret // plugin: the identity file as the plugin made it
}

// freshWay is a way in that is ready to be written.
type freshWay struct {
	row      wayRow
	hint     format.WayHint
	scrypt   []byte        // passphrase: the file that holds the way identity
	identity secret.Secret // opens what is sealed to the recipient
}

// prepareWay does everything that takes time or a person and writes nothing.
func prepareWay(n NewWay, at int64, taken func(id, name string) bool) (freshWay, error) {
	f := freshWay{row: wayRow{Kind: n.Kind, Name: n.Name, Added: at, Tested: at}, hint: format.WayHint{Kind: string(n.Kind)}}
	stem := string(n.Kind)
	switch n.Kind {
	case unlock.KindKeyring:
	case unlock.KindPassphrase:
		if err := f.passphrase(n); err != nil {
			return freshWay{}, err
		}
	case unlock.KindPlugin:
		id, err := unlock.ParseIdentity(n.Identity)
		if err != nil {
			return freshWay{}, err
		}
		if id.Plugin == "" {
			return freshWay{}, errors.New("add plugin: the file holds a key itself, which would open the vault to whoever copies it; " +
				"a plugin's identity begins with AGE-PLUGIN-")
		}
		stem += "-" + id.Plugin
		f.identity, f.row.Identity, f.row.Recipient = id.Text, id.Text.RevealString(), id.Recipient
		f.hint.Identity = f.row.Identity
		f.row.Name = firstOf(n.Name, id.Plugin)
	default:
		return freshWay{}, fmt.Errorf("add slot: no way in of kind %q", n.Kind)
	}
	f.row.Name = firstOf(f.row.Name, string(n.Kind))
	return f, f.name(stem, n.Name != "", taken)
}

// name finds a free id, and a free name where the person gave none.
func (f *freshWay) name(stem string, given bool, taken func(id, name string) bool) error {
	if !wayName.MatchString(f.row.Name) {
		return fmt.Errorf("add slot: name %q: use up to 32 of a-z 0-9 . _ -", f.row.Name)
	}
	if f.row.Kind == unlock.KindKeyring { // one item per device
		if taken(stem, "") {
			return fmt.Errorf("add slot: a keyring: %w", ErrExists)
		}
		f.row.ID = stem
	}
	base := f.row.Name
	for i := 1; i < maxWays; i++ {
		suffix := ""
		if i > 1 {
			suffix = fmt.Sprintf("-%d", i)
		}
		if f.row.ID == "" && !taken(stem+suffix, "") {
			f.row.ID = stem + suffix
		}
		if !given && taken("", f.row.Name) {
			f.row.Name = base + fmt.Sprintf("-%d", i+1)
		}
	}
	if f.row.ID == "" || !wayID.MatchString(f.row.ID) {
		return fmt.Errorf("add slot: no name left for files of %q", stem)
	}
	if taken("", f.row.Name) {
		return fmt.Errorf("add slot: %q: %w", f.row.Name, ErrExists)
	}
	extra, err := json.Marshal(map[string]string{"name": f.row.Name})
	f.hint.Extra = extra
	return err
}

func (f *freshWay) passphrase(n NewWay) error {
	cost := n.WorkFactor
	if cost == 0 {
		cost = unlock.DefaultWorkFactor
	}
	way, recipient, err := unlock.NewPassphrase(n.Passphrase, cost)
	if err != nil {
		return err
	}
	f.identity, err = unlock.OpenPassphrase(way, n.Passphrase) // opened once before it counts
	if err != nil {
		return fmt.Errorf("open new passphrase file: %w", err)
	}
	f.scrypt, f.row.Recipient = way, recipient
	return nil
}

func firstOf(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// install writes a fresh way with the device key file and opens it once. The hint comes last: before it nobody is asked.
func (k wayKeeper) install(ctx context.Context, f freshWay, key secret.Secret) error {
	if f.scrypt != nil {
		if err := k.replace(scryptFile(f.row.ID), f.scrypt); err != nil {
			return err
		}
	}
	if err := k.put(ctx, f.row, key); err != nil {
		return err
	}
	if f.row.Kind != unlock.KindKeyring {
		if err := k.opens(ctx, f, key); err != nil {
			return err
		}
	}
	b, err := f.hint.Encode()
	if err != nil {
		return err
	}
	return k.replace(hintFile(f.row.ID), b)
}

func (k wayKeeper) opens(ctx context.Context, f freshWay, key secret.Secret) error {
	sealed, err := k.m.Read(keyFile(f.row.Kind, f.row.ID), unlock.MaxSealed)
	if err != nil {
		return err
	}
	got, err := unlock.OpenKey(ctx, sealed, f.identity, k.ui)
	if err != nil {
		return fmt.Errorf("open slot %s once: %w", f.row.Name, err)
	}
	defer got.Wipe()
	if !got.Equal(key) {
		return fmt.Errorf("open slot %s once: another key came out: %w", f.row.Name, ErrCorrupt)
	}
	return nil
}
