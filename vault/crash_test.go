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

// writers are the write paths of a vault, each on a vault with two entries.
var writers = []struct {
	name string
	act  func(v *Vault) error
}{
	{"edit", func(v *Vault) error {
		_, err := v.Apply(context.Background(), nil, []Edit{entry.Set(recID(1), passwordPath, "new"), entry.Set(recID(3), "title", "Third")})
		return err
	}},
	{"delete", func(v *Vault) error {
		_, err := v.Apply(context.Background(), nil, []Edit{entry.Remove(recID(1), "title")})
		return err
	}},
	{"import of several segments", func(v *Vault) error {
		v.target = 9 << 10
		_, err := v.Import(context.Background(), "import", logins(20, 10, strings.Repeat("x", 200)))
		return err
	}},
}

// settled is a world with a little history, closed and synced.
func settled(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	v := w.open()
	apply(t, v, append(login(1, "Mail", "one"), login(2, "Bank", "two")...)...)
	apply(t, v, entry.Set(recID(2), "subtitle", "savings"))
	must(t, v.Close())
	return w
}

// crashPoints calls look for every world that a crash after some step of act may leave; done says whether act had returned.
func crashPoints(t *testing.T, w *world, mixed int, act func(v *Vault) error, look func(c *world, when string, done bool)) {
	t.Helper()
	v := w.open()
	n := 0
	at := func(when string, done bool) {
		for i, s := range append(w.fs.Survivors(mixed, uint64(n)*31), w.fs.Kill()) {
			if n++; raced && !done && n%5 != 0 {
				continue
			}
			look(w.on(s), fmt.Sprintf("%s, survivor %d", when, i), done)
		}
	}
	step := 0
	w.fs.After(func(op crashfs.Op) { step++; at(fmt.Sprintf("after step %d (%s)", step, op), false) })
	err := act(v)
	w.fs.After(nil)
	if err != nil {
		t.Fatal(err)
	}
	at("at the end", true)
	if step < 5 {
		t.Fatalf("only %d steps: the test looks at nothing", step)
	}
}

// I10: an acknowledged write survives kill -9 and power loss; an unacknowledged one is there as a whole or not at all.
func TestI10AcknowledgedWritesSurvive(t *testing.T) {
	t.Parallel()
	for _, wr := range writers {
		t.Run(wr.name, func(t *testing.T) {
			t.Parallel()
			w := settled(t)
			before := state(t, w.clone().open())
			done := w.clone()
			v := done.open()
			must(t, wr.act(v))
			after := state(t, v)
			if before == after {
				t.Fatal("the write changes nothing")
			}
			before, after = mask(before), mask(after)
			crashPoints(t, w, 3, wr.act, func(c *world, when string, acked bool) {
				got, err := reopened(c)
				switch {
				case err != nil:
					t.Errorf("%s: %v", when, err)
				case acked && got != after:
					t.Errorf("%s: an acknowledged write is gone\n%s", when, got)
				case got != before && got != after:
					t.Errorf("%s: neither old nor new\n%s", when, got)
				}
			})
		})
	}
}

// mask removes the dots from a state: they differ from run to run.
func mask(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		if i := strings.Index(line, "hist/"); i >= 0 {
			line = line[:i+5] + line[i+5+18:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}

// reopened opens what a crash left, reads, writes one more edit, and compares what was read with what a fresh fold of the
// files says.
func reopened(c *world) (string, error) {
	v, err := c.tryOpen()
	if err != nil {
		return "", err
	}
	defer v.Close()
	got, err := tryState(v)
	if err != nil {
		return "", err
	}
	if _, err := v.Apply(context.Background(), nil, []Edit{entry.Set(recID(2), "subtitle", "checked")}); err != nil {
		return "", fmt.Errorf("next edit: %w", err)
	}
	cached, err := tryState(v)
	if err != nil {
		return "", err
	}
	c.fs.DeleteFile(cacheName)
	c.fs.DeleteFile(tailName)
	fresh, err := c.tryOpen()
	if err != nil {
		return "", err
	}
	defer fresh.Close()
	folded, err := tryState(fresh)
	if err != nil {
		return "", err
	}
	if folded != cached {
		return "", fmt.Errorf("cache and files differ:\n%s---\n%s", cached, folded)
	}
	if c.notices.has("fork") || c.notices.has("rollback") || c.notices.has("missing") {
		return "", fmt.Errorf("a false alarm: %v", c.notices.list)
	}
	return mask(got), nil
}

// I11: a full disk fails the command with ErrDiskFull and changes nothing, wherever it fills up.
func TestI11DiskFullChangesNothing(t *testing.T) {
	t.Parallel()
	for _, wr := range writers {
		t.Run(wr.name, func(t *testing.T) {
			t.Parallel()
			before := mask(state(t, settled(t).open()))
			for n := 1; ; n++ {
				w := settled(t)
				v := w.open()
				count, hit := 0, ""
				w.fs.Fail(func(op crashfs.Op) error {
					if op.Kind == "remove" || op.Kind == "syncdir" || op.Name == "state/heads" {
						return nil
					}
					if count++; count >= n {
						hit = op.String()
						return syscall.ENOSPC
					}
					return nil
				})
				err := wr.act(v)
				w.fs.Fail(nil)
				if hit == "" {
					break
				}
				if err == nil && strings.Contains(hit, "cache") {
					continue // the cache is derived: an edit does not fail for it
				}
				if !errors.Is(err, ErrDiskFull) {
					t.Errorf("full from step %d (%s): %v, want ErrDiskFull", n, hit, err)
				}
				if got, err := reopened(w); err != nil || got != before {
					t.Errorf("full from step %d (%s): %v\n%s", n, hit, err, got)
				}
			}
		})
	}
}
