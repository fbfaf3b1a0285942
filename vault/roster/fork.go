package roster

import "signet/vault/format"

// Relation is how two verified rosters stand to each other.
type Relation int

// The relations of a to b in Compare(a, b).
const (
	Same    Relation = iota + 1 // one head
	Ahead                       // a extends b
	Behind                      // b extends a
	Forked                      // both go on from a common statement in different ways
	Foreign                     // of different vaults
)

// Comparison is what Compare found.
type Comparison struct {
	Relation Relation
	Common   int     // number of statements that both share
	Decided  *Roster // Forked: the branch that a recovery code with authority signed, nil when none or both did
}

// Compare says which of two rosters extends which, or where they fork. A fork is decided only by a statement that a
// recovery code signed which had authority before the fork, with the key that it had then (vault.md 5.9): what a branch says
// about authority, or does to the code's key, cannot make that branch win. An undecided fork is the user's to decide; a device
// stays on the branch that its high-water marks pin.
func Compare(a, b *Roster) Comparison {
	if a.Vault != b.Vault {
		return Comparison{Relation: Foreign}
	}
	n := 0
	for n < len(a.Chain) && n < len(b.Chain) && a.Chain[n].Hash() == b.Chain[n].Hash() {
		n++
	}
	switch {
	case n == len(a.Chain) && n == len(b.Chain):
		return Comparison{Relation: Same, Common: n}
	case n == len(b.Chain):
		return Comparison{Relation: Ahead, Common: n}
	case n == len(a.Chain):
		return Comparison{Relation: Behind, Common: n}
	}
	c, judges := Comparison{Relation: Forked, Common: n}, a.judges(n)
	switch inA, inB := a.judged(n, judges), b.judged(n, judges); {
	case inA && !inB:
		c.Decided = a
	case inB && !inA:
		c.Decided = b
	}
	return c
}

// judges are the recovery codes that were active and had authority after the first n statements.
func (r *Roster) judges(n int) map[format.MemberID]bool {
	b := newBuilder()
	for i, s := range r.Chain[:n] {
		b.r.Vault = r.Vault
		if b.take(s, r.Stmts[i]) != nil {
			return nil // unreachable: these statements were verified
		}
	}
	out := map[format.MemberID]bool{}
	for _, m := range b.r.Members {
		if m.Kind == format.KindRecovery && m.Active && m.Authority {
			out[m.ID] = true
		}
	}
	return out
}

// judged reports whether a judge signed a statement from the nth on, with the key that it had before.
func (r *Roster) judged(n int, judges map[format.MemberID]bool) bool {
	rekeyed := map[format.MemberID]bool{}
	for _, st := range r.Stmts[n:] {
		if judges[st.By] && !rekeyed[st.By] {
			return true
		}
		switch st.Type {
		case "": // newer: it may have changed any key
			return false
		case format.StRekey:
			rekeyed[st.Member.ID] = true
		}
	}
	return false
}
