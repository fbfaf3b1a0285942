package vault

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"signet/vault/format"
)

// The reader in FORMAT.md, which shares nothing with this package but that text, says of a vault what the vault says: over a fork,
// conflicts, deletes, snapshots, several epochs and a replaced key.
func TestReaderInTheFormatText(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here: install it, the test needs nothing else of it")
	}
	h, v := forked(t)
	apply(t, v, SetEdit(recID(1), passwordPath, "zwölf \"Boxkämpfer\"\n\x01 jagen"))
	_, err = v.Undo(t.Context(), apply(t, v, SetEdit(recID(1), "title", "not for long")).SIDs)
	must(t, err)
	must(t, maintained(v))
	must(t, v.Rotate(t.Context(), "test"))
	_, err = v.PurgeEntries(t.Context(), []ID{recID(3)})
	must(t, err)
	clone := h.copied() // from here on two write at once
	cv := clone.open("keyring")
	apply(t, cv, SetEdit(recID(1), passwordPath, "the clone's"), SetEdit(recID(2), "title", "the clone's"))
	must(t, cv.Close())
	apply(t, v, SetEdit(recID(1), passwordPath, "ours"), SetEdit(recID(2), "title", "ours"))
	must(t, v.Close())
	for _, name := range logFiles(t, clone) {
		h.write(name, clone.read(name))
	}
	h.forgetful()
	v = h.open("keyring")
	must(t, v.AddWay(t.Context(), passWay(), nil))
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{}))
	apply(t, v, login(30, "after the new key", "x")...)

	text, err := os.ReadFile("FORMAT.md")
	must(t, err)
	_, code, _ := bytes.Cut(text, []byte("```python\n"))
	code, _, ok := bytes.Cut(code, []byte("\n```\n"))
	if !ok {
		t.Fatal("FORMAT.md holds no reader")
	}
	s := newStock(t, h.dir)
	cmd := exec.Command(python, s.keep("reader.py", code), h.dir, s.keep("recovery.txt", []byte(h.sheet)))
	cmd.Env = append(os.Environ(), "AGE="+filepath.Join(s.bin, "age"), "PYTHONIOENCODING=utf-8")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%v: %s", err, &errs)
	}
	got := map[ID]map[string][]string{}
	for line := range strings.Lines(string(out)) {
		var r struct {
			E ID                  `json:"e"`
			F map[string][]string `json:"f"`
		}
		must(t, json.Unmarshal([]byte(line), &r))
		got[r.E] = r.F
	}
	conflicts := 0
	for r, err := range v.Records(t.Context()) {
		must(t, err)
		for _, f := range r.Fields {
			if a, b := strings.Join(texts(f), "|"), strings.Join(got[r.ID][f.Path], "|"); a != b {
				t.Errorf("%s %s: %q, the reader says %q", r.ID[:7], f.Path, a, b)
			}
			delete(got[r.ID], f.Path)
			if len(f.Values) > 1 {
				conflicts++
			}
		}
		if len(got[r.ID]) > 0 {
			t.Errorf("%s: the reader says besides %v", r.ID[:7], got[r.ID])
		}
		delete(got, r.ID)
	}
	for id, fields := range got {
		for path := range fields {
			if !format.IsHistory(path) && !format.IsSource(path) {
				t.Errorf("the reader knows of %s %s", id, path)
			}
		}
	}
	if conflicts < 2 {
		t.Errorf("%d conflicts: the test looks at little", conflicts)
	}
}

func texts(f format.Field) (out []string) {
	for _, v := range f.Values {
		out = append(out, v.Text)
	}
	return out
}
