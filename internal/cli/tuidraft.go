package cli

import (
	"context"

	"signet/internal/session"
	"signet/tui/screen"
)

func (v *tuiVault) Drafts(ctx context.Context) ([]screen.StoredDraft, error) {
	drafts, err := v.s.Drafts(ctx)
	out := make([]screen.StoredDraft, 0, len(drafts))
	for _, d := range drafts {
		out = append(out, screen.StoredDraft(d))
	}
	return out, err
}

func (v *tuiVault) SaveDraft(ctx context.Context, d screen.StoredDraft) error {
	return v.s.SaveDraft(ctx, session.Draft(d))
}

func (v *tuiVault) DropDraft(ctx context.Context, id string) error { return v.s.DropDraft(ctx, id) }
