package tui

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
)

// Unsaved changes of forms are kept in the device's own sealed store, so that neither a lock nor a crash loses them:
//   - when the vault locks or the program ends, before the keys are wiped;
//   - while somebody types, at the first pause, and then at most every draftEvery.
// They are removed when the form is saved or its changes are discarded, and opened again at the next unlock.

// When a draft is written while somebody types. decisions.md allows the local store one write a minute; a minute of typing is more than people forgive,
// so a draft is written after draftPause without a key, at most every draftEvery, and only when it says something new.
const (
	draftPause = 2 * time.Second
	draftEvery = 10 * time.Second
)

// draftState is what the root knows of one form's draft.
type draftState struct {
	sum     uint64    // of what was written last
	written time.Time // when; zero: never
	dirty   time.Time // since when there is something to write
	failed  bool      // the user was told that it cannot be kept
}

// keeper writes drafts one after the other, so that an older state never lands on a newer one.
type keeper struct {
	next uint64     // of the newest state; only Update counts
	disk sync.Mutex // one writer at a time; never held in Update

	mu      sync.Mutex        // what follows
	rev     map[string]uint64 // of the newest state that was written or dropped
	dropped map[string]bool   // to be removed; the end of the program does what no command had time for
}

func newKeeper() *keeper { return &keeper{rev: map[string]uint64{}, dropped: map[string]bool{}} }

// job is a draft on its way to the store.
type job struct {
	draft screen.Draft
	rev   uint64
}

func (k *keeper) job(d screen.Draft) job {
	k.next++
	return job{d, k.next}
}

// newer notes that a state is about to be written; false when a newer one was.
func (k *keeper) newer(j job) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rev[j.draft.ID] > j.rev {
		return false
	}
	k.rev[j.draft.ID] = j.rev
	return true
}

// save writes drafts and wipes them; those that could not be written are returned as they are.
func (k *keeper) save(ctx context.Context, v screen.Vault, jobs []job) (failed []screen.Draft, err error) {
	k.disk.Lock()
	defer k.disk.Unlock()
	for _, j := range jobs {
		if !k.newer(j) {
			j.draft.Wipe()
			continue
		}
		data := j.draft.Encode()
		e := v.SaveDraft(ctx, screen.StoredDraft{ID: j.draft.ID, Data: data})
		data.Wipe()
		if e != nil {
			failed, err = append(failed, j.draft), errors.Join(err, e)
			continue
		}
		j.draft.Wipe()
	}
	return failed, err
}

// drop notes that a draft shall go; purge removes it.
func (k *keeper) drop(id string) {
	if id == "" {
		return
	}
	k.next++
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rev[id], k.dropped[id] = k.next, true
}

// purge removes what was dropped.
func (k *keeper) purge(ctx context.Context, v screen.Vault) {
	k.disk.Lock()
	defer k.disk.Unlock()
	k.mu.Lock()
	ids := slices.Collect(maps.Keys(k.dropped))
	k.mu.Unlock()
	for _, id := range ids {
		if v.DropDraft(ctx, id) == nil {
			k.mu.Lock()
			delete(k.dropped, id)
			k.mu.Unlock()
		}
	}
}

var seed = maphash.MakeSeed()

// dirty are the forms with unsaved changes, the lowest first.
func (r *root) dirty() []screen.Drafter {
	if r.session.info.Demo {
		return nil // nothing of the demo is kept
	}
	var out []screen.Drafter
	for _, l := range r.stack {
		if d, ok := l.s.(screen.Drafter); ok && d.Dirty() {
			out = append(out, d)
		}
	}
	return out
}

// jobs takes every form's changes as they are now.
func (r *root) jobs() []job {
	var out []job
	for i, d := range r.dirty() {
		draft := d.Draft()
		draft.Saved = draft.Saved.Add(time.Duration(i) * time.Millisecond) // forms that lie one above the other come back in that order
		out = append(out, r.keeper.job(draft))
	}
	return out
}

// draftsWritten tells what became of drafts that were written while the vault stays open.
type draftsWritten struct {
	ctx context.Context //nolint:containedctx // tells sessions apart
	err error
}

// autosave writes the drafts that are due.
func (r *root) autosave() tea.Cmd {
	if !r.session.open() || r.session.info.ReadOnly {
		return nil
	}
	now := r.now()
	var due []job
	for _, d := range r.dirty() {
		if s := r.stateOf(d); s != nil && s.due(now, r.session.active) {
			due = r.dueJob(due, d, s, now)
		}
	}
	if cleaned := r.cleaned(); len(due) == 0 && !cleaned {
		return nil
	}
	ctx, v, k := r.session.ctx, r.session.vault, r.keeper
	return func() tea.Msg {
		k.purge(ctx, v)
		failed, err := k.save(ctx, v, due)
		sealed{failed: failed}.Wipe()
		return draftsWritten{ctx, err}
	}
}

// cleaned drops the drafts of forms whose changes were taken back by hand.
func (r *root) cleaned() (some bool) {
	for i, l := range r.stack {
		if d, ok := l.s.(screen.Drafter); ok && l.draft != nil && !d.Dirty() {
			r.keeper.drop(d.DraftID())
			r.stack[i].draft, some = nil, true
		}
	}
	return some
}

// stateOf finds what is known of a form; it is remembered by layer, because a draft's id is known only when there is one.
func (r *root) stateOf(d screen.Drafter) *draftState {
	for i := range r.stack {
		if r.stack[i].s == screen.Screen(d) {
			if r.stack[i].draft == nil {
				r.stack[i].draft = &draftState{dirty: r.now()}
			}
			return r.stack[i].draft
		}
	}
	return nil
}

// due reports whether a draft may be written now: nobody has typed for a moment, or somebody types on and on.
func (s *draftState) due(now, active time.Time) bool {
	since := s.written
	if since.IsZero() {
		since = s.dirty
	}
	if !s.written.IsZero() && (elapsed(s.written, now) < draftEvery || !active.After(s.written)) {
		return false
	}
	return elapsed(active, now) >= draftPause || elapsed(since, now) >= draftEvery
}

func (r *root) dueJob(due []job, d screen.Drafter, s *draftState, now time.Time) []job {
	draft := d.Draft()
	said := draft
	said.Saved, said.Focus = time.Time{}, ""
	data := said.Encode()
	sum := maphash.Bytes(seed, data.Reveal())
	data.Wipe()
	s.written = now
	if sum == s.sum {
		draft.Wipe()
		return due
	}
	s.sum = sum
	return append(due, r.keeper.job(draft))
}

func (r *root) draftsWrote(m draftsWritten) {
	if m.err == nil || m.ctx != r.session.ctx {
		return
	}
	for i := range r.stack {
		if s := r.stack[i].draft; s != nil && !s.failed {
			s.failed, s.sum = true, 0
			r.status.notify(screen.Notify{Level: screen.Bad, Text: "Unsaved changes are not kept on the disk (" + r.env(rootID).Explain(m.err) + "): save the form soon"}, r.now())
			return
		}
	}
}

// leave removes the draft of a form that closes: it was saved, or its changes were discarded. A form that closes with its changes, because its entry
// could not be read, leaves them in the store.
func (r *root) leave(l layer) tea.Cmd {
	d, ok := l.s.(screen.Drafter)
	if !ok || d.Dirty() || !r.session.open() {
		return nil
	}
	r.keeper.drop(d.DraftID())
	ctx, v, k := r.session.ctx, r.session.vault, r.keeper
	return func() tea.Msg {
		k.purge(ctx, v)
		return nil
	}
}

// sealed reports what a lock could not keep.
type sealed struct {
	failed []screen.Draft
	err    error
}

// Wipe implements screen.Wiper.
func (m sealed) Wipe() {
	for _, d := range m.failed {
		d.Wipe()
	}
}

// cmdLock keeps the drafts and then locks; done is closed when both are over. What cannot be kept in the store comes back and waits in memory.
func cmdLock(ctx context.Context, why screen.LockReason, v screen.Vault, k *keeper, jobs []job, done chan struct{}) tea.Cmd {
	return func() tea.Msg {
		defer close(done)
		if why == screen.LockedSuspend {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, sleepIn)
			defer cancel()
		}
		k.purge(ctx, v)
		failed, err := k.save(ctx, v, jobs)
		_ = v.Lock(ctx)
		if len(failed) == 0 {
			return nil
		}
		return screen.Answer{To: rootID, Msg: sealed{failed, err}}
	}
}

// sleepIn is how long a lock may take before the machine sleeps: logind waits 5 s, for everybody.
const sleepIn = 2 * time.Second

// unsealed takes drafts that could not be written: they wait in memory until the next unlock.
func (r *root) unsealed(m sealed) tea.Cmd {
	if r.session.open() { // the user was faster
		return r.reopen(m.failed)
	}
	r.waiting = append(r.waiting, m.failed...)
	r.status.notify(screen.Notify{Level: screen.Bad, Text: "Unsaved changes could not be kept on the disk (" + r.env(rootID).Explain(m.err) + "): they wait in memory, do not quit"}, r.now())
	return nil
}

// readDrafts reads what earlier sessions left. What it cannot read is named and stays where it is.
func readDrafts(ctx context.Context, v screen.Vault, before <-chan struct{}) ([]screen.Draft, error) {
	if before != nil { // the lock before may still be writing
		select {
		case <-before:
		case <-time.After(endIn):
		case <-ctx.Done():
		}
	}
	stored, err := v.Drafts(ctx)
	var out []screen.Draft
	for _, s := range stored {
		d, e := screen.DecodeDraft(s.Data)
		s.Data.Wipe()
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		d.ID = s.ID
		out = append(out, d)
	}
	return out, err
}

// reopen opens forms with their unsaved changes, the newest on top, and says so.
func (r *root) reopen(drafts []screen.Draft) tea.Cmd {
	drafts = newestOf(drafts)
	if len(drafts) == 0 {
		return nil
	}
	var cmds []tea.Cmd
	for _, d := range drafts {
		cmds = append(cmds, r.push(func(e screen.Env) screen.Screen { return screen.NewFromDraft(e, d) }))
	}
	text := "Your unsaved changes are back"
	if n := len(drafts); n > 1 {
		text += fmt.Sprintf(": %d forms, one behind the other", n)
	} else if at := drafts[0].Saved; elapsed(at, r.now()) >= draftOld {
		text += ", from " + at.In(r.now().Location()).Format("2 January 15:04")
	}
	r.status.notify(screen.Notify{Text: text}, r.now())
	return tea.Batch(cmds...)
}

// draftOld is from when a draft is shown with its time.
const draftOld = 10 * time.Minute

// newestOf sorts drafts by time and keeps the newest of each.
func newestOf(drafts []screen.Draft) []screen.Draft {
	slices.SortStableFunc(drafts, func(a, b screen.Draft) int { return a.Saved.Compare(b.Saved) })
	last := map[string]int{}
	for i, d := range drafts {
		last[d.ID] = i
	}
	var out []screen.Draft
	for i, d := range drafts {
		if last[d.ID] != i {
			d.Wipe()
			continue
		}
		out = append(out, d)
	}
	return out
}
