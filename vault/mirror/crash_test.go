package mirror_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"signet/vault/mirror"
	"signet/vault/mirror/crashfs"
)

// acts are writes of the mirror, each with what must hold in every survivor: before it returned, and after.
var acts = []struct {
	name  string
	setup func(m *mirror.Mirror) error
	act   func(m *mirror.Mirror) error
	valid func(m *mirror.Mirror, done bool) error
}{
	{
		"put",
		func(m *mirror.Mirror) error { return nil },
		func(m *mirror.Mirror) error { return m.Put("log/a/1", []byte("payload")) },
		func(m *mirror.Mirror, done bool) error { return oneOf(m, "log/a/1", done, "payload") },
	},
	{
		"replace",
		func(m *mirror.Mirror) error { return replace(m, "unlock/x", "old") },
		func(m *mirror.Mirror) error { return replace(m, "unlock/x", "new") },
		func(m *mirror.Mirror, done bool) error {
			if done {
				return oneOf(m, "unlock/x", true, "new")
			}
			return oneOf(m, "unlock/x", true, "old", "new")
		},
	},
	{
		"heads in place",
		func(m *mirror.Mirror) error {
			return errors.Join(m.WriteHeads(0, []byte("gen1"), false), m.WriteHeads(1, []byte("gen2"), false))
		},
		func(m *mirror.Mirror) error { return m.WriteHeads(0, []byte("gen3"), false) },
		func(m *mirror.Mirror, done bool) error {
			raw, size, err := m.ReadHeads()
			if err != nil || size == 0 {
				return fmt.Errorf("slots of %d: %w", size, err)
			}
			if !strings.HasPrefix(string(raw[size:]), "gen2") {
				return errors.New("the other slot was touched")
			}
			if done && !strings.HasPrefix(string(raw), "gen3") {
				return errors.New("an acknowledged slot is gone")
			}
			return nil
		},
	},
	{
		"heads grow",
		func(m *mirror.Mirror) error { return m.WriteHeads(0, []byte("gen1"), false) },
		func(m *mirror.Mirror) error { return m.WriteHeads(1, []byte(strings.Repeat("2", 9000)), false) },
		func(m *mirror.Mirror, done bool) error {
			raw, size, err := m.ReadHeads()
			if err != nil || size == 0 {
				return fmt.Errorf("slots of %d: %w", size, err)
			}
			old, grown := strings.HasPrefix(string(raw), "gen1"), strings.HasPrefix(string(raw[size:]), strings.Repeat("2", 9000))
			if old == grown || done && old {
				return fmt.Errorf("old %v, new %v", old, grown)
			}
			return nil
		},
	},
}

func replace(m *mirror.Mirror, name, data string) error {
	return m.Replace(name, func(w io.Writer) error { _, err := io.WriteString(w, data); return err })
}

// oneOf demands that the file is one of these, or absent unless it must be there.
func oneOf(m *mirror.Mirror, name string, must bool, want ...string) error {
	data, err := m.Read(name, 1<<20)
	if err != nil {
		if must {
			return err
		}
		return nil
	}
	for _, w := range want {
		if string(data) == w {
			return nil
		}
	}
	return fmt.Errorf("%s is %q", name, data)
}

// Every write of the mirror is cut off after every step, by a power cut with any mix of what was not synced and by kill -9
// followed by a power cut; what was acknowledged is there, and nothing is ever half.
func TestCrashAfterEveryStep(t *testing.T) {
	t.Parallel()
	for _, a := range acts {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			f := crashfs.New()
			m := mirror.New(f)
			if err := a.setup(m); err != nil {
				t.Fatal(err)
			}
			points := 0
			look := func(when string, done bool) {
				for i, s := range append(f.Survivors(12, uint64(points)), f.Kill()) {
					points++
					if err := a.valid(mirror.New(s), done); err != nil {
						t.Errorf("%s, survivor %d: %v", when, i, err)
					}
				}
			}
			f.After(func(op crashfs.Op) { look("after "+op.String(), false) })
			if err := a.act(m); err != nil {
				t.Fatal(err)
			}
			f.After(nil)
			look("at the end", true)
			if points < 20 {
				t.Errorf("only %d crash points: the test looks at nothing", points)
			}
		})
	}
}

// A process is killed between making a directory and its fsync; the next one writes into it, and then the power goes.
func TestCrashAfterAKilledMkdir(t *testing.T) {
	t.Parallel()
	f := crashfs.New()
	var killed []*crashfs.FS
	f.After(func(crashfs.Op) { killed = append(killed, f.Kill()) })
	if err := mirror.New(f).Put("log/a/1", []byte("payload")); err != nil {
		t.Fatal(err)
	}
	for i, k := range killed {
		if err := mirror.New(k).Put("log/a/1", []byte("payload")); err != nil {
			t.Fatalf("second process after step %d: %v", i, err)
		}
		for _, s := range k.Survivors(4, uint64(i)) {
			if err := oneOf(mirror.New(s), "log/a/1", true, "payload"); err != nil {
				t.Errorf("killed after step %d, then a power cut: %v", i, err)
			}
		}
	}
}

// The crashing file system must catch writers that skip a step, or the tests above prove nothing.
func TestCrashFSCatchesCarelessWriters(t *testing.T) {
	t.Parallel()
	careless := map[string]func(f *crashfs.FS) error{
		"no fsync": func(f *crashfs.FS) error {
			w, err := f.Create("tmp")
			if err != nil {
				return err
			}
			_, err = w.Write([]byte("payload"))
			return errors.Join(err, f.Rename("tmp", "file"), f.SyncDir("."))
		},
		"no fsync of the directory": func(f *crashfs.FS) error {
			w, err := f.Create("tmp")
			if err != nil {
				return err
			}
			_, err = w.Write([]byte("payload"))
			return errors.Join(err, w.Sync(), f.Rename("tmp", "file"))
		},
	}
	for name, write := range careless {
		f := crashfs.New()
		if err := write(f); err != nil {
			t.Fatal(err)
		}
		caught := false
		for _, s := range f.Survivors(8, 1) {
			caught = caught || oneOf(mirror.New(s), "file", true, "payload") != nil
		}
		if !caught {
			t.Errorf("%s: not caught", name)
		}
	}
}

// I11: a full disk fails the command with ErrDiskFull and changes nothing, wherever it fills up.
func TestDiskFullChangesNothing(t *testing.T) {
	t.Parallel()
	for _, a := range acts {
		for n := 1; ; n++ {
			f := crashfs.New()
			m := mirror.New(f)
			if err := a.setup(m); err != nil {
				t.Fatal(err)
			}
			count, hit := 0, false
			f.Fail(func(op crashfs.Op) error {
				if op.Kind == "remove" || op.Kind == "syncdir" {
					return nil
				}
				if count++; count == n {
					hit = true
					return syscall.ENOSPC
				}
				return nil
			})
			err := a.act(m)
			f.Fail(nil)
			if !hit {
				break
			}
			if !errors.Is(err, mirror.ErrDiskFull) {
				t.Errorf("%s, full at step %d: %v, want ErrDiskFull", a.name, n, err)
			}
			if err := a.valid(m, false); err != nil {
				t.Errorf("%s, full at step %d: %v", a.name, n, err)
			}
			if tmp, _ := m.PendingTmp(); len(tmp) != 0 {
				t.Errorf("%s, full at step %d: left %v", a.name, n, tmp)
			}
		}
	}
}
