package fold

import (
	"iter"

	"signet/vault/format"
)

// Context is the causal context with fast look-up: which segments were folded, and which dots were replaced ahead of
// their segment.
type Context struct {
	have map[format.SID]format.MemberID
} // grows: per-log order, cloud set

// NewContext builds a context from a snapshot's; FromContext and ToFormat are inverse.
func NewContext(c format.Context) *Context { panic("contract: fold.NewContext") }

// Format returns the context as a snapshot holds it: have per log in the order added, cloud sorted.
func (c *Context) Format() format.Context { panic("contract: fold.Context.Format") }

// Has reports whether the segment was folded.
func (c *Context) Has(sid format.SID) bool { panic("contract: fold.Context.Has") }

// Seen reports whether the dot was seen: its segment was folded, or it lies in the cloud.
func (c *Context) Seen(d format.Dot) bool { panic("contract: fold.Context.Seen") }

// State is a whole folded state in memory: for tests, for small vaults, and for joins of several snapshots.
type State struct{ ctx *Context }

// NewState returns the empty state.
func NewState() *State { panic("contract: fold.NewState") }

// Fold folds one segment of a log. Folding what was folded changes nothing.
func (s *State) Fold(log format.MemberID, sid format.SID, ops []format.Op) {
	panic("contract: fold.State.Fold")
}

// Join joins another state, as read from a snapshot.
func (s *State) Join(o *State) { panic("contract: fold.State.Join") }

// Record returns one record, fields sorted by path, values by rank; false when it has no field at all.
func (s *State) Record(id format.RecordID) (format.Record, bool) {
	panic("contract: fold.State.Record")
}

// Records yields all records sorted by id.
func (s *State) Records() iter.Seq[format.Record] { panic("contract: fold.State.Records") }

// Context returns the state's context.
func (s *State) Context() *Context { return s.ctx }
