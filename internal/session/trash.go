package session

import (
	"context"
	"time"

	"signet/vault/entry"
)

// emptyTrash removes for good what has lain in the trash longer than trash.days says; nothing leaves it by itself otherwise.
// It runs at the end of sessions that wrote something: a command that only reads pays nothing for it. What fails is tried
// again by the next one.
func (l *Local) emptyTrash(ctx context.Context) {
	l.mu.Lock()
	wrote := len(l.last) > 0 && !l.locked
	l.mu.Unlock()
	if !wrote {
		return
	}
	set, err := l.Settings(ctx)
	if err != nil || set.TrashDays <= 0 {
		return
	}
	oldest := l.now().Add(-time.Duration(set.TrashDays) * 24 * time.Hour)
	rows, err := l.rows(ctx, 0, func(r entry.Row, _ string) bool { return !r.Trashed.IsZero() && r.Trashed.Before(oldest) })
	if err != nil || len(rows) == 0 {
		return
	}
	ids := make([]entry.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	_, _ = l.v.PurgeEntries(ctx, ids)
}
