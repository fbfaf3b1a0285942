package cli

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/vault"
)

func newCompletionCmd(a *App) *cobra.Command {
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print the completion script of a shell",
		Long:      "Completion knows commands, flags, fields and, when the vault opens without asking anybody, the titles of entries.",
		Example:   "  signet completion bash > ~/.local/share/bash-completion/completions/signet\n  signet completion zsh > \"${fpath[1]}/_signet\"\n  signet completion fish > ~/.config/fish/completions/signet.fish",
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return cmd.Root().GenBashCompletionV2(a.Out, true)
			case "zsh":
				return cmd.Root().GenZshCompletion(a.Out)
			case "fish":
				return cmd.Root().GenFishCompletion(a.Out, true)
			case "powershell":
				return cmd.Root().GenPowerShellCompletionWithDesc(a.Out)
			}
			return usagef("unknown shell %q", args[0]).hint("bash, zsh, fish or powershell")
		},
	}
}

const (
	completeTime  = 2 * time.Second
	completeLimit = 200
)

// quietly opens the vault for completion: nobody is asked, nothing is printed, and it gives up soon.
func (a *App) quietly(ctx context.Context, f func(context.Context, session.Session) error) {
	b := *a
	b.NoInput, b.JSON, b.PassphraseFD = true, true, -1
	b.Out, b.Err = discard{}, discard{}
	ctx, cancel := context.WithTimeout(ctx, completeTime)
	defer cancel()
	_ = b.withSession(ctx, func(s session.Session) error { return f(ctx, s) })
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func (a *App) titles(ctx context.Context, prefix string, trash bool) (out []string) {
	a.quietly(ctx, func(ctx context.Context, s session.Session) error {
		page, err := s.Find(ctx, session.Query{Text: prefix, Trash: trash, Limit: completeLimit})
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			out = append(out, completion(r, prefix)...)
		}
		return nil
	})
	return out
}

// completion offers an entry by its title, or by its id where the title has characters that a shell obeys: what several
// completions begin with goes to the command line unquoted, and the next Tab evaluates it. The title then describes the id.
func completion(r vault.Row, prefix string) []string {
	user := shellSafe(r.Username)
	switch {
	case shellSafe(r.Title) != r.Title:
		return []string{shortID(r.ID) + "\t" + shellSafe(r.Title)}
	case strings.HasPrefix(strings.ToLower(r.Title), strings.ToLower(prefix)):
		return []string{r.Title + "\t" + user}
	}
	return nil
}

// shellSafe replaces every character that means something to a shell, or that could look like another.
func shellSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._-@+,/", r) {
			return r
		}
		return '·'
	}, sanitize.Line(s))
}

func (a *App) completeEntries(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	return a.titles(cmd.Context(), word, false), cobra.ShellCompDirectiveNoFileComp
}

func (a *App) completeTrash(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	return a.titles(cmd.Context(), word, true), cobra.ShellCompDirectiveNoFileComp
}

func (a *App) fieldNames(ctx context.Context, ref string) (out []string) {
	a.quietly(ctx, func(ctx context.Context, s session.Session) error {
		id, err := s.Resolve(ctx, ref, session.ResolveOptions{})
		if err != nil {
			return err
		}
		e, err := s.Get(ctx, id, session.GetOptions{})
		for _, name := range e.FieldNames() {
			if shellSafe(strings.NewReplacer("#", "", ".", "").Replace(name)) == strings.NewReplacer("#", "", ".", "").Replace(name) {
				out = append(out, name)
			}
		}
		return err
	})
	return out
}

func (a *App) completeEntryField(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeEntries(cmd, args, word)
	}
	return a.fieldNames(cmd.Context(), args[0]), cobra.ShellCompDirectiveNoFileComp
}

func (a *App) completeAssign(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeEntries(cmd, args, word)
	}
	var out []string
	for _, name := range a.fieldNames(cmd.Context(), args[0]) {
		out = append(out, name+"=")
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func completeKind(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, k := range vault.Kinds() {
		if _, ok := kindCredential[k]; ok {
			out = append(out, string(k))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
