package vault

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"signet/vault/entry"
)

func TestApplyThenReadEveryWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	ctx := context.Background()
	res := apply(t, v, append(login(1, "Mail", "s3cret"), login(2, "Bank account", "m0ney")...)...)
	if len(res.SIDs) != 1 || len(res.Records) != 2 {
		t.Errorf("result %+v", res)
	}
	for name, v := range map[string]*Vault{"same handle": v, "another": w.open()} {
		if got := value(t, v, recID(1), passwordPath); got != "s3cret" {
			t.Errorf("%s: password %q", name, got)
		}
		ids, err := v.ByTitle(ctx, "BANK Account")
		if err != nil || len(ids) != 1 || ids[0] != recID(2) {
			t.Errorf("%s: by title %v, %v", name, ids, err)
		}
		ids, err = v.Match(ctx, []string{"ban", "acc"}, 10)
		if err != nil || len(ids) != 1 || ids[0] != recID(2) {
			t.Errorf("%s: by words %v, %v", name, ids, err)
		}
		ids, err = v.ByPrefix(ctx, string(recID(1))[:8], 10)
		if err != nil || len(ids) != 1 || ids[0] != recID(1) {
			t.Errorf("%s: by prefix %v, %v", name, ids, err)
		}
		row, err := v.Row(ctx, recID(1))
		if err != nil || row.Title != "Mail" || row.Username != "ada" || !row.Has.Password {
			t.Errorf("%s: row %+v, %v", name, row, err)
		}
		seen := 0
		must(t, v.Scan(ctx, func(ID, string, []byte) bool { seen++; return true }))
		if seen != 2 {
			t.Errorf("%s: scanned %d rows", name, seen)
		}
		if _, err := v.Record(ctx, recID(9)); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: absent record: %v", name, err)
		}
	}
}

func TestAnEditThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	apply(t, v, login(1, "Mail", "x")...)
	files := len(w.fs.Files())
	res := apply(t, v, append(login(1, "Mail", "x"), entry.Remove(recID(1), "subtitle"))...)
	if len(res.SIDs) != 0 || len(w.fs.Files()) != files {
		t.Errorf("wrote %v", res.SIDs)
	}
}

func TestTheLastEditOfAFieldCounts(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	apply(t, v, entry.Set(recID(1), "title", "a"), entry.Set(recID(1), "title", "b"))
	if got := value(t, v, recID(1), "title"); got != "b" {
		t.Errorf("title %q", got)
	}
}

func TestBaseThatIsOldWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.open(), w.open()
	ctx := context.Background()
	apply(t, a, login(1, "Mail", "one")...)
	e, err := b.Entry(ctx, recID(1), View{})
	must(t, err)
	base := e.Base()
	apply(t, a, entry.Set(recID(1), passwordPath, "two"))
	_, err = b.Apply(ctx, base, []Edit{entry.Set(recID(1), passwordPath, "three"), entry.Set(recID(1), "title", "Post")})
	var changed *ChangedError
	if !errors.As(err, &changed) || !errors.Is(err, ErrConflict) {
		t.Fatalf("error is %v, want *ChangedError", err)
	}
	if len(changed.Fields) != 1 || changed.Fields[0].Path != passwordPath || !changed.Fields[0].Candidates[0].Withheld {
		t.Errorf("fields %+v", changed.Fields)
	}
	if got := value(t, b, recID(1), "title"); got != "Mail" {
		t.Errorf("title %q: something was written", got)
	}
	if _, err := b.Apply(ctx, base, []Edit{entry.Set(recID(1), "title", "Post")}); err != nil {
		t.Errorf("a field that nobody changed: %v", err)
	}
}

func TestCounterJoinsByMaximum(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	const path = "cred/aaaaaaaa/signet:counter"
	apply(t, v, entry.Set(recID(1), path, "7"))
	apply(t, v, entry.Set(recID(1), path, "3"))
	if got := value(t, v, recID(1), path); got != "7" {
		t.Errorf("counter %q, want 7", got)
	}
	_, err := v.Apply(context.Background(), Base{{Record: recID(1), Path: path}: nil}, []Edit{entry.Set(recID(1), path, "9")})
	if err != nil || value(t, v, recID(1), path) != "9" {
		t.Errorf("counter with an old base: %v", err)
	}
}

func TestReplacedValuesGoToTheHistory(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	ctx := context.Background()
	apply(t, v, login(1, "Mail", "one")...)
	apply(t, v, entry.Set(recID(1), passwordPath, "two"), entry.Set(recID(1), "cred/aaaaaaaa/pos", "X"))
	apply(t, v, entry.Remove(recID(1), passwordPath))
	e, err := v.Entry(ctx, recID(1), View{Reveal: true, History: true})
	must(t, err)
	var got []string
	for _, p := range e.History {
		got = append(got, p.Path+"="+p.Value.RevealString())
	}
	if fmt.Sprint(got) != "["+passwordPath+"=two "+passwordPath+"=one]" {
		t.Errorf("history %v", got)
	}
}

func TestBadEditsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	big := string(make([]byte, 1<<20+1))
	many := make([]Edit, 4097)
	for i := range many {
		many[i] = entry.Set(recID(1), fmt.Sprintf("tag/t%d", i), "true")
	}
	for name, edits := range map[string][]Edit{
		"record id": {entry.Set("nope", "title", "x")}, "path": {entry.Set(recID(1), "a b", "x")}, "empty path": {entry.Set(recID(1), "", "x")},
		"value": {entry.Set(recID(1), "title", big)}, "fields": many,
	} {
		if _, err := v.Apply(context.Background(), nil, edits); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if n, err := v.Len(context.Background()); err != nil || n != 0 {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestCloseLocks(t *testing.T) {
	t.Parallel()
	v := newWorld(t).open()
	apply(t, v, login(1, "Mail", "one")...)
	must(t, v.Close())
	must(t, v.Close())
	if _, err := v.Record(context.Background(), recID(1)); !errors.Is(err, ErrLocked) {
		t.Errorf("read: %v, want ErrLocked", err)
	}
	if _, err := v.Apply(context.Background(), nil, login(2, "x", "y")); !errors.Is(err, ErrLocked) {
		t.Errorf("write: %v, want ErrLocked", err)
	}
	if !isZero(v.key.Local.Reveal()) || !isZero(v.key.Sign.Reveal()) || !isZero(v.key.Identity.Reveal()) {
		t.Error("a key is still there")
	}
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
