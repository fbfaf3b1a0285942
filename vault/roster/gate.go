package roster

import (
	"errors"
	"fmt"

	"signet/vault/format"
)

// Errors of Allowed that a caller branches on.
var (
	ErrCut = errors.New("written with a key that was ended before it") // quarantine
	ErrGap = errors.New("a file between it and the cut is missing")    // wait
)

// Prev returns the sid that a file's prev names, "" for the first file of a log; false when the file is not at hand.
type Prev func(format.SID) (format.SID, bool)

// Gate decides for one log which of its files are folded (vault.md 5.3, 5.9): a file counts under the key that signed it only
// when it lies on the path to the cut that ended that key, and every later cut; what was already there when a key began
// counts only under the key before. A revoked or stolen key can thus write nothing new, not even below its cut.
type Gate struct {
	paths []path // per key, oldest first
}

// path is what is known of a cut and its ancestors.
type path struct {
	open  bool               // the key was not ended
	until format.Mark        // the cut; zero: not one file
	known map[format.SID]int // the cut and its ancestors with their seq
	floor int                // below this seq the path is not known: a file is missing
}

// Gate reads the path to every cut of a device's log. It costs one look per file below a cut, so one Gate serves all files.
func (r *Roster) Gate(log format.MemberID, prev Prev) (*Gate, error) {
	m, ok := r.Member(log)
	if !ok || m.Kind != format.KindDevice {
		return nil, forged("a log that no device of the roster writes")
	}
	g := &Gate{}
	for _, s := range m.Spans {
		g.paths = append(g.paths, walk(s.Until, prev))
	}
	return g, nil
}

// walk goes down from a cut. It ends at the first file of the log, at a missing file, or after as many steps as seq allows,
// so that a circle cannot hold it.
func walk(until *format.Mark, prev Prev) path {
	if until == nil {
		return path{open: true}
	}
	p := path{until: *until, known: map[format.SID]int{}}
	sid, ok := until.SID, true
	for seq := until.Seq; seq > 0; seq-- {
		p.known[sid] = seq
		if sid, ok = prev(sid); !ok {
			p.floor = seq
			break
		}
		if sid == "" {
			break
		}
	}
	return p
}

// holds reports whether the path holds a file; ErrGap when that cannot be known yet.
func (p path) holds(at format.Mark) (bool, error) {
	if p.open {
		return true, nil
	}
	if seq, ok := p.known[at.SID]; ok && seq == at.Seq {
		return true, nil
	}
	if at.Seq < p.floor {
		return false, ErrGap
	}
	return false, nil
}

// Allowed says whether a file may be folded: at is its number and sid, key the index of the log's key that signed it
// (Member.Keys, Verified.Key). nil: fold it. ErrCut: quarantine it. ErrGap: wait until the missing files are there.
func (g *Gate) Allowed(at format.Mark, key int) error {
	if key < 0 || key >= len(g.paths) || at.Seq < 1 {
		return forged("no such key or file")
	}
	for _, p := range g.paths[key:] {
		if err := p.demand(at, true); err != nil {
			return err
		}
	}
	if key > 0 {
		return g.paths[key-1].demand(at, false)
	}
	return nil
}

func (p path) demand(at format.Mark, want bool) error {
	on, err := p.holds(at)
	if err == nil && on != want {
		err = ErrCut
	}
	if err != nil {
		return fmt.Errorf("file %d: %w", at.Seq, err)
	}
	return nil
}

// Allowed is Gate and its Allowed for a single file.
func (r *Roster) Allowed(log format.MemberID, at format.Mark, key int, prev Prev) error {
	g, err := r.Gate(log, prev)
	if err != nil {
		return err
	}
	return g.Allowed(at, key)
}
