package session

import (
	"context"

	"signet/vault"
)

func (l *Local) Made(context.Context) ([]Made, error) {
	list, err := l.v.Local().Made()
	out := make([]Made, 0, len(list))
	for _, m := range list {
		out = append(out, Made(m))
	}
	return out, err
}

func (l *Local) AddMade(ctx context.Context, m Made) error {
	return l.v.Local().AddMade(ctx, vault.Made(m))
}

func (l *Local) ClearMade(ctx context.Context) error { return l.v.Local().ClearMade(ctx) }
