package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"signet/internal/harden"
	"signet/internal/paths"
	"signet/vault/secret"
)

// App is what every command works with. Tests fill it by hand.
type App struct {
	In       io.Reader
	Out, Err io.Writer
	Env      paths.Env
	Now      func() time.Time
	Rand     io.Reader
	Terminal Terminal // the controlling terminal, for prompts
	OutTTY   bool     // standard output is a terminal
	InTTY    bool
	FD       func(fd int) (io.Reader, error) // nil: the process's own descriptors

	// Global flags.
	Vault        string
	JSON         bool
	NoInput      bool
	PassphraseFD int // -1: none
	Unlock       string
	ASCII        bool // signet alone

	// Harden are the warnings of the start-up hardening; doctor shows them.
	Harden []harden.Warning

	fds *descriptors // what was read from descriptors, each once

	remember bool          // keep the passphrase that opens the vault: the command needs it once more
	typed    secret.Secret // what was remembered
	answered bool          // somebody typed a secret at a prompt of a way in
}

// newApp is the App of the real process.
func newApp() *App {
	return &App{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Now: time.Now, Rand: systemRand(),
		Terminal: systemTerminal(), OutTTY: isTerminal(os.Stdout), InTTY: isTerminal(os.Stdin), PassphraseFD: -1, fds: &descriptors{},
	}
}

// interactive reports whether somebody can be asked.
func (a *App) interactive() bool { return !a.NoInput && a.Terminal != nil && a.Terminal.Available() }

// vaultDir is the vault's directory as a whole path, so that messages and JSON mean the same everywhere.
func (a *App) vaultDir() (string, error) {
	dir, err := a.namedDir()
	if err != nil {
		return "", err
	}
	return filepath.Abs(dir)
}

// namedDir resolves --vault, SIGNET_VAULT, a short name from the configuration, and the default. What holds a separator is a
// path, whatever the configuration says.
func (a *App) namedDir() (string, error) {
	dir := a.Vault
	if dir == "" {
		dir = a.Env("SIGNET_VAULT")
	}
	if dir == "" {
		return paths.DefaultVault(a.Env)
	}
	if strings.ContainsAny(dir, `/\`) || dir == "." || dir == ".." {
		return dir, nil
	}
	cfg, err := a.config()
	if err != nil {
		return "", err
	}
	if long, ok := cfg.Vaults[dir]; ok {
		return a.expandHome(long), nil
	}
	return dir, nil
}

// expandHome turns ~/… into a path below the home directory.
func (a *App) expandHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && a.Env("HOME") != "" {
		return filepath.Join(a.Env("HOME"), rest)
	}
	return path
}

// note writes a line for people to standard error: chatter, left out with --json, where the answer itself says it.
func (a *App) note(format string, args ...any) {
	if !a.JSON {
		a.printErr(format+"\n", args...)
	}
}

// warn says that something is weaker than it could be. With --json it is a line on standard error: nothing weakens protection
// silently, not even in a script.
func (a *App) warn(code, format string, args ...any) {
	if a.JSON {
		_ = writeLine(a.Err, noticeLine{"notice", 1, code, a.cleanf(format, args...)})
		return
	}
	a.printErr("signet: warning: "+format+"\n", args...)
}

// cleanf formats with foreign text sanitised.
func (a *App) cleanf(format string, args ...any) string {
	return fmt.Sprintf(format, a.clean(args, true)...)
}

// mustAnswer refuses, before anything is opened, what asks a question where nobody can answer.
func (a *App) mustAnswer(yes bool, what string) error {
	if yes || a.interactive() {
		return nil
	}
	return usagef("%s needs an answer", what).hint("say --yes to go on without a question")
}

// asked reports a refusal as an error: a "no" is exit 1 (decisions.md).
func (a *App) asked(ctx context.Context, question, refused string) error {
	ok, err := a.confirm(ctx, question)
	if err == nil && !ok {
		err = failf("refused", "%s", refused)
	}
	return err
}
