package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/vault"
)

type rmOptions struct {
	Refs  []string
	Purge bool
	Yes   bool
}

func newRmCmd(a *App) *cobra.Command {
	var o rmOptions
	c := &cobra.Command{
		Use:               "rm ENTRY…",
		Short:             "Move entries to the trash",
		Long:              "Entries in the trash keep everything until they are restored or purged. --purge removes an entry with its history after a question.",
		Example:           "  signet rm github\n  signet rm --purge 'old account'",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeEntries,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Refs = args
			return runRm(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVar(&o.Purge, "purge", false, "remove for good, from the trash too")
	c.Flags().BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return c
}

func runRm(ctx context.Context, a *App, o rmOptions) error {
	if err := a.mustAnswer(o.Yes || !o.Purge, "--purge"); err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		entries, err := a.resolveAll(ctx, s, o.Refs, o.Purge)
		if err != nil {
			return err
		}
		if o.Purge {
			return a.purgeEntries(ctx, s, entries, o.Yes)
		}
		var edits []vault.Edit
		for _, e := range entries {
			edits = append(edits, vault.Trash(e.ID, a.Now()))
		}
		if _, err := s.Apply(ctx, nil, edits); err != nil {
			return err
		}
		for _, e := range entries {
			if err := a.changed("moved to the trash:", e.ID, e.Title); err != nil {
				return err
			}
		}
		return nil
	})
}

// resolveAll finds every reference before anything is changed.
func (a *App) resolveAll(ctx context.Context, s session.Session, refs []string, trashToo bool) ([]vault.Entry, error) {
	var out []vault.Entry
	seen := map[vault.ID]bool{}
	for _, ref := range refs {
		id, err := s.Resolve(ctx, ref, session.ResolveOptions{})
		if errors.Is(err, vault.ErrNotFound) && trashToo {
			id, err = s.Resolve(ctx, ref, session.ResolveOptions{Trash: true})
		}
		if err != nil {
			return nil, a.refError(ref, err)
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		e, err := s.Get(ctx, id, session.GetOptions{})
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (a *App) purgeEntries(ctx context.Context, s session.Session, entries []vault.Entry, yes bool) error {
	for _, e := range entries {
		if yes {
			break
		}
		err := a.asked(ctx, fmt.Sprintf("Remove %q with its history for good?", e.Title), "nothing was removed")
		if err != nil {
			return err
		}
	}
	var ids []vault.ID
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	if _, err := s.Purge(ctx, ids); err != nil {
		return err
	}
	for _, e := range entries {
		if err := a.changed("purged", e.ID, e.Title); err != nil {
			return err
		}
	}
	a.note("the bytes leave the disk at the next compaction, and surely with 'signet purge'")
	return nil
}

func newRestoreCmd(a *App) *cobra.Command {
	return &cobra.Command{
		Use:               "restore ENTRY…",
		Short:             "Take entries out of the trash",
		Example:           "  signet restore github",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeTrash,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRestore(cmd.Context(), a, args)
		},
	}
}

func runRestore(ctx context.Context, a *App, refs []string) error {
	return a.withSession(ctx, func(s session.Session) error {
		var edits []vault.Edit
		var entries []vault.Entry
		for _, ref := range refs {
			id, err := s.Resolve(ctx, ref, session.ResolveOptions{Trash: true})
			if err != nil {
				return a.refError(ref, err)
			}
			e, err := s.Get(ctx, id, session.GetOptions{})
			if err != nil {
				return err
			}
			entries = append(entries, e)
			edits = append(edits, vault.Untrash(id))
		}
		if _, err := s.Apply(ctx, nil, dedupe(edits)); err != nil {
			return err
		}
		for _, e := range entries {
			if err := a.changed("restored", e.ID, e.Title); err != nil {
				return err
			}
		}
		return nil
	})
}
