//go:build unix

package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"signet/vault/format"
	"signet/vault/secret"
)

// A directory of ours that somebody replaced by a link to another place: nothing there is read as ours, changed or deleted.
func TestAttackLinkedDirectories(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"state/tmp", "state/local", "state", "unlock", "bound", "log", "roster", "epochs", "att"} {
		t.Run(strings.ReplaceAll(dir, "/", " "), func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			outside := filepath.Join(t.TempDir(), "documents")
			must(t, os.Mkdir(outside, 0o700))
			if err := os.CopyFS(outside, os.DirFS(filepath.Join(x.dir, dir))); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err) // files with names of ours, say of another vault
			}
			must(t, os.WriteFile(filepath.Join(outside, "1-1"), []byte("mine"), 0o600))
			must(t, os.WriteFile(filepath.Join(outside, "letter.txt"), []byte("mine"), 0o600))
			at := filepath.Join(x.dir, filepath.FromSlash(dir))
			moved := at + ".moved"
			if err := os.Rename(at, moved); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			must(t, os.Symlink(outside, at))
			before := tree(t, outside)
			x.exercise()
			if after := tree(t, outside); after != before {
				t.Errorf("outside the vault:\n%swas\n%s", after, before)
			}
			must(t, os.Remove(at))
			if err := os.Rename(moved, at); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			v := x.open("keyring")
			if got := state(t, v); !strings.Contains(got, "Bank") || !strings.Contains(got, "Mail") {
				t.Errorf("put right, the vault says\n%s", got)
			}
		})
	}
}

// A pipe in the place of a directory of ours: nobody waits for somebody to write into it.
func TestAttackPipesForDirectories(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	for _, dir := range []string{"state/tmp", "state/local", "unlock", "bound", "log", "roster", "epochs", "att"} {
		at := filepath.Join(x.dir, filepath.FromSlash(dir))
		if err := os.Rename(at, at+".moved"); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		must(t, syscall.Mkfifo(at, 0o600))
		x.exercise()
		must(t, os.Remove(at))
		if err := os.Rename(at+".moved", at); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if got := state(t, x.open("keyring")); !strings.Contains(got, "Bank") || !strings.Contains(got, "Mail") {
		t.Errorf("put right, the vault says\n%s", got)
	}
}

// exercise does everything that writes or deletes, whether it succeeds or not, and must end.
func (x *victim) exercise() {
	x.t.Helper()
	_, _ = x.home.at().Doctor(x.t.Context())
	v, err := x.try(UnlockOptions{})
	if err != nil {
		v, err = x.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(x.code)})
	}
	if err != nil {
		return
	}
	_, _ = v.Doctor(x.t.Context())
	_, _ = v.Apply(x.t.Context(), nil, login(7, "x", "y"))
	_, _ = v.Attach(x.t.Context(), recID(1), "x", "", strings.NewReader(strings.Repeat("x", 40<<10)))
	_ = v.Local().Put("draft", []byte("x"))
	_ = maintained(v)
	_ = v.AddWay(x.t.Context(), passWay(), nil)
	_ = v.RemoveSlot(x.t.Context(), "passphrase", RemoveOptions{})
	_ = v.PurgeVault(x.t.Context())
	_ = v.Close()
}

// A link, a pipe or a device in the place of a file of ours: never followed, never waited for, and what can be done without
// that file still is.
func TestAttackStrangeFiles(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(p string) error{
		"link":     func(p string) error { return os.Symlink("/etc/hostname", p) },
		"endless":  func(p string) error { return os.Symlink("/dev/zero", p) },
		"circle":   func(p string) error { return os.Symlink(filepath.Base(p), p) },
		"pipe":     func(p string) error { return syscall.Mkfifo(p, 0o600) },
		"socketed": func(p string) error { return os.Mkdir(p, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			files := []string{vaultName, cacheName, tailName, "state/tmp/1-1", "unlock/passphrase.json", "state/local/use.age"}
			for _, f := range []format.Name{
				{Kind: format.FileLog, Log: x.tr.self.Short(), Seq: x.at.Seq + 1, H32: strings.Repeat("1", 32)},
				{Kind: format.FileRoster, Count: 4000, H32: strings.Repeat("2", 32)},
				{Kind: format.FileSlot, Epoch: 1, Of: format.KindDevice, Member: x.tr.self.Short(), H32: strings.Repeat("3", 32)},
				{Kind: format.FileSlot, Epoch: 999999, Of: format.KindDevice, Member: x.tr.self.Short(), H32: strings.Repeat("4", 32)},
				{Kind: format.FilePrev, Epoch: 1, H32: strings.Repeat("5", 32)},
				{Kind: format.FileAtt, H32: strings.Repeat("6", 32)},
			} {
				files = append(files, f.Path())
			}
			for _, f := range files {
				p := filepath.Join(x.dir, filepath.FromSlash(f))
				must(t, os.MkdirAll(filepath.Dir(p), 0o700))
				if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				must(t, put(p))
			}
			if name == "socketed" {
				must(t, os.WriteFile(filepath.Join(x.dir, "state/tmp/1-1/x"), nil, 0o600)) // not empty
			}
			x.locked() // looks at everything and neither hangs nor panics
			v := x.open("keyring")
			if got := state(t, v); got != x.want {
				t.Errorf("the vault says\n%s", got)
			}
			apply(t, v, login(7, "written after the attack", "x")...)
			r := x.doctor(v)
			for _, f := range files[6:] {
				if s := r.states()[f]; s == StateOK {
					t.Errorf("doctor calls %s %s", f, s)
				}
			}
			must(t, v.Close())
			if got := value(t, x.open("keyring"), recID(7), "title"); got == "" {
				t.Error("the edit is gone")
			}
		})
	}
}

// Files larger than anything the format allows: refused by their size, before a byte of them is read.
func TestAttackHugeFiles(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	huge := func(name string) string {
		x.write(name, nil)
		must(t, os.Truncate(filepath.Join(x.dir, filepath.FromSlash(name)), 1<<43)) // sparse
		return name
	}
	if err := os.Truncate(filepath.Join(x.dir, vaultName), 1<<43); err != nil {
		t.Skipf("this file system has no sparse files of 8 TiB: run the test on ext4, xfs or tmpfs (%v)", err)
	}
	files := []string{
		huge(format.Name{Kind: format.FileLog, Log: x.tr.self.Short(), Seq: x.at.Seq + 1, H32: strings.Repeat("1", 32)}.Path()),
		huge(format.Name{Kind: format.FileLog, Log: "aaaaaaaa", Seq: 1, H32: strings.Repeat("1", 32)}.Path()),
		huge(format.Name{Kind: format.FileRoster, Count: 4000, H32: strings.Repeat("2", 32)}.Path()),
		huge(format.Name{Kind: format.FileSlot, Epoch: 1, Of: format.KindDevice, Member: x.tr.self.Short(), H32: strings.Repeat("3", 32)}.Path()),
		huge(format.Name{Kind: format.FileSlot, Epoch: 1, Of: format.KindRecovery, Member: "aaaaaaaa", H32: strings.Repeat("3", 32)}.Path()),
		huge(format.Name{Kind: format.FilePrev, Epoch: 1, H32: strings.Repeat("5", 32)}.Path()),
		huge(format.Name{Kind: format.FileAtt, H32: strings.Repeat("6", 32)}.Path()),
	}
	for _, f := range []string{cacheName, tailName, "unlock/passphrase.json", "unlock/passphrase.age", "state/local/use.age", "state/tmp/1-1"} {
		huge(f)
	}
	for _, r := range []Report{x.locked(), x.doctor(x.open("keyring"))} {
		for _, f := range files {
			if s := r.states()[f]; s == StateOK || s == StateSealed || s == "" {
				t.Errorf("unlocked %v: doctor calls %s %q", r.Unlocked, f, s)
			}
		}
	}
	v := x.open("keyring")
	if got := state(t, v); got != x.want {
		t.Errorf("the vault says\n%s", got)
	}
	apply(t, v, login(7, "written after the attack", "x")...)
	must(t, v.Close())
	huge(deviceName)
	if _, err := x.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(x.code)}); err != nil {
		t.Errorf("with the code: %v", err)
	}
}

// Very many files that are not ours, or have our names and nothing in them: told, and no obstacle.
func TestAttackJunk(t *testing.T) {
	t.Parallel()
	const n = 2_000 // with 100,000 the test passes as well, and takes as long as making them
	x := newVictim(t)
	log := filepath.Join(x.dir, "log", x.tr.self.Short())
	for i := range n {
		name := fmt.Sprintf("junk-%d", i)
		if i%100 == 0 {
			name = fmt.Sprintf("%08d-%032x.age", 1+i, i)
		}
		f, err := os.OpenFile(filepath.Join(log, name), os.O_CREATE|os.O_WRONLY, 0o600)
		must(t, err)
		must(t, f.Close())
	}
	for i := range format.MaxLogs + 50 { // more directories than there may be logs
		must(t, os.Mkdir(filepath.Join(x.dir, "log", fmt.Sprintf("junk%d", i)), 0o700))
	}
	x.forgetful()
	v := x.open("keyring")
	if got := state(t, v); got != x.want {
		t.Errorf("the vault says\n%s", got)
	}
	apply(t, v, login(7, "written after the attack", "x")...)
	must(t, v.Close())
	x.forgetful()
	if got := value(t, x.open("keyring"), recID(7), "title"); got == "" {
		t.Error("the edit is gone")
	}
}
