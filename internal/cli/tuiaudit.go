package cli

import (
	"context"

	"signet/internal/strength"
	"signet/tui/screen"
	"signet/vault/secret"
)

// tuiEstimator says how strong a password is.
type tuiEstimator struct{}

func (tuiEstimator) Estimate(ctx context.Context, password secret.Secret) (screen.Strength, error) {
	if err := ctx.Err(); err != nil {
		return screen.Strength{}, err
	}
	s := strength.Estimate(password)
	return screen.Strength{Score: s.Score, Bits: s.Bits(), Words: s.Words()}, nil
}
