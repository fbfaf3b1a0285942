package vault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/entry"
)

// I4, I5 at the vault's door: copies of one vault (a restored home, a cloned machine) go on by themselves, compact, and their
// files come together in any order. All of them then show the same, and no value is lost unless a write listed it: each is
// live or in the history. Nothing raises an alarm but the fork that it is.
func TestI4I5ClonesComeTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, fewer(25, func(rt *rapid.T) {
		w := newWorld(t)
		worlds := []*world{w}
		written := map[string]bool{} // every text that was ever written to a field with a history
		n := 0
		edit := func(i int) {
			v, err := worlds[i].tryOpen()
			must(t, err)
			defer v.Close()
			id, path := recID(rapid.IntRange(1, 2).Draw(rt, "record")), rapid.SampledFrom([]string{"title", passwordPath}).Draw(rt, "path")
			n++
			text := fmt.Sprintf("text-%d-", n)
			written[text] = true
			apply(t, v, entry.Set(id, path, text))
			if rapid.IntRange(0, 5).Draw(rt, "compact") == 0 {
				must(t, maintained(v))
			}
		}
		edit(0)
		for range rapid.IntRange(2, 10).Draw(rt, "steps") {
			i := rapid.IntRange(0, len(worlds)-1).Draw(rt, "who")
			if rapid.IntRange(0, 4).Draw(rt, "what") == 0 && len(worlds) < 3 {
				worlds = append(worlds, worlds[i].clone())
			} else {
				edit(i)
			}
		}
		var states []string
		for i := range worlds {
			c := worlds[i].clone()
			for _, j := range rapid.Permutation([]int{0, 1, 2}).Draw(rt, "order") {
				if j < len(worlds) && j != i {
					c.bring(worlds[j])
					_, _ = c.tryOpen() // folds in between
				}
			}
			c.fs.DeleteFile(cacheName)
			c.fs.DeleteFile(tailName)
			v := c.open()
			got := state(t, v)
			states = append(states, got)
			for text := range written {
				if !strings.Contains(got, text) {
					rt.Fatalf("world %d lost %s:\n%s", i, text, got)
				}
			}
			must(t, v.Close())
		}
		for i, s := range states[1:] {
			if sortedLines(s) != sortedLines(states[0]) {
				rt.Fatalf("worlds 0 and %d differ:\n%s---\n%s", i+1, states[0], s)
			}
		}
	}))
}

func sortedLines(s string) string {
	lines := slices.Collect(strings.Lines(s))
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// A fork is told, and both branches stay and go on.
func TestAForkIsTold(t *testing.T) {
	t.Parallel()
	w := conflicted(t)
	if !w.notices.has("fork") {
		t.Errorf("notices %v", w.notices.list)
	}
	v := w.open()
	e, err := v.Entry(context.Background(), recID(1), View{})
	must(t, err)
	if len(e.Conflicts) != 1 || len(e.Conflicts[0].Candidates) != 2 {
		t.Errorf("conflicts %+v", e.Conflicts)
	}
	apply(t, v, entry.Set(recID(1), "title", "resolved"))
	if got := value(t, w.open(), recID(1), "title"); got != "resolved" {
		t.Errorf("title %q", got)
	}
}

// A tree that is older than its marks is told, and what the cache still shows stays until it comes back.
func TestARollbackIsTold(t *testing.T) {
	t.Parallel()
	w := settled(t)
	old := w.clone()
	v := w.open()
	apply(t, v, entry.Set(recID(1), "title", "new"))
	must(t, v.Close())
	newest := w.logFiles()[len(w.logFiles())-1]
	w.fs.DeleteFile(newest)
	if got := value(t, w.open(), recID(1), "title"); got != "new" {
		t.Errorf("with the cache: %q", got)
	}
	w.fs.DeleteFile(cacheName)
	v = w.open()
	if got := value(t, v, recID(1), "title"); got != "Mail" || !w.notices.has("rollback") {
		t.Errorf("without: %q, notices %v", got, w.notices.list)
	}
	// The whole directory rolled back is its own past: nothing here can know, and nothing is alarmed.
	if got := value(t, old.open(), recID(1), "title"); got != "Mail" || old.notices.has("rollback") {
		t.Errorf("whole: %q, %v", got, old.notices.list)
	}
}
