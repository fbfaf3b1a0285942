package cli

import (
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"signet/internal/buildinfo"
)

func newManCmd(a *App) *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:     "man [COMMAND…]",
		Short:   "Print a manual page",
		Example: "  signet man | man -l -\n  signet man get | man -l -\n  signet man passkey create | man -l -\n  signet man --dir ./man1",
		Args:    cobra.MaximumNArgs(2),
		RunE:    func(cmd *cobra.Command, args []string) error { return runMan(a, cmd.Root(), args, dir) },
	}
	c.Flags().StringVar(&dir, "dir", "", "write the pages of all commands into `DIR`")
	return c
}

func runMan(a *App, root *cobra.Command, args []string, dir string) error {
	root.DisableAutoGenTag = true
	date := time.Unix(0, 0).UTC()
	head := &doc.GenManHeader{Title: "SIGNET", Section: "1", Source: "signet " + buildinfo.Version(), Manual: "Signet", Date: &date}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // manual pages are public
			return err
		}
		head.Title = ""
		return doc.GenManTree(root, head, dir)
	}
	page := root
	if len(args) > 0 {
		found, rest, err := root.Find(args)
		if err != nil || found == root || len(rest) > 0 {
			return usagef("no command is called %s", strings.Join(args, " ")).hint("see 'signet --help'")
		}
		page = found
		head.Title = ""
	}
	return doc.GenMan(page, head, a.Out)
}
