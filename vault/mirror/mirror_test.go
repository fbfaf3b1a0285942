package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signet/vault/mirror"
	"signet/vault/mirror/crashfs"
)

// both runs a test on the real file system and on the crashing one: they must agree.
func both(t *testing.T, test func(t *testing.T, m *mirror.Mirror)) {
	t.Helper()
	t.Run("os", func(t *testing.T) {
		t.Parallel()
		test(t, mirror.New(mirror.OS(t.TempDir())))
	})
	t.Run("crashfs", func(t *testing.T) {
		t.Parallel()
		test(t, mirror.New(crashfs.New()))
	})
}

func mustPut(t *testing.T, m *mirror.Mirror, name, data string) {
	t.Helper()
	if err := m.Put(name, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, m *mirror.Mirror, name string) string {
	t.Helper()
	data, err := m.Read(name, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestOpenWantsAVault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := mirror.Open(dir); !errors.Is(err, mirror.ErrNoVault) {
		t.Errorf("empty directory: %v, want ErrNoVault", err)
	}
	if _, err := mirror.Open(filepath.Join(dir, "absent")); !errors.Is(err, mirror.ErrNoVault) {
		t.Errorf("absent directory: %v, want ErrNoVault", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "VAULT"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mirror.Open(dir); err != nil {
		t.Errorf("directory with VAULT: %v", err)
	}
	if _, err := mirror.Open(filepath.Join(dir, "VAULT")); !errors.Is(err, mirror.ErrNoVault) {
		t.Errorf("a file: %v, want ErrNoVault", err)
	}
}

func TestPutThenReadAndList(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, m *mirror.Mirror) {
		mustPut(t, m, "log/aaaa/2", "two")
		mustPut(t, m, "log/aaaa/1", "one")
		mustPut(t, m, "log/bbbb/1", "other")
		if got := read(t, m, "log/aaaa/2"); got != "two" {
			t.Errorf("read %q", got)
		}
		dirs, err := m.Dirs("log")
		if err != nil || fmt.Sprint(dirs) != "[aaaa bbbb]" {
			t.Errorf("dirs %v, %v", dirs, err)
		}
		infos, err := m.List("log/aaaa")
		if err != nil || len(infos) != 2 || infos[0].Name != "1" || infos[1].Size != 3 {
			t.Errorf("list %v, %v", infos, err)
		}
		if infos, err := m.List("absent"); err != nil || len(infos) != 0 {
			t.Errorf("list of an absent directory: %v, %v", infos, err)
		}
		if _, err := m.Read("log/aaaa/3", 10); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("read of an absent file: %v", err)
		}
		if _, err := m.Read("log/aaaa/1", 2); err == nil {
			t.Error("a file above the limit was read")
		}
		if tmp, _ := m.PendingTmp(); len(tmp) != 0 {
			t.Errorf("left in tmp: %v", tmp)
		}
	})
}

// I1: a visible file never changes, not even by the mirror's own hand.
func TestPublishNeverChangesAVisibleFile(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, m *mirror.Mirror) {
		mustPut(t, m, "log/a/1", "one")
		if err := m.Put("log/a/1", []byte("one")); err != nil {
			t.Errorf("same bytes again: %v", err)
		}
		if err := m.Put("log/a/1", []byte("two")); !errors.Is(err, mirror.ErrChanged) {
			t.Errorf("other bytes: %v, want ErrChanged", err)
		}
		if got := read(t, m, "log/a/1"); got != "one" {
			t.Errorf("file is %q now", got)
		}
		if tmp, _ := m.PendingTmp(); len(tmp) != 0 {
			t.Errorf("left in tmp: %v", tmp)
		}
	})
}

func TestReplaceAndRemove(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, m *mirror.Mirror) {
		for _, want := range []string{"one", "two"} {
			if err := m.Replace("unlock/x", func(w io.Writer) error { _, err := io.WriteString(w, want); return err }); err != nil {
				t.Fatal(err)
			}
			if got := read(t, m, "unlock/x"); got != want {
				t.Errorf("read %q, want %q", got, want)
			}
		}
		boom := errors.New("boom")
		if err := m.Replace("unlock/x", func(io.Writer) error { return boom }); !errors.Is(err, boom) {
			t.Errorf("error is %v", err)
		}
		if got := read(t, m, "unlock/x"); got != "two" {
			t.Errorf("after a failed replace: %q", got)
		}
		for range 2 {
			if err := m.Remove("unlock/x"); err != nil {
				t.Errorf("remove: %v", err)
			}
		}
	})
}

func TestAppendCutsATornEnd(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, m *mirror.Mirror) {
		for _, step := range []struct {
			off  int64
			data string
			want string
		}{{0, "abc", "abc"}, {3, "defgh", "abcdefgh"}, {5, "X", "abcdeX"}, {0, "new", "new"}} {
			if err := m.Append("state/cache.tail", step.off, []byte(step.data)); err != nil {
				t.Fatal(err)
			}
			if got := read(t, m, "state/cache.tail"); got != step.want {
				t.Errorf("append %q at %d: %q, want %q", step.data, step.off, got, step.want)
			}
		}
		if err := m.Append("state/cache.tail", 99, []byte("x")); err == nil {
			t.Error("an append behind the end was accepted")
		}
	})
}

func TestMoveNeverReplaces(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, m *mirror.Mirror) {
		mustPut(t, m, "bound/a", "one")
		mustPut(t, m, "lost/x/taken", "two")
		if err := m.Move("bound", "lost/x/bound"); err != nil {
			t.Fatal(err)
		}
		if got := read(t, m, "lost/x/bound/a"); got != "one" {
			t.Errorf("read %q", got)
		}
		if err := m.Move("lost/x/bound/a", "lost/x/taken"); !errors.Is(err, fs.ErrExist) {
			t.Errorf("move onto a file: %v, want ErrExist", err)
		}
	})
}

func TestEmptyTmpSparesLongWritesForAnHour(t *testing.T) {
	t.Parallel()
	f := crashfs.New()
	now := time.Unix(1_700_000_000, 0)
	f.SetNow(func() time.Time { return now })
	m := mirror.New(f)
	if _, err := m.Stage(func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	long, err := m.StageLong(func(io.Writer) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{time.Minute, 1}, {2 * time.Hour, 0}} {
		if err := m.EmptyTmp(now.Add(step.after)); err != nil {
			t.Fatal(err)
		}
		if tmp, _ := m.PendingTmp(); len(tmp) != step.want {
			t.Errorf("after %v: %v left, want %d (%s)", step.after, tmp, step.want, long.Path())
		}
	}
}

func TestHeadsSlotsDoNotTouchEachOther(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, m *mirror.Mirror) {
		if _, _, err := m.ReadHeads(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("absent: %v", err)
		}
		write := func(slot int, data string, replace bool) {
			t.Helper()
			if err := m.WriteHeads(slot, []byte(data), replace); err != nil {
				t.Fatal(err)
			}
		}
		slots := func() (a, b string, size int) {
			t.Helper()
			raw, size, err := m.ReadHeads()
			if err != nil || size%4096 != 0 || len(raw) != 2*size {
				t.Fatalf("%d bytes, slots of %d, %v", len(raw), size, err)
			}
			cut := func(b []byte) string { return strings.TrimRight(string(b), "\x00") }
			return cut(raw[:size]), cut(raw[size:]), size
		}
		write(0, "a1", false)
		write(1, "b1", false)
		write(0, "a2", false)
		if a, b, _ := slots(); a != "a2" || b != "b1" {
			t.Errorf("slots %q %q", a, b)
		}
		write(1, strings.Repeat("x", 5000), false)
		if a, b, size := slots(); a != "" || len(b) != 5000 || size < 5000 {
			t.Errorf("after growing: %q, %d bytes, slots of %d", a, len(b), size)
		}
		write(0, "new", true)
		if a, b, _ := slots(); a != "new" || b != "" {
			t.Errorf("after replace: %q, %d bytes", a, len(b))
		}
		if err := m.WriteHeads(2, nil, false); err == nil {
			t.Error("a third slot was accepted")
		}
	})
}

func TestLockExcludesAndIsGivenBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := context.Background()
	a, b := mirror.New(mirror.OS(dir)), mirror.New(mirror.OS(dir))
	unlock, err := a.Lock(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Lock(ctx, 5*time.Millisecond); !errors.Is(err, mirror.ErrInUse) {
		t.Errorf("second lock: %v, want ErrInUse", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := b.Lock(gone, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled wait: %v", err)
	}
	got := make(chan error)
	go func() {
		unlock, err := b.Lock(ctx, time.Minute)
		if err == nil {
			unlock()
		}
		got <- err
	}()
	unlock()
	if err := <-got; err != nil {
		t.Errorf("lock after unlock: %v", err)
	}
}

func TestSameNoticesAnotherFile(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, m *mirror.Mirror) {
		write := func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }
		if err := m.Replace("state/cache.age", write); err != nil {
			t.Fatal(err)
		}
		f, err := m.Open("state/cache.age")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // nothing was written
		if same, err := m.Same(f, "state/cache.age"); err != nil || !same {
			t.Errorf("unchanged: %v, %v", same, err)
		}
		if err := m.Replace("state/cache.age", write); err != nil {
			t.Fatal(err)
		}
		if same, err := m.Same(f, "state/cache.age"); err != nil || same {
			t.Errorf("replaced: %v, %v", same, err)
		}
	})
}
