package session

import (
	"context"

	"signet/vault"
)

func (l *Local) Drafts(context.Context) ([]Draft, error) {
	drafts, err := l.v.Local().Drafts()
	out := make([]Draft, 0, len(drafts))
	for _, d := range drafts {
		out = append(out, Draft(d))
	}
	return out, err
}

func (l *Local) SaveDraft(ctx context.Context, d Draft) error {
	return l.v.Local().SaveDraft(ctx, vault.Draft(d))
}

func (l *Local) DropDraft(_ context.Context, id string) error { return l.v.Local().DropDraft(id) }
