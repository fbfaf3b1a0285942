package vault

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"signet/vault/fold"
	"signet/vault/format"
	"signet/vault/roster"
)

// library is every file of every log, opened and judged: what the fold may use, and what doctor shows.
type library struct {
	files []*logFile
	bySID map[format.SID]*logFile
	base  []*logFile    // snapshots that the fold starts from
	ctx   *fold.Context // what these have seen
	finds []Finding
	lost  map[format.SID]bool // files that the person has given up (doctor --accept)
	room  room
	kept  int64 // bytes of files whose operations stand in memory
	part  bool  // of a library, to check a snapshot against: its own snapshots are not checked in turn
}

// Finding is something about the logs that no single file's state says (vault.md 5.8).
type Finding struct {
	Kind string // fork, hidden, rollback, missing
	Log  format.MemberID
	Seq  int
	SID  format.SID
	Text string
}

// readLibrary opens every file of every log. limit, when given, leaves out what lies behind these marks: a reader without
// the lock folds only up to them. mu is held.
func (v *Vault) readLibrary(ctx context.Context, t *trust, limit map[format.MemberID]format.Mark) (*library, error) {
	lib := &library{room: v.room, bySID: map[format.SID]*logFile{}, ctx: fold.NewContext(format.Context{}), lost: map[format.SID]bool{}}
	for _, sid := range ownOf(v.marks.heads).Lost {
		lib.lost[sid] = true
	}
	dirs, err := v.m.Dirs("log")
	if err != nil {
		return nil, err
	}
	strangers := 0
	for _, dir := range dirs {
		if _, known := t.roster.ByShort(dir); !known {
			if strangers++; strangers > format.MaxLogs {
				continue // not even worth a name each
			}
		}
		if err := v.readLog(ctx, lib, t, dir, limit); err != nil {
			return nil, err
		}
	}
	for _, f := range lib.files {
		if f.state == StateOK {
			lib.bySID[f.sid] = f
		}
	}
	denied := lib.gate(t.roster)
	if err := lib.chooseBase(t.self); err != nil {
		return nil, err
	}
	lib.vouch(denied)
	lib.find(v.marks.heads, limit != nil)
	return lib, nil
}

func (v *Vault) readLog(ctx context.Context, lib *library, t *trust, dir string, limit map[format.MemberID]format.Mark) error {
	names, err := v.m.Names("log/" + dir)
	if err != nil {
		return err
	}
	m, known := t.roster.ByShort(dir)
	for _, base := range names {
		name := format.ParseName("log/" + dir + "/" + base)
		if name.Kind != format.FileLog || limit != nil && name.Seq > limit[m.ID].Seq {
			continue
		}
		if !known || m.Kind != format.KindDevice {
			lib.files = append(lib.files, &logFile{name: name, state: StateQuarantined, why: "no device of this vault writes this log"})
			continue
		}
		f, err := v.openLog(ctx, t, name, m)
		if err != nil {
			return err
		}
		lib.lighten(f, func() (*logFile, error) { return v.openLog(ctx, t, name, m) })
		lib.files = append(lib.files, f)
	}
	return nil
}

// gate quarantines what was written with a key that had ended (vault.md 5.3, 5.9), and returns it.
func (lib *library) gate(r *roster.Roster) (denied []*logFile) {
	allowed := lib.gates(r)
	for _, f := range lib.files {
		if f.state != StateOK {
			continue
		}
		switch err := allowed(f); {
		case err == nil:
			continue
		case errors.Is(err, roster.ErrGap):
			f.judge(StateWaiting, err.Error())
		default:
			f.judge(StateQuarantined, err.Error())
		}
		denied = append(denied, f)
	}
	for _, f := range denied {
		delete(lib.bySID, f.sid)
	}
	return denied
}

// gates says of each file whether it counts under a roster.
func (lib *library) gates(r *roster.Roster) func(*logFile) error {
	prev := func(sid format.SID) (format.SID, bool) {
		f, ok := lib.bySID[sid]
		if !ok {
			return "", false
		}
		return f.prev(), true
	}
	gates := map[format.MemberID]*roster.Gate{}
	return func(f *logFile) error {
		g := gates[f.log]
		if g == nil {
			var err error
			if g, err = r.Gate(f.log, prev); err != nil {
				return err
			}
			gates[f.log] = g
		}
		return g.Allowed(f.mark(), f.key)
	}
}

// vouch takes back what a cut says of files that a snapshot of the base lists: they were folded by somebody who counts, and
// add nothing to that snapshot. Such are the files below a collected one, and the other branch of a fork.
func (lib *library) vouch(denied []*logFile) {
	for _, f := range denied {
		if lib.ctx.Has(f.sid) {
			f.judge(StateOK, "")
			lib.bySID[f.sid] = f
		}
	}
}

// loses reports whether a change of the roster would take away what is folded now: a cut names one branch of a fork, and
// reaches down to the first missing file. Then a snapshot that restates everything must be there first.
func (lib *library) loses(next *roster.Roster) bool {
	allowed := lib.gates(next)
	seen := fold.NewContext(format.Context{})
	for _, f := range lib.base {
		if allowed(f) == nil {
			seen.Join(fold.NewContext(f.ctx))
		}
	}
	return slices.ContainsFunc(lib.files, func(f *logFile) bool {
		return f.folded() && !seen.Has(f.sid) && allowed(f) != nil && (f.kind == format.KindSegment || !covers(seen, f.ctx))
	})
}

// chooseBase picks the snapshots that the fold starts from: the own ones first, newest first, and of the others those that
// have seen something more.
func (lib *library) chooseBase(self format.MemberID) error {
	var snaps []*logFile
	for _, f := range lib.files {
		if f.state == StateOK && f.kind == format.KindSnapshot {
			snaps = append(snaps, f)
		}
	}
	slices.SortStableFunc(snaps, func(a, b *logFile) int {
		if (a.log == self) != (b.log == self) {
			if a.log == self {
				return -1
			}
			return 1
		}
		return b.header.Seq - a.header.Seq
	})
	for _, f := range snaps {
		c := fold.NewContext(f.ctx)
		if lib.ctx.Has(f.sid) || covers(lib.ctx, f.ctx) {
			continue
		}
		if !lib.part {
			why, err := lib.contradicts(f, self)
			if err != nil {
				return err
			}
			if why != "" {
				f.judge(StateQuarantined, why)
				delete(lib.bySID, f.sid)
				continue
			}
		}
		lib.base = append(lib.base, f)
		lib.ctx.Join(c)
	}
	return nil
}

// covers reports whether ctx has seen everything that c has.
func covers(ctx *fold.Context, c format.Context) bool {
	for _, sids := range c.Have {
		for _, sid := range sids {
			if !ctx.Has(sid) {
				return false
			}
		}
	}
	for _, d := range c.Cloud {
		if !ctx.Seen(d) {
			return false
		}
	}
	return true
}

// find looks for what single files do not show: gaps, forks, hidden files, and a tree older than its marks.
func (lib *library) find(h format.Heads, limited bool) {
	type place struct {
		log format.MemberID
		seq int
	}
	seen := map[place]format.SID{}
	for _, f := range lib.files {
		if f.state != StateOK {
			continue
		}
		at := place{f.log, f.header.Seq}
		if other, ok := seen[at]; ok && other != f.sid {
			lib.finds = append(lib.finds, Finding{"fork", f.log, f.header.Seq, f.sid,
				"two files with one number: this device was cloned or restored from a backup, or its key was stolen"})
		}
		seen[at] = f.sid
		if p := f.prev(); p != "" && !lib.known(p) {
			f.judge(StateGap, "the file before it is missing")
			lib.finds = append(lib.finds, Finding{"missing", f.log, f.header.Seq - 1, p, "a file of the log is missing"})
		}
		for log, m := range f.header.Seen {
			if m.Seq > 0 && !lib.known(m.SID) && !limited {
				lib.finds = append(lib.finds, Finding{"hidden", log, m.Seq, m.SID, "a file that another device saw is not here"})
			}
		}
	}
	for log, m := range h.Logs {
		if m.Seq > 0 && !lib.known(m.SID) {
			lib.finds = append(lib.finds, Finding{"rollback", log, m.Seq, m.SID, "files that were here are gone: rolled back or lost"})
		}
	}
	lib.finds = slices.CompactFunc(lib.finds, func(a, b Finding) bool { return a == b })
}

// known reports whether a file is here and good, or was folded into a snapshot that is.
func (lib *library) known(sid format.SID) bool {
	_, ok := lib.bySID[sid]
	return ok || lib.ctx.Has(sid) || lib.lost[sid]
}

// folded reports whether a file's writes count.
func (f *logFile) folded() bool { return f.state == StateOK || f.state == StateGap }

// tops returns the newest folded mark of every log: the pinned one or what was built on it, else the highest.
// The own log's mark stays on its own branch: a clone's files may have come further.
func (lib *library) tops(h format.Heads, self format.MemberID) map[format.MemberID]format.Mark {
	out := maps.Clone(h.Logs)
	if out == nil {
		out = map[format.MemberID]format.Mark{}
	}
	files := slices.Clone(lib.files)
	slices.SortStableFunc(files, func(a, b *logFile) int { return a.header.Seq - b.header.Seq })
	for _, f := range files {
		if !f.folded() {
			continue
		}
		top, jump := out[f.log], f.log != self || h.Logs[self].Seq == 0
		if f.header.Seq > top.Seq && (top.Seq == 0 || jump && f.header.Seq > top.Seq+1 || f.prev() == top.SID) {
			out[f.log] = f.mark()
		}
	}
	return out
}

// incomplete reports that a file which the marks or another file name is not here or not readable, so that what can be folded
// now is perhaps not everything.
func (lib *library) incomplete() bool {
	for _, f := range lib.files {
		if f.state == StateWaiting || f.state == StateDamaged {
			return true
		}
	}
	return len(lib.absent()) > 0
}

// absent are the files that something names and that are not here.
func (lib *library) absent() (out []format.SID) {
	for _, f := range lib.finds {
		if f.Kind == "missing" || f.Kind == "rollback" || f.Kind == "hidden" {
			out = append(out, f.SID)
		}
	}
	return out
}

// retry reports that a file vanished between listing and opening: somebody collected it, and the marks moved on.
func retry(err error) bool { return errors.Is(err, fs.ErrNotExist) }
