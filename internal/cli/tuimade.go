package cli

import (
	"context"
	"encoding/json"
	"time"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
)

// tuiMade keeps generated passwords for the forms.
type tuiMade struct{ a *App }

func madeSession(v screen.Vault) (session.Session, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return nil, vault.ErrLocked
	}
	return tv.s, nil
}

func (m tuiMade) List(ctx context.Context, v screen.Vault) ([]screen.MadePassword, error) {
	s, err := madeSession(v)
	if err != nil {
		return nil, err
	}
	list, err := s.Made(ctx)
	out := make([]screen.MadePassword, 0, len(list))
	for _, g := range list {
		out = append(out, screen.MadePassword{Value: g.Value, At: time.UnixMilli(g.Time)})
	}
	return out, err
}

func (m tuiMade) Add(ctx context.Context, v screen.Vault, value secret.Secret, r screen.Recipe) error {
	s, err := madeSession(v)
	if err != nil {
		return err
	}
	recipe, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.AddMade(ctx, session.Made{Value: value, Time: m.a.Now().UnixMilli(), Recipe: string(recipe)})
}

func (m tuiMade) Clear(ctx context.Context, v screen.Vault) error {
	s, err := madeSession(v)
	if err != nil {
		return err
	}
	return s.ClearMade(ctx)
}

func (m tuiMade) Recipe(ctx context.Context, v screen.Vault) (screen.Recipe, bool, error) {
	s, err := madeSession(v)
	if err != nil {
		return screen.Recipe{}, false, err
	}
	list, err := s.Made(ctx)
	defer func() {
		for _, g := range list {
			g.Value.Wipe()
		}
	}()
	var r screen.Recipe
	if err != nil || len(list) == 0 || json.Unmarshal([]byte(list[0].Recipe), &r) != nil {
		return screen.Recipe{}, false, err
	}
	return r, true, nil
}
