package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"signet/vault/fold"
	"signet/vault/format"
)

// folding is the whole state as a stream, to be read once: nothing of it stands in memory but which dots were replaced.
type folding struct {
	records iter.Seq2[format.Record, error]
	ctx     *fold.Context
}

// fold streams the state that the library's good files say: base snapshots joined, then everything behind them. What the
// segments add is sorted in memory as bytes, or in store when there is one.
func (lib *library) fold(store fold.Store) (folding, error) {
	delta := fold.NewPiledDelta(lib.ctx.Clone(), fold.NewPile(store, lib.room.pile))
	for _, f := range lib.files {
		if !f.folded() {
			continue
		}
		ops, err := f.operations()
		if err != nil {
			return folding{}, err
		}
		delta.Add(f.log, f.sid, ops)
	}
	return folding{records: delta.Stream(lib.baseRecords()), ctx: delta.Context()}, nil
}

// room is how much of a fold, or of one large edit, may stand in memory.
type room struct {
	ops     int64      // bytes of segments that keep their operations after they were judged; the others are read again
	pile    fold.Sizes // of what they add
	records int        // from how many records on one edit is read again as well, and streamed into the cache
}

var usualRoom = room{ops: 4 << 20, pile: fold.UsualSizes, records: 2000}

// lighten drops the operations of a segment that is one too many to stand in memory.
func (lib *library) lighten(f *logFile, again func() (*logFile, error)) {
	if lib.kept += f.size; f.kind != format.KindSegment || lib.kept <= lib.room.ops {
		return
	}
	f.ops, f.again = nil, again
}

// operations returns what a segment writes. What is read again must be what was judged: the same plaintext, byte for byte.
func (f *logFile) operations() ([]format.Op, error) {
	if f.again == nil {
		return f.ops, nil
	}
	g, err := f.again()
	if err != nil {
		return nil, err
	}
	if g.state != StateOK || g.hash != f.hash {
		return nil, fmt.Errorf("read %s: %w: it changed while it was read", f.path(), ErrCorrupt)
	}
	return g.ops, nil
}

func (lib *library) baseRecords() iter.Seq2[format.Record, error] {
	var stream iter.Seq2[format.Record, error]
	var ctx *fold.Context
	for _, f := range lib.base {
		own := fold.NewContext(f.ctx)
		next := f.snapshotRecords(own)
		if stream == nil {
			stream, ctx = next, own
			continue
		}
		stream = joinStreams(stream, ctx, next, own)
		joined := ctx.Clone()
		joined.Join(own)
		ctx = joined
	}
	if stream == nil {
		return func(func(format.Record, error) bool) {}
	}
	return stream
}

// snapshotRecords reads the records of a snapshot. A value of a file that it does not list ends the stream: such a value could
// come back after it was replaced.
func (f *logFile) snapshotRecords(ctx *fold.Context) iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		err := f.snap.Read(func(format.SnapshotHeader, format.Context) error { return nil }, func(r format.Record) error {
			if err := fold.Covers(ctx, r); err != nil {
				return err
			}
			if !yield(r, nil) {
				return errEnough
			}
			return nil
		})
		var disk *fs.PathError
		switch {
		case err == nil || errors.Is(err, errEnough):
		case errors.As(err, &disk):
			yield(format.Record{}, err)
		default:
			yield(format.Record{}, &lyingError{f.sid, err.Error()})
		}
	}
}

// joinStreams joins two states record by record; both are sorted by id.
func joinStreams(a iter.Seq2[format.Record, error], ca *fold.Context, b iter.Seq2[format.Record, error], cb *fold.Context) iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		nextA, stopA := iter.Pull2(a)
		defer stopA()
		nextB, stopB := iter.Pull2(b)
		defer stopB()
		ra, errA, okA := nextA()
		rb, errB, okB := nextB()
		for okA || okB {
			if err := errors.Join(errA, errB); err != nil {
				yield(format.Record{}, err)
				return
			}
			var out format.Record
			switch {
			case okA && okB && ra.ID == rb.ID:
				out = fold.JoinRecord(ra, ca, rb, cb)
				ra, errA, okA = nextA()
				rb, errB, okB = nextB()
			case okA && (!okB || ra.ID < rb.ID):
				out = fold.JoinRecord(ra, ca, format.Record{ID: ra.ID}, cb)
				ra, errA, okA = nextA()
			default:
				out = fold.JoinRecord(format.Record{ID: rb.ID}, ca, rb, cb)
				rb, errB, okB = nextB()
			}
			if len(out.Fields) > 0 && !yield(out, nil) {
				return
			}
		}
	}
}
