package fold

import "signet/vault/format"

// rules are the decisions of vault.md 5.4, one function each. The program knows only the lawful ones; tests put in weakened
// ones, one at a time, to show that the properties notice (mutation_test.go). Nothing outside the tests makes another set.
type rules struct {
	// adds: does the dot of an op that is folded become live?
	adds func(c *Context, d format.Dot) bool
	// reaches: does the x of an op that writes one place remove a dot that lives at another?
	reaches func(by, at place) bool
	// remembers: does a replaced dot go into the cloud?
	remembers func(c *Context, d format.Dot) bool
	// keeps: does a dot stay in a join, when the side that lacks it has that context?
	keeps func(lacking *Context, d format.Dot) bool
	// beats: does a replace b, when both sides of a join hold the same dot at the same place?
	beats func(a, b cell) bool
}

// lawful are the rules of format 1.
var lawful = &rules{
	adds:      func(c *Context, d format.Dot) bool { return !c.Seen(d) },
	reaches:   func(_, _ place) bool { return true },
	remembers: func(c *Context, d format.Dot) bool { return !c.Has(d.SID) },
	keeps:     func(lacking *Context, d format.Dot) bool { return !lacking.Seen(d) },
	beats:     beats,
}
