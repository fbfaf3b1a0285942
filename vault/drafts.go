package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"signet/vault/secret"
)

// Drafts are forms with unsaved changes (decisions.md, "What is synced"): each is one blob of the device's own store. What is in a draft is the
// business of whoever wrote it.
//
// A draft belongs to one process at a time, the one whose form it is, so that a second program does not open the form of the first: the owner holds
// the lock file state/draft-<id>.lock, which its death frees. A draft whose lock is free is left over from a lock or a crash.

// Draft is a form with unsaved changes.
type Draft struct {
	ID   string // made by whoever writes it: 1 to 32 of a-z and 0-9, never used again
	Data secret.Secret
}

// Limits of drafts.
const (
	maxDraft    = 8 << 20 // a note of 1 MiB and what it replaced, several times over
	maxDrafts   = 32
	maxDraftID  = 32
	draftPrefix = "draft-"
)

// held are the drafts that this process works on, with what frees them.
type held struct {
	mu  sync.Mutex
	own map[string]func()
}

// limit is how many bytes a blob may have.
func limit(name string) int64 {
	if strings.HasPrefix(name, draftPrefix) {
		return maxDraft
	}
	return maxBlob
}

func draftLock(id string) string { return stateDir + "/" + draftPrefix + id + ".lock" }

func checkDraftID(id string) error {
	if id == "" || len(id) > maxDraftID || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return fmt.Errorf("draft %q: bad id", id)
	}
	return nil
}

// Drafts returns the drafts that no living process works on; from now on they are this one's. What cannot be read is left out and named by the error,
// which comes beside the others.
func (l *Local) Drafts() ([]Draft, error) {
	if l.v.readOnly {
		return nil, nil
	}
	ids, err := l.draftIDs()
	if err != nil {
		return nil, err
	}
	var out []Draft
	var bad []error
	for _, id := range ids {
		if mine, err := l.holdDraft(id); err != nil || !mine {
			bad = append(bad, err)
			continue
		}
		switch data, err := l.Get(draftPrefix + id); {
		case errors.Is(err, ErrLocked):
			return nil, err
		case err != nil:
			bad = append(bad, err)
		case data != nil:
			out = append(out, Draft{id, secret.New(data)})
		}
	}
	return out, errors.Join(bad...)
}

// draftIDs lists the drafts on the disk, at most maxDrafts of them.
func (l *Local) draftIDs() ([]string, error) {
	names, err := l.v.m.Names(localDir)
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	var ids []string
	for _, n := range names {
		id, ok := strings.CutPrefix(strings.TrimSuffix(n, ".age"), draftPrefix)
		if ok && strings.HasSuffix(n, ".age") && checkDraftID(id) == nil && len(ids) < maxDrafts {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// SaveDraft seals a draft durably. A vault whose key was replaced meanwhile is refused with ErrWayChanged: what is sealed with the old key would not
// open again.
func (l *Local) SaveDraft(ctx context.Context, d Draft) error {
	if err := checkDraftID(d.ID); err != nil {
		return err
	}
	if err := l.draftMayBeSealed(ctx); err != nil {
		return err
	}
	ids, err := l.draftIDs()
	if err != nil {
		return err
	}
	if len(ids) >= maxDrafts && !slices.Contains(ids, d.ID) {
		return fmt.Errorf("save draft: %d are there already: %w", maxDrafts, ErrTooLarge)
	}
	mine, err := l.holdDraft(d.ID)
	switch {
	case err != nil:
		return err
	case !mine:
		return fmt.Errorf("save draft: another program works on it: %w", ErrInUse)
	}
	return l.Put(draftPrefix+d.ID, d.Data.Reveal())
}

// draftMayBeSealed looks whether the key is still the vault's. Everything else that may be wrong with a vault is no reason to lose what was typed.
func (l *Local) draftMayBeSealed(ctx context.Context) error {
	l.v.mu.Lock()
	defer l.v.mu.Unlock()
	if err := l.v.openable(); err != nil {
		return err
	}
	if l.v.readOnly {
		return ErrReadOnly
	}
	if err := l.v.fresh(ctx, false); errors.Is(err, ErrWayChanged) {
		return err
	}
	return l.v.openable()
}

// DropDraft removes a draft and frees it. One that is not there is no error.
func (l *Local) DropDraft(id string) error {
	if err := checkDraftID(id); err != nil {
		return err
	}
	if err := l.Put(draftPrefix+id, nil); err != nil {
		return err
	}
	l.drafts.mu.Lock()
	defer l.drafts.mu.Unlock()
	if release, ok := l.drafts.own[id]; ok {
		err := l.v.m.Remove(draftLock(id))
		release()
		delete(l.drafts.own, id)
		return err
	}
	return nil
}

// holdDraft makes a draft this process's; false when it is another's.
func (l *Local) holdDraft(id string) (bool, error) {
	l.drafts.mu.Lock()
	defer l.drafts.mu.Unlock()
	if _, ok := l.drafts.own[id]; ok {
		return true, nil
	}
	release, ok, err := l.v.m.Hold(draftLock(id))
	if err != nil || !ok {
		return false, err
	}
	if l.drafts.own == nil {
		l.drafts.own = map[string]func(){}
	}
	l.drafts.own[id] = release
	return true, nil
}

// LeaveDrafts frees every draft for whoever opens the vault next. Close does it too; a caller with upkeep before Close does it first.
func (l *Local) LeaveDrafts() {
	l.drafts.mu.Lock()
	defer l.drafts.mu.Unlock()
	for id, release := range l.drafts.own {
		release()
		delete(l.drafts.own, id)
	}
}
