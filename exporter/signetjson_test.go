package exporter_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signet/exporter"
	"signet/exporter/formattest"
	"signet/vault"
	"signet/vault/entry"
)

const signetEntry = `{"type":"entry","id":"e%d","title":"Site %d","urls":[{"id":"u","url":"https://site%d.example"}],"credentials":[{"id":"c","type":"basic-auth","members":[{"name":"username","value":"user%d"},{"name":"password","value":"p-%d"}]}]}` + "\n"

func signetStream(n int) io.Reader {
	return formattest.Stream(`{"type":"signet-export","v":1}`+"\n", n, formattest.Numbered(signetEntry), fmt.Sprintf(`{"type":"end","folders":0,"entries":%d}`+"\n", n))
}

func TestSignet(t *testing.T) {
	writeSignetSample(t)
	formattest.Run(t, formattest.Suite{
		Format: format(t, "signet-json"), Samples: "testdata/signet-json", TellsEnd: true, MoreItems: true, Stream: signetStream,
		Secrets: []string{"p@ss", "h1dden", "JBSWY3DP", "4111", "MIGHAgEA", "b3BlbnNza", "QQ123456C", "9999"},
		BigItem: formattest.Zeros(`{"type":"signet-export","v":1}`+"\n"+`{"type":"entry","id":"e","title":"`, 65<<20, `"}`+"\n"),
	})
}

func export(t testing.TB, v *formattest.Vault) (string, exporter.Report) {
	t.Helper()
	var b bytes.Buffer
	rep := exporter.Report{Format: "signet-json"}
	f, err := exporter.ByName("signet-json")
	if err != nil {
		t.Fatal(err)
	}
	opt := exporter.WriteOptions{Now: func() time.Time { return formattest.Now }}
	if err := f.Export(t.Context(), &b, v.Source(), opt, &rep); err != nil {
		t.Fatalf("export: %v", err)
	}
	return b.String(), rep
}

// fullVault holds something of everything.
func fullVault(t testing.TB) *formattest.Vault {
	v := formattest.NewVault()
	for _, name := range []string{"personal.json", "organisation.json"} {
		b, err := os.ReadFile("testdata/bitwarden-json/" + name)
		if err != nil {
			t.Fatal(err)
		}
		v.ImportString(t, format(t, "bitwarden-json"), string(b))
	}
	e := v.Entry(t, "Shared")
	for path, value := range map[string]string{
		"subtitle": "second line", "tag/red": "true", "tag/a%2Fb": "true", "expires": "2030-01-01T00:00:00.000Z", "future": "kept", "url/" + e.URLs[0].ID + "/label": "login",
		"cred/zzzzzzzz/type": "hologram", "cred/zzzzzzzz/pos": "x", "cred/zzzzzzzz/pin": "1234", "cred/zzzzzzzz/json:parts": `{"a":[1]}`,
		"cred/" + e.Credentials[0].ID + "/username/label": "Login name", "cred/" + e.Credentials[0].ID + "/username/extensions": `{"x":1}`,
		"cred/" + e.Credentials[0].ID + "/strange": "member", "cred/" + e.Credentials[0].ID + "/strange/fieldType": "concealed-string",
	} {
		v.Set(e.ID, path, value)
	}
	addFile(v, e.ID, "f1f1f1f1", "empty.txt", nil)
	addFile(v, e.ID, "f2f2f2f2", "large.bin", bytes.Repeat([]byte{1, 2, 3, 0xff}, 12_500))
	v.Conflict(e.ID, entry.PathTitle, "Shared by two")
	return v
}

func addFile(v *formattest.Vault, id vault.ID, cred, name string, b []byte) string {
	sum := sha256.Sum256(b)
	where := v.AddFile(b)
	for member, value := range map[string]string{
		"type": "file", "pos": "y" + cred, "name": name, "decryptedSize": strconv.Itoa(len(b)), "integrityHash": base64.RawURLEncoding.EncodeToString(sum[:]), "signet:att": where,
	} {
		v.Set(id, "cred/"+cred+"/"+member, value)
	}
	return where
}

// writeSignetSample writes the sample anew when SIGNET_UPDATE=signet. Otherwise the file stays as the first Signet wrote it: every later one must read it.
func writeSignetSample(t *testing.T) {
	if os.Getenv("SIGNET_UPDATE") != "signet" {
		return
	}
	text, _ := export(t, fullVault(t))
	if err := os.WriteFile("testdata/signet-json/version-1.jsonl", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSignetRoundTrip: what an import makes of an export is what was exported.
func TestSignetRoundTrip(t *testing.T) {
	t.Parallel()
	a, b, c := fullVault(t), formattest.NewVaultSeed(2), formattest.NewVaultSeed(3)
	text, rep := export(t, a)
	if rep.Items != len(a.All()) || rep.Lossy() {
		t.Errorf("export: %s", formattest.DumpReport(rep))
	}
	got := b.ImportString(t, format(t, "signet-json"), text)
	if got.Items != rep.Items || got.Counts[exporter.Added] != rep.Items || got.Lossy() {
		t.Errorf("import: %s", formattest.DumpReport(got))
	}
	same(t, a, b)
	again, _ := export(t, b)
	files := b.Files()
	for _, file := range []string{text, again} {
		if rep, edits, err := b.Import(format(t, "signet-json"), strings.NewReader(file)); err != nil || edits != 0 || b.Files() != files {
			t.Errorf("what is there already brought %d edits and %d files: %v\n%s", edits, b.Files()-files, err, formattest.DumpReport(rep))
		}
	}
	c.ImportString(t, format(t, "signet-json"), again)
	same(t, a, c)
	if rep, edits, err := a.Import(format(t, "signet-json"), strings.NewReader(again)); err != nil || edits != 0 {
		t.Errorf("what came home from another vault brought %d edits: %v\n%s", edits, err, formattest.DumpReport(rep))
	}
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// same compares two vaults field by field. Ids of records, places, names of history rows and where bytes lie may differ: the order, the rows and the bytes may not.
func same(t failer, a, b *formattest.Vault) {
	t.Helper()
	want, got := plainVault(a), plainVault(b)
	for key, value := range want {
		if got[key] != value {
			t.Fatalf("%s is %.200q, expected %.200q", key, got[key], value)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Fatalf("%s = %.200q has come from nowhere", key, got[key])
		}
	}
}

// plainVault flattens a vault into text that does not depend on fresh ids. Entries are known by their titles and history.
func plainVault(v *formattest.Vault) map[string]string {
	out := map[string]string{}
	for _, f := range v.Records(vault.RecFolder) {
		out[fmt.Sprintf("folder %s %q", folderKey(v, f.ID), v.Folder(f.ID))] = "there"
	}
	for _, e := range v.All() {
		name := firstID(e)
		var rows []string
		raw := v.Raw(e.ID)
		for _, c := range e.Conflicts { // the others have become previous values
			for _, cand := range c.Candidates[1:] {
				row, _ := json.Marshal(entry.HistoryRow{Field: c.Path, Value: cand.Value.RevealString(), Wall: cand.Wall})
				rows = append(rows, string(row))
			}
		}
		for _, path := range slices.Sorted(maps.Keys(raw)) {
			value := raw[path]
			switch {
			case strings.HasSuffix(path, "/pos"), strings.HasPrefix(path, "src/signet-json/"):
				continue
			case strings.HasPrefix(path, "hist/"):
				rows = append(rows, value)
				continue
			case strings.HasPrefix(path, "folder/"):
				path = "folder " + folderKey(v, vault.ID(strings.TrimPrefix(path, "folder/")))
			case strings.HasSuffix(path, "/signet:att"):
				value = fmt.Sprintf("%x", v.FileBytes(value))
			}
			out[name+" "+path] = value
		}
		slices.Sort(rows)
		out[name+" history"] = strings.Join(rows, "\n")
		for i, c := range e.Credentials {
			out[fmt.Sprintf("%s credential %d", name, i)] = c.ID
			for j, f := range c.Fields {
				out[fmt.Sprintf("%s credential %d field %d", name, i, j)] = f.ID
			}
		}
		for i, u := range e.URLs {
			out[fmt.Sprintf("%s url %d", name, i)] = u.ID
		}
	}
	return out
}

// folderKey names a folder by the id that its first import kept, or its own first id.
func folderKey(v *formattest.Vault, id vault.ID) string {
	for _, f := range v.Records(vault.RecFolder) {
		if f.ID == id {
			return firstID(f)
		}
	}
	return "missing"
}

// firstID is the id that a record had in its first vault: every import keeps it, and an export takes it along only as the next one's.
func firstID(e vault.Entry) string {
	for _, s := range e.Sources {
		if s.Format == "bitwarden-json" && s.Name == "id" {
			return s.Value.RevealString()
		}
	}
	return e.Title
}

// TestSignetRoundTripOfAnything does the same for records of random fields, known and unknown.
func TestSignetRoundTripOfAnything(t *testing.T) {
	t.Parallel()
	segment := rapid.SampledFrom([]string{"aaaaaaaa", "bbbbbbbb", "username", "password", "strange", "signet:new", "json:parts", "label", "value", "fieldType", "extensions"})
	path := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(append([]string{rapid.SampledFrom([]string{"subtitle", "tag", "url", "app", "cred", "cred", "cred", "src/other", "future", "favorite"}).Draw(t, "top")},
			rapid.SliceOfN(segment, 0, 3).Draw(t, "segments")...), "/")
	})
	value := rapid.SampledFrom([]string{"", "true", "x", "ä\n\"\\\u2028", "{\"a\":1}", "concealed-string", "2024-01-01T00:00:00.000Z"})
	rapid.Check(t, func(t *rapid.T) {
		a, b := formattest.NewVault(), formattest.NewVaultSeed(2)
		for i := range rapid.IntRange(0, 3).Draw(t, "entries") {
			id := a.IDs().Record()
			a.Set(id, entry.PathTitle, fmt.Sprintf("entry %d", i))
			for _, typ := range []string{"aaaaaaaa", "bbbbbbbb"} {
				if rapid.Bool().Draw(t, "credential") {
					a.Set(id, "cred/"+typ+"/type", rapid.SampledFrom([]string{"basic-auth", "custom-fields", "hologram"}).Draw(t, "type"))
				}
			}
			for range rapid.IntRange(0, 8).Draw(t, "fields") {
				a.Set(id, path.Draw(t, "path"), value.Draw(t, "value"))
			}
		}
		f, err := exporter.ByName("signet-json")
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		rep := exporter.Report{}
		if err := f.Export(t.Context(), &text, a.Source(), exporter.WriteOptions{}, &rep); err != nil {
			t.Fatal(err)
		}
		in, _, err := b.Import(f, bytes.NewReader(text.Bytes()))
		if err != nil || in.Lossy() {
			t.Fatalf("import: %v %s of\n%s", err, formattest.DumpReport(in), text.String())
		}
		want, got := readable(a), readable(b)
		if want != got {
			t.Fatalf("it has become\n%s\nexpected\n%s\nthe file:\n%s", got, want, text.String())
		}
	})
}

// readable is what a person and the next program see of a vault. (A field such as url/<id>/match without an address is nothing.)
func readable(v *formattest.Vault) string {
	var b strings.Builder
	for _, e := range v.All() {
		e.Sources = slices.DeleteFunc(e.Sources, func(s vault.Source) bool { return s.Format == "signet-json" })
		b.WriteString(formattest.DumpEntry(v, e))
	}
	return b.String()
}

func TestSignetRefuses(t *testing.T) {
	t.Parallel()
	const head = `{"type":"signet-export","v":1}` + "\n"
	const end = `{"type":"end","folders":0,"entries":1}` + "\n"
	e := func(members string) string { return `{"type":"entry","id":"e","title":"t"` + members + `}` + "\n" }
	chunk := `{"type":"file","credential":"c","data":"YWJj"}` + "\n"
	file := e(`,"credentials":[{"id":"c","type":"file","members":[{"name":"name","value":"a"}]}]`)
	two, other := e(`,"credentials":[{"id":"c","type":"file"},{"id":"d","type":"file"}]`), strings.Replace(chunk, `"c"`, `"d"`, 1)
	for _, c := range []struct {
		name, text string
		want       error
		says       string
	}{
		{"no header", e(""), exporter.ErrDamaged, "line 1"},
		{"another version", `{"type":"signet-export","v":2}` + "\n", exporter.ErrUnsupported, "version 2"},
		{"no end", head + e(""), exporter.ErrDamaged, "line 3"},
		{"an end that counts otherwise", head + end, exporter.ErrDamaged, "line 2"},
		{"something behind the end", head + e("") + end + "\n", exporter.ErrDamaged, "end line"},
		{"the type not first", head + `{"id":"e","type":"entry","title":"t"}` + "\n" + end, exporter.ErrUnsupported, "line 2"},
		{"a type of the future", head + `{"type":"hologram"}` + "\n" + end, exporter.ErrUnsupported, "hologram"},
		{"a member of the future", head + e(`,"hologram":1`) + end, exporter.ErrUnsupported, "line 2"},
		{"a member in another case", head + e(`,"Subtitle":"x"`) + end, exporter.ErrUnsupported, "line 2"},
		{"a member twice", head + e(`,"title":"u"`) + end, exporter.ErrDamaged, "line 2"},
		{"no JSON", head + `{"type":"entry","id":` + "\n" + end, exporter.ErrDamaged, "line 2"},
		{"broken UTF-8", head + e(`,"subtitle":"`+"\xff"+`"`) + end, exporter.ErrDamaged, "line 2"},
		{"a number for a text", head + e(`,"subtitle":7`) + end, exporter.ErrDamaged, "line 2"},
		{"an entry without id", head + `{"type":"entry","id":"","title":"t"}` + "\n" + end, exporter.ErrDamaged, "line 2"},
		{"a folder that is not there", head + e(`,"folders":["f"]`) + end, exporter.ErrDamaged, "line 2"},
		{"a folder behind the entries", head + e("") + `{"type":"folder","id":"f","title":"F"}` + "\n" + end, exporter.ErrDamaged, "line 3"},
		{"a folder twice", head + strings.Repeat(`{"type":"folder","id":"f","title":"F"}`+"\n", 2) + e("") + end, exporter.ErrDamaged, "line 3"},
		{"a folder above that comes later", head + `{"type":"folder","id":"f","title":"F","parent":"g"}` + "\n" + e("") + end, exporter.ErrDamaged, "line 2"},
		{"a record made into settings", head + e(`,"other":[{"path":"rec","value":"settings"}]`) + end, exporter.ErrDamaged, "line 2"},
		{"a title by its path", head + e(`,"other":[{"path":"title","value":"x"}]`) + end, exporter.ErrDamaged, "line 2"},
		{"a history row by its path", head + e(`,"other":[{"path":"hist/AAAAAAAAAAAAAAAA.0","value":"{}"}]`) + end, exporter.ErrDamaged, "line 2"},
		{"a path that is none", head + e(`,"other":[{"path":"a b","value":"x"}]`) + end, exporter.ErrDamaged, "line 2"},
		{"a previous value of history", head + e("") + `{"type":"past","path":"hist/x","value":"v"}` + "\n" + end, exporter.ErrDamaged, "line 3"},
		{"previous values of nothing", head + `{"type":"past","path":"title","value":"v"}` + "\n" + e("") + end, exporter.ErrDamaged, "line 2"},
		{"previous values behind a file", head + file + chunk + `{"type":"past","path":"title","value":"v"}` + "\n" + end, exporter.ErrDamaged, "line 4"},
		{"a credential twice", head + e(`,"credentials":[{"id":"c","type":"note"},{"id":"c","type":"note"}]`) + end, exporter.ErrDamaged, "line 2"},
		{"an id with a slash", head + e(`,"credentials":[{"id":"a/b","type":"note"}]`) + end, exporter.ErrDamaged, "line 2"},
		{"a member that says where bytes are", head + e(`,"credentials":[{"id":"c","type":"note","members":[{"name":"signet:att","value":"x"}]}]`) + end, exporter.ErrDamaged, "line 2"},
		{"a member twice in a credential", head + e(`,"credentials":[{"id":"c","type":"note","members":[{"name":"content","value":"x"},{"name":"content","value":"y"}]}]`) + end, exporter.ErrDamaged, "line 2"},
		{"a time that is none", head + e(`,"trashed":"yesterday"`) + end, exporter.ErrDamaged, "line 2"},
		{"a file without content", head + file + end, exporter.ErrDamaged, "line 3"},
		{"a file without content before another entry", head + file + e("") + end, exporter.ErrDamaged, "line 3"},
		{"content before its entry", head + chunk + file + end, exporter.ErrDamaged, "line 2"},
		{"content of no file", head + e("") + chunk + end, exporter.ErrDamaged, "line 3"},
		{"content that comes twice", head + two + chunk + other + chunk + end, exporter.ErrDamaged, "line 5"},
		{"content that is not base64url", head + file + strings.Replace(chunk, "YWJj", "?", 1) + end, exporter.ErrDamaged, "line 3"},
		{"content of another length", head + strings.Replace(file, `"members":[`, `"members":[{"name":"decryptedSize","value":"4"},`, 1) + chunk + end, exporter.ErrDamaged, "line 4"},
		{"content of another hash", head + strings.Replace(file, `"members":[`, `"members":[{"name":"integrityHash","value":"AAAA"},`, 1) + chunk + end, exporter.ErrDamaged, "line 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := formattest.NewVault()
			_, _, err := v.Import(format(t, "signet-json"), strings.NewReader(c.text))
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			if len(v.All()) > 0 {
				t.Errorf("%d entries are there", len(v.All()))
			}
		})
	}
	t.Run("a whole one passes", func(t *testing.T) {
		t.Parallel()
		v := formattest.NewVault()
		if rep := v.ImportString(t, format(t, "signet-json"), head+file+chunk+end); counts(rep) != "added 1" || v.Files() != 1 {
			t.Errorf("%s, %d files", counts(rep), v.Files())
		}
	})
}

// TestSignetDocument: the example of the description is a file that can be read.
func TestSignetDocument(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/EXPORT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "## 6. Example\n\n```\n")
	example, _, ok := strings.Cut(example, "```")
	v := formattest.NewVault()
	if rep := v.ImportString(t, format(t, "signet-json"), example); !ok || counts(rep) != "added 1" || v.Files() != 1 {
		t.Errorf("%s, %d files", formattest.DumpReport(rep), v.Files())
	}
	e := v.Entry(t, "Example")
	if text1(e, vault.BasicAuth, "password") != "new" || e.History[0].Value.RevealString() != "old" || v.Folder(e.Folders[0])[0] != "Work" {
		t.Errorf("it has become %s", formattest.DumpEntry(v, e))
	}
}

// TestSignetFolders: circles, missing parents and trees deeper than a reader follows come out as a file that can be read, with every folder.
func TestSignetFolders(t *testing.T) {
	t.Parallel()
	a, n := formattest.NewVault(), 0
	folder := func(id vault.ID, parent vault.ID) {
		if err := a.Apply(vault.NewFolder(id, fmt.Sprintf("folder %d", n), parent)); err != nil {
			t.Fatal(err)
		}
		n++
	}
	x, y, missing := a.IDs().Record(), a.IDs().Record(), a.IDs().Record()
	folder(x, y)
	folder(y, x)
	folder(a.IDs().Record(), missing)
	var parent vault.ID
	for range 3 * exporter.MaxFolderDeep {
		id := a.IDs().Record()
		folder(id, parent)
		parent = id
	}
	text, _ := export(t, a)
	b := formattest.NewVaultSeed(2)
	b.ImportString(t, format(t, "signet-json"), text)
	if got := len(b.Records(vault.RecFolder)); got != n {
		t.Errorf("%d folders of %d", got, n)
	}
}

// TestSignetLostFile: an attachment that cannot be read keeps nothing else from being saved, and is named.
func TestSignetLostFile(t *testing.T) {
	t.Parallel()
	a := formattest.NewVault()
	id := a.IDs().Record()
	a.Set(id, entry.PathTitle, "with a file")
	a.LoseFile(addFile(a, id, "f1f1f1f1", "gone.txt", []byte("gone")))
	text, rep := export(t, a)
	if !rep.Lossy() || rep.Rows[0].Losses[0].Field != "file gone.txt" {
		t.Errorf("export: %s", formattest.DumpReport(rep))
	}
	b := formattest.NewVault()
	if rep := b.ImportString(t, format(t, "signet-json"), text); !rep.Lossy() || counts(rep) != "added 1" || b.Files() != 0 {
		t.Errorf("import: %s, %d files", formattest.DumpReport(rep), b.Files())
	}
}

// TestSignetDevicePasskey: a key that is bound to a device is named, because it is not in the file.
func TestSignetDevicePasskey(t *testing.T) {
	t.Parallel()
	v := formattest.NewVault()
	id := v.IDs().Record()
	for path, value := range map[string]string{"title": "bound", "cred/aaaaaaaa/type": "passkey", "cred/aaaaaaaa/pos": "a", "cred/aaaaaaaa/rpId": "a.example", "cred/aaaaaaaa/signet:binding": "device"} {
		v.Set(id, path, value)
	}
	if _, rep := export(t, v); !rep.Lossy() || len(rep.Rows) != 1 || rep.Rows[0].Losses[0].Field != "passkey of a.example" {
		t.Errorf("%s", formattest.DumpReport(rep))
	}
}
