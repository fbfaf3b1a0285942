package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/clip"
	"signet/internal/paths"
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

func (a *App) clipOptions(after time.Duration) clip.Options {
	o := clip.Options{Host: clip.System(), After: after}
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

// clearNote says when the clipboard is cleared, and what is weaker than usual.
func clearNote(r clip.Result) string {
	note := ""
	if r.Clears > 0 {
		note = fmt.Sprintf("; cleared in %d s if it is still there", int(r.Clears.Seconds()))
	}
	for _, n := range r.Notes {
		note += "\n  note: " + n
	}
	return note
}
