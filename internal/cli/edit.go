package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/vault"
)

type changedLine struct {
	Type   string `json:"type"`
	V      int    `json:"v"`
	Action string `json:"action"`
	ID     string `json:"id"`
	Title  string `json:"title"`
}

// changed says what an edit did.
func (a *App) changed(action string, id vault.ID, title string) error {
	if a.JSON {
		return a.line(changedLine{"changed", 1, action, string(id), title})
	}
	a.note("%s %s (%s)", action, title, shortID(id))
	return nil
}

// shortID is how an id is shown: enough to type, and unique in any real vault.
func shortID(id vault.ID) string { return string(id)[:min(8, len(id))] }

func newEditCmd(a *App) *cobra.Command {
	var o writeOptions
	c := &cobra.Command{
		Use:   "edit ENTRY [FIELD=VALUE…]",
		Short: "Change fields of an entry",
		Long: "The old value goes to the history, and of a field in conflict all values do: an edit settles it. FIELD=- reads standard input,\n" +
			"FIELD alone asks. tag=NAME adds a tag, folder=A/B moves the entry, url#2=… is its second address.",
		Example: "  signet edit github username=lovelace\n  signet edit github password\n  signet edit github --generate --length 24\n" +
			"  signet edit github tag=work folder=Code/Hosting\n  signet edit github --remove notes --untag old\n  signet edit github custom.PIN=- --create",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeAssign,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Args = args[1:]
			return runEdit(cmd.Context(), a, args[0], o)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&o.Create, "create", false, "make a custom field that is not there yet")
	c.Flags().StringArrayVar(&o.Remove, "remove", nil, "remove `FIELD` (its value stays in the history)")
	c.Flags().StringArrayVar(&o.Untag, "untag", nil, "remove a `TAG`")
	return c
}

func runEdit(ctx context.Context, a *App, ref string, o writeOptions) error {
	if err := o.parse(a); err != nil {
		return err
	}
	if len(o.assignments)+len(o.Remove)+len(o.Untag) == 0 && !o.Generate {
		return usagef("nothing to change").hint("signet edit ENTRY FIELD=VALUE, --remove FIELD, --untag TAG or --generate")
	}
	for _, name := range o.Remove {
		f, err := vault.ParseFieldName(name)
		if err != nil {
			return fieldError(err, name)
		}
		if err := notOfAPasskey(f, name); err != nil {
			return err
		}
	}
	return a.withEntry(ctx, ref, func(s session.Session, e vault.Entry) error {
		edits, err := a.edits(ctx, s, e, o)
		if err != nil {
			return err
		}
		removed, err := removals(e, o)
		if err != nil {
			return err
		}
		if _, err := s.Apply(ctx, nil, dedupe(append(edits, removed...))); err != nil {
			return err
		}
		return a.changed("changed", e.ID, e.Title)
	})
}

func removals(e vault.Entry, o writeOptions) (edits []vault.Edit, err error) {
	for _, name := range o.Remove {
		f, err := vault.ParseFieldName(name)
		if err != nil {
			return nil, fieldError(err, name)
		}
		if f.Alias == "title" {
			return nil, usagef("an entry has a title: change it, or move the entry to the trash with rm")
		}
		found, err := e.Find(f)
		if err != nil {
			return nil, absentField(e, name)
		}
		edits = append(edits, e.RemoveField(found)...)
	}
	for _, tag := range o.Untag {
		if !slices.Contains(e.Tags, tag) {
			return nil, absentField(e, "tag "+tag)
		}
		edits = append(edits, e.RemoveTag(tag))
	}
	return edits, nil
}

// parseDay reads a date, or a date with a time, as people and scripts write it.
func parseDay(s string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
