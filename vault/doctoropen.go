package vault

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/roster"
	"signet/vault/seal"
)

// Doctor looks at an open vault: everything that the locked one shows, and what every file turns out to be when it is opened
// and judged. It mends what can be mended without deciding anything (VAULT, device.json, the cache) and says so.
func (v *Vault) Doctor(ctx context.Context) (Report, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.openable(); err != nil {
		return Report{}, err
	}
	d := newDoctor(v.m, v.o)
	d.rep.VaultID, d.rep.Unlocked = v.id.String(), true
	if err := d.walk(ctx); err != nil {
		return Report{}, err
	}
	if !v.readOnly {
		if err := v.readHeads(); err != nil {
			return Report{}, err
		}
	}
	t, err := v.trust()
	if err != nil { // a fresh cache shows entries without it: what was found so far names the file
		d.problem(LevelError, "roster", nextRestore, "this device's slot or the members' chain does not open, so no file of the logs can be judged: %v", err)
		return d.done(), nil
	}
	lib, err := v.provenLibrary(ctx, t)
	if err != nil {
		return Report{}, err
	}
	d.logs(v, t, lib)
	if err := d.rosters(v, t); err != nil {
		return Report{}, err
	}
	if err := d.epochs(v, t); err != nil {
		return Report{}, err
	}
	if err := d.attachments(ctx, v, lib); err != nil {
		return Report{}, err
	}
	if !v.readOnly {
		d.heads(v, lib)
		if err := d.cacheOnly(ctx, v, lib); err != nil {
			return Report{}, err
		}
		d.own(v)
		d.mend(v, t)
	}
	return d.done(), nil
}

// logs gives every file of the logs its state.
func (d *doctor) logs(v *Vault, t *trust, lib *library) {
	for _, f := range lib.files {
		next := ""
		if f.state == StateQuarantined && v.cutOff(t, f) {
			d.judge(f.path(), StateLeftOver, "of a restore that was cut off", nextDelete)
			continue
		}
		switch f.state {
		case StateDamaged:
			next = nextRestore
		case StateGap:
			next = "its own writes count; " + nextRestore
		case StateQuarantined:
			next = nextKeep + "; look at what it wrote before trusting its device again"
		case StateWaiting:
			next = "nothing; it counts as soon as the key of its epoch, the missing files or a newer Signet is here"
		case StateOK, StateMissing, StateForeign, StateLeftOver, StateSealed:
		}
		d.judge(f.path(), f.state, f.why, next)
	}
	for _, f := range lib.finds {
		where := fmt.Sprintf("log %s, file %d", f.Log.Short(), f.Seq)
		switch f.Kind {
		case "fork":
			d.problem(LevelWarning, "fork", "if you know why (a copied or restored home), nothing; otherwise revoke the device and change its secrets",
				"%s: %s", where, f.Text)
		case "missing", "hidden", "rollback":
			d.file(FileReport{Path: fmt.Sprintf("log/%s/%08d-*.age", f.Log.Short(), f.Seq), State: StateMissing, Why: f.Text, Next: nextAccept})
		default:
			d.problem(LevelError, f.Kind, "", "%s: %s", where, f.Text)
		}
	}
}

// rosters opens every roster file that one of our epochs opens.
func (d *doctor) rosters(v *Vault, t *trust) error {
	names, err := v.m.Names("roster")
	if err != nil {
		return err
	}
	keys := append([]epochKey{t.epoch}, v.olderEpochs(t)...)
	keys = append(keys, v.openSlots()...) // of a branch that a clone of this device began
	for _, base := range names {
		name := format.ParseName("roster/" + base)
		if name.Kind != format.FileRoster {
			continue
		}
		var r *roster.Roster
		err := seal.ErrNotForUs
		for i := 0; i < len(keys) && errors.Is(err, seal.ErrNotForUs); i++ {
			r, err = readRoster(v, name, keys[i])
		}
		switch {
		case errors.Is(err, seal.ErrNotForUs) && name.Count > len(t.roster.Chain) && !follows(v.m, name, t.epoch.n):
			d.judge(name.Path(), StateQuarantined, "longer than the members' chain, and no later epoch is here that it could begin", nextKeep)
		case errors.Is(err, seal.ErrNotForUs):
			d.judge(name.Path(), StateWaiting, "sealed to an epoch whose key is not here", "if this device was removed elsewhere, enrol it again; otherwise nothing")
		case errors.Is(err, seal.ErrDamaged):
			d.judge(name.Path(), StateDamaged, err.Error(), nextRestore)
		case err != nil:
			d.judge(name.Path(), StateQuarantined, err.Error(), nextKeep)
		case roster.Compare(t.roster, r).Relation == roster.Forked:
			d.judge(name.Path(), StateQuarantined, "another branch than the one this device follows", nextKeep)
			d.problem(LevelError, "roster-fork", "two devices changed the members at the same time: a recovery code with authority decides",
				"%s is another branch of the members' chain", name.Path())
		default:
			d.judge(name.Path(), StateOK, "", "")
		}
	}
	if t.roster.Newer {
		d.problem(LevelWarning, "newer", nextUpgrade, "the members' chain holds statements of a newer version: this one reads and does not write")
	}
	return nil
}

// openSlots opens every slot that this device's key opens, whether a roster commits to it or not.
func (v *Vault) openSlots() (out []epochKey) {
	epochs, err := v.epochs()
	if err != nil || v.readOnly {
		return nil
	}
	for _, n := range epochs {
		if keys, err := v.openEpoch(n); err == nil {
			out = append(out, keys...)
		}
	}
	return out
}

// epochs looks at slots and prev files: who holds one, and what belongs to no committed epoch.
func (d *doctor) epochs(v *Vault, t *trust) error {
	dirs, err := v.m.Dirs("epochs")
	if err != nil {
		return err
	}
	older := map[int]bool{t.epoch.n: true}
	for _, k := range v.olderEpochs(t) {
		older[k.n] = true
	}
	holds := map[format.MemberID]bool{}
	for _, dir := range dirs {
		names, err := v.m.Names("epochs/" + dir)
		if err != nil {
			return err
		}
		for _, base := range names {
			if err := d.epochFile(v, t, format.ParseName("epochs/"+dir+"/"+base), holds); err != nil {
				return err
			}
		}
	}
	for _, e := range t.roster.Epochs {
		// A purge destroys older epochs and their directories: then nothing is sealed to them any more.
		if _, err := v.m.Stat(epochDir(e.N)); !older[e.N] && err == nil {
			d.problem(LevelError, "epoch", nextRestore, "the key of epoch %d cannot be opened: prev-… of epoch %d is missing or damaged", e.N, t.epoch.n)
		}
	}
	for _, m := range t.roster.Members {
		if m.Active && (m.Kind == format.KindDevice || m.Kind == format.KindRecovery) && !holds[m.ID] {
			d.problem(LevelError, "slot", "begin a new epoch: signet doctor --rotate", "%s %q holds no slot of the current epoch and cannot open it",
				memberKind(m.Kind), slotName(m, wayList{}))
		}
	}
	return nil
}

func (d *doctor) epochFile(v *Vault, t *trust, n format.Name, holds map[format.MemberID]bool) error {
	if n.Kind != format.FileSlot && n.Kind != format.FilePrev {
		return nil
	}
	if !slices.ContainsFunc(t.roster.Epochs, func(e roster.Epoch) bool { return e.N == n.Epoch }) {
		d.judge(n.Path(), StateLeftOver, "of an epoch that no roster commits", nextDelete)
		return nil
	}
	if i, listed := d.seen[n.Path()]; listed && d.rep.Files[i].State == StateDamaged {
		return nil
	}
	m, ok := t.roster.ByShort(n.Member)
	if n.Kind == format.FileSlot && (!ok || m.Kind != n.Of) {
		d.judge(n.Path(), StateLeftOver, "for somebody who is no member", nextDelete)
		return nil
	}
	if n.Epoch != t.epoch.n {
		d.judge(n.Path(), StateOK, "", "")
		return nil
	}
	switch err := d.currentFile(v, t, n); {
	case errors.Is(err, errLeft):
		d.judge(n.Path(), StateLeftOver, "of a change of the members that was cut off", nextDelete)
	case err != nil:
		d.judge(n.Path(), StateDamaged, err.Error(), nextRestore)
	default:
		d.judge(n.Path(), StateOK, "", "")
		holds[m.ID] = true
	}
	return nil
}

var errLeft = errors.New("left over")

// currentFile opens what of the current epoch is ours to open: its prev file, and our own slot.
func (d *doctor) currentFile(v *Vault, t *trust, n format.Name) error {
	if n.Kind == format.FilePrev {
		if _, err := v.openPrev(n, t.epoch); !errors.Is(err, seal.ErrNotForUs) {
			return err
		}
		return errLeft
	}
	if v.readOnly || n.Member != t.self.Short() {
		return nil // sealed to somebody else
	}
	k, err := v.openSlot(n)
	if errors.Is(err, seal.ErrNotForUs) { // sealed to a key of ours that never came to be
		return errLeft
	}
	if err != nil {
		return err
	}
	if k.hash() != t.epoch.hash() {
		return errLeft
	}
	return nil
}

// attachments compares att/ with what the entries name. A file that no entry names may belong to a history value or to an
// entry that another device has: it is kept.
func (d *doctor) attachments(ctx context.Context, v *Vault, lib *library) error {
	named := map[string]bool{}
	state, err := lib.fold(nil)
	if err != nil {
		return err
	}
	for r, err := range state.records {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, f := range r.Fields {
			if path.Base(f.Path) != path.Base(entry.AttachmentPath(Credential{ID: "x"})) {
				continue
			}
			for _, val := range f.Values {
				if a, err := format.ParseAttachment([]byte(val.Text)); err == nil {
					named[a.Path()] = true
					a.Identity.Wipe()
				}
			}
		}
	}
	for name := range named {
		if _, ok := d.seen[name]; !ok {
			d.file(FileReport{Path: name, State: StateMissing, Why: "an entry has this attachment", Next: nextRestore})
		}
	}
	for i, f := range d.rep.Files {
		if format.ParseName(f.Path).Kind != format.FileAtt || f.State != StateSealed {
			continue
		}
		d.rep.Files[i].State = StateOK
		if !named[f.Path] {
			d.rep.Files[i].Why = "no entry names it now; the history may"
		}
	}
	return nil
}

// heads compares the high-water marks with the tree.
func (d *doctor) heads(v *Vault, lib *library) {
	if v.marks.lost {
		d.problem(LevelError, "heads", "look at the newest entries; if nothing is missing: signet doctor --accept",
			"the high-water marks (state/heads) are lost or damaged: a rollback could not be noticed, and nothing is written until you accept what is here")
		return
	}
	for _, f := range lib.returned() {
		d.problem(LevelWarning, "returned", "signet doctor --accept", "%s was given up and is here again; what it holds is not shown yet", f.path())
	}
	for i := range v.marks.heads.Pending {
		d.problem(LevelWarning, "pending", "nothing; the next edit finishes it", "part %d of an import was committed and waits for its name", i+1)
	}
}

// cacheOnly warns of values whose files are gone and that only the cache holds now: it is derived, and would be made without them.
func (d *doctor) cacheOnly(ctx context.Context, v *Vault, lib *library) error {
	if !v.marks.lost && !lib.incomplete() {
		return nil
	}
	r := v.newRescue(lib, false)
	defer r.close()
	n, err := r.run(ctx, nil)
	if n > 0 && err == nil {
		d.problem(LevelWarning, "cache-only", nextSave, "%d %s something that only the cache (state/cache.age) holds now, because its files are gone", n,
			map[bool]string{true: "entry has", false: "entries have"}[n == 1])
	}
	return err
}

// own opens what is sealed to this device alone (I17), and compares the ways in with the trusted list.
func (d *doctor) own(v *Vault) {
	for dir, purpose := range map[string]seal.Purpose{boundDir: seal.PurposeBound, localDir: seal.PurposeLocal} {
		for i, f := range d.rep.Files {
			if path.Dir(f.Path) != dir {
				continue
			}
			d.rep.Files[i].State = StateDamaged
			d.rep.Files[i].Why, d.rep.Files[i].Next = "not written by this device, or damaged", "put it back from a backup of this device; otherwise what it held is gone: delete it"
			if v.opensOwn(f.Path, purpose) {
				d.rep.Files[i].State, d.rep.Files[i].Why, d.rep.Files[i].Next = StateOK, "", ""
			}
		}
	}
	d.boundKeys(v)
	d.waitingRequests(v)
	list, err := v.ways()
	if err != nil {
		d.problem(LevelError, "ways", "unlock the vault again: the list is begun anew; then add every way in again", "the list of ways in cannot be used (%v)", err)
		return
	}
	d.compareWays(v, list)
}

func (v *Vault) opensOwn(name string, purpose seal.Purpose) bool {
	b, err := v.m.Read(name, maxOwnFile)
	if err != nil {
		return false
	}
	for _, local := range v.locals() {
		plain, err := seal.Open(b, seal.StanzaLocal, seal.NewLocal(local, purpose), maxOwnFile)
		if err == nil {
			clear(plain)
			return true
		}
	}
	return false
}

func (d *doctor) compareWays(v *Vault, list wayList) {
	wanted := map[string]bool{}
	for _, w := range list.Ways {
		files := []string{hintFile(w.ID)}
		if w.Recipient != "" {
			files = append(files, keyFile(w.Kind, w.ID))
		}
		if w.Kind == "passphrase" {
			files = append(files, scryptFile(w.ID))
		}
		for _, f := range files {
			wanted[f] = true
			if _, ok := d.seen[f]; !ok {
				d.file(FileReport{Path: f, State: StateMissing, Why: "slot " + w.Name + " needs it", Next: "signet slot rm " + w.Name + ", then add it again"})
			}
		}
	}
	for i, f := range d.rep.Files {
		if path.Dir(f.Path) != unlockDir || f.State == StateForeign {
			continue
		}
		if wanted[f.Path] && f.State != StateMissing {
			d.rep.Files[i].State = StateOK
		} else if !wanted[f.Path] {
			d.rep.Files[i].State, d.rep.Files[i].Why = StateLeftOver, "belongs to no way in that this device knows"
			d.rep.Files[i].Next = nextDelete
		}
	}
	for _, s := range v.localSlots(list) {
		switch {
		case s.Unfinished:
			d.problem(LevelWarning, "unfinished", "lock and unlock the vault", "a change of slot %s was cut off", s.Name)
		case s.Kept:
			d.problem(LevelWarning, "kept-key", "replace the key: signet slot change with any local slot, without --keep-key",
				"slot %s was removed or changed without replacing the key: copies of its old file open everything", s.Name)
		}
	}
}

// mend writes anew what is only a hint.
func (d *doctor) mend(v *Vault, t *trust) {
	if i := d.seen[vaultName]; d.rep.Files[i].State != StateOK {
		if err := v.m.Replace(vaultName, bytesWriter(format.VaultHint(v.id))); err == nil {
			d.file(FileReport{Path: vaultName, State: StateOK, Why: "was missing or damaged, and has been written anew"})
		}
	}
	rcpt, err := seal.RecipientOf(v.key.Identity)
	if err != nil {
		return
	}
	want := format.DeviceHint{Vault: v.id, Device: t.self, Recipient: rcpt}
	hint, err := readDeviceHint(v.m)
	if err == nil && hint.Vault == want.Vault && hint.Device == want.Device && hint.Recipient == want.Recipient {
		d.file(FileReport{Path: deviceName, State: StateOK})
		return
	}
	if err := writeDeviceHint(v.m, want); err == nil {
		d.file(FileReport{Path: deviceName, State: StateOK, Why: "did not fit this device's key, and has been written anew"})
	}
}

// Rotate begins a new epoch for the members that are active: what the guard asks for when somebody who should hold a slot
// does not, or somebody who should not does.
func (v *Vault) Rotate(ctx context.Context, why string) error {
	return v.ceremony(ctx, func(t *trust) error {
		c := beginChange(v.m, t, v.olderEpochs(t), v.o.Now().UnixMilli())
		if err := c.rotate(why, t.self, t.sign); err != nil {
			return err
		}
		_, err := v.commit(c, t)
		return err
	})
}
