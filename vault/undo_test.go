package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/entry"
	"signet/vault/format"
)

// visible is a state without its history.
func visible(t testing.TB, v *Vault) string {
	t.Helper()
	var out []string
	for line := range strings.Lines(state(t, v)) {
		if !strings.Contains(line, " hist/") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

func undoOf(t testing.TB, v *Vault, res Result) Result {
	t.Helper()
	out, err := v.Undo(context.Background(), res.SIDs)
	must(t, err)
	return out
}

func TestUndoTakesBackAndComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	apply(t, v, login(1, "Mail", "one")...)
	before := visible(t, v)
	for name, edits := range map[string][]Edit{
		"set":    {entry.Set(recID(1), passwordPath, "two"), entry.Set(recID(1), "title", "Post")},
		"add":    {entry.Set(recID(1), "subtitle", "x"), entry.Set(recID(1), "url/bbbbbbbb", "u"), entry.Set(recID(1), "url/bbbbbbbb/pos", "V")},
		"delete": {entry.Remove(recID(1), passwordPath)},
		"new":    login(2, "Bank", "m"),
		"mixed":  append(login(3, "Third", "m"), entry.Remove(recID(1), "cred/aaaaaaaa/username"), entry.Set(recID(1), "tag/a", "true")),
	} {
		res := apply(t, v, edits...)
		after := visible(t, v)
		first := undoOf(t, v, res)
		if got := visible(t, v); got != before {
			t.Errorf("%s: undone:\n%s", name, got)
		}
		second := undoOf(t, w.open(), first) // another process, which must search
		if got := visible(t, v); got != after {
			t.Errorf("%s: undo undone:\n%s", name, got)
		}
		undoOf(t, v, second)
		if got := visible(t, v); got != before {
			t.Errorf("%s: undone again:\n%s", name, got)
		}
	}
}

func TestUndoLeavesWhatWasEditedSince(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	ctx := context.Background()
	created := apply(t, v, login(1, "Mail", "one")...)
	res := apply(t, v, entry.Set(recID(1), passwordPath, "two"), entry.Set(recID(1), "title", "Post"))
	apply(t, v, entry.Set(recID(1), passwordPath, "three"))
	out := undoOf(t, v, res)
	if value(t, v, recID(1), passwordPath) != "three" || value(t, v, recID(1), "title") != "Mail" || len(out.Skipped) != 1 {
		t.Errorf("after undo: %s, skipped %v", visible(t, v), out.Skipped)
	}
	var refused *UndoError
	if _, err := v.Undo(ctx, res.SIDs); !errors.As(err, &refused) || !errors.Is(err, ErrConflict) {
		t.Errorf("nothing left to undo: %v, want *UndoError", err)
	}
	before := visible(t, v)
	if _, err := v.Undo(ctx, created.SIDs); !errors.As(err, &refused) || visible(t, v) != before {
		t.Errorf("an entry edited since was beheaded: %v\n%s", err, visible(t, v))
	}
	deleted := apply(t, v, entry.Remove(recID(1), "title"))
	apply(t, v, entry.Set(recID(1), "title", "again"))
	if _, err := v.Undo(ctx, deleted.SIDs); !errors.As(err, &refused) {
		t.Errorf("a deleted field written since: %v, want *UndoError", err)
	}
}

func TestUndoOfAnImportTakesAllOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	apply(t, v, login(500, "Kept", "k")...)
	before := visible(t, v)
	v.target = 8 << 10
	res, err := v.Import(context.Background(), "x", logins(30, 0, strings.Repeat("x", 200)))
	must(t, err)
	if len(res.SIDs) < 3 {
		t.Fatalf("%d segments", len(res.SIDs))
	}
	after := visible(t, v)
	for i, sid := range []format.SID{res.SIDs[0], res.SIDs[len(res.SIDs)-1]} {
		c := w.clone()
		cv := c.open()
		out, err := cv.Undo(context.Background(), []format.SID{sid})
		must(t, err)
		if got := visible(t, cv); got != before {
			t.Errorf("undo by sid %d leaves:\n%s", i, got)
		}
		undoOf(t, c.open(), out)
		if got := visible(t, cv); got != after {
			t.Errorf("redo after undo by sid %d differs", i)
		}
	}
	last, err := w.open().LastEdit(context.Background())
	if err != nil || last[len(last)-1] != res.SIDs[len(res.SIDs)-1] {
		t.Errorf("last edit %v, %v", last, err)
	}
}

func TestUndoOfAResolvedConflictBringsBothBack(t *testing.T) {
	t.Parallel()
	w := conflicted(t)
	v := w.open()
	before := visible(t, v)
	res := apply(t, v, entry.Set(recID(1), "title", "resolved"))
	out := undoOf(t, v, res)
	if got := visible(t, v); got != before {
		t.Errorf("undone:\n%s, want:\n%s", got, before)
	}
	undoOf(t, v, out)
	if got := value(t, v, recID(1), "title"); got != "resolved" {
		t.Errorf("undo undone: %q", got)
	}
}

// conflicted is a vault in which a restored copy wrote the same field as the original.
func conflicted(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	apply(t, w.open(), login(1, "Mail", "one")...)
	copied := w.clone()
	apply(t, w.open(), entry.Set(recID(1), "title", "here"))
	apply(t, copied.open(), entry.Set(recID(1), "title", "there"))
	w.bring(copied)
	r, err := w.open().Record(context.Background(), recID(1))
	must(t, err)
	if f, _ := r.Get("title"); len(f.Values) != 2 {
		t.Fatalf("title has %d values", len(f.Values))
	}
	return w
}

// bring puts the log files of another world into this one, as a synchronising program would.
func (w *world) bring(o *world) {
	for _, name := range o.fs.Files() {
		if format.ParseName(name).Kind == format.FileLog && w.fs.ReadFile(name) == nil {
			w.fs.WriteFile(name, o.fs.ReadFile(name))
		}
	}
	w.fs.DeleteFile(cacheName)
	w.fs.DeleteFile(tailName)
}

// Whatever an edit did, its undo shows what was before, and the undo's undo what was after.
func TestUndoProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, fewer(40, func(rt *rapid.T) {
		v := newWorld(t).open()
		defer v.Close()
		paths := []string{"title", "subtitle", "tag/a", "cred/aaaaaaaa/type", passwordPath, "cred/aaaaaaaa/pos"}
		draw := func() []Edit {
			var edits []Edit
			for range rapid.IntRange(1, 6).Draw(rt, "edits") {
				id, path := recID(rapid.IntRange(1, 3).Draw(rt, "record")), rapid.SampledFrom(paths).Draw(rt, "path")
				if path != "cred/aaaaaaaa/pos" && rapid.IntRange(0, 3).Draw(rt, "delete") == 0 {
					edits = append(edits, entry.Remove(id, path))
				} else {
					edits = append(edits, entry.Set(id, path, fmt.Sprint(rapid.IntRange(0, 2).Draw(rt, "value"))))
				}
			}
			return edits
		}
		for range rapid.IntRange(0, 4).Draw(rt, "before") {
			apply(t, v, draw()...)
		}
		before := withoutPos(visible(t, v))
		res := apply(t, v, draw()...)
		if len(res.SIDs) == 0 {
			return
		}
		after := withoutPos(visible(t, v))
		out, err := v.Undo(context.Background(), res.SIDs)
		if errors.Is(err, ErrNotFound) {
			return // it only moved something: places are not kept
		}
		if err != nil {
			rt.Fatal(err)
		}
		if got := withoutPos(visible(t, v)); got != before {
			rt.Fatalf("undone:\n%s\nwant:\n%s", got, before)
		}
		if _, err := v.Undo(context.Background(), out.SIDs); err != nil {
			rt.Fatal(err)
		}
		if got := withoutPos(visible(t, v)); got != after {
			rt.Fatalf("undo undone:\n%s\nwant:\n%s", got, after)
		}
	}))
}

func withoutPos(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		if !strings.Contains(line, "/pos ") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

func TestRestoreValue(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	ctx := context.Background()
	apply(t, v, login(1, "Mail", "one")...)
	apply(t, v, entry.Set(recID(1), passwordPath, "two"))
	e, err := v.Entry(ctx, recID(1), View{Reveal: true, History: true})
	must(t, err)
	_, err = v.RestoreValue(ctx, recID(1), e.History[0].Dot)
	must(t, err)
	if got := value(t, v, recID(1), passwordPath); got != "one" {
		t.Errorf("password %q", got)
	}
	if _, err := v.RestoreValue(ctx, recID(1), format.Dot{SID: e.History[0].Dot.SID, I: 99}); !errors.Is(err, ErrNotFound) {
		t.Errorf("absent row: %v", err)
	}
	authors, err := v.Authors(ctx, []format.SID{e.History[0].Dot.SID})
	if err != nil || authors[e.History[0].Dot.SID].Name != "laptop" {
		t.Errorf("authors %v, %v", authors, err)
	}
}

func TestPurgeEntriesLeavesNothing(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	ctx := context.Background()
	apply(t, v, append(login(1, "Mail", "one"), login(2, "Bank", "x")...)...)
	apply(t, v, entry.Set(recID(1), passwordPath, "two"), entry.Set(recID(2), passwordPath, "y"))
	_, err := v.PurgeHistory(ctx, nil)
	must(t, err)
	if got := state(t, v); strings.Contains(got, "hist/") {
		t.Errorf("history is left:\n%s", got)
	}
	_, err = v.PurgeEntries(ctx, []ID{recID(1)})
	must(t, err)
	if got := state(t, v); strings.Contains(got, string(recID(1))[:6]+" title \"Mail\"") || !strings.Contains(got, "Bank") {
		t.Errorf("after purge:\n%s", got)
	}
	if _, err := v.PurgeEntries(ctx, []ID{recID(1)}); !errors.Is(err, ErrNotFound) {
		t.Errorf("purged twice: %v", err)
	}
}

// Of members that are not concealed the 50 newest rows stay, of passwords all.
func TestHistoryIsTrimmedByTheNextEdit(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	apply(t, v, login(1, "0", "0")...)
	for i := 1; i <= 60; i++ {
		apply(t, v, entry.Set(recID(1), "title", fmt.Sprint(i)), entry.Set(recID(1), passwordPath, fmt.Sprint(i)))
	}
	e, err := v.Entry(context.Background(), recID(1), View{Reveal: true, History: true})
	must(t, err)
	count := map[string]int{}
	for _, p := range e.History {
		count[p.Path]++
	}
	if count["title"] != keptRows+1 || count[passwordPath] != 60 { // the row of the newest segment is on top
		t.Errorf("rows kept: %v", count)
	}
}
