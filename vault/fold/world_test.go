package fold

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"signet/vault/format"
)

// dice is where a schedule gets its choices from: rapid, which makes a failing one smaller, or a seeded generator.
type dice interface{ pick(n int) int }

// device is one writer of a world. Clones share log with the device that they were copied from.
type device struct {
	name   string
	letter string
	seq    int
	state  *State
	covers files
}

func (d *device) copy() *device {
	c := *d
	c.state, c.covers = reload(d.state), maps.Clone(d.covers)
	return &c
}

// reload sends a state through its file form.
func reload(s *State) *State { return take("", s, nil).load(s.law) }

// world is a random schedule: devices that write, fold, snapshot, are cloned and restored, and a store that loses, doubles
// and collects files.
type world struct {
	dice    dice
	law     *rules
	devices []*device
	backups []*device
	written []*file
	store   []*file
	snaps   []snapshot
	events  []string
}

func newWorld(d dice, mutate func(*world) *rules) *world {
	w := &world{dice: d}
	w.law = mutate(w)
	for _, letter := range []string{"A", "B", "C"} {
		w.devices = append(w.devices, &device{name: letter, letter: letter, state: newState(w.law), covers: files{}})
	}
	return w
}

func (w *world) say(text string, args ...any) {
	w.events = append(w.events, fmt.Sprintf(text, args...))
}

func choose[T any](w *world, from []T) T { return from[w.dice.pick(len(from))] }

// chance is true in one of n cases.
func (w *world) chance(n int) bool { return w.dice.pick(n) == n-1 }

// run makes steps and checks every device against the model after each.
func (w *world) run(steps int) error {
	for range steps {
		d := choose(w, w.devices)
		if err := w.step(d); err != nil {
			return err
		}
		if got, want := shown(d.state), expected(d.covers); got != want {
			return fmt.Errorf("device %s has\n%sand should have\n%s", d.name, got, want)
		}
	}
	return w.settle()
}

func (w *world) step(d *device) error {
	switch n := w.dice.pick(16); {
	case n < 5:
		w.write(d)
	case n < 8:
		w.fold(d)
	case n < 10:
		return w.foldDelta(d)
	case n == 10:
		w.snaps = append(w.snaps, take(fmt.Sprintf("S%d", len(w.snaps)+1), d.state, d.covers))
		w.say("%s writes snapshot S%d", d.name, len(w.snaps))
	case n == 11:
		w.joinSnapshot(d)
	case n == 12:
		w.backups = append(w.backups, d.copy())
		w.say("%s is backed up", d.name)
	case n == 13:
		w.restore(d)
	case n == 14:
		w.collect()
	default:
		w.lose()
	}
	return nil
}

func (w *world) write(d *device) {
	d.seq++
	name := fmt.Sprintf("%s%d", d.letter, d.seq)
	for slices.ContainsFunc(w.written, func(f *file) bool { return f.name == name }) {
		name += "'"
	}
	f := newFile(name, maps.Clone(d.covers))
	taken := map[place]bool{}
	for range 1 + w.dice.pick(3) {
		at := place{recordOf(choose(w, []string{"r", "s"})), choose(w, []string{"f", "g"})}
		if !taken[at] {
			taken[at] = true
			f.ops = append(f.ops, w.op(d, f, at))
		}
	}
	d.state.Fold(f.log, f.sid, f.ops)
	d.covers[f.sid] = f
	w.written, w.store = append(w.written, f), append(w.store, f)
	w.say("%s writes %s", d.name, name)
}

// op mostly replaces what the writer sees; now and then it leaves something out, reaches into other fields, or lists dots
// that it never folded (it can know them from another file's rows).
func (w *world) op(d *device, f *file, at place) format.Op {
	op := format.Op{Record: at.record, Field: at.field, Wall: int64(w.dice.pick(5))}
	if !w.chance(5) {
		text := f.name
		if w.chance(4) {
			text = "same"
		}
		op.Value = &text
	}
	if w.chance(4) {
		op.Extra = []byte(`{"later":1}`)
	}
	op.Replaces = seen(d.covers, at.record, at.field)
	if len(op.Replaces) > 0 && w.chance(5) {
		op.Replaces = op.Replaces[1:]
	}
	if w.chance(5) {
		other := place{recordOf(choose(w, []string{"r", "s"})), choose(w, []string{"f", "g"})}
		op.Replaces = append(op.Replaces, seen(d.covers, other.record, other.field)...)
	}
	if len(w.written) > 0 && w.chance(6) {
		op.Replaces = append(op.Replaces, format.Dot{SID: choose(w, w.written).sid, I: w.dice.pick(3)})
	}
	return op
}

func (w *world) fold(d *device) {
	if len(w.store) == 0 {
		return
	}
	f := choose(w, w.store)
	w.say("%s folds %s", d.name, f.name)
	d.state.Fold(f.log, f.sid, f.ops)
	d.covers[f.sid] = f
}

// foldDelta folds several files at once through a Delta, touching only some records when the delta says that this is enough.
func (w *world) foldDelta(d *device) error {
	if len(w.store) == 0 {
		return nil
	}
	base := slices.Collect(d.state.Records())
	delta := newDelta(w.law, d.state.Context().Clone())
	small := Sizes{Run: 1 + len(w.events)*37%400, Memory: len(w.events) * 53 % 400} // no dice: the schedules stay the same
	piled := NewPiledDelta(d.state.Context().Clone(), NewPile(&shelf{}, small))
	var names []string
	for range 1 + w.dice.pick(3) {
		f := choose(w, w.store)
		delta.Add(f.log, f.sid, f.ops)
		piled.Add(f.log, f.sid, f.ops)
		d.covers[f.sid] = f
		names = append(names, f.name)
	}
	w.say("%s folds %s as a delta", d.name, strings.Join(names, ", "))
	after, err := applyDelta(delta, base)
	if err != nil {
		return err
	}
	if w.law == lawful { // a weakened rule must be noticed by what the rule says
		if err := samePiled(piled, base, after, delta.Context()); err != nil {
			return err
		}
	}
	d.state, err = loadState(w.law, delta.Context(), each(after))
	return err
}

// samePiled compares what the values sorted on a pile come to with what they come to in memory.
func samePiled(piled *Delta, base, want []format.Record, ctx *Context) error {
	got, err := gather(piled.Stream(each(base)))
	if err != nil {
		return err
	}
	a, b := show(slices.Values(got), piled.Context().Format()), show(slices.Values(want), ctx.Format())
	if a != b {
		return fmt.Errorf("on a pile:\n%s\nin memory:\n%s", a, b)
	}
	return nil
}

// applyDelta does what the vault does with its cache: the touched records first, all of them only when that is not enough.
func applyDelta(delta *Delta, base []format.Record) ([]format.Record, error) {
	changed := map[format.RecordID]format.Record{}
	for _, r := range base {
		changed[r.ID] = r
	}
	for _, id := range delta.Touched() {
		r := changed[id]
		r.ID = id
		changed[id] = delta.Apply(r)
	}
	if !delta.Local() {
		return gather(delta.Stream(each(base)))
	}
	var out []format.Record
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if len(changed[id].Fields) > 0 {
			out = append(out, changed[id])
		}
	}
	return out, nil
}

func (w *world) joinSnapshot(d *device) {
	if len(w.snaps) == 0 {
		return
	}
	s := choose(w, w.snaps)
	w.say("%s joins %s", d.name, s.name)
	d.state.Join(s.load(w.law))
	maps.Copy(d.covers, s.covers)
}

// restore puts an older copy of a device beside it (a clone) or in its place (a restored backup): it goes on with old numbers.
func (w *world) restore(d *device) {
	if len(w.backups) == 0 {
		return
	}
	old := choose(w, w.backups).copy()
	if i := slices.Index(w.devices, d); w.chance(2) && d.letter == old.letter {
		w.devices[i] = old
		w.say("%s is restored from a backup that ends at %s%d", old.name, old.letter, old.seq)
	} else if len(w.devices) < 6 {
		old.name += "*"
		w.devices = append(w.devices, old)
		w.say("%s is a clone that ends at %s%d", old.name, old.letter, old.seq)
	}
}

// collect deletes a file that a stored snapshot covers.
func (w *world) collect() {
	for i, f := range w.store {
		for _, s := range w.snaps {
			if s.covers[f.sid] != nil && w.chance(2) {
				w.say("%s is collected under %s", f.name, s.name)
				w.store = slices.Delete(slices.Clone(w.store), i, i+1)
				return
			}
		}
	}
}

func (w *world) lose() {
	if len(w.store) == 0 || !w.chance(2) {
		return
	}
	i := w.dice.pick(len(w.store))
	w.say("%s is lost", w.store[i].name)
	w.store = slices.Delete(slices.Clone(w.store), i, i+1)
}

// settle lets strangers read the store in different orders, and joins devices in different orders: all must agree.
func (w *world) settle() error {
	for reader := range 2 {
		if err := w.read(fmt.Sprintf("reader %d", reader+1)); err != nil {
			return err
		}
	}
	a, b, c := choose(w, w.devices), choose(w, w.devices), choose(w, w.devices)
	want := expected(files{}.merge(a.covers, b.covers, c.covers))
	left := joined(joined(a.state, b.state), c.state)
	right := joined(a.state, joined(b.state, c.state))
	turned := joined(c.state, joined(b.state, a.state))
	twice := joined(joined(left, right), left)
	for i, s := range []*State{left, right, turned, twice} {
		if got := shown(s); got != want {
			return fmt.Errorf("join %d of %s, %s, %s gives\n%sand should give\n%s", i, a.name, b.name, c.name, got, want)
		}
	}
	return nil
}

func (f files) merge(sets ...files) files {
	out := maps.Clone(f)
	for _, s := range sets {
		maps.Copy(out, s)
	}
	return out
}

func joined(a, b *State) *State {
	out := reload(a)
	out.Join(b)
	return out
}

func (w *world) read(name string) error {
	state, covers := newState(w.law), files{}
	n := len(w.store) + len(w.snaps)
	if n == 0 {
		return nil
	}
	for range n + n/2 {
		w.readOne(state, covers, w.dice.pick(n))
	}
	for i := range n {
		w.readOne(state, covers, i)
	}
	if got, want := shown(state), expected(covers); got != want {
		return fmt.Errorf("%s has\n%sand should have\n%s", name, got, want)
	}
	return nil
}

func (w *world) readOne(state *State, covers files, i int) {
	if i < len(w.store) {
		f := w.store[i]
		state.Fold(f.log, f.sid, f.ops)
		covers[f.sid] = f
		return
	}
	s := w.snaps[i-len(w.store)]
	state.Join(s.load(w.law))
	maps.Copy(covers, s.covers)
}

// story is what a failing test prints.
func (w *world) story() string {
	return "files:\n" + draw(w.written) + "events:\n" + strings.Join(w.events, "\n")
}
