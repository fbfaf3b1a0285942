package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/format"
	"signet/vault/secret"
	"signet/vault/totp"
)

// tuiVault shows a session to the screens.
type tuiVault struct {
	a    *App
	s    session.Session
	demo bool

	audit auditMemory
}

func openDemo(ctx context.Context, a *App, t *tour) (screen.Vault, error) {
	d, err := vault.At(t.vault(), vault.Options{Now: a.Now, Rand: a.Rand})
	if err != nil {
		return nil, err
	}
	v, err := d.Unlock(ctx, vault.UnlockOptions{Secret: secret.FromString(t.pass)})
	if err != nil {
		return nil, err
	}
	return &tuiVault{a: a, s: session.NewLocal(v, a.Now), demo: true}, nil
}

func (v *tuiVault) Info(ctx context.Context) (screen.Info, error) {
	in, err := v.s.Info(ctx)
	if err != nil {
		return screen.Info{}, err
	}
	name := filepath.Base(in.Dir)
	if v.demo {
		name = "demo"
	}
	return screen.Info{Name: name, Device: in.Device, OpenedBy: in.OpenedBy, ReadOnly: in.ReadOnly, Demo: v.demo, Warnings: in.Warnings}, nil
}

func (v *tuiVault) Rows(ctx context.Context, trash bool) ([]vault.Row, error) {
	page, err := v.s.Find(ctx, session.Query{Trash: trash, Unsorted: true})
	return page.Rows, err
}

func (v *tuiVault) Changes(ctx context.Context, since string) (screen.Changes, error) {
	c, err := v.s.Changes(ctx, since)
	return screen.Changes{Rows: c.Rows, Gone: c.Gone, Mark: c.Mark, All: c.All}, err
}

func (v *tuiVault) Folders(ctx context.Context) ([]screen.Folder, error) {
	folders, err := v.s.Folders(ctx)
	out := make([]screen.Folder, 0, len(folders))
	for _, f := range folders {
		out = append(out, screen.Folder{ID: f.ID, Parent: f.Parent, Path: f.Path})
	}
	return out, err
}

func (v *tuiVault) Usage(ctx context.Context) (map[vault.ID]screen.Use, error) {
	use, err := v.s.Usage(ctx)
	out := make(map[vault.ID]screen.Use, len(use))
	for id, u := range use {
		out[id] = screen.Use{Count: u.Count, Last: u.Last}
	}
	return out, err
}

func (v *tuiVault) Get(ctx context.Context, id vault.ID, history bool) (vault.Entry, error) {
	return v.s.Get(ctx, id, session.GetOptions{History: history, Sources: history})
}

func (v *tuiVault) Field(ctx context.Context, ref vault.FieldRef) ([]vault.Candidate, error) {
	return v.s.Field(ctx, ref)
}

func (v *tuiVault) Past(ctx context.Context, id vault.ID, p vault.Past) (secret.Secret, error) {
	e, err := v.s.Get(ctx, id, session.GetOptions{History: true, Reveal: true})
	if err != nil {
		return secret.Secret{}, err
	}
	defer e.Wipe()
	for _, q := range e.History {
		if q.Dot == p.Dot {
			return q.Value.Clone(), nil
		}
	}
	return secret.Secret{}, vault.ErrNotFound
}

func (v *tuiVault) Code(ctx context.Context, ref screen.CodeRef) (screen.Code, error) {
	e, err := v.s.Get(ctx, ref.Entry, session.GetOptions{Reveal: true})
	if err != nil {
		return screen.Code{}, err
	}
	defer e.Wipe()
	for _, c := range e.Credentials {
		if c.Type != vault.TOTP || ref.Cred != "" && c.ID != ref.Cred {
			continue
		}
		key, err := c.TOTPKey()
		if err != nil {
			return screen.Code{}, err
		}
		return v.code(ctx, e, c, key, ref)
	}
	return screen.Code{}, vault.ErrNotFound
}

func (v *tuiVault) code(ctx context.Context, e vault.Entry, c vault.Credential, key totp.Key, ref screen.CodeRef) (screen.Code, error) {
	if key.Kind == totp.HOTP && !ref.Advance {
		return screen.Code{Counter: true}, nil
	}
	if key.Kind == totp.HOTP {
		used, err := useCounter(ctx, v.s, e, c, key)
		if err != nil {
			return screen.Code{}, err
		}
		key = used
	}
	code, err := key.Code(ref.At)
	if err != nil {
		return screen.Code{}, err
	}
	return screen.Code{Value: code.Value, Next: code.Next, From: code.From, Until: code.Until, Counter: key.Kind == totp.HOTP}, nil
}

func (v *tuiVault) applied(done session.Applied, err error) (screen.Applied, error) {
	step := make([]string, 0, len(done.SIDs))
	for _, s := range done.SIDs {
		step = append(step, string(s))
	}
	return screen.Applied{Step: strings.Join(step, " "), Records: done.Records, Skipped: done.Skipped}, err
}

func (v *tuiVault) Apply(ctx context.Context, base vault.Base, edits []vault.Edit) (screen.Applied, error) {
	return v.applied(v.s.Apply(ctx, base, edits))
}

func (v *tuiVault) Undo(ctx context.Context, step string) (screen.Applied, error) {
	var sids []format.SID
	for _, s := range strings.Fields(step) {
		sid, err := format.ParseSID(s)
		if err != nil {
			return screen.Applied{}, err
		}
		sids = append(sids, sid)
	}
	return v.applied(v.s.Undo(ctx, sids))
}

func (v *tuiVault) Purge(ctx context.Context, ids []vault.ID) (screen.Applied, error) {
	done, err := v.applied(v.s.Purge(ctx, ids))
	done.Step = "" // what was purged does not come back
	return done, err
}

func (v *tuiVault) RestorePast(ctx context.Context, id vault.ID, p vault.Past) (screen.Applied, error) {
	return v.applied(v.s.Restore(ctx, id, p.Dot))
}

func (v *tuiVault) Settings(ctx context.Context) (screen.Settings, error) {
	s, err := v.s.Settings(ctx)
	return screen.Settings{
		LockIdle: s.LockIdle, LockMax: s.LockMax, LockSuspend: slices.Contains(s.LockOn, "suspend"), LockScreen: slices.Contains(s.LockOn, "screen"),
		RevealAgain: s.RevealAgain, ClipClear: s.ClipClear,
	}, err
}

func (v *tuiVault) Used(ctx context.Context, id vault.ID) error { return v.s.Used(ctx, id) }

func (v *tuiVault) Watch(ctx context.Context) (<-chan screen.Event, error) {
	in, err := v.s.Watch(ctx)
	if err != nil {
		return nil, err
	}
	out := make(chan screen.Event, 1)
	go func() {
		defer close(out)
		for e := range in {
			kind := screen.EventChanged
			if e.Kind == session.EventLocked {
				kind = screen.EventLocked
			}
			select {
			case out <- screen.Event{Kind: kind}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// Lock finishes upkeep first: the TUI is where long sessions of edits end.
func (v *tuiVault) Lock(ctx context.Context) error {
	v.audit.close()
	done := make(chan error, 1)
	go func() { done <- v.s.Close() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done(): // no time for upkeep: the keys go now
		return v.s.Lock(context.WithoutCancel(ctx))
	case <-time.After(4 * time.Second):
		return v.s.Lock(ctx)
	}
}
