package exporter_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/exporter"
	"signet/exporter/formattest"
	"signet/vault"
	"signet/vault/entry"
)

// model is a Bitwarden file that a test can change.
type model struct {
	Encrypted bool          `json:"encrypted"`
	Folders   []modelFolder `json:"folders"`
	Items     []modelItem   `json:"items"`
}

type modelFolder struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type modelItem struct {
	ID       string           `json:"id"`
	Type     int              `json:"type"`
	Name     string           `json:"name"`
	Notes    string           `json:"notes,omitempty"`
	Folder   string           `json:"folderId,omitempty"`
	Favorite bool             `json:"favorite"`
	Revision string           `json:"revisionDate,omitempty"`
	Deleted  *string          `json:"deletedDate"`
	Login    *modelLogin      `json:"login,omitempty"`
	Fields   []map[string]any `json:"fields"`
	History  []map[string]any `json:"passwordHistory"`
}

type modelLogin struct {
	Username *string          `json:"username"`
	Password *string          `json:"password"`
	TOTP     *string          `json:"totp"`
	URIs     []map[string]any `json:"uris"`
	Passkeys []map[string]any `json:"fido2Credentials,omitempty"`
}

var someText = rapid.SampledFrom([]string{"", "a", "b", "ada", "https://a.example/", "https://b.example/x", "two\nlines", "Ünï", " blanks ", "[1]", "true"})

func optional(t *rapid.T, label string) *string {
	if s := someText.Draw(t, label); s != "" {
		return &s
	}
	return nil
}

func drawItem(t *rapid.T, id string, folders []modelFolder) modelItem {
	it := modelItem{
		ID: id, Type: rapid.SampledFrom([]int{1, 1, 1, 2, 3, 42}).Draw(t, "type"), Name: someText.Draw(t, "name"), Notes: "the note of " + id,
		Favorite: rapid.Bool().Draw(t, "favorite"), Revision: rapid.SampledFrom([]string{"", "2024-01-02T03:04:05.678Z", "1601-01-01T00:00:00Z"}).Draw(t, "revision"),
	}
	if len(folders) > 0 && rapid.Bool().Draw(t, "in a folder") {
		it.Folder = rapid.SampledFrom(folders).Draw(t, "folder").ID
	}
	if rapid.Bool().Draw(t, "deleted") {
		when := "2025-01-01T00:00:00.000Z"
		it.Deleted = &when
	}
	for range rapid.IntRange(0, 3).Draw(t, "fields") {
		it.Fields = append(it.Fields, map[string]any{"name": someText.Draw(t, "label"), "value": someText.Draw(t, "value"), "type": rapid.IntRange(0, 4).Draw(t, "field type")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "history") {
		it.History = append(it.History, map[string]any{"password": someText.Draw(t, "old"), "lastUsedDate": "2024-01-01T00:00:00.000Z"})
	}
	if it.Type == 1 {
		it.Login = drawLogin(t)
	}
	return it
}

func drawLogin(t *rapid.T) *modelLogin {
	l := &modelLogin{Username: optional(t, "username"), Password: optional(t, "password")}
	l.TOTP = rapid.SampledFrom([]*string{nil, new("JBSWY3DPEHPK3PXP"), new("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP"), new("steam://JBSWY3DPEHPK3PXP"), new("no code")}).Draw(t, "totp")
	for range rapid.IntRange(0, 3).Draw(t, "uris") {
		l.URIs = append(l.URIs, map[string]any{"uri": someText.Draw(t, "uri"), "match": rapid.SampledFrom([]any{nil, 0, 5, 9}).Draw(t, "match")})
	}
	if rapid.Bool().Draw(t, "passkey") {
		l.Passkeys = []map[string]any{{"credentialId": "b64." + rapid.SampledFrom([]string{"AQID", "AQIE"}).Draw(t, "credential"), "keyValue": "AAAA", "rpId": "a.example", "counter": rapid.SampledFrom([]string{"0", "9"}).Draw(t, "counter")}}
	}
	return l
}

func drawModel(t *rapid.T) model {
	m := model{Folders: []modelFolder{}}
	for i := range rapid.IntRange(0, 4).Draw(t, "folders") {
		m.Folders = append(m.Folders, modelFolder{fmt.Sprintf("f%d", i), rapid.SampledFrom([]string{"A", "a", "A/B", "A/B/C", "D/E", "/"}).Draw(t, "folder name")})
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "items") {
		m.Items = append(m.Items, drawItem(t, fmt.Sprintf("i%d", i), m.Folders))
	}
	return m
}

func (m model) json() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func mustImport(t *rapid.T, v *formattest.Vault, name, text string) (exporter.Report, int) {
	f, err := exporter.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	rep, edits, err := v.Import(f, strings.NewReader(text))
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return rep, edits
}

// editSome changes titles in the vault and returns the ids, in the source, of what it changed.
func editSome(t *rapid.T, v *formattest.Vault) map[string]bool {
	edited := map[string]bool{}
	for _, e := range v.All() {
		if rapid.Bool().Draw(t, "edit in the vault") {
			v.Set(e.ID, entry.PathTitle, "edited "+string(e.ID))
			edited[sourceID(e)] = true
		}
	}
	return edited
}

func sourceID(e vault.Entry) string {
	for _, s := range e.Sources {
		if s.Name == "id" {
			return s.Value.RevealString()
		}
	}
	return ""
}

// TestImportTwiceChangesNothing, whatever was edited in the vault between, and in whatever order the file lists its items.
func TestImportTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, v := drawModel(t), formattest.NewVault()
		mustImport(t, v, "bitwarden-json", m.json())
		editSome(t, v)
		m.Items = rapid.Permutation(m.Items).Draw(t, "order")
		m.Folders = rapid.Permutation(m.Folders).Draw(t, "order of folders")
		before := formattest.Dump(v, exporter.Report{})
		rep, edits := mustImport(t, v, "bitwarden-json", m.json())
		if edits != 0 || rep.Counts[exporter.Duplicate] != len(m.Items) {
			t.Fatalf("the second import wrote %d edits\n%s", edits, formattest.DumpReport(rep))
		}
		if after := formattest.Dump(v, exporter.Report{}); after != before {
			t.Fatalf("the second import changed\n%s\nto\n%s", before, after)
		}
	})
}

// TestFollowsTheSource: an item that changed in the source alone comes to what a fresh import of it would be; one that changed on both sides is a
// conflict and stays; and then everything is known again.
func TestFollowsTheSource(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, v := drawModel(t), formattest.NewVault()
		mustImport(t, v, "bitwarden-json", m.json())
		edited := editSome(t, v)
		kept := map[string]string{}
		for _, e := range v.All() {
			kept[sourceID(e)] = content(v, e)
		}
		changed := map[string]bool{}
		for i, it := range m.Items {
			if rapid.Bool().Draw(t, "change in the source") {
				m.Items[i] = drawItem(t, it.ID, nil)
				m.Items[i].Folder = it.Folder
				m.Items[i].Name = "changed " + it.ID
				changed[it.ID] = true
			}
		}
		rep, _ := mustImport(t, v, "bitwarden-json", m.json())
		fresh := formattest.NewVault()
		mustImport(t, fresh, "bitwarden-json", m.json())
		news := map[string]string{}
		for _, e := range fresh.All() {
			news[sourceID(e)] = content(fresh, e)
		}
		conflicts := 0
		for _, e := range v.All() {
			id, want := sourceID(e), ""
			switch {
			case edited[id] || !changed[id]:
				want = kept[id]
			default:
				want = news[id]
			}
			if edited[id] && changed[id] {
				conflicts++
			}
			if got := content(v, e); got != want {
				t.Fatalf("%s (edited %v, changed %v) has become\n%s\nexpected\n%s", id, edited[id], changed[id], got, want)
			}
		}
		if rep.Counts[exporter.Conflict] != conflicts || rep.Lossy() != (conflicts > 0) {
			t.Fatalf("expected %d conflicts\n%s", conflicts, formattest.DumpReport(rep))
		}
		if rep, edits := mustImport(t, v, "bitwarden-json", m.json()); edits != 0 || rep.Counts[exporter.Conflict] != conflicts {
			t.Fatalf("once more wrote %d edits\n%s", edits, formattest.DumpReport(rep))
		}
	})
}

// content is all that an import may touch of an entry, without the times of writing.
func content(v *formattest.Vault, e vault.Entry) string {
	one := formattest.DumpEntry(v, e)
	lines := strings.Split(one, "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool {
		l = strings.TrimSpace(l)
		return strings.HasPrefix(l, "modified:") || strings.HasPrefix(l, "created:") || strings.HasPrefix(l, "history ")
	})
	return strings.Join(lines, "\n")
}

// TestRowsTwice: files without ids, with equal rows and equal logins among them.
func TestRowsTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.SampledFrom([]string{"", "a", "b.example", "https://b.example/1", "https://b.example/2", "\"q\"\"q\"", "\"x\ny\"", "android://AAAA@com.example/"})
		var b strings.Builder
		b.WriteString("name,url,username,password,note\n")
		for range rapid.IntRange(0, 8).Draw(t, "rows") {
			cells := make([]string, 5)
			for i := range cells {
				cells[i] = cell.Draw(t, "cell")
			}
			b.WriteString(strings.Join(cells, ",") + "\n")
		}
		v := formattest.NewVault()
		first, _ := mustImport(t, v, "chrome-csv", b.String())
		if first.Lossy() {
			t.Fatalf("%s", formattest.DumpReport(first))
		}
		editSome(t, v)
		if rep, edits := mustImport(t, v, "chrome-csv", b.String()); edits != 0 || rep.Counts[exporter.Duplicate] != rep.Items {
			t.Fatalf("the second import wrote %d edits\n%s\n%s", edits, formattest.DumpReport(rep), formattest.Dump(v, exporter.Report{}))
		}
	})
}
