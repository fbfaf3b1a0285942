package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"signet/internal/paths"
	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/vault"
	"signet/vault/format"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// vaultErrors are the vault's sentinels with their exit codes and next steps. The order matters: an UnlockError wraps
// ErrLocked and every cause.
var vaultErrors = []sentinel{
	{vault.ErrNoVault, ExitNoVault, "vault.none", "'signet init' creates one; --vault names another directory"},
	{vault.ErrInUse, ExitInUse, "vault.in_use", "another process is writing: try again when it is done"},
	{vault.ErrWrongPassphrase, ExitLocked, "unlock.wrong_passphrase", "try again, or use another slot: --unlock NAME; the recovery code: --unlock recovery"},
	{unlock.ErrNeedsPerson, ExitLocked, "unlock.needs_person", "run it on a terminal, or give the passphrase with --passphrase-fd N"},
	{unlock.ErrPluginMissing, ExitLocked, "unlock.plugin_missing", "install the age plugin, or use another slot: --unlock NAME"},
	{vault.ErrNoIdentity, ExitLocked, "unlock.no_slot", "is it the code or the file of this vault? 'signet slot ls' where the vault still opens lists what opens it"},
	{format.ErrRecoveryCode, ExitLocked, "unlock.recovery_code", "type the code or its 24 words as they stand on the sheet"},
	{vault.ErrWayChanged, ExitLocked, "unlock.changed", "the way in was changed meanwhile: unlock again"},
	{vault.ErrLocked, ExitLocked, "vault.locked", "unlock it on a terminal, with --passphrase-fd N, or with the recovery code: --unlock recovery"},
	{vault.ErrRevoked, ExitLocked, "vault.revoked", "this device was removed from the vault; 'signet slot add' on another device lets it in again"},
	{vault.ErrHeadsLost, ExitFailure, "vault.heads_lost", "'signet doctor' shows what was found and lets you accept it"},
	{vault.ErrReadOnly, ExitFailure, "vault.read_only", "the recovery code only reads: 'signet slot add' with it enrols this machine"},
	{vault.ErrNewerFormat, ExitFailure, "vault.newer", "update Signet"},
	{vault.ErrCorrupt, ExitFailure, "vault.damaged", "'signet doctor' names the files and what to do"},
	{vault.ErrDiskFull, ExitFailure, "disk_full", "nothing was changed: make room, then run it again"},
	{vault.ErrNotFound, ExitNotFound, "entry.not_found", "'signet ls' lists the entries"},
	{vault.ErrTooLarge, ExitFailure, "too_large", ""},
	{vault.ErrUnsure, ExitFailure, "disk.unsure", "look whether the edit is there; 'signet doctor' looks at every file"},
	{vault.ErrRotate, ExitFailure, "vault.rotate", "'signet doctor --rotate' begins a new epoch"},
}

// classifyTyped recognises the typed errors of the vault and the session.
func classifyTyped(err error) *Error {
	var query *session.ErrQuery
	if errors.As(err, &query) {
		return usagef("%s", query.Msg).hint("see 'signet ls --help'")
	}
	var changed *vault.ChangedError
	var undo *vault.UndoError
	if errors.As(err, &changed) || errors.As(err, &undo) || errors.Is(err, vault.ErrConflict) {
		return &Error{Exit: ExitConflict, Code: "conflict", Err: err, Hint: "look at it again, then decide"}
	}
	return nil
}

func (a *App) vaultOptions() vault.Options {
	return vault.Options{
		Now: a.Now, Rand: a.Rand, Keyring: a.keyring(),
		Notice:       a.notice,
		SyncedFolder: paths.SyncedFolder,
	}
}

func (a *App) keyring() unlock.Keyring {
	return unlock.Keyring{Notice: func(text string) { a.notice(vault.Notice{Code: "keyring", Text: text}) }}
}

// notice tells what the vault found on the way; on standard error, so that no pipe is disturbed.
func (a *App) notice(n vault.Notice) {
	if n.Code == "cache" {
		return
	}
	if a.JSON {
		_ = writeLine(a.Err, noticeLine{"notice", 1, n.Code, sanitize.Line(n.Text)})
		return
	}
	a.printErr("signet: %s\n", n.Text)
}

type noticeLine struct {
	Type string `json:"type"`
	V    int    `json:"v"`
	Code string `json:"code"`
	Text string `json:"text"`
}

// dir looks at the vault directory without opening it.
func (a *App) dir() (*vault.Dir, error) {
	path, err := a.vaultDir()
	if err != nil {
		return nil, err
	}
	d, err := vault.At(path, a.vaultOptions())
	if errors.Is(err, vault.ErrNoVault) {
		return nil, (&Error{Exit: ExitNoVault, Code: "vault.none", Msg: "there is no vault at " + path}).
			hint("'signet init' creates one; --vault names another directory")
	}
	return d, err
}

// unlockOptions carries the global flags over.
func (a *App) unlockOptions(ctx context.Context) (vault.UnlockOptions, error) {
	pass, _, err := a.passphraseFD(ctx)
	if err != nil {
		return vault.UnlockOptions{}, err
	}
	return vault.UnlockOptions{Method: a.Unlock, Interactive: a.interactive(), Prompter: prompter{a}, Secret: pass}, nil
}

// open opens the vault as the global flags say.
func (a *App) open(ctx context.Context) (*vault.Vault, error) {
	d, err := a.dir()
	if err != nil {
		return nil, err
	}
	return a.openDir(ctx, d)
}

func (a *App) openDir(ctx context.Context, d *vault.Dir) (*vault.Vault, error) {
	o, err := a.unlockOptions(ctx)
	if err != nil {
		return nil, err
	}
	v, err := d.Unlock(ctx, o)
	if err != nil {
		return nil, unlockError(err)
	}
	return v, nil
}

// unlockError keeps the exit code of a vault that did not open and takes the next step from the way that was tried last.
func unlockError(err error) error {
	var u *vault.UnlockError
	if !errors.As(err, &u) {
		return err
	}
	e := &Error{Exit: ExitLocked, Code: "vault.locked", Err: err, Hint: "unlock it on a terminal, with --passphrase-fd N, or with the recovery code: --unlock recovery"}
	for _, t := range u.Tries {
		if h := keyringHint(t.Err); h != "" {
			e.Hint = h
		}
	}
	for _, c := range vaultErrors {
		if c.is != vault.ErrLocked && errors.Is(err, c.is) {
			e.Code = c.code
			if c.exit == ExitLocked && len(u.Tries) == 1 {
				e.Hint = c.hint
			}
			break
		}
	}
	return e
}

// keyringHint is the next step that the keyring itself gave, "" when it was not the keyring.
func keyringHint(err error) string {
	var k *unlock.KeyringError
	if errors.As(err, &k) {
		return k.Hint
	}
	return ""
}

// withSession opens the vault, runs f, and finishes upkeep after the answer was written.
func (a *App) withSession(ctx context.Context, f func(session.Session) error) error {
	v, err := a.open(ctx)
	if err != nil {
		return err
	}
	s := session.NewLocal(v, a.Now)
	err = f(s)
	if cerr := s.Close(); cerr != nil && err == nil {
		a.warn("upkeep", "upkeep of the vault failed and will be tried again: %s", cerr)
	}
	return err
}

// withVault is withSession for the maintenance commands, which work on the vault itself.
func (a *App) withVault(ctx context.Context, f func(*vault.Vault) error) error {
	v, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	return f(v)
}

// prompter asks on the controlling terminal for the ways in.
type prompter struct{ a *App }

func (p prompter) Secret(ctx context.Context, prompt string) (secret.Secret, error) {
	if !p.a.interactive() {
		return secret.Secret{}, errNobody
	}
	if !strings.HasSuffix(prompt, ":") {
		prompt += ":"
	}
	s, err := p.a.Terminal.Secret(ctx, prompt)
	p.a.answered = p.a.answered || err == nil
	if err == nil && p.a.remember {
		p.a.typed = s.Clone()
	}
	return s, err
}

func (p prompter) Message(text string) {
	if p.a.interactive() {
		p.a.Terminal.Write(sanitize.Text(strings.TrimRight(text, "\n")) + "\n")
		return
	}
	p.a.notice(vault.Notice{Code: "unlock", Text: text})
}

func (p prompter) Confirm(ctx context.Context, prompt, yes, no string) (bool, error) {
	if no == "" {
		return true, nil
	}
	return p.a.confirm(ctx, fmt.Sprintf("%s (%s / %s)", prompt, yes, no))
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "this device"
	}
	return name
}
