package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"signet/vault/entry"
	"signet/vault/mirror/crashfs"
)

// robbed is a world with a little history whose cache is on the disk and whose log has lost files; and what it said before.
func robbed(t testing.TB, lose ...func(w *world)) (*world, string) {
	t.Helper()
	w := settled(t)
	v := w.open()
	apply(t, v, entry.Set(recID(1), passwordPath, "second"))
	apply(t, v, append(login(4, "Club", strings.Repeat("long ", 900)), login(5, "Shop", strings.Repeat("word ", 900))...)...)
	apply(t, v, entry.Set(recID(1), passwordPath, "third"), entry.Set(recID(2), "title", "Bank of old"))
	must(t, v.Close())
	w.fs.DeleteFile(cacheName)
	w.fs.DeleteFile(tailName)
	v = w.open() // the cache as a whole, and durable
	want := state(t, v)
	must(t, v.Close())
	for _, f := range lose {
		f(w)
	}
	return w, want
}

func (w *world) logs() (out []string) {
	for _, f := range w.fs.Files() {
		if strings.HasPrefix(f, "log/") {
			out = append(out, f)
		}
	}
	return out
}

func loses(which ...int) func(w *world) {
	return func(w *world) {
		logs := w.logs()
		for _, i := range which {
			w.fs.DeleteFile(logs[i])
		}
	}
}

var losses = map[string][]func(w *world){
	"in the middle": {loses(2, 3)},
	"the newest":    {loses(3, 4)},
	"marks":         {loses(3), func(w *world) { w.fs.DeleteFile("state/heads") }},
}

// Wherever accepting is cut off, what the cache held is still there, and can be accepted once more; once it was accepted, it is
// there without the cache.
func TestAcceptSurvivesCrashes(t *testing.T) {
	t.Parallel()
	for name, lose := range losses {
		for _, parts := range []string{"one", "several"} {
			if parts == "one" && name != "the newest" {
				continue
			}
			t.Run(name+", in "+parts, func(t *testing.T) {
				t.Parallel()
				w, want := robbed(t, lose...)
				small := func(v *Vault) {
					if parts == "several" {
						v.target = 3 << 10
					}
				}
				act := func(v *Vault) error {
					small(v)
					a, err := v.AcceptHeads(context.Background())
					if err == nil && (parts == "one") != (len(a.SIDs) == 1) {
						err = fmt.Errorf("%d segments", len(a.SIDs))
					}
					return err
				}
				crashPoints(t, w, 1, act, func(c *world, when string, done bool) {
					if err := acceptedAgain(c, want, name != "marks", done); err != nil {
						t.Errorf("%s: %v", when, err)
					}
				})
			})
		}
	}
}

func acceptedAgain(c *world, want string, marks, done bool) error {
	v, err := c.tryOpen()
	if err != nil {
		return err
	}
	defer v.Close()
	if got, err := tryState(v); err != nil || got != want && (marks || done) {
		return fmt.Errorf("reading gives %v\n%s", err, got)
	}
	if !done {
		if _, err := v.AcceptHeads(context.Background()); err != nil {
			return fmt.Errorf("accept again: %w", err)
		}
	}
	c.fs.DeleteFile(cacheName)
	c.fs.DeleteFile(tailName)
	files := len(c.logs())
	fresh, err := c.tryOpen()
	if err != nil {
		return err
	}
	defer fresh.Close()
	if got, err := tryState(fresh); err != nil || got != want {
		return fmt.Errorf("without the cache: %v\n%s", err, got)
	}
	if r, err := fresh.Doctor(context.Background()); err != nil || !r.Intact() {
		return fmt.Errorf("doctor: %v %+v %v", err, r.Problems, r.states())
	}
	if a, err := fresh.AcceptHeads(context.Background()); err != nil || len(a.SIDs) > 0 || len(c.logs()) != files {
		return fmt.Errorf("accepting a good vault writes %v: %v", a.SIDs, err)
	}
	if _, err := fresh.LastEdit(context.Background()); err == nil {
		return errors.New("what was saved counts as an edit that can be taken back")
	}
	_, err = fresh.Apply(context.Background(), nil, []Edit{entry.Set(recID(2), "subtitle", "checked")})
	return err
}

// A full disk fails the command, and what the cache holds is still there for the next time.
func TestAcceptOnAFullDisk(t *testing.T) {
	t.Parallel()
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				w, want := robbed(t, lose...)
				v := w.open()
				v.target = 3 << 10
				count, hit := 0, ""
				w.fs.Fail(func(op crashfs.Op) error {
					if op.Kind == "remove" || op.Kind == "syncdir" {
						return nil
					}
					if count++; count >= n {
						hit = op.String()
						return syscall.ENOSPC
					}
					return nil
				})
				_, err := v.AcceptHeads(context.Background())
				w.fs.Fail(nil)
				if hit == "" {
					break
				}
				must(t, v.Close())
				if got := acceptedAgain(w, want, name != "marks", err == nil); got != nil {
					t.Errorf("full from step %d (%s), %v: %v", n, hit, err, got)
				}
			}
		})
	}
}

// A new key is cut off anywhere while a file of the log is lost: what only the cache held is there, under the old key or the new one.
func TestNewKeySavesTheCacheThroughCrashes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.open("keyring")
	apply(t, v, login(2, "Mail", "x")...)
	must(t, v.Close())
	d.fs.DeleteFile(cacheName)
	d.fs.DeleteFile(tailName)
	must(t, d.open("keyring").Close()) // the cache as a whole, and durable
	w := &world{fs: d.fs}
	d.fs.DeleteFile(w.logs()[0])
	remove := func(d *desk) error {
		v := d.open("keyring")
		defer v.Close() //nolint:errcheck // a test
		return v.RemoveSlot(context.Background(), "passphrase", RemoveOptions{})
	}
	for _, m := range d.crashes(remove) {
		v, err := m.try("keyring")
		if err != nil {
			t.Errorf("%s: %v", m.step, err)
			continue
		}
		if s, err := tryState(v); err != nil || !strings.Contains(s, "Bank") || !strings.Contains(s, "Mail") {
			t.Errorf("%s: %v\n%s", m.step, err, s)
		}
		must(t, v.Close())
		if err := remove(&m.desk); err != nil && !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: again: %v", m.step, err)
		}
		m.fs.DeleteFile(cacheName)
		m.fs.DeleteFile(tailName)
		v = m.open("keyring")
		if s, err := tryState(v); err != nil || !strings.Contains(s, "Bank") || !strings.Contains(s, "Mail") {
			t.Errorf("%s: without the cache: %v\n%s", m.step, err, s)
		}
		must(t, v.Close())
	}
}
