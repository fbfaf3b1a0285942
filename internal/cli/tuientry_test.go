package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// put writes an entry with these credentials and returns its id.
func (d *desk) put(title string, creds ...vault.Credential) vault.ID {
	d.Helper()
	ids := vault.IDs{Rand: rand.Reader}
	e := vault.Entry{ID: ids.Record(), Title: title, Credentials: creds}
	edits, err := e.Edits(ids)
	d.must(err)
	_, err = d.vault.Apply(d.Context(), nil, edits)
	d.must(err)
	return e.ID
}

func with(typ string, pairs ...string) vault.Credential {
	c := vault.Credential{Type: typ}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Members = append(c.Members, vault.Member{Name: pairs[i], Value: secret.FromString(pairs[i+1])})
	}
	return c
}

func (d *desk) entry(id vault.ID) vault.Entry {
	d.Helper()
	e, err := d.vault.Get(d.Context(), id, true)
	d.must(err)
	return e
}

func untold(int64, int64) {}

// A small file stands in the log and a large one beside it: both come back byte for byte, private, and replace nothing unasked.
func TestAttachmentsThroughThePort(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.put("Contract", with(vault.Note, "content", "x"))
	dir := t.TempDir()
	for name, size := range map[string]int{"small.txt": 1000, "large.bin": 300_000} {
		want := make([]byte, size)
		_, _ = rand.Read(want)
		from, to := filepath.Join(dir, name), filepath.Join(dir, "out-"+name)
		d.must(os.WriteFile(from, want, 0o644))
		var last int64
		a, err := d.vault.AddFile(t.Context(), id, from, func(done, total int64) {
			if last = done; total != int64(size) {
				t.Errorf("%s: %d bytes in all", name, total)
			}
		})
		d.must(err)
		if last != int64(size) || a.Step == "" {
			t.Errorf("%s: progress ended at %d, step %q", name, last, a.Step)
		}
		cred := d.fileCalled(id, name)
		o := screen.SaveFile{Entry: id, Cred: cred.ID, Path: to}
		d.must(d.vault.SaveFile(t.Context(), o, func(done, _ int64) { last = done }))
		got, err := os.ReadFile(to)
		d.must(err)
		st, err := os.Stat(to)
		d.must(err)
		if !bytes.Equal(got, want) || st.Mode().Perm() != 0o600 || last != int64(size) {
			t.Errorf("%s: %d bytes, mode %v, progress %d", name, len(got), st.Mode(), last)
		}
		if err := d.vault.SaveFile(t.Context(), o, untold); !d.app.tuiFaults().Exists(err) {
			t.Errorf("%s: written over a file: %v", name, err)
		}
		o.Replace = true
		d.must(d.vault.SaveFile(t.Context(), o, untold))
		_, err = d.vault.Undo(t.Context(), a.Step)
		d.must(err)
		if err := d.vault.SaveFile(t.Context(), screen.SaveFile{Entry: id, Cred: cred.ID, Path: to + "2"}, untold); err == nil {
			t.Errorf("%s: there after the undo", name)
		}
	}
}

func (d *desk) fileCalled(id vault.ID, name string) vault.Credential {
	d.Helper()
	for _, c := range d.entry(id).Credentials {
		if c.Type == vault.File && c.Text("name") == name {
			return c
		}
	}
	d.Fatalf("no file %s", name)
	return vault.Credential{}
}

// A copy that is cancelled half way leaves no file behind.
func TestACancelledSaveLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.put("Contract", with(vault.Note, "content", "x"))
	dir := t.TempDir()
	from := filepath.Join(dir, "large")
	d.must(os.WriteFile(from, make([]byte, 300_000), 0o600))
	_, err := d.vault.AddFile(t.Context(), id, from, untold)
	d.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	out := t.TempDir()
	err = d.vault.SaveFile(ctx, screen.SaveFile{Entry: id, Cred: d.fileCalled(id, "large").ID, Path: filepath.Join(out, "x")}, func(int64, int64) { cancel() })
	left, rerr := os.ReadDir(out)
	d.must(rerr)
	if !errors.Is(err, context.Canceled) || len(left) > 0 {
		t.Errorf("%v, left %v", err, left)
	}
}

func TestOnlyRegularFilesAreAdded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.put("Contract", with(vault.Note, "content", "x"))
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing"), os.DevNull} {
		if _, err := d.vault.AddFile(t.Context(), id, path, untold); err == nil {
			t.Errorf("%s was added", path)
		}
	}
}

func TestTheFingerprintOfAStoredKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@laptop"
	id := d.put("Key", with(vault.SSHKey, "privateKey", "no key", "signet:publicKey", public), with(vault.SSHKey, "privateKey", "hush"))
	e := d.entry(id)
	k, err := d.vault.SSHKey(t.Context(), id, e.Credentials[0].ID)
	d.must(err)
	if k.Type != "ssh-ed25519" || !strings.HasPrefix(k.Fingerprint, "SHA256:") || k.Comment != "ada@laptop" {
		t.Errorf("%+v", k)
	}
	if _, err := d.vault.SSHKey(t.Context(), id, e.Credentials[1].ID); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("what is no key: %v", err)
	}
}

// second is another machine with a copy of what is synced, enrolled with the code.
func (d *desk) second() *desk {
	d.Helper()
	home := d.TempDir()
	n := &desk{T: d.T, app: d.app, opener: &tuiOpener{a: d.app, dir: filepath.Join(home, "vault")}}
	d.must(os.CopyFS(n.opener.dir, os.DirFS(d.opener.dir)))
	for _, own := range ownDirs {
		d.must(os.RemoveAll(filepath.Join(n.opener.dir, own)))
	}
	at, err := n.opener.at()
	d.must(err)
	v, err := at.Enrol(d.Context(), vault.EnrolOptions{
		Code: secret.FromString(d.code), DeviceName: "phone", Prompter: unlock.Nobody{},
		Ways:    []vault.NewWay{{Kind: unlock.KindPassphrase, Passphrase: secret.FromString(deskPass), WorkFactor: unlock.MinWorkFactor}},
		Review:  func(context.Context, vault.EnrolReview) error { return nil },
		Confirm: func(context.Context, vault.MemberInfo) (bool, error) { return true, nil },
		Show:    func(_ context.Context, s vault.Sheet) error { n.code = s.Text.RevealString(); return s.Check(s.Text) },
	})
	d.must(err)
	n.vault = &tuiVault{a: n.app, s: session.NewLocal(v, n.app.Now)}
	d.Cleanup(func() { _ = n.vault.s.Lock(context.Background()) })
	return n
}

// ownDirs are a device's own.
var ownDirs = []string{"device.json", "unlock", "bound", "state"}

// pull takes over what another machine wrote, as a synced folder would, and opens the vault again.
func (d *desk) pull(from *desk) {
	d.Helper()
	d.must(d.vault.s.Lock(d.Context()))
	d.must(filepath.WalkDir(from.opener.dir, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from.opener.dir, path)
		if err != nil || slices.Contains(ownDirs, strings.Split(rel, string(filepath.Separator))[0]) {
			return err
		}
		to := filepath.Join(d.opener.dir, rel)
		if e.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		if _, err := os.Stat(to); err == nil {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o600)
	}))
	for _, cache := range []string{"cache.age", "cache.tail"} {
		_ = os.Remove(filepath.Join(d.opener.dir, "state", cache))
	}
	v, err := d.opener.Open(d.Context(), "passphrase", secret.FromString(deskPass))
	d.must(err)
	d.vault, _ = v.(*tuiVault)
}

// Two devices change one password without knowing of each other. Each shows both values, says who wrote them, and one choice through
// the port settles it everywhere; the other value is in the history, with its author, and an undo brings the conflict back.
func TestAConflictOfTwoDevicesIsSettledThroughThePort(t *testing.T) {
	t.Parallel()
	a := newDesk(t)
	id := a.put("Bank", with(vault.BasicAuth, "username", "ada", "password", "first"))
	b := a.second()
	a.pull(b)
	found, err := a.entry(id).Find(entry.FieldName{Alias: "password", N: 1})
	a.must(err)
	for d, value := range map[*desk]string{a: "by the laptop", b: "by the phone"} {
		_, err := d.vault.Apply(t.Context(), nil, []vault.Edit{vault.SetEdit(id, found.Path, value)})
		d.must(err)
	}
	a.pull(b)
	e := a.entry(id)
	if len(e.Conflicts) != 1 || len(e.Conflicts[0].Candidates) != 2 {
		t.Fatalf("conflicts: %+v", e.Conflicts)
	}
	authors := a.authors(e)
	if got := strings.Join(authors, ", "); got != "laptop true, phone false" {
		t.Errorf("written by %s", got)
	}
	ref := vault.FieldRef{Record: id, Path: found.Path}
	done, err := a.vault.Apply(t.Context(), vault.Base{ref: e.Dots[found.Path]}, []vault.Edit{vault.SetEdit(id, found.Path, "by the phone")})
	a.must(err)
	if e = a.entry(id); len(e.Conflicts) != 0 || len(e.History) != 3 {
		t.Errorf("after the choice: %d conflicts, %d previous values", len(e.Conflicts), len(e.History))
	}
	b.pull(a)
	if got := b.entry(id); len(got.Conflicts) != 0 {
		t.Errorf("the phone still has the conflict: %+v", got.Conflicts)
	}
	_, err = a.vault.Undo(t.Context(), done.Step)
	a.must(err)
	if e = a.entry(id); len(e.Conflicts) != 1 {
		t.Errorf("after the undo: %+v", e.Conflicts)
	}
}

// authors lists who wrote the values in conflict, sorted.
func (d *desk) authors(e vault.Entry) (out []string) {
	d.Helper()
	var sids []string
	for _, c := range e.Conflicts[0].Candidates {
		sids = append(sids, string(c.Dot.SID))
	}
	found, err := d.vault.Authors(d.Context(), append(sids, "no sid"))
	d.must(err)
	for _, a := range found {
		this := " false"
		if a.This {
			this = " true"
		}
		out = append(out, a.Name+this)
	}
	slices.Sort(out)
	return out
}

func TestBrowserPrograms(t *testing.T) {
	t.Parallel()
	const url = "https://example.com/?a=b;c&d=$(x)"
	look := func(has ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			if slices.Contains(has, name) {
				return "/bin/" + name, nil
			}
			return "", fs.ErrNotExist
		}
	}
	for _, c := range []struct {
		name, system string
		env          map[string]string
		has          []string
		want         string // arguments, or "" for an error
	}{
		{"desktop", "linux", map[string]string{"DISPLAY": ":0"}, []string{"xdg-open"}, "/bin/xdg-open " + url},
		{"wayland", "linux", map[string]string{"WAYLAND_DISPLAY": "w"}, []string{"xdg-open"}, "/bin/xdg-open " + url},
		{"ssh", "linux", nil, []string{"xdg-open"}, ""},
		{"nothing installed", "linux", map[string]string{"DISPLAY": ":0"}, nil, ""},
		{"the user's own over ssh", "linux", map[string]string{"BROWSER": "w3m"}, []string{"w3m"}, "/bin/w3m " + url},
		{"with a place for it", "linux", map[string]string{"BROWSER": "missing:ff --to=%s -x"}, []string{"ff"}, "/bin/ff --to=" + url + " -x"},
		{"mac", "darwin", nil, nil, "/usr/bin/open " + url},
		{"windows", "windows", map[string]string{"BROWSER": `C:\x.exe`}, nil, "rundll32 url.dll,FileProtocolHandler " + url},
		{"wsl", "linux", map[string]string{"WSL_DISTRO_NAME": "d"}, []string{"wslview"}, "/bin/wslview " + url},
	} {
		args, err := browserArgs(c.system, func(k string) string { return c.env[k] }, look(c.has...), url)
		if got := strings.Join(args, " "); got != c.want || (err == nil) == (c.want == "") || err != nil && !errors.Is(err, errNoBrowser) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

func TestOnlyTheWebReachesAProgram(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://example.com": true, "http://127.0.0.1:8080/x": true, "javascript:alert(1)": false, "file:///etc/passwd": false, "https://": false, "-h": false,
		"https://a b": false, "https://a\x1b[2J": false, "https://" + strings.Repeat("a", maxURL): false, "ssh://host": false, "": false,
	} {
		if err := checkWeb(address); (err == nil) != good {
			t.Errorf("%.30q: %v", address, err)
		}
	}
}

// The program gets the address as one argument, whatever stands in it.
func TestTheProgramIsStartedWithoutAShell(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("runs only on systems where $BROWSER is looked at")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	script := "#!/bin/sh\nprintf '%s|' \"$@\" >" + out + "\n"
	exe := filepath.Join(dir, "show")
	if err := os.WriteFile(exe, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	a := &App{Env: func(k string) string { return map[string]string{"BROWSER": exe}[k] }, Out: io.Discard, Now: time.Now}
	const url = "https://example.com/$(touch${IFS}x)?a=';b"
	if err := (tuiBrowser{a}).Open(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != url+"|" {
		t.Errorf("%q, %v", got, err)
	}
}
