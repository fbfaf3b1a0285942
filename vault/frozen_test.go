package vault

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
)

// frozenDir is a vault of format 1, written once and never again: whatever Signet becomes, it opens this one. Beside it, in
// clear, lie its passphrase, its recovery sheet, and every record that it holds.
const frozenDir = "testdata/v1"

// scan is the large attachment of the frozen vault.
func scan() []byte { return bytes.Repeat([]byte("page of a scan\n"), 3000) }

// What stands at which place of the frozen vault.
const (
	frozenBank = iota + 1 // edited twice, in conflict, with both kinds of attachment
	frozenNote
	frozenTrash
	frozenFolder
	frozenFuture // a record of a kind that this version does not know
	frozenSecond // by the second device
)

func TestFrozenV1(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/vault"
	must(t, os.CopyFS(dir, os.DirFS(filepath.Join(frozenDir, "vault"))))
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(frozenDir, name))
		must(t, err)
		return string(b)
	}
	h := newHome(t)
	h.dir, h.sheet = dir, read("recovery.txt")
	before := h.synced()
	want := read("records.jsonl")
	for _, o := range []UnlockOptions{
		{Secret: secret.FromString(strings.TrimSpace(read("passphrase.txt")))},
		{Method: MethodRecovery, Secret: secret.FromString(h.sheet)},
	} {
		v, err := h.try(o)
		must(t, err)
		if got := dump(t, v); got != want {
			t.Errorf("%s: other records:\n%s\nwant:\n%s", o.Method, got, want)
		}
		checkFrozen(t, h, v)
		if v.ReadOnly() {
			continue
		}
		apply(t, v, login(100, "written by a newer Signet", "x")...)
		must(t, v.Rotate(t.Context(), "by a newer Signet"))
		must(t, v.Close())
	}
	for name, data := range before {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(b, data) {
			t.Errorf("%s changed (I1): %v", name, err)
		}
	}
}

// dump is every record with its dots, one a line. What the test itself writes stays out.
func dump(t *testing.T, v *Vault) string {
	t.Helper()
	var b strings.Builder
	for r, err := range v.Records(t.Context()) {
		must(t, err)
		if r.ID != recID(100) {
			b.Write(format.AppendRecord(nil, r))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// synced is every synced file of a home.
func (h *home) synced() map[string][]byte {
	h.t.Helper()
	out := map[string][]byte{}
	for p := range h.locked().states() {
		if format.ParseName(p).Kind == format.FileUnknown {
			continue
		}
		b, err := os.ReadFile(filepath.Join(h.dir, p))
		must(h.t, err)
		out[p] = b
	}
	return out
}

// checkFrozen looks for each thing that the frozen vault is there for.
func checkFrozen(t *testing.T, h *home, v *Vault) {
	t.Helper()
	ctx := t.Context()
	bank, err := v.Entry(ctx, recID(frozenBank), View{Reveal: true, History: true})
	must(t, err)
	if len(bank.Conflicts) == 0 || len(bank.History) < 2 {
		t.Errorf("%d conflicts, %d old values", len(bank.Conflicts), len(bank.History))
	}
	sizes := map[int]bool{}
	for _, c := range bank.Credentials {
		if c.Type != entry.File {
			continue
		}
		var got bytes.Buffer
		must(t, v.ReadAttachment(ctx, FieldRef{Record: bank.ID, Path: entry.AttachmentPath(c)}, &got))
		sizes[got.Len()] = bytes.Equal(got.Bytes(), scan()) || got.String() == "small"
	}
	if !sizes[len(scan())] || !sizes[len("small")] {
		t.Errorf("attachments %v", sizes)
	}
	future, err := v.Record(ctx, recID(frozenFuture))
	must(t, err)
	if f, ok := future.Get("orbit/x"); !ok || string(f.Values[0].Extra) != `{"unit":"km"}` {
		t.Errorf("the unknown record: %+v", future)
	}
	r, err := v.rosterNow()
	must(t, err)
	revoked, devices := 0, 0
	for _, m := range r.Members {
		if !m.Active {
			revoked++
		} else if m.Kind == format.KindDevice {
			devices++
		}
	}
	if revoked == 0 || devices != 2 || len(r.Epochs) < 2 {
		t.Errorf("%d revoked, %d devices, %d epochs", revoked, devices, len(r.Epochs))
	}
	rep := h.doctor(v)
	if !rep.Intact() {
		t.Errorf("doctor: %+v %v", rep.Problems, rep.states())
	}
}

// TestFreezeV1 writes the frozen vault. It is for the day when format 1 is fixed and for no other.
func TestFreezeV1(t *testing.T) {
	if os.Getenv("SIGNET_FREEZE") == "" {
		t.Skip("the frozen vault stands; set SIGNET_FREEZE=1 to write another one over it")
	}
	now := &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	a := newHome(t)
	a.opt.Now = now.Now
	av := a.init(passWay())
	ctx := context.Background()
	apply(t, av, login(frozenBank, "Bank", "first")...)
	apply(t, av, entry.Set(recID(frozenBank), passwordPath, "second"))
	apply(t, av, entry.Set(recID(frozenNote), "title", "Note"), entry.Set(recID(frozenNote), "cred/bbbbbbbb/type", "note"),
		entry.Set(recID(frozenNote), "cred/bbbbbbbb/content", "línea uno\nline two \"quoted\" \\ 🔑"))
	apply(t, av, login(frozenTrash, "Old shop", "gone")...)
	apply(t, av, Trash(recID(frozenTrash), now.Now()))
	apply(t, av, NewFolder(recID(frozenFolder), "Finance", "")...)
	apply(t, av, entry.Set(recID(frozenBank), "folder/"+string(recID(frozenFolder)), ""))
	_, err := av.Attach(ctx, recID(frozenBank), "small.txt", "text/plain", strings.NewReader("small"))
	must(t, err)
	_, err = av.Attach(ctx, recID(frozenBank), "scan.txt", "text/plain", bytes.NewReader(scan()))
	must(t, err)
	snapshot := func() {
		t.Helper()
		av.compactAt = 1
		must(t, av.Maintain(ctx))
	}
	snapshot()

	b := a.elsewhere(false)
	b.opt.Now = now.Now
	bv := b.enrol(b.enrolAll()) // revokes the first code, begins epoch 2
	_, err = bv.update(ctx, func(tx *tx) error {
		id := recID(frozenFuture)
		if err := tx.apply(nil, []Edit{entry.Set(id, "rec", "satellite"), entry.Set(id, "orbit/x", "400")}); err != nil {
			return err
		}
		tx.ops[id]["orbit/x"].Extra = []byte(`{"unit":"km"}`)
		return nil
	})
	must(t, err)
	apply(t, bv, login(frozenSecond, "By the second device", "x")...)
	apply(t, bv, entry.Set(recID(frozenBank), passwordPath, "by the second"))
	apply(t, av, entry.Set(recID(frozenBank), passwordPath, "by the first"))
	must(t, bv.Close())
	must(t, av.Close())
	a.pull(b)
	must(t, a.mirror().RemoveAll(cacheName, tailName))
	av = a.open("passphrase")
	apply(t, av, entry.Set(recID(frozenNote), "title", "Note, renamed"))
	snapshot()
	apply(t, av, entry.Set(recID(frozenNote), "subtitle", "after the snapshots"))
	records := dump(t, av)
	must(t, av.Close())

	must(t, os.RemoveAll(frozenDir))
	must(t, os.CopyFS(filepath.Join(frozenDir, "vault"), os.DirFS(a.dir)))
	for _, name := range []string{cacheName, tailName, "state/lock", "state/tmp"} {
		must(t, os.RemoveAll(filepath.Join(frozenDir, "vault", name)))
	}
	for name, text := range map[string]string{
		"passphrase.txt": testPass + "\n", "recovery.txt": b.sheet, "records.jsonl": records,
		"README": "A vault of format 1 as Signet wrote it, frozen. TestFrozenV1 opens it; nothing in here may ever change.\n" +
			"The secrets beside it are its own and open nothing else.\n",
	} {
		must(t, os.WriteFile(filepath.Join(frozenDir, name), []byte(text), 0o600))
	}
}

// The frozen vault holds each kind of file, two snapshots and two logs.
func TestFrozenV1HasEveryKindOfFile(t *testing.T) {
	t.Parallel()
	kinds, logs := map[format.FileKind]int{}, map[string]bool{}
	root := filepath.Join(frozenDir, "vault")
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		n := format.ParseName(filepath.ToSlash(rel))
		kinds[n.Kind]++
		if n.Kind == format.FileLog {
			logs[n.Log] = true
		}
		if n.Kind == format.FileUnknown && !slices.Contains([]string{vaultName, deviceName, unlockDir, stateDir, localDir}, rel) &&
			!slices.Contains([]string{unlockDir, stateDir, localDir}, path.Dir(filepath.ToSlash(rel))) {
			t.Errorf("what is %s?", rel)
		}
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		t.Fatal("the frozen vault is gone")
	}
	must(t, err)
	if kinds[format.FileSlot] < 4 || kinds[format.FilePrev] < 1 || kinds[format.FileRoster] < 2 || kinds[format.FileLog] < 4 || kinds[format.FileAtt] != 1 || len(logs) != 2 {
		t.Errorf("files %v, logs %v", kinds, logs)
	}
}
