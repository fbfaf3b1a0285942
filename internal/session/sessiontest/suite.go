package sessiontest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/secret"
)

// Run runs the suite. open makes a fresh session on an empty vault and closes it at the end of the test.
func Run(t *testing.T, open func(t *testing.T) session.Session) {
	tests := map[string]func(*testing.T, session.Session){
		"find answers words, filters and substrings":    testFind,
		"resolve takes id, title, words in this order":  testResolve,
		"get withholds what field gives out":            testGet,
		"apply refuses what was changed since":          testBase,
		"an edit goes to the history and can be undone": testHistoryAndUndo,
		"an import is one edit and can be undone":       testImport,
		"purge removes entry, history and all":          testPurge,
		"attachments come back as they were":            testAttachments,
		"settings have defaults and take values":        testSettings,
		"watch tells of edits and of locking":           testWatch,
		"after lock every call is refused":              testLock,
		"folders have paths, and circles hide nothing":  testFolders,
		"a draft is kept until it is dropped":           testDrafts,
		"generated passwords are kept until forgotten":  testMade,
		"use is counted":                               testUsage,
		"count counts entries and nothing else":        testCount,
		"changes are what was edited since a mark":     testChanges,
		"all yields every entry, the trash too":        testAll,
		"all can be walked while the vault is written": testAllWhileWriting,
		"a stored file can be named by an edit":        testStore,
		"passkeys are listed, renamed and thrown away": testPasskeys,
		"a device's own setting overrides the vault's": testDeviceSetting,
		"who wrote what":                               testAuthors,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Login is the edits of a login.
func Login(title, user, pass string, tags ...string) (vault.ID, []vault.Edit) {
	ids := vault.SystemIDs()
	e := vault.Entry{
		ID: ids.Record(), Title: title, Tags: tags, URLs: []vault.URL{{URL: "https://" + strings.ToLower(strings.ReplaceAll(title, " ", "")) + ".example/login"}},
		Credentials: []vault.Credential{{Type: vault.BasicAuth, Members: []vault.Member{
			{Name: "username", Value: secret.FromString(user)}, {Name: "password", Value: secret.FromString(pass)},
		}}},
	}
	edits, err := e.Edits(ids)
	if err != nil {
		panic(err)
	}
	return e.ID, edits
}

func add(t *testing.T, s session.Session, title, user, pass string, tags ...string) vault.ID {
	t.Helper()
	id, edits := Login(title, user, pass, tags...)
	if _, err := s.Apply(t.Context(), nil, edits); err != nil {
		t.Fatal(err)
	}
	return id
}

func passwordPath(t *testing.T, s session.Session, id vault.ID) string {
	t.Helper()
	e, err := s.Get(t.Context(), id, session.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := e.Find(vault.FieldName{Alias: "password", N: 1})
	if err != nil {
		t.Fatal(err)
	}
	return f.Path
}

func password(t *testing.T, s session.Session, id vault.ID) string {
	t.Helper()
	got, err := s.Field(t.Context(), vault.FieldRef{Record: id, Path: passwordPath(t, s, id)})
	if err != nil {
		t.Fatal(err)
	}
	return got[0].Value.RevealString()
}

func testFind(t *testing.T, s session.Session) {
	github := add(t, s, "GitHub", "ada", "p1", "work")
	add(t, s, "Git Server", "root", "p2")
	add(t, s, "Bänk", "ada@example.org", "p3", "money")
	for query, want := range map[string]int{
		"": 3, "git": 2, "git ada": 1, "itHu": 1, "bank": 1, "tag:work": 1, "tag:WORK git": 1, "tag:none": 0, "-tag:work": 2, "user:ada": 2, "-user:ada has:password": 1, "url:github": 1, "is:untagged": 1, "kind:login kind:card": 3, `tag:"work" -has:totp`: 1, "has:password": 3, "kind:login": 3,
		"kind:card": 0, "nothing at all": 0, "is:favorite": 0, "github.example": 1, "example.org": 1,
	} {
		page, err := s.Find(t.Context(), session.Query{Text: query})
		if err != nil || page.Total != want || len(page.Rows) != want {
			t.Errorf("find %q: %d rows of %d, want %d (%v)", query, len(page.Rows), page.Total, want, err)
		}
	}
	page, _ := s.Find(t.Context(), session.Query{Text: "git", Limit: 1})
	if len(page.Rows) != 1 || page.Total != 2 {
		t.Errorf("limit: %d of %d", len(page.Rows), page.Total)
	}
	if page, _ := s.Find(t.Context(), session.Query{Text: "github"}); page.Rows[0].ID != github {
		t.Error("the best match is not first")
	}
	var bad *session.ErrQuery
	if _, err := s.Find(t.Context(), session.Query{Text: "kind:nonsense"}); !errors.As(err, &bad) {
		t.Errorf("a wrong filter: %v", err)
	}
}

func testChanges(t *testing.T, s session.Session) {
	a := add(t, s, "First", "ada", "1")
	b := add(t, s, "Second", "ada", "2")
	since := func(mark string) session.Changes {
		t.Helper()
		c, err := s.Changes(t.Context(), mark)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	start := since("")
	if !start.All || start.Mark == "" || !since("nonsense").All {
		t.Fatalf("without a mark: %+v", start)
	}
	if c := since(start.Mark); c.All || len(c.Rows)+len(c.Gone) != 0 {
		t.Errorf("nothing changed, and %+v did", c)
	}
	if _, err := s.Apply(t.Context(), nil, []vault.Edit{entry.Set(a, entry.PathTitle, "First again")}); err != nil {
		t.Fatal(err)
	}
	third := add(t, s, "Third", "ada", "3")
	if _, err := s.Purge(t.Context(), []vault.ID{b}); err != nil {
		t.Fatal(err)
	}
	c := since(start.Mark)
	rows := map[vault.ID]string{}
	for _, r := range c.Rows {
		rows[r.ID] = r.Title
	}
	if c.All || len(rows) != 2 || rows[a] != "First again" || rows[third] != "Third" || len(c.Gone) != 1 || c.Gone[0] != b {
		t.Errorf("%+v", c)
	}
	if c := since(c.Mark); c.All || len(c.Rows)+len(c.Gone) != 0 {
		t.Errorf("nothing more changed, and %+v did", c)
	}
}

func testResolve(t *testing.T, s session.Session) {
	a := add(t, s, "Mail", "ada", "1")
	b := add(t, s, "Mail work", "ada", "2")
	add(t, s, "Mail work", "eve", "3")
	for ref, want := range map[string]vault.ID{string(a): a, string(a[:8]): a, "mail": a, "MAIL": a, string(b): b} {
		if got, err := s.Resolve(t.Context(), ref, session.ResolveOptions{}); err != nil || got != want {
			t.Errorf("resolve %q: %s, %v", ref, got, err)
		}
	}
	var amb *session.AmbiguousError
	if _, err := s.Resolve(t.Context(), "mail work", session.ResolveOptions{}); !errors.As(err, &amb) || len(amb.Rows) != 2 {
		t.Errorf("two of one title: %v", err)
	}
	if id, err := s.Resolve(t.Context(), "work eve", session.ResolveOptions{}); err != nil || id == b {
		t.Errorf("words: %v", err)
	}
	if _, err := s.Resolve(t.Context(), "nothing", session.ResolveOptions{}); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := s.Apply(t.Context(), nil, []vault.Edit{vault.Trash(a, time.Now())}); err != nil {
		t.Fatal(err)
	}
	if id, err := s.Resolve(t.Context(), "Mail", session.ResolveOptions{Trash: true}); err != nil || id != a {
		t.Errorf("in the trash: %s %v", id, err)
	}
}

func testGet(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "canary-secret")
	e, err := s.Get(t.Context(), id, session.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := e.Credential(vault.BasicAuth)
	if m, _ := c.Member("password"); !m.Withheld || !m.Value.IsEmpty() {
		t.Error("the password was given out")
	}
	if got := password(t, s, id); got != "canary-secret" {
		t.Errorf("field gives %q", got)
	}
	e, _ = s.Get(t.Context(), id, session.GetOptions{Reveal: true})
	c, _ = e.Credential(vault.BasicAuth)
	if c.Text("password") != "canary-secret" {
		t.Error("reveal does not reveal")
	}
	if _, err := s.Get(t.Context(), vault.SystemIDs().Record(), session.GetOptions{}); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("an unknown id: %v", err)
	}
}

func testBase(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "one")
	seen, _ := s.Get(t.Context(), id, session.GetOptions{})
	path := passwordPath(t, s, id)
	if _, err := s.Apply(t.Context(), nil, []vault.Edit{vault.SetEdit(id, path, "two")}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Apply(t.Context(), seen.Base(), []vault.Edit{vault.SetEdit(id, path, "three"), vault.SetEdit(id, "subtitle", "x")})
	var changed *vault.ChangedError
	if !errors.As(err, &changed) {
		t.Fatalf("an edit on an old base: %v", err)
	}
	if got := password(t, s, id); got != "two" {
		t.Errorf("the refused edit wrote %q", got)
	}
	if e, _ := s.Get(t.Context(), id, session.GetOptions{}); e.Subtitle != "" {
		t.Error("half of the refused edit was written")
	}
}

func testHistoryAndUndo(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "one")
	done, err := s.Apply(t.Context(), nil, []vault.Edit{vault.SetEdit(id, passwordPath(t, s, id), "two")})
	if err != nil {
		t.Fatal(err)
	}
	e, _ := s.Get(t.Context(), id, session.GetOptions{History: true, Reveal: true})
	if len(e.History) != 1 || e.History[0].Value.RevealString() != "one" {
		t.Fatalf("history has %d rows", len(e.History))
	}
	if _, err := s.Undo(t.Context(), done.SIDs); err != nil {
		t.Fatal(err)
	}
	if got := password(t, s, id); got != "one" {
		t.Errorf("after undo the password is %q", got)
	}
	if _, err := s.Undo(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := password(t, s, id); got != "two" {
		t.Errorf("after undo of the undo the password is %q", got)
	}
	e, _ = s.Get(t.Context(), id, session.GetOptions{History: true, Reveal: true})
	for _, p := range e.History {
		if p.Value.RevealString() == "one" {
			if _, err := s.Restore(t.Context(), id, p.Dot); err != nil {
				t.Fatal(err)
			}
			if got := password(t, s, id); got != "one" {
				t.Errorf("restored password is %q", got)
			}
			return
		}
	}
	t.Error("the first password is gone from the history")
}

func batches(n int) iter.Seq2[[]vault.Edit, error] {
	return func(yield func([]vault.Edit, error) bool) {
		for i := range n {
			_, edits := Login(fmt.Sprintf("Imported %03d", i), "u", "p")
			if !yield(edits, nil) {
				return
			}
		}
	}
}

func total(t *testing.T, s session.Session) int {
	t.Helper()
	page, err := s.Find(t.Context(), session.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

func testImport(t *testing.T, s session.Session) {
	done, err := s.Import(t.Context(), "test", batches(100))
	if err != nil {
		t.Fatal(err)
	}
	if n := total(t, s); n != 100 {
		t.Fatalf("%d entries after the import", n)
	}
	broken := errors.New("the file is broken")
	_, err = s.Import(t.Context(), "broken", func(yield func([]vault.Edit, error) bool) {
		_, edits := Login("Half", "u", "p")
		if yield(edits, nil) {
			yield(nil, broken)
		}
	})
	if !errors.Is(err, broken) {
		t.Errorf("a broken import: %v", err)
	}
	if n := total(t, s); n != 100 {
		t.Errorf("a broken import left %d entries", n-100)
	}
	if _, err := s.Undo(t.Context(), done.SIDs); err != nil {
		t.Fatal(err)
	}
	if n := total(t, s); n != 0 {
		t.Errorf("%d entries after undo", n)
	}
}

func testPurge(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "one")
	if _, err := s.Purge(t.Context(), []vault.ID{id}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), id, session.GetOptions{History: true}); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("after purge: %v", err)
	}
}

func testAttachments(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "one")
	for _, size := range []int{0, 1, 1000, 40_000, 300_000} {
		want := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
		name := fmt.Sprintf("f%d.bin", size)
		if _, err := s.Attach(t.Context(), id, name, "application/octet-stream", int64(size), bytes.NewReader(want)); err != nil {
			t.Fatalf("attach %d bytes: %v", size, err)
		}
		e, _ := s.Get(t.Context(), id, session.GetOptions{})
		found := false
		for _, c := range e.Credentials {
			if c.Type != vault.File || c.Text("name") != name {
				continue
			}
			found = true
			var got bytes.Buffer
			if err := s.Attachment(t.Context(), vault.FieldRef{Record: id, Path: vault.AttachmentPath(c)}, &got); err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%d bytes came back as %d (%v)", size, got.Len(), err)
			}
			if c.Size() != int64(size) {
				t.Errorf("size of %d bytes is said to be %d", size, c.Size())
			}
		}
		if !found {
			t.Errorf("the file of %d bytes is not in the entry", size)
		}
	}
}

func testSettings(t *testing.T, s session.Session) {
	set, err := s.Settings(t.Context())
	if err != nil || set.LockIdle != 15*time.Minute || set.ClipClear != 45*time.Second {
		t.Fatalf("defaults %+v %v", set, err)
	}
	for range 2 { // the second one must find the record that the first one made
		_, edits, err := session.SettingEdits(t.Context(), s, "lock.idle", "5m", vault.SystemIDs())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Apply(t.Context(), nil, edits); err != nil {
			t.Fatal(err)
		}
	}
	if set, _ = s.Settings(t.Context()); set.LockIdle != 5*time.Minute {
		t.Errorf("lock.idle is %v", set.LockIdle)
	}
	if n := total(t, s); n != 0 {
		t.Errorf("settings show up as %d entries", n)
	}
}

func next(t *testing.T, ch <-chan session.Event) (session.Event, bool) {
	t.Helper()
	select {
	case e, ok := <-ch:
		return e, ok
	case <-time.After(20 * time.Second):
		t.Fatal("no event came")
		return session.Event{}, false
	}
}

func testWatch(t *testing.T, s session.Session) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ch, err := s.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, "Site", "ada", "one")
	if e, ok := next(t, ch); !ok || e.Kind != session.EventChanged {
		t.Fatalf("after an edit: %+v %v", e, ok)
	}
	if err := s.Lock(ctx); err != nil {
		t.Fatal(err)
	}
	for {
		e, ok := next(t, ch)
		if !ok {
			t.Fatal("the channel closed without telling of the lock")
		}
		if e.Kind == session.EventLocked {
			return
		}
	}
}

func testLock(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "one")
	for range 2 {
		if err := s.Lock(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_, findErr := s.Find(t.Context(), session.Query{})
	_, getErr := s.Get(t.Context(), id, session.GetOptions{})
	_, applyErr := s.Apply(t.Context(), nil, []vault.Edit{vault.SetEdit(id, "title", "x")})
	_, setErr := s.Settings(t.Context())
	for name, err := range map[string]error{"find": findErr, "get": getErr, "apply": applyErr, "settings": setErr} {
		if !errors.Is(err, vault.ErrLocked) {
			t.Errorf("%s after lock: %v", name, err)
		}
	}
}

func testFolders(t *testing.T, s session.Session) {
	ids := vault.SystemIDs()
	a, b, c, d := ids.Record(), ids.Record(), ids.Record(), ids.Record()
	var edits []vault.Edit
	edits = append(edits, vault.NewFolder(a, "Money", "")...)
	edits = append(edits, vault.NewFolder(b, "Bank", a)...)
	edits = append(edits, vault.NewFolder(c, "Round", d)...)
	edits = append(edits, vault.NewFolder(d, "About", c)...)
	if _, err := s.Apply(t.Context(), nil, edits); err != nil {
		t.Fatal(err)
	}
	folders, err := s.Folders(t.Context())
	if err != nil || len(folders) != 4 {
		t.Fatalf("%d folders, %v", len(folders), err)
	}
	for _, f := range folders {
		if f.ID == b && strings.Join(f.Path, "/") != "Money/Bank" {
			t.Errorf("path %v", f.Path)
		}
	}
	id := add(t, s, "Site", "ada", "p")
	if _, err := s.Apply(t.Context(), nil, []vault.Edit{vault.SetEdit(id, "folder/"+string(b), "true")}); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"folder:bank", "folder:money/ba", "bank", "bank ada"} {
		if page, err := s.Find(t.Context(), session.Query{Text: query}); err != nil || page.Total != 1 {
			t.Errorf("find %q: %d, %v", query, page.Total, err)
		}
	}
}

func testUsage(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "p")
	for range 3 {
		if err := s.Used(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	use, err := s.Usage(t.Context())
	if err != nil || use[id].Count != 3 || use[id].Last.IsZero() {
		t.Errorf("use %+v, %v", use[id], err)
	}
}
