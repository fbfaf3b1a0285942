package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signet/vault/mirror"
	"signet/vault/mirror/crashfs"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// desk is a home over a file system that crashes: the files, and the keyring as it was at that moment.
type desk struct {
	t    *testing.T
	fs   *crashfs.FS
	ring *fakeRing
	code string
	pass string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, fs: crashfs.New(), ring: newFakeRing(), pass: testPass}
	b, err := newBirth(d.options().filled(), InitOptions{DeviceName: "desk", Ways: []NewWay{{Kind: unlock.KindKeyring}, passWay()}})
	must(t, err)
	d.code = b.code.Text().RevealString()
	m := mirror.New(d.fs)
	must(t, b.write(t.Context(), m, b.keeper(m, d.options())))
	v := d.open("keyring")
	apply(t, v, login(1, "Bank", "s3cret")...)
	must(t, v.Close())
	return d
}

func (d *desk) options() Options { return Options{Keyring: unlock.Keyring{Items: d.ring}} }

func (d *desk) dir() *Dir { return dirOn(mirror.New(d.fs), d.options()) }

func (d *desk) try(method string) (*Vault, error) {
	o := UnlockOptions{Method: method}
	switch method {
	case "passphrase":
		o.Secret = secret.FromString(d.pass)
	case MethodRecovery:
		o.Secret = secret.FromString(d.code)
	}
	return d.dir().Unlock(context.Background(), o)
}

func (d *desk) open(method string) *Vault {
	d.t.Helper()
	v, err := d.try(method)
	if err != nil {
		d.t.Fatalf("open by %s: %v", method, err)
	}
	return v
}

// moment is what a crash left.
type moment struct {
	desk
	step string
}

// crashes runs a ceremony and returns what every crash during it could leave: after every step, with everything that was not
// synced lost, kept, and mixed.
func (d *desk) crashes(run func(*desk) error) []moment {
	d.t.Helper()
	var out []moment
	n := 0
	d.fs.After(func(op crashfs.Op) {
		n++
		ring := &fakeRing{items: d.ring.snapshot()}
		for i, fs := range d.fs.Survivors(1, uint64(n)) {
			out = append(out, moment{desk{d.t, fs, ring.copy(), d.code, d.pass}, fmt.Sprintf("step %d (%s), survivor %d", n, op, i)})
		}
	})
	err := run(d)
	d.fs.After(nil)
	must(d.t, err)
	if testing.Short() || raced {
		return thin(out, 40)
	}
	return thin(out, 6)
}

// thin keeps every n-th moment, and the first and last ones.
func thin(ms []moment, n int) []moment {
	var out []moment
	for i, m := range ms {
		if i < 6 || i >= len(ms)-6 || i%n == 0 {
			out = append(out, m)
		}
	}
	return out
}

func (r *fakeRing) copy() *fakeRing { return &fakeRing{items: r.snapshot()} }

// whole checks that a vault holds everything, can be written, and that another way in and the code see the same after that.
func (m moment) whole(v *Vault, methods ...string) error {
	if s, err := tryState(v); err != nil || !strings.Contains(s, "Bank") {
		return fmt.Errorf("state lost: %v %s", err, s)
	}
	if v.key.HasOld() {
		return errors.New("still two keys")
	}
	if _, err := v.Apply(context.Background(), nil, login(9, "after the crash", "x")); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := v.Rotate(context.Background(), "after the crash"); err != nil { // beside what the crash left of an epoch
		return fmt.Errorf("rotate: %w", err)
	}
	if r, err := v.Doctor(context.Background()); err != nil || !r.Intact() {
		return fmt.Errorf("doctor: %v %+v", err, r.Problems)
	}
	if err := v.Close(); err != nil {
		return err
	}
	for _, method := range methods {
		v, err := m.try(method)
		if err != nil {
			return fmt.Errorf("then open by %s: %w", method, err)
		}
		s, err := tryState(v)
		if err != nil || !strings.Contains(s, "after the crash") {
			return fmt.Errorf("then by %s: %v %s", method, err, s)
		}
		if err := v.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (m moment) slotNames(v *Vault) (string, error) {
	list, err := v.Slots(context.Background())
	var out []string
	for _, s := range list {
		if s.Unfinished || s.Unlisted {
			err = errors.Join(err, fmt.Errorf("slot %s is half there: %+v", s.Name, s))
		}
		out = append(out, s.Name)
	}
	slices.Sort(out)
	return strings.Join(out, " "), err
}

// Every crash point of slot rm: the way that stays opens everything, and the one that goes is either whole or gone.
func TestCrashSlotRemove(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	before, after := 0, 0
	for _, m := range d.crashes(func(d *desk) error {
		v := d.open("keyring")
		defer v.Close() //nolint:errcheck // a test
		return v.RemoveSlot(context.Background(), "passphrase", RemoveOptions{})
	}) {
		// The way that goes is tried first: whatever it still does must not cost anything.
		if v, err := m.try("passphrase"); err == nil {
			_ = v.Close()
		}
		v, err := m.try("keyring")
		if err != nil {
			t.Errorf("%s: %v", m.step, err)
			continue
		}
		names, err := m.slotNames(v)
		if err != nil {
			t.Errorf("%s: %v", m.step, err)
		}
		methods := []string{"keyring", MethodRecovery}
		switch names {
		case "keyring passphrase recovery":
			before++
			methods = append(methods, "passphrase")
		case "keyring recovery":
			after++
			if _, err := m.try("passphrase"); err == nil {
				t.Errorf("%s: removed, and still opens", m.step)
			}
		default:
			t.Errorf("%s: slots %s", m.step, names)
		}
		if err := m.whole(v, methods...); err != nil {
			t.Errorf("%s: %v", m.step, err)
		}
	}
	if before == 0 || after == 0 {
		t.Errorf("%d crashes before the commit, %d after: the test looks at nothing", before, after)
	}
}

// Every crash point of slot change: the old or the new passphrase opens, and so does the keyring.
func TestCrashSlotChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, m := range d.crashes(func(d *desk) error {
		v := d.open("keyring")
		defer v.Close() //nolint:errcheck // a test
		return v.ChangeSlot(context.Background(), "passphrase", ChangeOptions{Passphrase: secret.FromString("new words")})
	}) {
		var opened []string
		for _, p := range []string{testPass, "new words"} {
			m.pass = p
			if v, err := m.try("passphrase"); err == nil {
				opened = append(opened, p)
				if err := m.whole(v, "passphrase", "keyring", MethodRecovery); err != nil {
					t.Errorf("%s: by %q: %v", m.step, p, err)
				}
				break
			}
		}
		if len(opened) == 0 {
			t.Errorf("%s: neither passphrase opens", m.step)
		}
		v, err := m.try("keyring")
		if err != nil {
			t.Errorf("%s: %v", m.step, err)
			continue
		}
		if names, err := m.slotNames(v); err != nil || names != "keyring passphrase recovery" {
			t.Errorf("%s: slots %s, %v", m.step, names, err)
		}
		if err := m.whole(v, "keyring"); err != nil {
			t.Errorf("%s: %v", m.step, err)
		}
	}
}

// Every crash point of a roster change: a new recovery code in place of the old one. One of the two opens.
func TestCrashRecoveryReplaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var fresh string
	for _, m := range d.crashes(func(d *desk) error {
		v := d.open("keyring")
		defer v.Close() //nolint:errcheck // a test
		return v.AddRecovery(context.Background(), AddRecoveryOptions{Name: "paper", Old: secret.FromString(d.code), Replace: "recovery",
			Show: func(_ context.Context, s Sheet) error { fresh = s.Text.RevealString(); return s.Check(s.Text) }})
	}) {
		v, err := m.try("keyring")
		if err != nil {
			t.Errorf("%s: %v", m.step, err)
			continue
		}
		if names, err := m.slotNames(v); err != nil || names != "keyring passphrase recovery" && names != "keyring paper passphrase" {
			t.Errorf("%s: slots %s, %v", m.step, names, err)
		} else if names == "keyring paper passphrase" {
			m.code = fresh
		}
		if err := m.whole(v, "keyring", "passphrase", MethodRecovery); err != nil {
			t.Errorf("%s: %v", m.step, err)
		}
	}
}

// Every crash point of a restore: the new device opens, or the ceremony can be done again with the old or the new code.
func TestCrashRestore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ring = newFakeRing() // lost, which is why
	var fresh string
	enrol := func(d *desk, code string) (*Vault, error) {
		return d.dir().Enrol(context.Background(), EnrolOptions{
			Code: secret.FromString(code), DeviceName: "again", Ways: []NewWay{{Kind: unlock.KindKeyring}},
			Show:    func(_ context.Context, s Sheet) error { fresh = s.Text.RevealString(); return s.Check(s.Text) },
			Confirm: func(context.Context, MemberInfo) (bool, error) { return false, nil },
		})
	}
	again, done := 0, 0
	moments := d.crashes(func(d *desk) error {
		v, err := enrol(d, d.code)
		if err != nil {
			return err
		}
		return v.Close()
	})
	shown := fresh
	for _, m := range moments {
		v, err := m.try("keyring")
		if err == nil {
			done++
			m.code = shown
			if err := m.whole(v, "keyring", MethodRecovery); err != nil {
				t.Errorf("%s: %v", m.step, err)
			}
			continue
		}
		again++
		v, err = enrol(&m.desk, m.code)
		if err != nil {
			t.Errorf("%s: neither open nor restored again: %v", m.step, err)
			continue
		}
		m.code = fresh
		if err := m.whole(v, "keyring", MethodRecovery); err != nil {
			t.Errorf("%s: restored again: %v", m.step, err)
		}
	}
	if again == 0 || done == 0 {
		t.Errorf("%d times again, %d times done: the test looks at nothing", again, done)
	}
}

// Faults instead of crashes: the disk refuses the n-th write of slot rm. The command fails or succeeds, and everything opens.
func TestFaultsDuringSlotRemove(t *testing.T) {
	t.Parallel()
	base := newDesk(t)
	full := errors.New("no space left")
	for n := 1; ; n += 3 {
		d := &desk{t, base.fs.Survivor(crashfs.Kept), base.ring.copy(), base.code, base.pass}
		v := d.open("keyring")
		i, hit := 0, false
		d.fs.Fail(func(op crashfs.Op) error {
			if i++; i == n {
				hit = true
				return full
			}
			return nil
		})
		err := v.RemoveSlot(context.Background(), "passphrase", RemoveOptions{})
		d.fs.Fail(nil)
		if !hit {
			if n == 1 {
				t.Fatal("no fault was hit")
			}
			return
		}
		_ = v.Close()
		m := moment{*d, fmt.Sprintf("fault %d (%v)", n, err)}
		v, oerr := m.try("keyring")
		if oerr != nil {
			t.Errorf("%s: %v", m.step, oerr)
			continue
		}
		if names, err := m.slotNames(v); err != nil || names != "keyring passphrase recovery" && names != "keyring recovery" {
			t.Errorf("%s: slots %s, %v", m.step, names, err)
		}
		if err := m.whole(v, "keyring", MethodRecovery); err != nil {
			t.Errorf("%s: %v", m.step, err)
		}
	}
}

// Init writes beside the directory and becomes visible by one rename at the end (mirror.Creation), so a crash before it leaves
// no vault. What the rename makes visible is durable already: with everything lost that was not synced, every way opens it. And
// a disk that refuses one step never ends in a vault with a hole.
func TestCrashInit(t *testing.T) {
	t.Parallel()
	build := func(fs *crashfs.FS) (*desk, error) {
		d := &desk{t: t, fs: fs, ring: newFakeRing(), pass: testPass}
		b, err := newBirth(d.options().filled(), InitOptions{DeviceName: "desk", Ways: []NewWay{{Kind: unlock.KindKeyring}, passWay()}})
		must(t, err)
		d.code = b.code.Text().RevealString()
		m := mirror.New(d.fs)
		return d, b.write(context.Background(), m, b.keeper(m, d.options()))
	}
	opens := func(d *desk, step string) {
		t.Helper()
		for _, method := range []string{"keyring", "passphrase", MethodRecovery} {
			v, err := d.try(method)
			if err != nil {
				t.Errorf("%s: %s: %v", step, method, err)
				continue
			}
			_ = v.Close()
		}
	}
	d, err := build(crashfs.New())
	must(t, err)
	d.fs = d.fs.Survivor(crashfs.Lost)
	opens(d, "power cut before the rename")
	full := errors.New("no space left")
	for n := 1; ; n += 2 {
		i, hit := 0, false
		fs := crashfs.New()
		fs.Fail(func(crashfs.Op) error {
			if i++; i == n {
				hit = true
				return full
			}
			return nil
		})
		d, err := build(fs)
		fs.Fail(nil)
		if !hit {
			if n == 1 {
				t.Fatal("no fault was hit")
			}
			return
		}
		if err == nil {
			opens(d, fmt.Sprintf("fault %d", n)) // it did not matter
		}
	}
}
