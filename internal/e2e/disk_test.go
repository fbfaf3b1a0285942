//go:build unix

package e2e

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// On a small file system with less and less room every edit either fails with a clear error and changes nothing, or is there
// afterwards. With room again, writing goes on (I11).
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("a small file system is made with mount namespaces: runs only on Linux")
	}
	args := []string{"-m"}
	if os.Geteuid() != 0 {
		args = []string{"-r", "-m"}
	}
	if out, err := exec.Command("unshare", append(args, "mount", "-t", "tmpfs", "tmpfs", t.TempDir())...).CombinedOutput(); err != nil {
		t.Skipf("no mount namespace here (%v: %s): runs as root, or with unprivileged user namespaces allowed (sysctl kernel.unprivileged_userns_clone=1)", err, out)
	}
	dir := t.TempDir()
	h := homeIn(t, dir)
	h.write("full.sh", fullDisk)
	cmd := exec.Command("unshare", append(args, "sh", h.path("full.sh"), dir)...)
	cmd.Env, cmd.Dir = h.env, dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
}

const fullDisk = `
set -eu
small=$1/small
mkdir "$small"
mount -t tmpfs -o size=1536k tmpfs "$small"
sig() { signet --vault "$small/vault" --json --no-input --passphrase-fd 3 "$@" 3<"$HOME/pass"; }
sig init --unlock passphrase --work-factor 10 --no-recovery 2>/dev/null >/dev/null
sig add login Keep username=0 >/dev/null
now=0 full=0 fits=0
for free in 0 1 2 3 4 6 8 10 12 16 20 24 32 48 64 96; do
	rm -f "$small/filler"
	left=$(df -k --output=avail "$small" | tail -1)
	[ "$left" -gt "$free" ] && head -c "$(( (left - free) * 1024 ))" /dev/zero >"$small/filler"
	for try in 1 2 3; do
		next=$((now + 1))
		code=0
		sig edit Keep username=$next notes=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa >/dev/null 2>"$HOME/err" || code=$?
		case $code in
		0) now=$next fits=$((fits + 1)) ;;
		1)
			full=$((full + 1))
			grep -q '"code":"disk_full"' "$HOME/err" || { echo "free $free: not said plainly: $(cat "$HOME/err")"; exit 1; }
			;;
		*) echo "free $free: exit $code: $(cat "$HOME/err")"; exit 1 ;;
		esac
		got=$(sig get Keep username 2>"$HOME/err") || { echo "free $free: reading: $(cat "$HOME/err")"; exit 1; }
		case $got in *"\"value\":\"$now\""*) ;; *) echo "free $free, exit $code: the value is $got, not $now"; exit 1 ;; esac
	done
done
rm -f "$small/filler"
sig edit Keep username=last >/dev/null
sig doctor >"$HOME/doctor" || { cat "$HOME/doctor"; exit 1; }
case $(sig get Keep username) in *'"last"'*) ;; *) echo "the last edit is gone"; exit 1 ;; esac
[ "$full" -gt 0 ] || { echo "the disk was never full"; exit 1; }
echo "$full edits found no room, $fits did"
`

// files lists every regular file of a vault.
func (h *home) files() (out []string) {
	h.t.Helper()
	err := filepath.WalkDir(h.vault, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(h.vault, path)
			out = append(out, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// grown is a vault in which every kind of file occurs: edits, an import, attachments, a second epoch, use counts.
func grown(t *testing.T) *home {
	h := newHome(t)
	h.must("add", "login", "One", "username=ada", "--generate")
	h.must("add", "login", "Two", "username=eve", "--generate")
	h.write("big.bin", strings.Repeat("0123456789", 10_000))
	h.must("attachment", "add", "One", h.path("big.bin"))
	h.must("doctor", "--rotate")
	h.must("edit", "One", "username=lovelace")
	h.must("get", "One", "password")
	return h
}

// derived files hold nothing that is not elsewhere: whatever happens to them, everything is there.
func derived(name string) bool { return strings.HasPrefix(name, "state/cache") }

// synced files are the vault itself: their damage is named, and never silently dropped.
func synced(name string) bool {
	for _, dir := range []string{"log/", "epochs/", "roster/", "att/"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

// One bit of every file is flipped, and every file is cut: doctor names it, nothing panics, and what is derived is made anew.
func TestDamageIsNamed(t *testing.T) {
	t.Parallel()
	h := grown(t)
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // which bit needs no secrecy
	kinds := map[string]int{}
	for i, name := range h.files() {
		for how, spoil := range map[string]func([]byte) []byte{
			"flipped": func(b []byte) []byte { b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8); return b },
			"cut":     func(b []byte) []byte { return b[:rnd.IntN(len(b))] },
		} {
			c := h.copied(fmt.Sprintf("%s-%d", how, i))
			path := filepath.Join(c.vault, filepath.FromSlash(name))
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) == 0 {
				continue
			}
			if err := os.WriteFile(path, spoil(b), 0o600); err != nil {
				t.Fatal(err)
			}
			kinds[filepath.Dir(name)]++
			judge(t, c, name, how)
			_ = os.RemoveAll(c.vault)
		}
	}
	for _, dir := range []string{"log", "epochs", "roster", "att"} {
		found := false
		for k := range kinds {
			found = found || strings.HasPrefix(k, dir)
		}
		if !found {
			t.Errorf("no file in %s/: %v", dir, kinds)
		}
	}
}

func judge(t *testing.T, c *home, name, how string) {
	t.Helper()
	a := c.runs("doctor")
	named := false
	for _, l := range a.lines(t) {
		named = named || l["path"] == name && l["state"] == "damaged" && l["next"] != ""
	}
	switch {
	case synced(name):
		if !named || a.code != 3 {
			t.Errorf("%s %s: doctor does not name it: %v", how, name, a)
		}
	case derived(name):
		if got := c.titles(); a.code != 0 || got["One"] != 1 || got["Two"] != 1 {
			t.Errorf("%s %s: %v %v", how, name, got, a)
		}
	default: // this device's own files: named, mended, or the way in says that it does not open
		if a.code != 0 && a.code != 3 && a.code != 12 {
			t.Errorf("%s %s: %v", how, name, a)
		}
		if a.code == 0 {
			if got := c.titles(); got["One"] != 1 || got["Two"] != 1 {
				t.Errorf("%s %s: doctor is content, and the vault holds %v", how, name, got)
			}
		}
	}
}

// After a power cut a file that was not synced may have any length, or be full of zeros. Of what Signet acknowledged only derived
// files are in that state: whatever they look like, every edit is there, and writing goes on.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	h := grown(t)
	rnd := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // as above
	for i, name := range h.files() {
		if !derived(name) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(h.vault, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 6 {
			c := h.copied(fmt.Sprintf("power-%d-%d", i, n))
			torn := append([]byte(nil), b...)
			at := rnd.IntN(len(b))
			switch n % 3 {
			case 0:
				torn = torn[:at]
			case 1:
				clear(torn[at:])
			case 2:
				torn = append(torn, make([]byte, 1+rnd.IntN(5000))...)
			}
			if err := os.WriteFile(filepath.Join(c.vault, filepath.FromSlash(name)), torn, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := c.value("One", "username"); got != "lovelace" {
				t.Errorf("%s torn at %d: %q", name, at, got)
			}
			c.must("edit", "Two", "username=after")
			if got := c.value("Two", "username"); got != "after" {
				t.Errorf("%s torn at %d: the next edit reads %q", name, at, got)
			}
			c.intact()
			_ = os.RemoveAll(c.vault)
		}
	}
}
