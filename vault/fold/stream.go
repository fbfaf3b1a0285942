package fold

import (
	"iter"

	"signet/vault/format"
)

// Delta is what a set of segments does to a state that is streamed by, record by record, without ever standing in memory
// as a whole: the ops per record, and every dot that they replace.
type Delta struct{ ctx *Context }

// NewDelta starts from the context of the state that will stream by (a snapshot's, or the cache's). It takes ctx over and
// advances it.
func NewDelta(ctx *Context) *Delta { panic("contract: fold.NewDelta") }

// Add folds one segment into the delta. Segments may come in any order.
func (d *Delta) Add(log format.MemberID, sid format.SID, ops []format.Op) {
	panic("contract: fold.Delta.Add")
}

// Touched yields the ids of records that the ops name, sorted.
func (d *Delta) Touched() []format.RecordID { panic("contract: fold.Delta.Touched") }

// Local reports whether applying the delta to the touched records alone is enough: every dot in an x that the base context
// had seen was found in one of the records given to Apply, or is known to live nowhere else. False means: stream all records
// through Stream (a foreign write replaced a dot in another record).
func (d *Delta) Local() bool { panic("contract: fold.Delta.Local") }

// Apply returns the record after the delta; base is the zero Record with that ID when the state has none.
func (d *Delta) Apply(base format.Record) format.Record { panic("contract: fold.Delta.Apply") }

// Stream yields the whole new state sorted by id, given the base records sorted by id. Memory is bounded by the delta.
func (d *Delta) Stream(base iter.Seq2[format.Record, error]) iter.Seq2[format.Record, error] {
	panic("contract: fold.Delta.Stream")
}

// Context returns the context after everything that was added.
func (d *Delta) Context() *Context { return d.ctx }

// JoinRecord joins two versions of one record under their contexts: a dot stays iff both sides hold it, or the side that
// lacks it has not seen it.
func JoinRecord(a format.Record, ca *Context, b format.Record, cb *Context) format.Record {
	panic("contract: fold.JoinRecord")
}

// Conflicted reports whether a field has live values that differ. Equal concurrent values are no conflict.
func Conflicted(f format.Field) bool { panic("contract: fold.Conflicted") }
