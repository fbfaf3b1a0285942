package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// boundPasskeys finds the passkeys whose keys are bound to a device: their names in bound/, with site and account. Those in the trash count: they can be taken
// out again. mu is held.
func (v *Vault) boundPasskeys(device func(id string) bool) (map[string]string, error) {
	out := map[string]string{}
	var bad error
	err := v.cache.c.Scan(func(id, _ string, row []byte) bool {
		if len(row) == 0 {
			return true
		}
		r, err := entry.ParseRow(ID(id), row)
		if err != nil {
			bad = err
			return false
		}
		if r.Has.Passkeys == 0 {
			return true
		}
		for _, p := range r.Passkeys() {
			raw, err := b64.DecodeString(p.CredentialID)
			if err == nil && p.Binding == entry.BindingDevice && p.Device != "" && device(p.Device) {
				out[BoundName(raw)] = siteAndAccount(p)
			}
		}
		return true
	})
	return out, errors.Join(err, bad)
}

func siteAndAccount(p entry.PasskeyInfo) string {
	if p.UserName == "" {
		return p.RPID
	}
	return p.RPID + " (" + p.UserName + ")"
}

// boundKeys says of each file in bound/ whether a passkey has it, and of each passkey of this device whether its key is there.
func (d *doctor) boundKeys(v *Vault) {
	if v.cache == nil {
		return
	}
	wanted, err := v.boundPasskeys(func(id string) bool { return id == string(v.self) })
	if err != nil {
		return // the cache is rebuilt when it is next used
	}
	for name, what := range wanted {
		file := boundDir + "/" + name + ".age"
		if _, ok := d.seen[file]; !ok {
			d.file(FileReport{
				Path: file, State: StateMissing, Why: "the key of the passkey " + what + ", which is bound to this device",
				Next: "put it back from a backup of this device; otherwise sign in there in another way and make a new passkey",
			})
		}
	}
	for i, f := range d.rep.Files {
		name := strings.TrimSuffix(path.Base(f.Path), ".age")
		if path.Dir(f.Path) != boundDir || f.State != StateOK || name == boundAuthenticator {
			continue
		}
		if _, ok := wanted[name]; !ok {
			d.rep.Files[i].State, d.rep.Files[i].Why = StateLeftOver, "the key of a passkey that is not in the vault (any more)"
			d.rep.Files[i].Next = "if you will not undo the edit that took the passkey away, it may be deleted"
		}
	}
}

// waitingRequests names what was recorded while the vault was locked and opens with no key that is here.
func (d *doctor) waitingRequests(v *Vault) {
	if n := v.local.unreadableWaiting(); n > 0 {
		d.problem(LevelWarning, "requests", "nothing needs them: rm -r "+waitingDir+" in the vault's directory",
			"%d requests that were recorded while the vault was locked cannot be read: they were sealed to another key, or are not ours", n)
	}
}

// boundHere names what of another device's bound keys becomes unusable, as the vault knows it: the site and the account, else the file. Only where there are such
// files is the vault folded for it, in memory.
func (e *enrolment) boundHere(ctx context.Context, files []string) []string {
	if len(files) == 0 {
		return nil
	}
	known, err := e.readNames(ctx)
	if err != nil {
		known = nil // the review goes on with what the files are called
	}
	var out []string
	for _, f := range files {
		name := strings.TrimSuffix(f, ".age")
		switch what, ok := known[name]; {
		case ok:
			out = append(out, what)
		case name == boundAuthenticator:
			out = append(out, "sign-ins as a second factor that were made for that device alone")
		default:
			out = append(out, boundDir+"/"+f)
		}
	}
	slices.Sort(out)
	return out
}

// readNames finds all passkeys that are bound to some device.
func (e *enrolment) readNames(ctx context.Context) (map[string]string, error) {
	v := &Vault{m: e.d.m, o: e.d.opt, id: e.t.roster.Vault, readOnly: true, trusted: e.t, room: usualRoom, recent: map[format.SID][]format.RecordID{}}
	local := make([]byte, 32)
	if _, err := io.ReadFull(v.o.Rand, local); err != nil {
		return nil, err
	}
	v.key.Local = secret.New(local) // seals the cache in memory, and nothing else
	defer v.key.Local.Wipe()
	v.local, v.marks.lost = newLocal(v), true
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.rebuild(ctx, false); err != nil {
		return nil, err
	}
	defer v.dropCache()
	return v.boundPasskeys(func(string) bool { return true })
}

// dropBound removes the keys of passkeys that were purged, when no other record has them. A crash before leaves them for doctor to name.
func (v *Vault) dropBound(recs []format.Record) error {
	var files []string
	for _, rec := range recs {
		for _, c := range entry.FromRecord(rec, View{}).Credentials {
			text := c.Text("credentialId")
			id, err := b64.DecodeString(text)
			if c.Type != entry.Passkey || c.Text(entry.PasskeyBinding) != entry.BindingDevice || err != nil || len(id) == 0 {
				continue
			}
			if left, err := v.cache.c.Match([]string{entry.PasskeyIDWord(text)}, 1); err == nil && len(left) == 0 {
				files = append(files, boundDir+"/"+BoundName(id)+".age")
			}
		}
	}
	if len(files) == 0 {
		return nil
	}
	if err := v.m.RemoveAll(files...); err != nil {
		return fmt.Errorf("remove keys of this device: %w", err)
	}
	return nil
}
