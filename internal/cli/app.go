package cli

import (
	"context"
	"io"
	"os"
	"time"

	"signet/internal/paths"
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

	// Global flags.
	Vault        string
	JSON         bool
	NoInput      bool
	PassphraseFD int // -1: none
	Unlock       string
	Device       string

	// Harden are the warnings of the start-up hardening; doctor shows them.
	Harden []string

	fdSecret secretOnce // what --passphrase-fd held, read once
	stdin    bool       // standard input was taken by field=-
}

// newApp is the App of the real process.
func newApp() *App {
	return &App{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Now: time.Now, Rand: systemRand(),
		Terminal: systemTerminal(), OutTTY: isTerminal(os.Stdout), InTTY: isTerminal(os.Stdin), PassphraseFD: -1,
	}
}

// interactive reports whether somebody can be asked.
func (a *App) interactive() bool { return !a.NoInput && a.Terminal != nil && a.Terminal.Available() }

// vaultDir resolves --vault, SIGNET_VAULT, a short name from the configuration, and the default.
func (a *App) vaultDir() (string, error) {
	dir := a.Vault
	if dir == "" {
		dir = a.Env("SIGNET_VAULT")
	}
	if dir == "" {
		return paths.DefaultVault(a.Env)
	}
	if cfg, err := a.config(); err != nil {
		return "", err
	} else if long, ok := cfg.Vaults[dir]; ok {
		return long, nil
	}
	return dir, nil
}

// note writes a line for people to standard error; not with --json, where standard error holds JSON only.
func (a *App) note(ctx context.Context, format string, args ...any) {
	if !a.JSON {
		a.printErr(format+"\n", args...)
	}
}
