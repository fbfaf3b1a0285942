package sessiontest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/format"
	"signet/vault/secret"
)

func testCount(t *testing.T, s session.Session) {
	gone := add(t, s, "Gone", "ada", "1")
	add(t, s, "Site", "ada", "2")
	ids := vault.SystemIDs()
	_, settings, err := session.SettingEdits(t.Context(), s, "lock.idle", "5m", ids)
	if err != nil {
		t.Fatal(err)
	}
	edits := append(vault.NewFolder(ids.Record(), "Folder", ""), vault.Trash(gone, time.Now()))
	if _, err := s.Apply(t.Context(), nil, append(edits, settings...)); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Count(t.Context()); err != nil || n != (session.Count{Entries: 1, Trashed: 1}) {
		t.Errorf("count %+v, %v", n, err)
	}
	info, err := s.Info(t.Context())
	if err != nil || info.Device == "" || info.DeviceID == "" || info.VaultID == "" {
		t.Errorf("info %+v, %v", info, err)
	}
}

func testAll(t *testing.T, s session.Session) {
	a := add(t, s, "One", "ada", "s3cret")
	b := add(t, s, "Two", "ada", "s3cret")
	if _, err := s.Apply(t.Context(), nil, []vault.Edit{vault.Trash(b, time.Now())}); err != nil {
		t.Fatal(err)
	}
	seen := map[vault.ID]bool{}
	for e, err := range s.All(t.Context(), session.GetOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[e.ID] = true
		c, _ := e.Credential(vault.BasicAuth)
		if m, _ := c.Member("password"); !m.Withheld {
			t.Errorf("%s gave a password out", e.Title)
		}
	}
	if len(seen) != 2 || !seen[a] || !seen[b] {
		t.Errorf("all yields %v", seen)
	}
}

// More entries than are read at once: none is left out and none comes twice, whatever is written meanwhile.
func testAllWhileWriting(t *testing.T, s session.Session) {
	const n = 600
	_, err := s.Import(t.Context(), "many", func(yield func([]vault.Edit, error) bool) {
		for i := range n {
			if _, edits := Login(fmt.Sprint("Site ", i), "ada", "1"); !yield(edits, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[vault.ID]int{}
	for e, err := range s.All(t.Context(), session.GetOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[e.ID]++
		if len(seen)%150 != 1 {
			continue
		}
		if _, err := s.Apply(t.Context(), nil, []vault.Edit{vault.SetEdit(e.ID, "title", "changed")}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(t.Context(), e.ID, session.GetOptions{}); err != nil || got.Title != "changed" {
			t.Errorf("title %q, %v", got.Title, err)
		}
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s came %d times", id, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d entries", len(seen), n)
	}
}

func testStore(t *testing.T, s session.Session) {
	id := add(t, s, "Site", "ada", "1")
	want := bytes.Repeat([]byte("content "), 10_000)
	where, err := s.Store(t.Context(), bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Get(t.Context(), id, session.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	edits, err := e.AddCredential(vault.Credential{Type: vault.File, Members: []vault.Member{{Name: "name", Value: secret.FromString("f")}, where}}, vault.SystemIDs())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(t.Context(), nil, edits); err != nil {
		t.Fatal(err)
	}
	e, _ = s.Get(t.Context(), id, session.GetOptions{})
	c, _ := e.Credential(vault.File)
	var got bytes.Buffer
	if err := s.Attachment(t.Context(), vault.FieldRef{Record: id, Path: vault.AttachmentPath(c)}, &got); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%d of %d bytes came back, %v", got.Len(), len(want), err)
	}
}

func testDeviceSetting(t *testing.T, s session.Session) {
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"lock.idle": "5m", session.DeviceSetting(info.DeviceID, "lock.idle"): "2m", session.DeviceSetting("another", "lock.idle"): "1h",
		session.DeviceSetting(info.DeviceID, "clip.clear"): "nonsense of a newer version",
	} {
		_, edits, err := session.SettingEdits(t.Context(), s, name, value, vault.SystemIDs())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Apply(t.Context(), nil, edits); err != nil {
			t.Fatal(err)
		}
	}
	set, err := s.Settings(t.Context())
	if err != nil || set.LockIdle != 2*time.Minute || set.ClipClear != 45*time.Second {
		t.Errorf("settings %+v, %v", set, err)
	}
}

func testDrafts(t *testing.T, s session.Session) {
	ctx := t.Context()
	data := secret.FromString("typed and not saved")
	for range 2 {
		if err := s.SaveDraft(ctx, session.Draft{ID: "abc123", Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	if data.IsEmpty() || !data.Equal(secret.FromString("typed and not saved")) {
		t.Error("the caller's data was touched")
	}
	if err := s.SaveDraft(ctx, session.Draft{ID: "../abc", Data: data}); err == nil {
		t.Error("a path was taken for an id")
	}
	for range 2 {
		if err := s.DropDraft(ctx, "abc123"); err != nil {
			t.Error(err)
		}
	}
	if got, err := s.Drafts(ctx); len(got) != 0 || err != nil {
		t.Errorf("after it was dropped: %d, %v", len(got), err)
	}
}

// Who wrote an edit is this device, under the name that the session has; edits that nobody knows have no author.
func testAuthors(t *testing.T, s session.Session) {
	id, edits := Login("Site", "ada", "one")
	done, err := s.Apply(t.Context(), nil, edits)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unknown := format.SID("AAAAAAAAAAAAAAAA")
	got, err := s.Authors(t.Context(), append(done.SIDs, unknown))
	if err != nil || len(got) != len(done.SIDs) {
		t.Fatalf("%s: %v, %v", id, got, err)
	}
	for _, sid := range done.SIDs {
		if a := got[sid]; !a.This || a.Name != info.Device || a.Device != info.DeviceID {
			t.Errorf("written by %+v, this is %s", a, info.Device)
		}
	}
}
