package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/format"
)

type historyOptions struct {
	Ref     string
	Reveal  bool
	Restore string
	Purge   bool
	Yes     bool
}

func newHistoryCmd(a *App) *cobra.Command {
	var o historyOptions
	c := &cobra.Command{
		Use:               "history ENTRY",
		Short:             "Show previous values, and put one back",
		Example:           "  signet history github\n  signet history github --reveal\n  signet history github --restore 2",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeEntries,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Ref = args[0]
			return runHistory(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVar(&o.Reveal, "reveal", false, "show secrets too")
	c.Flags().StringVar(&o.Restore, "restore", "", "put the value with this number (or dot) back")
	c.Flags().BoolVar(&o.Purge, "purge", false, "remove all previous values of the entry for good")
	c.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return c
}

func runHistory(ctx context.Context, a *App, o historyOptions) error {
	if err := a.mustAnswer(o.Yes || !o.Purge, "--purge"); err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		id, err := s.Resolve(ctx, o.Ref, session.ResolveOptions{})
		if errors.Is(err, vault.ErrNotFound) {
			id, err = s.Resolve(ctx, o.Ref, session.ResolveOptions{Trash: true})
		}
		if err != nil {
			return a.refError(o.Ref, err)
		}
		e, err := s.Get(ctx, id, session.GetOptions{History: true, Reveal: o.Reveal})
		if err != nil {
			return err
		}
		switch {
		case o.Purge:
			return a.purgeHistory(ctx, s, e, o.Yes)
		case o.Restore != "":
			return a.restoreValue(ctx, s, e, o.Restore)
		}
		return a.printHistory(e)
	})
}

type pastLine struct {
	Type    string  `json:"type"`
	V       int     `json:"v"`
	N       int     `json:"n"`
	Dot     string  `json:"dot"`
	Field   string  `json:"field"`
	Path    string  `json:"path"`
	Written string  `json:"written"`
	Value   *string `json:"value"`
}

func (a *App) printHistory(e vault.Entry) error {
	if len(e.History) == 0 {
		a.note("%s has no previous values", e.Title)
		return nil
	}
	t := newTable(a, "#", "WRITTEN", "FIELD", "VALUE")
	for i, p := range e.History {
		name := e.PathName(p.Path)
		if a.JSON {
			l := pastLine{Type: "past", V: 1, N: i + 1, Dot: p.Dot.String(), Field: name, Path: p.Path, Written: stamp(p.Written)}
			if !p.Withheld {
				v := p.Value.RevealString()
				l.Value = &v
			}
			if err := a.line(l); err != nil {
				return err
			}
			continue
		}
		value := "••••••••"
		if !p.Withheld {
			value = p.Value.RevealString()
		}
		t.row(fmt.Sprint(i+1), a.ago(p.Written), name, value)
	}
	if !a.JSON {
		t.flush()
	}
	return nil
}

func findPast(e vault.Entry, ref string) (vault.Past, bool) {
	for i, p := range e.History {
		if fmt.Sprint(i+1) == ref || p.Dot.String() == ref {
			return p, true
		}
	}
	return vault.Past{}, false
}

func (a *App) restoreValue(ctx context.Context, s session.Session, e vault.Entry, ref string) error {
	p, ok := findPast(e, ref)
	if !ok {
		return (&Error{Exit: ExitNotFound, Code: "history.not_found", Msg: "no previous value has the number " + ref}).hint("'signet history ENTRY' numbers them")
	}
	if _, err := s.Restore(ctx, e.ID, p.Dot); err != nil {
		return err
	}
	return a.changed("put back "+e.PathName(p.Path)+" of", e.ID, e.Title)
}

func (a *App) purgeHistory(ctx context.Context, s session.Session, e vault.Entry, yes bool) error {
	if !yes {
		err := a.asked(ctx, fmt.Sprintf("Remove all %d previous values of %q for good?", len(e.History), e.Title), "nothing was removed")
		if err != nil {
			return err
		}
	}
	var edits []vault.Edit
	for _, p := range e.History {
		edits = append(edits, vault.RemoveEdit(e.ID, p.HistPath))
	}
	if len(edits) > 0 {
		if _, err := s.Apply(ctx, nil, edits); err != nil {
			return err
		}
	}
	a.note("the bytes leave the disk at the next compaction, and surely with 'signet purge'")
	return a.changed("purged the history of", e.ID, e.Title)
}

type undoOptions struct{ SIDs []string }

func newUndoCmd(a *App) *cobra.Command {
	return &cobra.Command{
		Use:     "undo [SID…]",
		Short:   "Take the last edit back",
		Long:    "Without SID the newest edit of this device is taken back. A field that was edited since stays as it is, and is named. An undo can be undone.",
		Example: "  signet undo",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runUndo(cmd.Context(), a, undoOptions{args})
		},
	}
}

func runUndo(ctx context.Context, a *App, o undoOptions) error {
	return a.withSession(ctx, func(s session.Session) error {
		var sids []format.SID
		for _, arg := range o.SIDs {
			sid, err := format.ParseSID(arg)
			if err != nil {
				return usagef("%q is no edit", arg)
			}
			sids = append(sids, sid)
		}
		done, err := s.Undo(ctx, sids)
		if err != nil {
			return err
		}
		if a.JSON {
			if err := a.line(undoLine{"undo", 1, len(done.Records), orEmpty(done.Skipped)}); err != nil {
				return err
			}
		}
		for _, skipped := range done.Skipped {
			a.note("left as it is: %s", skipped)
		}
		a.note("took back the edit of %s", plural(len(done.Records), "record"))
		if len(done.Skipped) > 0 {
			return &Error{Exit: ExitPartial, Code: "undo.partial", Msg: plural(len(done.Skipped), "field") + " could not be taken back", Hint: "'signet history ENTRY' shows what was edited since"}
		}
		return nil
	})
}

type undoLine struct {
	Type    string   `json:"type"`
	V       int      `json:"v"`
	Records int      `json:"records"`
	Skipped []string `json:"skipped"`
}

// msTime turns milliseconds since 1970 into a time; zero is unknown.
func msTime(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
