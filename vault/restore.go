package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/roster"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// MemberInfo is a member of the vault as a person decides about it.
type MemberInfo struct {
	ID      format.MemberID
	Name    string
	Kind    string // device, recovery, hardware
	Added   time.Time
	AddedBy string    // the name of who added it
	Wrote   time.Time // the newest file of a device's log; zero for none
}

// EnrolReview is what a code has opened, shown before anything is decided. Freshness cannot be verified: whoever kept an old
// copy of the vault can offer it, so the newest edit and the list of devices are for the person to judge (vault.md 5.11).
type EnrolReview struct {
	VaultID string
	Newest  time.Time    // of the newest edit
	Members []MemberInfo // active, without the code that is used
	Bound   []string     // device-bound passkeys of the device whose files lie here: they become unusable
	Moves   string       // where that device's own files go; "" when there are none
	Gaps    int          // files that are missing, damaged or waiting: what is in them is not restored
}

// EnrolOptions say how this machine becomes a device of the vault.
type EnrolOptions struct {
	Code       secret.Secret // as typed, or a recovery sheet's whole text
	VaultID    string        // as typed from the sheet; "" for none
	DeviceName string
	Ways       []NewWay // at least one
	// Review is called once, before Confirm and Show; an error ends everything with nothing written.
	Review func(ctx context.Context, r EnrolReview) error
	// Confirm is asked about every other member: does it stay? What is not confirmed is revoked.
	Confirm  func(ctx context.Context, m MemberInfo) (bool, error)
	Show     ShowSheet // the new recovery code: the old one has been used and goes
	Prompter unlock.Prompter
}

// enrolment is a restore in the making.
type enrolment struct {
	d      *Dir
	o      EnrolOptions
	h      *codeHolder
	t      *trust
	v      *Vault // reads with the code
	tops   map[format.MemberID]format.Mark
	older  []epochKey
	review EnrolReview
	keep   map[format.MemberID]bool

	key  format.DeviceKey
	dev  newcomer
	code format.RecoveryCode
	rec  newcomer
	ways []freshWay
}

// enrolMark stands in state/ while an enrolment has begun and its roster file is not yet written.
const enrolMark = stateDir + "/enrolling"

// Enrol makes this machine a device of a vault that was copied or restored here, with a recovery code (vault.md 5.11): one
// roster file adds the device and a new code, and revokes the old code and every member that is not confirmed; a new epoch
// begins. What another device left of its own here moves to lost/, never deleted. Nothing is written before the new code was
// entered again. It opens no second vault: there must be one here (I13).
func (d *Dir) Enrol(ctx context.Context, o EnrolOptions) (*Vault, error) {
	if len(o.Ways) == 0 {
		return nil, errors.New("enrol: at least one way in is needed")
	}
	h, err := readCode(o.Code.Reveal(), o.VaultID)
	if err != nil {
		return nil, err
	}
	defer h.wipe()
	e := &enrolment{d: d, o: o, h: h, keep: map[format.MemberID]bool{}}
	if e.t, err = h.open(ctx, d.m); err != nil {
		return nil, err
	}
	if h.beyond != "" {
		return nil, fmt.Errorf("enrol: this code was replaced by a newer one, which opens %s: %w (if that file does not belong to this vault, move it away)",
			h.beyond, ErrRevoked)
	}
	for _, step := range []func(context.Context) error{e.survey, e.decide, e.prepare} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("enrol: %w", err)
		}
	}
	defer e.code.Seed.Wipe()
	if err := e.perform(ctx); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	return openKey(ctx, d.m, e.key, d.opt)
}

// library judges every file: how far each log goes is what a revocation cuts at.
func (e *enrolment) library(ctx context.Context) (*library, error) {
	e.v = &Vault{m: e.d.m, o: e.d.opt, id: e.t.roster.Vault, readOnly: true, trusted: e.t, room: usualRoom}
	e.v.marks.lost = true
	lib, err := e.v.provenLibrary(ctx, e.t)
	if err != nil {
		return nil, err
	}
	e.tops, e.older = lib.tops(format.Heads{}, ""), e.v.olderEpochs(e.t)
	return lib, nil
}

// survey folds nothing and judges everything.
func (e *enrolment) survey(ctx context.Context) error {
	lib, err := e.library(ctx)
	if err != nil {
		return err
	}
	e.review = EnrolReview{VaultID: e.t.roster.Vault.String()}
	wrote := map[format.MemberID]int64{}
	for _, f := range lib.files {
		if !f.folded() {
			e.review.Gaps++
			continue
		}
		wrote[f.log] = max(wrote[f.log], f.header.Time)
		if f.kind == format.KindSegment && when(f.header.Time).After(e.review.Newest) {
			e.review.Newest = when(f.header.Time)
		}
	}
	for _, f := range lib.finds {
		if f.Kind == "missing" || f.Kind == "hidden" {
			e.review.Gaps++
		}
	}
	for _, m := range e.t.roster.Members {
		if m.Active && m.ID != e.h.found.ID {
			e.review.Members = append(e.review.Members, memberInfo(e.t.roster, m, wrote[m.ID]))
		}
	}
	files, moves, err := e.d.strangerHere()
	e.review.Bound, e.review.Moves = e.boundHere(ctx, files), moves
	return err
}

func memberInfo(r *roster.Roster, m roster.Member, wrote int64) MemberInfo {
	kind := memberKind(m.Kind)
	if m.Kind == format.KindDevice {
		kind = "device"
	}
	by, _ := r.Member(m.By)
	return MemberInfo{ID: m.ID, Name: firstOf(m.Name, m.ID.Short()), Kind: kind, Added: when(m.Added), AddedBy: firstOf(by.Name, by.ID.Short()), Wrote: when(wrote)}
}

// strangerHere looks for another device's own files.
func (d *Dir) strangerHere() (bound []string, moves string, err error) {
	if bound, err = d.m.Names(boundDir); err != nil {
		return nil, "", err
	}
	own, err := d.ownFiles()
	if err != nil || len(own) == 0 {
		return nil, "", err
	}
	who := d.hint.Device.Short()
	if who == "" {
		who = "unknown"
	}
	for i := 1; ; i++ {
		moves = lostDir + "/" + who
		if i > 1 {
			moves += fmt.Sprintf("-%d", i)
		}
		if _, err := d.m.Stat(moves); errors.Is(err, fs.ErrNotExist) {
			return bound, moves, nil
		} else if err != nil {
			return nil, "", err
		}
	}
}

// ownFiles are the files and directories of a device that is not ours: everything outside the synced part but the lock, which
// we may be holding, and state/tmp, which is nobody's.
func (d *Dir) ownFiles() ([]string, error) {
	var out []string
	for _, name := range []string{deviceName, unlockDir, boundDir} {
		if _, err := d.m.Stat(name); err == nil {
			out = append(out, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	names, err := d.m.Names(stateDir)
	if err != nil {
		return nil, err
	}
	for _, base := range names {
		if base != "lock" && base != "tmp" {
			out = append(out, stateDir+"/"+base)
		}
	}
	return out, nil
}

// decide asks the person.
func (e *enrolment) decide(ctx context.Context) error {
	if e.o.Review != nil {
		if err := e.o.Review(ctx, e.review); err != nil {
			return err
		}
	}
	for _, m := range e.review.Members {
		if e.o.Confirm == nil {
			continue // nobody vouches for it
		}
		ok, err := e.o.Confirm(ctx, m)
		if err != nil {
			return err
		}
		e.keep[m.ID] = ok
	}
	return ctx.Err()
}

// prepare draws the new keys, makes the ways in and has the new code confirmed. It writes nothing.
func (e *enrolment) prepare(ctx context.Context) error {
	taken := func(short string) bool {
		_, ok := e.t.roster.ByShort(short)
		return ok || short == e.dev.keys.ID.Short()
	}
	b := &birth{at: e.d.opt.Now().UnixMilli()}
	for _, n := range e.o.Ways {
		w, err := prepareWay(n, b.at, b.taken)
		if err != nil {
			return err
		}
		b.ways = append(b.ways, w)
	}
	e.ways = b.ways
	key, rcpt, err := newDeviceKey()
	if err != nil {
		return err
	}
	key.Vault = e.t.roster.Vault
	id, err := e.d.opt.memberID(taken)
	if err != nil {
		return err
	}
	e.key, e.dev = key, deviceMember(key, rcpt, e.o.DeviceName, id)
	if e.code, err = newRecoveryCode(); err != nil {
		return err
	}
	if id, err = e.d.opt.memberID(taken); err != nil {
		return err
	}
	if e.rec, err = codeMember(e.code, e.codeName(), id); err != nil {
		return err
	}
	return confirmCode(ctx, e.code, key.Vault, e.o.Show)
}

// codeName is the old code's name, unless another member that stays has it.
func (e *enrolment) codeName() string {
	for i := 1; ; i++ {
		name := firstOf(e.h.found.Name, codeName)
		if i > 1 {
			name = fmt.Sprintf("%s-%d", codeName, i)
		}
		if !slices.ContainsFunc(e.review.Members, func(m MemberInfo) bool { return e.keep[m.ID] && m.Name == name }) {
			return name
		}
	}
}

// perform writes. The roster file is the commit; what stands before it names keys that the vault does not know yet, and a new
// enrolment moves it to lost/ like any other device's.
func (e *enrolment) perform(ctx context.Context) error {
	release, err := e.d.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	now, err := e.h.open(ctx, e.d.m)
	if err != nil {
		return err
	}
	now.wipe()
	if now.roster.Head != e.t.roster.Head {
		return fmt.Errorf("%w: somebody else changed the members of this vault; begin again", ErrConflict)
	}
	lib, err := e.library(ctx) // what was written while the person was asked counts
	if err != nil {
		return err
	}
	r, err := e.change()
	if err != nil {
		return err
	}
	if err := e.moveStranger(); err != nil {
		return err
	}
	m := e.d.m
	if err := m.Replace(enrolMark, bytesWriter([]byte(e.dev.keys.ID+"\n"))); err != nil {
		return err
	}
	logs, err := e.restate(lib, r)
	if err != nil {
		return err
	}
	if err := writeHeadsAt(m, e.key.Local, r, logs); err != nil {
		return err
	}
	keeper := wayKeeper{m, e.d.opt.Keyring, unlock.User(e.key.Vault.String(), string(e.dev.keys.ID)), e.o.Prompter}
	if err := writeDevice(ctx, m, e.key, e.dev.keys, e.ways, keeper); err != nil {
		return err
	}
	if err := r.write(m); err != nil {
		return err
	}
	return m.Remove(enrolMark)
}

// restate writes a snapshot of everything that is folded as the new device's first file, when the revocations would quarantine
// some of it (the other branch of a fork, files below a lost one). Until the roster file is there, no device has that log.
func (e *enrolment) restate(lib *library, r *ready) (map[format.MemberID]format.Mark, error) {
	if !lib.loses(r.roster) {
		return nil, nil
	}
	t := r.trust(e.dev.keys.ID, e.dev.sign)
	e.v.marks.heads.Logs = e.tops
	h := (&commit{v: e.v, t: t, heads: e.v.marks.heads}).header()
	hash, h32, staged, err := e.v.writeSnapshot(lib, t, h)
	if err != nil {
		return nil, err
	}
	name := format.Name{Kind: format.FileLog, Log: t.self.Short(), Seq: h.Seq, H32: h32}.Path()
	if err := e.d.m.Publish(staged, name); err != nil {
		e.d.m.Discard(staged)
		return nil, err
	}
	return map[format.MemberID]format.Mark{t.self: {Seq: h.Seq, SID: hash.SID()}}, e.d.m.SyncDirs(name)
}

// moveStranger puts the own files of whoever was here before out of the way.
func (e *enrolment) moveStranger() error {
	_, to, err := e.d.strangerHere()
	if err != nil {
		return err
	}
	own, err := e.d.ownFiles()
	if err != nil {
		return err
	}
	for _, name := range own {
		if err := e.d.m.Move(name, to+"/"+path.Base(name)); err != nil {
			return err
		}
	}
	return nil
}

// change signs the statements: add by the old code, the rest by the new device.
func (e *enrolment) change() (*ready, error) {
	c := beginChange(e.d.m, e.t, e.older, e.d.opt.Now().UnixMilli())
	old, by := e.h.found.ID, e.dev.keys.ID
	if err := c.add(e.dev, old, e.h.sign); err != nil {
		return nil, err
	}
	if err := c.add(e.rec, old, e.h.sign); err != nil {
		return nil, err
	}
	gone := []format.MemberID{old}
	for _, m := range e.review.Members {
		if !e.keep[m.ID] {
			gone = append(gone, m.ID)
		}
	}
	for _, id := range gone {
		cut := map[format.MemberID]format.Mark{}
		if at, ok := e.tops[id]; ok && at.Seq > 0 {
			cut[id] = at
		}
		if err := c.revoke(id, cut, by, e.dev.sign); err != nil {
			return nil, err
		}
	}
	if err := c.rotate("restored with the recovery code", by, e.dev.sign); err != nil {
		return nil, err
	}
	return c.seal()
}

// enrolling explains why a vault does not open whose enrolment was cut off.
func enrolling(m *mirror.Mirror, err error) error {
	if _, statErr := m.Stat(enrolMark); statErr != nil {
		return err
	}
	return fmt.Errorf("%w (%v)", ErrUnfinished, err)
}
