package fold

import (
	"testing"

	"signet/vault/format"
)

// mutants are the rules of the fold, each weakened in one way that looks reasonable. The properties are worth something
// only if they notice every one.
var mutants = []struct {
	name   string
	mutate func(w *world, law *rules)
}{
	{"replaced dots of files to come are forgotten", func(_ *world, law *rules) {
		law.remembers = func(*Context, format.Dot) bool { return false }
	}},
	{"the cloud keeps dots of folded files", func(_ *world, law *rules) {
		law.remembers = func(*Context, format.Dot) bool { return true }
	}},
	{"x reaches only its own field", func(_ *world, law *rules) {
		law.reaches = func(by, at place) bool { return by == at }
	}},
	{"x reaches only its own record", func(_ *world, law *rules) {
		law.reaches = func(by, at place) bool { return by.record == at.record }
	}},
	{"a join keeps everything", func(_ *world, law *rules) {
		law.keeps = func(*Context, format.Dot) bool { return true }
	}},
	{"a join keeps only what both have", func(_ *world, law *rules) {
		law.keeps = func(*Context, format.Dot) bool { return false }
	}},
	{"a join does not look into the cloud", func(_ *world, law *rules) {
		law.keeps = func(c *Context, d format.Dot) bool { return !c.Has(d.SID) }
	}},
	{"a join looks only into the cloud", func(_ *world, law *rules) {
		law.keeps = func(c *Context, d format.Dot) bool { return !c.clouded(d) }
	}},
	{"an op is added although it was replaced ahead", func(_ *world, law *rules) {
		law.adds = func(c *Context, d format.Dot) bool { return !c.Has(d.SID) }
	}},
	{"an op is added again", func(_ *world, law *rules) {
		law.adds = func(c *Context, d format.Dot) bool { return !c.clouded(d) }
	}},
	{"folding counts per log", func(w *world, law *rules) {
		law.adds = func(c *Context, d format.Dot) bool { return !w.counted(c, d) }
	}},
	{"joining counts per log", func(w *world, law *rules) {
		law.keeps = func(c *Context, d format.Dot) bool { return !w.counted(c, d) }
	}},
}

// counted is how a version vector would see a dot: everything up to the highest number of its log was seen. It is wrong as
// soon as a device is cloned, restored, or a file comes late.
func (w *world) counted(c *Context, d format.Dot) bool {
	var of *file
	for _, f := range w.written {
		if f.sid == d.SID {
			of = f
		}
	}
	if of == nil {
		return c.Seen(d)
	}
	for _, f := range w.written {
		if f.log == of.log && f.seq >= of.seq && c.Has(f.sid) {
			return true
		}
	}
	return c.clouded(d)
}

func TestEveryWeakenedRuleIsNoticed(t *testing.T) {
	t.Parallel()
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(400) {
				w := newWorld(seeded(seed), func(w *world) *rules {
					law := *lawful
					m.mutate(w, &law)
					return &law
				})
				if err := w.run(40); err != nil {
					return
				}
			}
			t.Error("400 schedules under this rule and no property failed")
		})
	}
}
