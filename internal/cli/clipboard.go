package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/clip"
	"signet/internal/paths"
	"signet/vault/secret"
)

// clipboardCommand is the hidden command that the child of a copy runs: it outlives the command, clears, and ends.
const clipboardCommand = "clipboard-keeper"

// defaultClear is used where no vault says otherwise (generate --copy).
const defaultClear = 45 * time.Second

func newClipboardCmd(a *App) *cobra.Command {
	return &cobra.Command{
		Use: clipboardCommand, Hidden: true, Args: cobra.NoArgs, Short: "Clear the clipboard later (started by --copy)",
		Example: "  (not for people: it reads its order from standard input)",
		RunE:    func(cmd *cobra.Command, _ []string) error { return clip.RunClearer(cmd.Context(), a.In, a.Out) },
	}
}

// clipOptions copies by the surroundings of this process; terminal asks for OSC 52.
func (a *App) clipOptions(after time.Duration, terminal bool) clip.Options {
	o := clip.Options{Host: clip.System(), After: min(after, clip.MaxClear)}
	o.Host.Env = a.Env
	if terminal {
		o.Method = clip.Terminal
	}
	if exe, err := os.Executable(); err == nil {
		o.Keeper = clip.Keeper{Exe: exe, Args: []string{clipboardCommand}, Dir: a.clipDir()}
	}
	return o
}

// clipDir is where waiting children are remembered, so that locking clears at once.
func (a *App) clipDir() string {
	dir, err := paths.RuntimeDir(a.Env)
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "clip")
}

type copiedLine struct {
	Type       string   `json:"type"`
	V          int      `json:"v"`
	Field      string   `json:"field"`
	Path       string   `json:"path"`
	Sensitive  bool     `json:"marked_sensitive"`
	ClearAfter int      `json:"clear_after_seconds"`
	Notes      []string `json:"notes"`
}

// toClipboard copies a value and says by which way, for how long, and what is weaker than usual.
func (a *App) toClipboard(ctx context.Context, value secret.Secret, what string, after time.Duration, terminal bool) error {
	r, err := clip.Copy(ctx, a.clipOptions(after, terminal), value)
	if err != nil {
		hint := "'signet doctor' says which clipboards were found"
		if errors.Is(err, clip.ErrNoClipboard) {
			hint = "--osc52 copies through the terminal, where it allows that"
		}
		return &Error{Exit: ExitFailure, Code: "clipboard", Err: err, Hint: hint}
	}
	if a.JSON {
		return a.line(copiedLine{"copied", 1, what, string(r.Path), r.Concealed, int(r.Clears.Seconds()), orEmpty(r.Notes)})
	}
	a.note("%s %s", what, r.Summary())
	for _, n := range r.Notes {
		a.note("  note: %s", n)
	}
	return nil
}
