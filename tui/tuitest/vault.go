package tuitest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"signet/tui/screen"
	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// Errors of the fakes; Faults tells them apart.
var (
	ErrLocked   = errors.New("the vault is locked")
	ErrNotFound = errors.New("no such entry")
	ErrWrong    = errors.New("wrong passphrase")
)

// ChangedError says that fields were changed since.
type ChangedError struct{ Paths []string }

func (e *ChangedError) Error() string { return "changed since: " + strings.Join(e.Paths, ", ") }

// Vault is an in-memory vault. The zero value is not usable: NewVault.
type Vault struct {
	Clock    *Clock
	Conf     screen.Settings
	About    screen.Info
	mu       sync.Mutex
	locked   bool
	fields   map[entry.ID]map[string]cell
	trees    map[string]map[entry.ID]map[string]cell // state before each step, for undo
	use      map[entry.ID]screen.Use
	counter  int
	watchers []chan screen.Event
	slow     func(call string)
	drafts   map[string]draft
	NoDrafts error    // what SaveDraft fails with
	Calls    []string // names of calls, in order
	handed   []secret.Secret
	Files    map[string]string // what SaveFile wrote, by path
	Block    chan struct{}     // when set, SaveFile and AddFile wait for it
}

// cell is the live value of a field, and what a conflict adds to it.
type cell struct {
	text string
	dot  format.Dot
	wall int64
	more []cell
}

// values are all live ones, the displayed one first.
func (c cell) values() []format.Value {
	out := []format.Value{{Dot: c.dot, Wall: c.wall, Text: c.text}}
	for _, m := range c.more {
		out = append(out, format.Value{Dot: m.dot, Wall: m.wall, Text: m.text})
	}
	return out
}

// dots are the dots of its values.
func (c cell) dots() (out []format.Dot) {
	for _, v := range c.values() {
		out = append(out, v.Dot)
	}
	return out
}

// NewVault makes an empty vault.
func NewVault(clock *Clock) *Vault {
	return &Vault{
		Clock: clock, Conf: screen.Settings{LockIdle: 15 * time.Minute, LockMax: 12 * time.Hour, LockSuspend: true, LockScreen: true, ClipClear: 45 * time.Second},
		About:  screen.Info{Name: "default", Device: "laptop", OpenedBy: "passphrase"},
		fields: map[entry.ID]map[string]cell{}, trees: map[string]map[entry.ID]map[string]cell{}, use: map[entry.ID]screen.Use{},
	}
}

// enter begins a call.
func (v *Vault) enter(ctx context.Context, call string) (func(), error) {
	v.mu.Lock()
	slow := v.slow
	v.mu.Unlock()
	if slow != nil {
		slow(call)
	}
	v.mu.Lock()
	v.Calls = append(v.Calls, call)
	if err := ctx.Err(); err != nil {
		v.mu.Unlock()
		return nil, err
	}
	if v.locked {
		v.mu.Unlock()
		return nil, ErrLocked
	}
	return v.mu.Unlock, nil
}

// Unlocked opens the vault again after Lock.
func (v *Vault) Unlocked(readOnly bool) *Vault {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.locked, v.About.ReadOnly = false, readOnly
	return v
}

// IsLocked reports whether Lock was called.
func (v *Vault) IsLocked() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.locked
}

// Slow makes every call wait for f first; tests block in it.
func (v *Vault) Slow(f func(call string)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.slow = f
}

// Made lists the calls so far.
func (v *Vault) Made() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.Calls)
}

// Called lists the calls so far.
func (v *Vault) Called() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.Calls)
}

func (v *Vault) sid() format.SID {
	v.counter++
	return format.SID(fmt.Sprintf("fake%012d", v.counter))
}

// hand remembers a secret that leaves the vault. The caller holds the lock.
func (v *Vault) hand(s secret.Secret) secret.Secret {
	v.handed = append(v.handed, s)
	return s
}

// Left lists the secrets that left the vault one by one and were not wiped since.
func (v *Vault) Left() (left []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.handed {
		if text := s.RevealString(); strings.Trim(text, "\x00") != "" {
			left = append(left, text)
		}
	}
	return left
}

// write applies edits as one step and keeps old values as history. The caller holds the lock.
func (v *Vault) write(edits []entry.Edit) string {
	sid := v.sid()
	step := string(sid)
	v.trees[step] = v.copyTree()
	for i, e := range edits {
		rec := v.fields[e.Record]
		if rec == nil {
			rec = map[string]cell{}
			v.fields[e.Record] = rec
		}
		old, had := rec[e.Path]
		delete(rec, e.Path)
		if had && e.Path != entry.PathTrashed {
			for n, was := range append([]cell{old}, old.more...) {
				row := fmt.Sprintf(`{"f":%q,"v":%q,"w":%d}`, e.Path, was.text, was.wall)
				rec[entry.HistPath(was.dot)] = cell{text: row, dot: format.Dot{SID: sid, I: 1000 + i + 100*n}, wall: was.wall}
			}
		}
		if !e.Delete {
			wall := e.Wall
			if wall == 0 {
				wall = v.Clock.Now().UnixMilli()
			}
			rec[e.Path] = cell{text: e.Value.RevealString(), dot: format.Dot{SID: sid, I: i}, wall: wall}
		}
		if len(rec) == 0 {
			delete(v.fields, e.Record)
		}
	}
	return step
}

func (v *Vault) copyTree() map[entry.ID]map[string]cell {
	out := make(map[entry.ID]map[string]cell, len(v.fields))
	for id, rec := range v.fields {
		out[id] = maps.Clone(rec)
	}
	return out
}

func (v *Vault) record(id entry.ID) format.Record {
	rec := format.Record{ID: id}
	for _, path := range slices.Sorted(maps.Keys(v.fields[id])) {
		c := v.fields[id][path]
		rec.Fields = append(rec.Fields, format.Field{Path: path, Values: c.values()})
	}
	return rec
}

// Add puts an entry in without a step; it panics on what cannot be written, because it is for tests.
func (v *Vault) Add(e entry.Entry, extra ...entry.Edit) entry.ID {
	ids := entry.SystemIDs()
	if e.ID == "" {
		e.ID = ids.Record()
	}
	edits, err := e.Edits(ids)
	if err != nil {
		panic(err)
	}
	for i := range extra {
		extra[i].Record = e.ID
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.trees = map[string]map[entry.ID]map[string]cell{}
	delete(v.trees, v.write(append(edits, extra...)))
	return e.ID
}

// Elsewhere writes a field as another process would, and tells the watchers.
func (v *Vault) Elsewhere(id entry.ID, path, value string) {
	v.mu.Lock()
	v.write([]entry.Edit{entry.Set(id, path, value)})
	v.mu.Unlock()
	v.tell(screen.Event{Kind: screen.EventChanged})
}

func (v *Vault) tell(e screen.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, w := range v.watchers {
		select {
		case w <- e:
		default:
		}
	}
}

// Info implements screen.Vault.
func (v *Vault) Info(ctx context.Context) (screen.Info, error) {
	done, err := v.enter(ctx, "Info")
	if err != nil {
		return screen.Info{}, err
	}
	defer done()
	return v.About, nil
}

// Rows implements screen.Vault.
func (v *Vault) Rows(ctx context.Context, trash bool) ([]entry.Row, error) {
	done, err := v.enter(ctx, "Rows")
	if err != nil {
		return nil, err
	}
	defer done()
	rows := make([]entry.Row, 0, len(v.fields))
	for id := range v.fields {
		row := entry.IndexOf(v.record(id)).Row
		if row.Rec == entry.RecEntry && row.Trashed.IsZero() != trash {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Folders implements screen.Vault.
func (v *Vault) Folders(ctx context.Context) ([]screen.Folder, error) {
	done, err := v.enter(ctx, "Folders")
	if err != nil {
		return nil, err
	}
	defer done()
	var out []screen.Folder
	for id := range v.fields {
		if e := entry.FromRecord(v.record(id), entry.View{}); e.Rec == entry.RecFolder {
			parent := entry.ID(v.fields[id][entry.PathParent].text)
			out = append(out, screen.Folder{ID: id, Parent: parent, Path: v.folderPath(id, maxDepth)})
		}
	}
	return out, nil
}

// maxDepth is how deep folders are looked at, so that a circle ends.
const maxDepth = 16

func (v *Vault) folderPath(id entry.ID, deep int) []string {
	rec, ok := v.fields[id]
	if !ok || deep == 0 {
		return nil
	}
	return append(v.folderPath(entry.ID(rec[entry.PathParent].text), deep-1), rec[entry.PathTitle].text)
}

// Usage implements screen.Vault.
func (v *Vault) Usage(ctx context.Context) (map[entry.ID]screen.Use, error) {
	done, err := v.enter(ctx, "Usage")
	if err != nil {
		return nil, err
	}
	defer done()
	return maps.Clone(v.use), nil
}

func (v *Vault) get(ctx context.Context, call string, id entry.ID, view entry.View) (entry.Entry, error) {
	done, err := v.enter(ctx, call)
	if err != nil {
		return entry.Entry{}, err
	}
	defer done()
	if _, ok := v.fields[id]; !ok {
		return entry.Entry{}, ErrNotFound
	}
	return entry.FromRecord(v.record(id), view), nil
}

// Get implements screen.Vault.
func (v *Vault) Get(ctx context.Context, id entry.ID, history bool) (entry.Entry, error) {
	return v.get(ctx, "Get", id, entry.View{History: history, Sources: history})
}

// Field implements screen.Vault.
func (v *Vault) Field(ctx context.Context, ref entry.FieldRef) ([]entry.Candidate, error) {
	done, err := v.enter(ctx, "Field")
	if err != nil {
		return nil, err
	}
	defer done()
	c, ok := v.fields[ref.Record][ref.Path]
	if !ok {
		return nil, ErrNotFound
	}
	var out []entry.Candidate
	for _, val := range c.values() {
		out = append(out, entry.Candidate{Dot: val.Dot, Wall: val.Wall, Value: v.hand(secret.FromString(val.Text))})
	}
	return out, nil
}

// Past implements screen.Vault.
func (v *Vault) Past(ctx context.Context, id entry.ID, p entry.Past) (secret.Secret, error) {
	e, err := v.get(ctx, "Past", id, entry.View{History: true, Reveal: true})
	if err != nil {
		return secret.Secret{}, err
	}
	for _, h := range e.History {
		if h.HistPath == p.HistPath {
			v.mu.Lock()
			defer v.mu.Unlock()
			return v.hand(h.Value), nil
		}
	}
	return secret.Secret{}, ErrNotFound
}

// Code implements screen.Vault.
func (v *Vault) Code(ctx context.Context, c screen.CodeRef) (screen.Code, error) {
	e, err := v.get(ctx, "Code", c.Entry, entry.View{Reveal: true})
	if err != nil {
		return screen.Code{}, err
	}
	defer e.Wipe()
	for _, cred := range e.Credentials {
		if cred.Type != entry.TOTP || c.Cred != "" && cred.ID != c.Cred {
			continue
		}
		k, err := cred.TOTPKey()
		if err != nil {
			return screen.Code{}, err
		}
		if cred.Text("signet:kind") == "hotp" && !c.Advance {
			return screen.Code{Counter: true}, nil
		}
		got, err := k.Code(c.At)
		v.mu.Lock()
		defer v.mu.Unlock()
		v.hand(got.Value)
		v.hand(got.Next)
		return screen.Code{Value: got.Value, Next: got.Next, From: got.From, Until: got.Until, Counter: got.Until.IsZero()}, err
	}
	return screen.Code{}, errors.New("this entry has no one-time code")
}

// Apply implements screen.Vault.
func (v *Vault) Apply(ctx context.Context, base entry.Base, edits []entry.Edit) (screen.Applied, error) {
	done, err := v.enter(ctx, "Apply")
	if err != nil {
		return screen.Applied{}, err
	}
	var changed []string
	for ref, dots := range base {
		if c := v.fields[ref.Record][ref.Path]; !slices.Equal(dots, c.dots()) {
			changed = append(changed, ref.Path)
		}
	}
	if len(changed) > 0 {
		done()
		return screen.Applied{}, &ChangedError{changed}
	}
	step := v.write(edits)
	done()
	v.tell(screen.Event{Kind: screen.EventChanged})
	return screen.Applied{Step: step}, nil
}

// Undo implements screen.Vault: it brings the state before the step back.
func (v *Vault) Undo(ctx context.Context, step string) (screen.Applied, error) {
	done, err := v.enter(ctx, "Undo")
	if err != nil {
		return screen.Applied{}, err
	}
	before, ok := v.trees[step]
	if ok {
		v.trees[string(v.sid())], v.fields = v.fields, before
	}
	done()
	if !ok {
		return screen.Applied{}, ErrNotFound
	}
	v.tell(screen.Event{Kind: screen.EventChanged})
	return screen.Applied{}, nil
}

// Purge implements screen.Vault.
func (v *Vault) Purge(ctx context.Context, ids []entry.ID) (screen.Applied, error) {
	done, err := v.enter(ctx, "Purge")
	if err != nil {
		return screen.Applied{}, err
	}
	for _, id := range ids {
		delete(v.fields, id)
	}
	done()
	v.tell(screen.Event{Kind: screen.EventChanged})
	return screen.Applied{}, nil
}

// RestorePast implements screen.Vault.
func (v *Vault) RestorePast(ctx context.Context, id entry.ID, p entry.Past) (screen.Applied, error) {
	value, err := v.Past(ctx, id, p)
	if err != nil {
		return screen.Applied{}, err
	}
	return v.Apply(ctx, nil, []entry.Edit{{FieldRef: entry.FieldRef{Record: id, Path: p.Path}, Value: value}})
}

// Settings implements screen.Vault.
func (v *Vault) Settings(ctx context.Context) (screen.Settings, error) {
	done, err := v.enter(ctx, "Settings")
	if err != nil {
		return screen.Settings{}, err
	}
	defer done()
	return v.Conf, nil
}

// Used implements screen.Vault.
func (v *Vault) Used(ctx context.Context, id entry.ID) error {
	done, err := v.enter(ctx, "Used")
	if err != nil {
		return err
	}
	defer done()
	u := v.use[id]
	v.use[id] = screen.Use{Count: u.Count + 1, Last: v.Clock.Now()}
	return nil
}

// Watch implements screen.Vault.
func (v *Vault) Watch(ctx context.Context) (<-chan screen.Event, error) {
	done, err := v.enter(ctx, "Watch")
	if err != nil {
		return nil, err
	}
	defer done()
	ch := make(chan screen.Event, 8)
	v.watchers = append(v.watchers, ch)
	return ch, nil
}

// Lock implements screen.Vault.
func (v *Vault) Lock(context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.locked = true
	v.leaveDrafts()
	for _, w := range v.watchers {
		close(w)
	}
	v.watchers = nil
	return nil
}
