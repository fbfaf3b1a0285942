package fold

import (
	"slices"
	"strings"
	"testing"

	"signet/vault/format"
)

// scenarios are drawn by hand; every order of every file and snapshot must give the same reading. A reading lists per field
// the values in the order displayed; "cloud" ends it when dots are waiting for their file.
var scenarios = []struct {
	name, draw, want string
}{
	{"one device writes on", `A1 -> A2 -> A3`, `f: A3`},
	{"a concurrent write is a conflict, the later clock is shown first", `
		A1 -> A2
		A1 -> B1`, `f: B1 A2`},
	{"a write that saw both ends the conflict", `
		A1 -> A2
		A1 -> B1
		A2, B1 -> C1`, `f: C1`},
	{"a wrong clock hides nothing", `
		A1(f@999) -> A2(f@1)
		A1 -> B1(f@500)`, `f: B1 A2`},
	{"a concurrent edit survives a delete", `
		A1 -> A2(-f)
		A1 -> B1`, `f: B1`},
	{"a delete that saw everything leaves nothing", `A1 -> A2(-f)`, ``},
	{"a delete takes an index: the write after it keeps its dot", `
		A1 -> A2(-f, g) -> A3(-g!A2.1)`, ``},
	{"a clone's file with the same number is a fork and both fold", `
		A1 -> A2
		A1 -> A2'`, `f: A2' A2`},
	{"a clone that goes on hides nothing of the other branch", `
		A1 -> A2(g)
		A1 -> A2'(h) -> A3'(h) -> A4'(h)`, `f: A1|g: A2|h: A4'`},
	{"a restored device that writes its numbers again loses nothing", `
		A1 -> A2(g) -> A3(g)
		A1 -> A2'(h)
		A3, A2' -> B1(i)`, `f: A1|g: A3|h: A2'|i: B1`},
	{"a lost file is waited for in the cloud; what only it replaced is shown again", `
		A1 -> A2 -> A3
		lost A2`, `f: A3 A1|cloud A2.0`},
	{"a lost file that nobody replaced leaves what it replaced", `
		A1 -> A2(f, g)
		A1 -> B1(h)
		lost A2`, `f: A1|h: B1`},
	{"x reaches into other fields and records", `
		A1(f, r2/g) -> A2(h!A1.0!A1.1)`, `h: A2`},
	{"a snapshot stands for its files", `
		A1 -> A2 -> A3(g)
		snap S A3
		lost A1 A2 A3`, `f: A2|g: A3`},
	{"a snapshot does not bring back what a later file replaced", `
		A1 -> A2
		snap S A1
		lost A1`, `f: A2`},
	{"two snapshots of branches join", `
		A1 -> A2
		A1 -> B1(g)
		snap S A2
		snap T B1
		lost A1 A2 B1`, `f: A2|g: B1`},
	{"a snapshot that knows less does not bring back a delete", `
		A1 -> A2(-f)
		snap S A1
		snap T A2
		lost A1 A2`, ``},
	{"the same value written twice is no conflict to a reader", `
		A1 -> A2(f=x@5)
		A1 -> B1(f=x@5)`, `f: x x`},
	{"a blind write stands beside what is there", `A1 -> A2(f+)`, `f: A2 A1`},
	{"a file that replaces a dot of a file that comes never", `
		A1 -> B1(f!A1.0!A1.7)
		lost A1`, `f: B1|cloud A1.0 A1.7`},
}

func TestScenariosInEveryOrder(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			d := parse(sc.draw)
			moves := d.moves()
			for order := range permutations(len(moves)) {
				s := NewState()
				for _, i := range order {
					moves[i](s)
					moves[order[0]](s) // doubles change nothing
				}
				if got := d.reading(s); got != sc.want {
					t.Fatalf("order %v reads %q, want %q", order, got, sc.want)
				}
			}
		})
	}
}

// moves are the ways in which the drawing's files and snapshots reach a reader.
func (d *drawing) moves() []func(*State) {
	var out []func(*State)
	for _, f := range d.order {
		if !d.lost[f.name] {
			out = append(out, func(s *State) { s.Fold(f.log, f.sid, f.ops) })
		}
	}
	for name, covers := range d.snaps {
		writer := NewState()
		for _, f := range covers {
			writer.Fold(f.log, f.sid, f.ops)
		}
		snap := take(name, writer, covers)
		out = append(out, func(s *State) { s.Join(snap.load(lawful)) })
	}
	return out
}

// reading is what a person would see.
func (d *drawing) reading(s *State) string {
	var out []string
	for r := range s.Records() {
		for _, f := range r.Fields {
			words := []string{f.Path + ":"}
			for _, v := range f.Values {
				words = append(words, v.Text)
			}
			out = append(out, strings.Join(words, " "))
		}
	}
	names := map[format.SID]string{}
	for name, f := range d.byName {
		names[f.sid] = name
	}
	cloud := []string{}
	for _, dot := range s.Context().Format().Cloud {
		cloud = append(cloud, names[dot.SID]+dot.String()[16:])
	}
	if len(cloud) > 0 {
		slices.Sort(cloud)
		out = append(out, "cloud "+strings.Join(cloud, " "))
	}
	return strings.Join(out, "|")
}

// permutations yields every order of n things.
func permutations(n int) func(func([]int) bool) {
	return func(yield func([]int) bool) {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		var rest func(k int) bool
		rest = func(k int) bool {
			if k == n {
				return yield(order)
			}
			for i := k; i < n; i++ {
				order[k], order[i] = order[i], order[k]
				if !rest(k + 1) {
					return false
				}
				order[k], order[i] = order[i], order[k]
			}
			return true
		}
		rest(0)
	}
}
