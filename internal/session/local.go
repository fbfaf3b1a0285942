package session

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"signet/vault"
	"signet/vault/entry"
	"signet/vault/format"
)

// Local is a Session in this process: the vault itself behind the door.
type Local struct {
	v      *vault.Vault
	device string
	now    func() time.Time

	mu     sync.Mutex
	locked bool
	done   chan struct{} // closed by Lock
	last   []format.SID  // newest edit of this session, for Undo without an argument
	kept   kept          // of all passkeys
}

// NewLocal takes an open vault over: Close closes it.
func NewLocal(v *vault.Vault, now func() time.Time) *Local {
	return &Local{v: v, device: string(v.Device()), now: now, done: make(chan struct{})}
}

// Vault returns the open vault, for the maintenance commands (slot, doctor, purge) that work on this machine's files.
func (l *Local) Vault() *vault.Vault { return l.v }

func (l *Local) Info(ctx context.Context) (Info, error) {
	gen, err := l.v.Generation(ctx)
	if err != nil {
		return Info{}, err
	}
	name, err := l.v.DeviceName()
	if err != nil {
		return Info{}, err
	}
	return Info{
		VaultID: l.v.ID().String(), Dir: l.v.Dir(), Device: name, DeviceID: l.device, OpenedBy: l.v.OpenedBy(), ReadOnly: l.v.ReadOnly(),
		Generation: gen,
	}, nil
}

func (l *Local) Count(ctx context.Context) (c Count, err error) {
	_, err = l.rows(ctx, 0, func(r entry.Row, _ string) bool {
		switch {
		case r.Rec != entry.RecEntry:
		case r.Trashed.IsZero():
			c.Entries++
		default:
			c.Trashed++
		}
		return false
	})
	return c, err
}

func (l *Local) Changes(ctx context.Context, since string) (c Changes, err error) {
	c.Rows, c.Gone, c.Mark, c.All, err = l.v.Changes(ctx, since)
	return c, err
}

func (l *Local) Get(ctx context.Context, id entry.ID, o GetOptions) (entry.Entry, error) {
	return l.v.Entry(ctx, id, entry.View{Reveal: o.Reveal, History: o.History, Sources: o.Sources})
}

func (l *Local) Field(ctx context.Context, ref entry.FieldRef) ([]entry.Candidate, error) {
	rec, err := l.v.Record(ctx, ref.Record)
	if err != nil {
		return nil, err
	}
	f, ok := rec.Get(ref.Path)
	if !ok || len(f.Values) == 0 {
		return nil, vault.ErrNotFound
	}
	return entry.Candidates(f), nil
}

func (l *Local) Apply(ctx context.Context, base entry.Base, edits []entry.Edit) (Applied, error) {
	res, err := l.v.Apply(ctx, base, edits)
	return l.applied(res, err)
}

func (l *Local) applied(res vault.Result, err error) (Applied, error) {
	if err != nil {
		return Applied{}, err
	}
	if len(res.SIDs) > 0 {
		l.mu.Lock()
		l.last = res.SIDs
		l.mu.Unlock()
	}
	return Applied{SIDs: res.SIDs, Records: res.Records, Skipped: res.Skipped}, nil
}

func (l *Local) Import(ctx context.Context, title string, batches iter.Seq2[[]entry.Edit, error]) (Applied, error) {
	res, err := l.v.Import(ctx, title, batches)
	return l.applied(res, err)
}

func (l *Local) Undo(ctx context.Context, sids []format.SID) (Applied, error) {
	if len(sids) == 0 {
		l.mu.Lock()
		sids = l.last
		l.mu.Unlock()
	}
	if len(sids) == 0 {
		last, err := l.v.LastEdit(ctx)
		if err != nil {
			return Applied{}, err
		}
		sids = last
	}
	res, err := l.v.Undo(ctx, sids)
	return l.applied(res, err)
}

func (l *Local) Purge(ctx context.Context, ids []entry.ID) (Applied, error) {
	res, err := l.v.PurgeEntries(ctx, ids)
	return l.applied(res, err)
}

func (l *Local) Restore(ctx context.Context, id entry.ID, old format.Dot) (Applied, error) {
	res, err := l.v.RestoreValue(ctx, id, old)
	return l.applied(res, err)
}

func (l *Local) Authors(ctx context.Context, sids []format.SID) (map[format.SID]Author, error) {
	found, err := l.v.Authors(ctx, sids)
	out := make(map[format.SID]Author, len(found))
	for sid, a := range found {
		out[sid] = Author{Device: string(a.Device), Name: a.Name, This: a.This}
	}
	return out, err
}

func (l *Local) Settings(ctx context.Context) (Settings, error) {
	var records []entry.Entry
	rows, err := l.records(ctx, entry.RecSettings)
	if err != nil {
		return Settings{}, err
	}
	for _, r := range rows {
		e, err := l.v.Entry(ctx, r.ID, entry.View{Reveal: true})
		if err != nil {
			return Settings{}, err
		}
		records = append(records, e)
	}
	return settingsFrom(records, l.device), nil
}

func (l *Local) Used(ctx context.Context, id entry.ID) error {
	if l.v.ReadOnly() {
		return nil
	}
	return l.v.Local().Used(id)
}

func (l *Local) Usage(context.Context) (map[entry.ID]Use, error) {
	use, err := l.v.Local().Usage()
	out := make(map[entry.ID]Use, len(use))
	for id, u := range use {
		out[id] = Use{Count: u.Count, Last: time.UnixMilli(u.Last)}
	}
	return out, err
}

func (l *Local) Watch(ctx context.Context) (<-chan Event, error) {
	changed := l.v.Watch(ctx)
	out := make(chan Event, 1)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case <-l.done:
				select {
				case out <- Event{Kind: EventLocked}:
				case <-ctx.Done():
				}
				return
			case _, ok := <-changed:
				if !ok && ctx.Err() != nil {
					return
				}
				if !ok { // locked here, or its keys were replaced elsewhere: in both cases nothing can be read any more
					select {
					case out <- Event{Kind: EventLocked}:
					case <-ctx.Done():
					}
					return
				}
				gen, _ := l.v.Generation(ctx)
				select {
				case out <- Event{EventChanged, gen}:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

func (l *Local) Lock(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.locked {
		return nil
	}
	l.locked, l.kept = true, kept{}
	close(l.done)
	return l.v.Close()
}

func (l *Local) isLocked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.locked
}

// Close finishes upkeep, then locks. Upkeep that fails is no reason to report an edit as failed: it is tried again next time.
func (l *Local) Close() error {
	l.v.Local().LeaveDrafts() // upkeep may take long, and the user may be back sooner
	if !l.v.ReadOnly() {
		l.emptyTrash(context.Background())
		if err := l.v.Maintain(context.Background()); err != nil && !errors.Is(err, vault.ErrLocked) {
			_ = l.Lock(context.Background())
			return err
		}
	}
	return l.Lock(context.Background())
}

func (l *Local) Attachment(ctx context.Context, ref entry.FieldRef, w io.Writer) error {
	return l.v.ReadAttachment(ctx, ref, w)
}

func (l *Local) Attach(ctx context.Context, id entry.ID, name, mediaType string, size int64, r io.Reader) (Applied, error) {
	res, err := l.v.Attach(ctx, id, name, mediaType, r)
	return l.applied(res, err)
}

func (l *Local) All(ctx context.Context, o GetOptions) iter.Seq2[entry.Entry, error] {
	return func(yield func(entry.Entry, error) bool) {
		for rec, err := range l.v.Records(ctx) {
			if err != nil {
				yield(entry.Entry{}, err)
				return
			}
			e := entry.FromRecord(rec, entry.View{Reveal: o.Reveal, History: o.History, Sources: o.Sources})
			if e.Rec == entry.RecEntry && !yield(e, nil) {
				return
			}
		}
	}
}

func (l *Local) Store(ctx context.Context, r io.Reader) (entry.Member, error) {
	return l.v.StoreFile(ctx, r)
}
