package tuitest

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"signet/tui/screen"
	"signet/vault/secret"
)

// draft is a kept form; held says that this program works on it.
type draft struct {
	data []byte
	held bool
}

// Drafts implements screen.Vault.
func (v *Vault) Drafts(ctx context.Context) ([]screen.StoredDraft, error) {
	done, err := v.enter(ctx, "Drafts")
	if err != nil {
		return nil, err
	}
	defer done()
	var out []screen.StoredDraft
	for _, id := range slices.Sorted(maps.Keys(v.drafts)) {
		d := v.drafts[id]
		if d.held {
			continue
		}
		out = append(out, screen.StoredDraft{ID: id, Data: v.hand(secret.New(bytes.Clone(d.data)))})
		v.drafts[id] = draft{d.data, true}
	}
	return out, nil
}

// SaveDraft implements screen.Vault.
func (v *Vault) SaveDraft(ctx context.Context, d screen.StoredDraft) error {
	done, err := v.enter(ctx, "SaveDraft")
	if err != nil {
		return err
	}
	defer done()
	if v.NoDrafts != nil {
		return v.NoDrafts
	}
	if v.drafts == nil {
		v.drafts = map[string]draft{}
	}
	v.drafts[d.ID] = draft{bytes.Clone(d.Data.Reveal()), true}
	return nil
}

// DropDraft implements screen.Vault.
func (v *Vault) DropDraft(ctx context.Context, id string) error {
	done, err := v.enter(ctx, "DropDraft")
	if err != nil {
		return err
	}
	defer done()
	delete(v.drafts, id)
	return nil
}

// leaveDrafts frees them for the next unlock. The caller holds the lock.
func (v *Vault) leaveDrafts() {
	for id, d := range v.drafts {
		v.drafts[id] = draft{d.data, false}
	}
}

// Kept is how many drafts there are.
func (v *Vault) Kept() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.drafts)
}
