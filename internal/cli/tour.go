package cli

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// demoExport is a made-up Bitwarden export: what the tour imports and most of what the demo vault holds.
//
//go:embed demo/bitwarden.json
var demoExport []byte

// demoRest is what the other program's format has no place for: tags, Wi-Fi, API keys, device-bound passkeys, files, the trash.
//
//go:embed demo/more.signet.jsonl
var demoRest []byte

func newTourCmd(a *App) *cobra.Command {
	var keep bool
	c := &cobra.Command{
		Use:     "tour",
		Short:   "See what Signet does, on a throw-away vault",
		Long:    "Creates a vault in a temporary directory and does the main job end to end through the command line itself. Each step says\nwhat it proves. Your own vault and keyring are not touched. The exit code is 0 only when all held.",
		Example: "  signet tour",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTour(cmd.Context(), a, keep) },
	}
	c.Flags().BoolVar(&keep, "keep", false, "leave the throw-away vault in place and say where")
	return c
}

// tour is one run: the commands go through Run like any other command line.
type tour struct {
	a    *App
	dir  string
	pass string
	n    int
}

// tourPassphrase opens the throw-away vault; it protects nothing but made-up data.
const tourPassphrase = "the throw-away vault of the tour"

func runTour(ctx context.Context, a *App, keep bool) error {
	dir, err := os.MkdirTemp("", "signet-tour-")
	if err != nil {
		return err
	}
	if !keep {
		defer os.RemoveAll(dir)
	}
	t := &tour{a: a, dir: dir, pass: tourPassphrase}
	a.say("Signet works on a throw-away vault in %s.\n\n", dir)
	for _, step := range tourSteps() {
		t.n++
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.step(ctx, step); err != nil {
			return err
		}
	}
	a.say("\nAll %d steps held.", t.n)
	if keep {
		a.say(" The vault is %s, its passphrase %q.", t.vault(), tourPassphrase)
	}
	a.say("\nNext: 'signet init' makes a vault of your own, 'signet import FILE' brings what you have.\n")
	return nil
}

// say prints for people; with --json the steps are lines of their own.
func (a *App) say(format string, args ...any) {
	if !a.JSON {
		a.printf(format, args...)
	}
}

type tourStep struct {
	what   string
	proves string
	run    func(ctx context.Context, t *tour) error
}

type tourLine struct {
	Type   string `json:"type"`
	V      int    `json:"v"`
	N      int    `json:"n"`
	Step   string `json:"step"`
	Proves string `json:"proves"`
	OK     bool   `json:"ok"`
	Error  string `json:"error,omitempty"`
}

func (t *tour) step(ctx context.Context, s tourStep) error {
	err := s.run(ctx, t)
	if t.a.JSON {
		l := tourLine{"step", 1, t.n, s.what, s.proves, err == nil, ""}
		if err != nil {
			l.Error = err.Error()
		}
		if e := t.a.line(l); e != nil {
			return e
		}
	} else {
		mark := "ok  "
		if err != nil {
			mark = "FAIL"
		}
		t.a.printf("%s %2d  %s\n         %s\n", mark, t.n, s.what, s.proves)
	}
	if err != nil {
		return &Error{Exit: ExitFailure, Code: "tour", Msg: "step " + fmt.Sprint(t.n) + " (" + s.what + ") did not hold", Err: err}
	}
	return nil
}

func (t *tour) vault() string { return filepath.Join(t.dir, "vault") }

// signet runs one command line on the throw-away vault and returns what it printed.
func (t *tour) signet(ctx context.Context, args ...string) (string, error) {
	return t.signetOn(ctx, t.vault(), t.pass, args...)
}

func (t *tour) signetOn(ctx context.Context, vault, pass string, args ...string) (string, error) {
	return t.run(ctx, "", vault, pass, args)
}

// signetWith is signet with something on standard input.
func (t *tour) signetWith(ctx context.Context, in string, args ...string) (string, error) {
	return t.run(ctx, in, t.vault(), t.pass, args)
}

// tourPassFD is the descriptor that gives the passphrase of the vault.
const tourPassFD = "9"

func (t *tour) run(ctx context.Context, in, vault, pass string, args []string) (string, error) {
	var out, errs bytes.Buffer
	sub := &App{
		In: strings.NewReader(in), Out: &out, Err: &errs, Env: t.env, Now: t.a.Now, Rand: t.a.Rand, PassphraseFD: -1, fds: &descriptors{},
		FD: func(int) (io.Reader, error) { return strings.NewReader(pass), nil },
	}
	all := append([]string{"--vault", vault, "--no-input", "--passphrase-fd", tourPassFD, "--json"}, args...)
	if code := sub.Run(ctx, all); code != ExitOK {
		return out.String(), fmt.Errorf("signet %s ended with %d: %s", strings.Join(args, " "), code, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// env hides the user's own vault, configuration and keyring from the tour.
func (t *tour) env(name string) string {
	switch name {
	case "HOME", "PATH", "LANG", "LC_ALL", "TERM":
		return t.a.Env(name)
	}
	return ""
}

// tourSteps is a function, because its steps run commands, and one of the commands is the tour.
func tourSteps() []tourStep {
	return []tourStep{
		{"create a vault", "one directory, a passphrase slot, a recovery code written to a file", func(ctx context.Context, t *tour) error {
			_, err := t.signet(ctx, "init", "--unlock", "passphrase", "--work-factor", "12", "--recovery-file", filepath.Join(t.dir, "recovery.txt"))
			return err
		}},
		{"import a Bitwarden export", "logins, codes, card, identity, notes, folders and history arrive, and the report says so", tourImport},
		{"import it again", "nothing is doubled", tourImportAgain},
		{"find a login by three letters", "search goes over title, user name, host and tags", tourSearch},
		{"read its password and one-time code", "the code is the one that RFC 6238 says", tourCode},
		{"change the password, look back, undo", "the old value stays in the history; an edit can be taken back", tourEdit},
		{"make a passkey, sign in with it", "the site's question is signed for this site; another site's page is refused", tourPasskey},
		{"make and delete an entry", "rm moves to the trash, restore brings it back", tourTrash},
		{"look for secrets on the disk", "no file of the vault holds a title or a password in clear", tourDisk},
		{"flip one bit in one file", "doctor names the damaged file; nothing is lost silently", tourDamage},
		{"open with the recovery code", "the way back in when everything else is lost", tourRecovery},
		{"export, encrypted", "an age file that another Signet imports without loss", tourExport},
	}
}

func tourImport(ctx context.Context, t *tour) error {
	file := filepath.Join(t.dir, "bitwarden.json")
	if err := os.WriteFile(file, demoExport, 0o600); err != nil {
		return err
	}
	if _, err := t.signet(ctx, "import", file); err != nil {
		return err
	}
	return t.wantEntries(ctx, t.vault(), demoEntries())
}

// demoMore fills the demo vault up with what the import of the tour lacks.
func demoMore(ctx context.Context, t *tour) error {
	file := filepath.Join(t.dir, "more.signet.jsonl")
	if err := os.WriteFile(file, demoRest, 0o600); err != nil {
		return err
	}
	_, err := t.signet(ctx, "import", file)
	return err
}

// demoEntries counts the items of the made-up export.
func demoEntries() int {
	var x struct{ Items []json.RawMessage }
	_ = json.Unmarshal(demoExport, &x)
	return len(x.Items)
}

func (t *tour) wantEntries(ctx context.Context, vault string, want int) error {
	out, err := t.signetOn(ctx, vault, t.pass, "ls")
	if err != nil {
		return err
	}
	if got := strings.Count(out, `"type":"entry"`); got != want {
		return fmt.Errorf("the vault holds %d entries, not %d", got, want)
	}
	return nil
}

func tourImportAgain(ctx context.Context, t *tour) error {
	if _, err := t.signet(ctx, "import", filepath.Join(t.dir, "bitwarden.json")); err != nil {
		return err
	}
	return t.wantEntries(ctx, t.vault(), demoEntries())
}

func tourSearch(ctx context.Context, t *tour) error {
	out, err := t.signet(ctx, "ls", "git")
	if err != nil {
		return err
	}
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, `"title":"GitHub"`) {
		return fmt.Errorf("searching for git found %q", out)
	}
	return nil
}

func (t *tour) wantValue(ctx context.Context, field, want string) error {
	out, err := t.signet(ctx, "get", "GitHub", field)
	if err != nil {
		return err
	}
	var v valueLine
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Value != want {
		return fmt.Errorf("%s is not what was written", field)
	}
	return nil
}

func tourCode(ctx context.Context, t *tour) error {
	if err := t.wantValue(ctx, "password", "correct-horse-7"); err != nil {
		return err
	}
	// The key is that of RFC 6238 appendix B, whose code at 59 s is 94287082.
	now := t.a.Now
	t.a.Now = func() time.Time { return time.Unix(59, 0) }
	out, err := t.signet(ctx, "otp", "GitHub")
	t.a.Now = now
	if err != nil {
		return err
	}
	if !strings.Contains(out, `"code":"287082"`) {
		return fmt.Errorf("the code is %s", out)
	}
	return nil
}

func tourEdit(ctx context.Context, t *tour) error {
	if _, err := t.signet(ctx, "edit", "GitHub", "--insecure-args", "password=new-password-1"); err != nil {
		return err
	}
	if err := t.wantValue(ctx, "password", "new-password-1"); err != nil {
		return err
	}
	out, err := t.signet(ctx, "history", "GitHub", "--reveal")
	if err != nil {
		return err
	}
	if !strings.Contains(out, "correct-horse-7") || !strings.Contains(out, "the-one-before") {
		return fmt.Errorf("the history lacks an old password")
	}
	if _, err := t.signet(ctx, "undo"); err != nil {
		return err
	}
	return t.wantValue(ctx, "password", "correct-horse-7")
}

func tourTrash(ctx context.Context, t *tour) error {
	for _, args := range [][]string{
		{"add", "login", "Throw-away", "username=nobody", "--generate"}, {"rm", "Throw-away"}, {"restore", "Throw-away"}, {"rm", "Throw-away", "--purge", "--yes"},
	} {
		if _, err := t.signet(ctx, args...); err != nil {
			return err
		}
	}
	return t.wantEntries(ctx, t.vault(), demoEntries())
}

func tourDisk(_ context.Context, t *tour) error {
	return filepath.WalkDir(t.vault(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range []string{"correct-horse-7", "GitHub", "ada.lovelace", "JBSWY3DPEHPK3PXP"} {
			if bytes.Contains(b, []byte(s)) {
				return fmt.Errorf("%s holds %q in clear", filepath.Base(path), s)
			}
		}
		return nil
	})
}

// tourDamage works on a copy, so that the rest of the tour has a sound vault.
func tourDamage(ctx context.Context, t *tour) error {
	copied := filepath.Join(t.dir, "damaged")
	if err := os.CopyFS(copied, os.DirFS(t.vault())); err != nil {
		return err
	}
	logs, err := filepath.Glob(filepath.Join(copied, "log", "*", "*.age"))
	if err != nil || len(logs) == 0 {
		return fmt.Errorf("the copy has no log: %w", err)
	}
	b, err := os.ReadFile(logs[0])
	if err != nil {
		return err
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(logs[0], b, 0o600); err != nil {
		return err
	}
	out, err := t.signetOn(ctx, copied, t.pass, "doctor")
	if err == nil {
		return fmt.Errorf("doctor did not notice")
	}
	if !strings.Contains(out, filepath.Base(logs[0])) {
		return fmt.Errorf("doctor did not name %s", filepath.Base(logs[0]))
	}
	return nil
}

func tourRecovery(ctx context.Context, t *tour) error {
	sheet, err := os.ReadFile(filepath.Join(t.dir, "recovery.txt"))
	if err != nil {
		return err
	}
	out, err := t.signetOn(ctx, t.vault(), recoveryLine(string(sheet)), "--unlock", "recovery", "get", "GitHub", "password")
	if err != nil {
		return err
	}
	if !strings.Contains(out, "correct-horse-7") {
		return fmt.Errorf("the recovery code opened something else")
	}
	return nil
}

// recoveryLine picks the code itself out of the sheet: the line that age accepts as an identity.
func recoveryLine(sheet string) string {
	for line := range strings.Lines(sheet) {
		if strings.HasPrefix(line, "AGE-SECRET-KEY-PQ-1") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func tourExport(ctx context.Context, t *tour) error {
	file := filepath.Join(t.dir, "export.age")
	if _, err := t.signet(ctx, "export", file, "--to-passphrase", "--file-passphrase-fd", "3", "--work-factor", "12"); err != nil {
		return err
	}
	second := filepath.Join(t.dir, "second")
	if _, err := t.signetOn(ctx, second, t.pass, "init", "--unlock", "passphrase", "--work-factor", "12", "--no-recovery"); err != nil {
		return err
	}
	if _, err := t.signetOn(ctx, second, t.pass, "import", file, "--file-passphrase-fd", "3"); err != nil {
		return err
	}
	return t.wantEntries(ctx, second, demoEntries())
}
