package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
)

func unheard(int, int) {}

// file writes a file into the desk's home and gives its path as a person types it.
func (d *desk) file(name, text string) string {
	d.Helper()
	d.must(os.WriteFile(filepath.Join(d.app.Env("HOME"), name), []byte(text), 0o600))
	return "~/" + name
}

const twoLogins = `{"encrypted":false,"folders":[],"items":[
 {"id":"a1","type":1,"name":"Example","login":{"username":"ada","password":"one","uris":[{"uri":"https://example.com"}]}},
 {"id":"a2","type":1,"name":"Other","login":{"username":"bob","password":"two"}}]}`

func (d *desk) bring(path string) screen.Report {
	d.Helper()
	i := tuiImporter{d.app}
	p, err := i.Inspect(d.Context(), d.vault, path, secret.Secret{}, unheard)
	d.must(err)
	r, err := i.Import(d.Context(), d.vault, p, secret.Secret{}, unheard)
	d.must(err)
	return r
}

func (d *desk) titles() (out []string) {
	d.Helper()
	rows, err := d.vault.Rows(d.Context(), false)
	d.must(err)
	for _, r := range rows {
		out = append(out, r.Title)
	}
	return out
}

func TestAnImportIsComparedWithTheVault(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.file("export.json", twoLogins)
	i := tuiImporter{d.app}
	p, err := i.Inspect(t.Context(), d.vault, path, secret.Secret{}, unheard)
	d.must(err)
	if p.Format != "Bitwarden JSON" || p.Items != 2 || p.Added != 2 || p.Size != int64(len(twoLogins)) || p.Encrypted || len(d.titles()) != 0 {
		t.Fatalf("%+v, and the vault has %v", p, d.titles())
	}
	if r := d.bring(path); r.Added != 2 || r.Step == "" || len(d.titles()) != 2 {
		t.Errorf("%+v", r)
	}
	again, err := i.Inspect(t.Context(), d.vault, path, secret.Secret{}, unheard)
	d.must(err)
	if again.Same != 2 || again.Added != 0 || len(again.Rows) != 0 {
		t.Errorf("the same file again: %+v", again)
	}
	changed := d.file("changed.json", strings.Replace(twoLogins, `"two"`, `"three"`, 1))
	if p, err = i.Inspect(t.Context(), d.vault, changed, secret.Secret{}, unheard); err != nil || p.Updated != 1 || p.Same != 1 {
		t.Errorf("a file that changed: %+v, %v", p, err)
	}
}

func TestWhatIsNoExportIsToldPlainly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(os.Mkdir(filepath.Join(d.app.Env("HOME"), "folder"), 0o700))
	for path, want := range map[string]string{
		"~/missing.json":               "there is no file /",
		"~/folder":                     "is a folder",
		"/dev/null":                    "no regular file",
		d.file("notes.txt", "hello\n"): "is no export that Signet knows (it reads Signet JSON, Bitwarden JSON",
		d.file("cut.json", twoLogins[:len(twoLogins)-20]):    "damaged or cut off",
		d.file("x.age", "age-encryption.org/v1\n-> nothing"): "file is encrypted",
	} {
		_, err := tuiImporter{d.app}.Inspect(t.Context(), d.vault, path, secret.Secret{}, unheard)
		if err == nil {
			t.Errorf("%s was taken", path)
			continue
		}
		text, hint := d.app.tuiFaults().Explain(err)
		if got := text + " (" + hint + ")"; !strings.Contains(got, want) {
			t.Errorf("%s: %q does not say %q", path, got, want)
		}
	}
}

// A file that the other program encrypted itself is refused at once: no passphrase typed here would open it.
func TestAFileEncryptedByTheOtherProgramAsksForNoPassphrase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.file("locked.json", `{"encrypted":true,"passwordProtected":true,"salt":"c2FsdA==","kdfType":0,"kdfIterations":100000,"encKeyValidation_DO_NOT_EDIT":"2.a","data":"2.b"}`)
	_, err := tuiImporter{d.app}.Inspect(t.Context(), d.vault, path, secret.Secret{}, unheard)
	if err == nil || d.app.tuiFaults().FilePassphrase(err) || !strings.Contains(err.Error(), "protected by a password") {
		t.Errorf("it says %v", err)
	}
	_, err = tuiImporter{d.app}.Inspect(t.Context(), d.vault, d.file("x.age", "age-encryption.org/v1\n-> nothing"), secret.Secret{}, unheard)
	if !d.app.tuiFaults().FilePassphrase(err) {
		t.Errorf("of an age file it says %v", err)
	}
}

func TestACancelledImportLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.file("export.json", twoLogins)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := tuiImporter{d.app}.Import(ctx, d.vault, screen.Plan{Path: path}, secret.Secret{}, func(done, _ int) { cancel() })
	if err == nil || len(d.titles()) != 0 {
		t.Errorf("%v, and the vault has %v", err, d.titles())
	}
}

func (d *desk) exporter() *tuiExporter {
	x := newTUIExporter(d.Context(), d.app)
	d.Cleanup(x.close)
	return x
}

func TestAnExportIsReadBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bring(d.file("export.json", twoLogins))
	x, o := d.exporter(), screen.ExportOptions{Format: "signet-json", Path: "~/backup.age", Passphrase: secret.FromString("many good words")}
	p, err := x.Preview(t.Context(), d.vault, o, unheard)
	d.must(err)
	done, err := x.Export(t.Context(), d.vault, o, unheard)
	d.must(err)
	st, err := os.Stat(filepath.Join(d.app.Env("HOME"), "backup.age"))
	d.must(err)
	if p.Items != 2 || done.Items != 2 || done.Mode != "0600" || st.Mode().Perm() != 0o600 || done.Size != st.Size() || !strings.Contains(done.Next, "age -d ") {
		t.Errorf("plan %+v, done %+v, mode %v", p, done, st.Mode())
	}
	b, err := os.ReadFile(filepath.Join(d.app.Env("HOME"), "backup.age"))
	d.must(err)
	if strings.Contains(string(b), "example.com") {
		t.Error("the file is in clear")
	}
	other := newDesk(t)
	copied := other.file("backup.age", string(b))
	i := tuiImporter{other.app}
	if _, err := i.Inspect(t.Context(), other.vault, copied, secret.FromString("wrong"), unheard); !other.app.tuiFaults().WrongSecret(err) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	plan, err := i.Inspect(t.Context(), other.vault, copied, secret.FromString("many good words"), unheard)
	if err != nil || plan.Added != 2 || !plan.Encrypted {
		t.Errorf("read back: %+v, %v", plan, err)
	}
}

func TestOnlyTheChosenEntriesAreWritten(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.add("First", vault.Credential{Type: vault.BasicAuth})
	d.add("Second", vault.Credential{Type: vault.BasicAuth})
	done, err := d.exporter().Export(t.Context(), d.vault, screen.ExportOptions{Format: "signet-json", Path: "~/it's one.jsonl", IDs: []vault.ID{a}}, unheard)
	d.must(err)
	b, err := os.ReadFile(filepath.Join(d.app.Env("HOME"), "it's one.jsonl"))
	if err != nil || done.Items != 1 || !strings.Contains(string(b), "First") || strings.Contains(string(b), "Second") || !strings.Contains(done.Next, `it'\''s one.jsonl'`) {
		t.Errorf("%+v, %q, %v", done, b, err)
	}
}

func TestAFileIsNeverReplacedUnasked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	x, o := d.exporter(), screen.ExportOptions{Format: "signet-json", Path: d.file("mine.txt", "mine")}
	if _, err := x.Export(t.Context(), d.vault, o, unheard); !d.app.tuiFaults().Exists(err) {
		t.Errorf("a file that is there: %v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(d.app.Env("HOME"), "mine.txt")); string(b) != "mine" {
		t.Errorf("it holds %q now", b)
	}
	o.Replace = true
	_, err := x.Export(t.Context(), d.vault, o, unheard)
	d.must(err)
	for _, path := range []string{"-", ""} {
		if _, err := x.Export(t.Context(), d.vault, screen.ExportOptions{Format: "signet-json", Path: path}, unheard); err == nil {
			t.Errorf("%q was written", path)
		}
	}
}

// A cancelled export, and one that the end of the program cuts off, leave no file, not even a half one.
func TestACancelledExportLeavesNoFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.bring(d.file("export.json", twoLogins))
	d.must(os.Mkdir(filepath.Join(d.app.Env("HOME"), "out"), 0o700))
	o := screen.ExportOptions{Format: "signet-json", Path: "~/out/backup.jsonl"}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := d.exporter().Export(ctx, d.vault, o, func(int, int) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	x := d.exporter()
	begun, ended := make(chan struct{}), make(chan error)
	go func() {
		_, err := x.Export(t.Context(), d.vault, o, func(done, _ int) {
			if done == 0 {
				close(begun)
				<-x.life.Done()
			}
		})
		ended <- err
	}()
	<-begun
	x.close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the program: %v", err)
	}
	left, err := os.ReadDir(filepath.Join(d.app.Env("HOME"), "out"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestPathsAreCompletedAsTyped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	home := d.app.Env("HOME")
	d.must(os.Mkdir(filepath.Join(home, "Documents"), 0o700))
	d.must(os.Symlink(filepath.Join(home, "Documents"), filepath.Join(home, "Docs")))
	d.file("Do it.txt", "")
	d.file(".hidden", "")
	f := tuiFiles{d.app}
	got, err := f.Complete(t.Context(), "~/Do")
	if want := "~/Do it.txt|~/Docs/|~/Documents/"; err != nil || strings.Join(got, "|") != want {
		t.Errorf("%q, %v", got, err)
	}
	if got, _ := f.Complete(t.Context(), "~/."); strings.Join(got, "|") != "~/.hidden" {
		t.Errorf("hidden ones: %q", got)
	}
	if all, _ := f.Complete(t.Context(), "~/"); len(all) != 4 { // with the vault
		t.Errorf("everything that is not hidden: %q", all)
	}
	if _, err := f.Complete(t.Context(), "~/missing/"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	s, err := f.Look(t.Context(), "~/Docs")
	if err != nil || !s.Exists || !s.Dir || s.Usual || s.Path != filepath.Join(home, "Docs") {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := f.Look(t.Context(), "~/nothing"); err != nil || s.Exists {
		t.Errorf("%+v, %v", s, err)
	}
}
