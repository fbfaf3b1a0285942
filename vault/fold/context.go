package fold

import (
	"maps"
	"slices"

	"signet/vault/format"
)

// Context is the causal context with fast look-up: which segments were folded, and which dots were replaced ahead of
// their segment. There is no version vector and no counter per log: both break when a device is cloned or restored
// (vault.md 5.4).
type Context struct {
	have  map[format.SID]folded
	next  int // position of the segment that is added next
	cloud map[format.SID]map[int]struct{}
}

// folded says of which log a segment is, and when it came in among the others.
type folded struct {
	log format.MemberID
	at  int
}

// NewContext builds a context from a snapshot's; NewContext and Format are inverse. Dots of the cloud whose segment is in
// have say nothing new and are dropped.
func NewContext(c format.Context) *Context {
	n := 0
	for _, sids := range c.Have {
		n += len(sids)
	}
	out := &Context{have: make(map[format.SID]folded, n), cloud: map[format.SID]map[int]struct{}{}}
	for _, log := range slices.Sorted(maps.Keys(c.Have)) {
		for _, sid := range c.Have[log] {
			out.add(log, sid)
		}
	}
	for _, d := range c.Cloud {
		if !out.Has(d.SID) {
			out.remember(d)
		}
	}
	return out
}

// Format returns the context as a snapshot holds it: have per log in the order added, cloud sorted.
func (c *Context) Format() format.Context {
	out := format.Context{Have: map[format.MemberID][]format.SID{}}
	for _, s := range c.order() {
		out.Have[s.log] = append(out.Have[s.log], s.sid)
	}
	for sid, indices := range c.cloud {
		for i := range indices {
			out.Cloud = append(out.Cloud, format.Dot{SID: sid, I: i})
		}
	}
	slices.SortFunc(out.Cloud, format.Dot.Compare)
	return out
}

// listed is one folded segment in a list.
type listed struct {
	log format.MemberID
	sid format.SID
}

// order lists the folded segments in the order added: their positions are 0 to next-1, without holes.
func (c *Context) order() []listed {
	out := make([]listed, c.next)
	for sid, f := range c.have {
		out[f.at] = listed{f.log, sid}
	}
	return out
}

// Has reports whether the segment was folded.
func (c *Context) Has(sid format.SID) bool {
	_, ok := c.have[sid]
	return ok
}

// Seen reports whether the dot was seen: its segment was folded, or it lies in the cloud.
func (c *Context) Seen(d format.Dot) bool { return c.Has(d.SID) || c.clouded(d) }

// Len returns the number of segments folded.
func (c *Context) Len() int { return len(c.have) }

// Clone returns a copy that shares nothing with c.
func (c *Context) Clone() *Context {
	out := &Context{have: maps.Clone(c.have), next: c.next, cloud: make(map[format.SID]map[int]struct{}, len(c.cloud))}
	for sid, indices := range c.cloud {
		out.cloud[sid] = maps.Clone(indices)
	}
	return out
}

// Join makes c the union of both contexts, less the cloud dots whose segment is in have. Segments that only o has come
// after those of c, in o's order.
func (c *Context) Join(o *Context) {
	for _, s := range o.order() {
		c.add(s.log, s.sid)
	}
	for sid, indices := range o.cloud {
		for i := range indices {
			if !c.Has(sid) {
				c.remember(format.Dot{SID: sid, I: i})
			}
		}
	}
}

// add notes that a segment was folded; its dots leave the cloud, since have says more. A segment that is listed under two
// logs (only a lie can do that: the log is part of what the sid hashes) stands under the smaller one, in any order of folding.
func (c *Context) add(log format.MemberID, sid format.SID) {
	delete(c.cloud, sid)
	old, ok := c.have[sid]
	switch {
	case !ok:
		c.have[sid] = folded{log, c.next}
		c.next++
	case log < old.log:
		c.have[sid] = folded{log, old.at}
	}
}

// remember notes that a dot was replaced before its segment was folded.
func (c *Context) remember(d format.Dot) {
	indices := c.cloud[d.SID]
	if indices == nil {
		indices = map[int]struct{}{}
		c.cloud[d.SID] = indices
	}
	indices[d.I] = struct{}{}
}

func (c *Context) clouded(d format.Dot) bool {
	_, ok := c.cloud[d.SID][d.I]
	return ok
}
