package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"signet/internal/atomicfile"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestWriteMakesAPrivateFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "out.json")
	if err := atomicfile.WriteBytes(name, false, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 && filepath.Separator == '/' {
		t.Errorf("mode is %o, want 600", got)
	}
	if data, _ := os.ReadFile(name); string(data) != "hello" {
		t.Errorf("content is %q", data)
	}
	if got := names(t, filepath.Dir(name)); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

func TestWriteReplacesOnlyWhenForced(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.WriteBytes(name, false, []byte("new")); !errors.Is(err, atomicfile.ErrExists) {
		t.Errorf("without force: %v, want ErrExists", err)
	}
	if data, _ := os.ReadFile(name); string(data) != "old" {
		t.Errorf("content is %q, want the old one", data)
	}
	if err := atomicfile.WriteBytes(name, true, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(name); string(data) != "new" {
		t.Errorf("content is %q, want the new one", data)
	}
}

func TestWriteNeverTouchesWhatIsNoRegularFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	link, sub := filepath.Join(dir, "link"), filepath.Join(dir, "sub")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{link, sub} {
		if err := atomicfile.WriteBytes(name, true, []byte("new")); !errors.Is(err, atomicfile.ErrNotRegular) {
			t.Errorf("%s: %v, want ErrNotRegular", name, err)
		}
	}
	if data, _ := os.ReadFile(target); string(data) != "old" {
		t.Errorf("the link's target is %q now", data)
	}
}

func TestWriteThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	err := atomicfile.Write(name, true, func(w io.Writer) error {
		_, _ = w.Write([]byte("half"))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("error is %v", err)
	}
	if data, _ := os.ReadFile(name); string(data) != "old" {
		t.Errorf("content is %q, want the old one", data)
	}
	if got := names(t, filepath.Dir(name)); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// The name may be taken between the look and the writing: the file that came first stays.
func TestWriteNoticesAFileThatAppearsMeanwhile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "out")
	err := atomicfile.Write(name, false, func(w io.Writer) error {
		if err := os.WriteFile(name, []byte("theirs"), 0o600); err != nil {
			return err
		}
		_, err := w.Write([]byte("ours"))
		return err
	})
	if !errors.Is(err, atomicfile.ErrExists) {
		t.Errorf("error is %v, want ErrExists", err)
	}
	if data, _ := os.ReadFile(name); string(data) != "theirs" {
		t.Errorf("content is %q, want theirs", data)
	}
}
