package vault

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"signet/vault/entry"
	"signet/vault/format"
)

// logins yields n logins, one batch each; pad makes each larger.
func logins(n, from int, pad string) iter.Seq2[[]Edit, error] {
	return func(yield func([]Edit, error) bool) {
		for i := range n {
			edits := login(from+i, fmt.Sprintf("Site %d", from+i), "pw")
			if pad != "" {
				edits = append(edits, entry.Set(recID(from+i), "cred/bbbbbbbb/type", "note"), entry.Set(recID(from+i), "cred/bbbbbbbb/content", pad))
			}
			if !yield(edits, nil) {
				return
			}
		}
	}
}

func importRecord(t *testing.T, v *Vault) format.Record {
	t.Helper()
	for r, err := range v.Records(context.Background()) {
		must(t, err)
		if f, ok := r.Get("rec"); ok && f.Values[0].Text == "import" {
			return r
		}
	}
	t.Fatal("no import record")
	return format.Record{}
}

func TestImportSplitsAtRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	pad := strings.Repeat("x", 900<<10)
	res, err := v.Import(context.Background(), "big.json", logins(12, 0, pad))
	must(t, err)
	if len(res.SIDs) < 3 || len(res.Records) != 12 {
		t.Fatalf("%d segments, %d records", len(res.SIDs), len(res.Records))
	}
	parts := importParts(importRecord(t, v))
	if fmt.Sprint(parts) != fmt.Sprint(res.SIDs[:len(res.SIDs)-1]) {
		t.Errorf("parts %v of %v", parts, res.SIDs)
	}
	if got := state(t, w.open()); got != state(t, v) {
		t.Error("another handle reads something else")
	}
	w.fs.DeleteFile(cacheName)
	if got := state(t, w.open()); got != state(t, v) {
		t.Error("files and cache differ")
	}
}

// A large import is streamed into the cache, into an empty vault and among entries that are there; a reader sees the same as
// after a fold of all files.
func TestLargeImportsReachTheCache(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	ctx := context.Background()
	same := func(when string) {
		t.Helper()
		got := state(t, v)
		if other := state(t, w.open()); other != got {
			t.Errorf("%s: another handle reads something else", when)
		}
		c := w.clone()
		c.fs.DeleteFile(cacheName)
		c.fs.DeleteFile(tailName)
		if folded := state(t, c.open()); folded != got {
			t.Errorf("%s: cache and files differ", when)
		}
	}
	for _, step := range []struct{ n, from int }{{usualRoom.records + 1000, 0}, {usualRoom.records + 10, usualRoom.records}} {
		_, err := v.Import(ctx, "x", logins(step.n, step.from, ""))
		must(t, err)
		same(fmt.Sprint(step))
	}
	ids, err := v.ByTitle(ctx, "site 3000")
	if err != nil || len(ids) != 1 {
		t.Errorf("by title %v, %v", ids, err)
	}
}

func TestImportTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	_, err := v.Import(context.Background(), "x", logins(5, 0, ""))
	must(t, err)
	files := len(w.fs.Files())
	res, err := v.Import(context.Background(), "x", logins(5, 0, ""))
	if err != nil || len(res.SIDs) != 0 || len(w.fs.Files()) != files {
		t.Errorf("wrote %v, %v", res.SIDs, err)
	}
}

func TestImportThatFailsWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	before, boom := len(w.fs.Files()), errors.New("boom")
	_, err := v.Import(context.Background(), "x", func(yield func([]Edit, error) bool) {
		for e := range logins(30, 0, strings.Repeat("x", 900<<10)) {
			if !yield(e, nil) {
				return
			}
		}
		yield(nil, boom)
	})
	if !errors.Is(err, boom) || len(w.fs.Files()) != before {
		t.Errorf("error %v, %d files, want %d", err, len(w.fs.Files()), before)
	}
	if _, err := v.Import(context.Background(), "x", func(yield func([]Edit, error) bool) {
		_ = yield(login(1, "a", "b"), nil) && yield(login(1, "c", "d"), nil)
	}); err == nil {
		t.Error("a record in two batches was accepted")
	}
}
