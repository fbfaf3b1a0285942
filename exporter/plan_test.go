package exporter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
	"signet/vault"
	"signet/vault/entry"
)

// counts renders what an import came to: "added 2, merged 1".
func counts(rep exporter.Report) string {
	var out []string
	for _, a := range []exporter.Action{exporter.Added, exporter.Merged, exporter.Updated, exporter.Duplicate, exporter.Conflict, exporter.Skipped} {
		if n := rep.Counts[a]; n > 0 {
			out = append(out, fmt.Sprintf("%s %d", a, n))
		}
	}
	return strings.Join(out, ", ")
}

// importing is one step of a story: a file, and what comes of it.
type importing struct {
	format, text, want string
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	const head = "name,url,username,password,note\n"
	login := func(id, title, url, user, pass string) string {
		return fmt.Sprintf(`{"encrypted":false,"folders":[],"items":[{"id":%q,"type":1,"name":%q,"login":{"username":%q,"password":%q,"uris":[{"uri":%q}]}}]}`, id, title, user, pass, url)
	}
	for _, c := range []struct {
		name    string
		steps   []importing
		entries int
	}{
		{"identical rows are one entry", []importing{
			{"chrome-csv", head + "a,https://a.example/,u,p,\na,https://a.example/,u,p,\n", "added 1, duplicate 1"},
			{"chrome-csv", head + "a,https://a.example/,u,p,\na,https://a.example/,u,p,\n", "duplicate 2"},
		}, 1},
		{"another address of a login that is there", []importing{
			{"chrome-csv", head + "a.example,https://a.example/,u,p,\n", "added 1"},
			{"chrome-csv", head + "a.example,https://a.example/two,u,p,\na.example,https://a.example/three,u,p,\n", "merged 2"},
			{"chrome-csv", head + "a.example,https://a.example/two,u,p,\na.example,https://a.example/three,u,p,\n", "duplicate 2"},
		}, 1},
		{"the same site with another password", []importing{
			{"chrome-csv", head + "a.example,https://a.example/,u,p,\n", "added 1"},
			{"chrome-csv", head + "a.example,https://a.example/,u,q,\n", "added 1"},
		}, 2},
		{"the same password on another site", []importing{
			{"chrome-csv", head + "a.example,https://a.example/,u,p,\n", "added 1"},
			{"chrome-csv", head + "b.example,https://b.example/,u,p,\n", "added 1"},
		}, 2},
		{"a note is something new", []importing{
			{"chrome-csv", head + "a.example,https://a.example/,u,p,\n", "added 1"},
			{"chrome-csv", head + "a.example,https://a.example/,u,p,remember\n", "added 1"},
			{"chrome-csv", head + "a.example,https://a.example/,u,p,remember\n", "duplicate 1"},
		}, 2},
		{"a title of its own is something new", []importing{
			{"chrome-csv", head + "a.example,https://a.example/,u,p,\n", "added 1"},
			{"chrome-csv", head + "My bank,https://a.example/two,u,p,\n", "added 1"},
		}, 2},
		{"a row that only differs in a column nobody knows", []importing{
			{"chrome-csv", "name,url,username,password,x\na,https://a.example/,u,p,1\na,https://a.example/,u,p,2\n", "added 2"},
			{"chrome-csv", "name,url,username,password,x\na,https://a.example/,u,p,1\na,https://a.example/,u,p,2\n", "duplicate 2"},
		}, 2},
		{"the browser's rows of logins that came from Bitwarden", []importing{
			{"bitwarden-json", login("1", "a.example", "https://a.example/", "u", "p"), "added 1"},
			{"chrome-csv", head + "a.example,https://a.example/,u,p,\na.example,https://a.example/two,u,p,\n", "merged 1, duplicate 1"},
			{"bitwarden-json", login("1", "a.example", "https://a.example/", "u", "p"), "duplicate 1"},
		}, 1},
		{"two items of one id are two entries", []importing{
			{"bitwarden-json", `{"encrypted":false,"items":[{"id":"1","type":1,"name":"a"},{"id":"1","type":1,"name":"b"}]}`, "added 2"},
			{"bitwarden-json", `{"encrypted":false,"items":[{"id":"1","type":1,"name":"a"},{"id":"1","type":1,"name":"b"}]}`, "duplicate 2"},
		}, 2},
		{"the source has changed and the vault has not", []importing{
			{"bitwarden-json", login("1", "a", "https://a.example/", "u", "p"), "added 1"},
			{"bitwarden-json", login("1", "a", "https://a.example/", "u", "new"), "updated 1"},
			{"bitwarden-json", login("1", "a", "https://a.example/", "u", "new"), "duplicate 1"},
			{"bitwarden-json", login("1", "a", "https://a.example/", "u", "p"), "updated 1"},
		}, 1},
		{"another file that counts its items from 1, too", []importing{
			{"bitwarden-json", login("1", "a", "https://a.example/", "u", "p"), "added 1"},
			{"bitwarden-json", login("1", "b", "https://b.example/", "v", "q"), "added 1"},
			{"bitwarden-json", login("1", "a", "https://a.example/", "u", "p"), "duplicate 1"},
			{"bitwarden-json", login("1", "b", "https://b.example/", "v", "q"), "duplicate 1"},
			{"bitwarden-json", login("1", "b", "https://b.example/", "v", "new"), "updated 1"},
			{"bitwarden-json", login("1", "b", "https://b.example/", "v", "new"), "duplicate 1"},
		}, 2},
		{"an item that is too large is skipped, the others are not", []importing{
			{"bitwarden-json", `{"encrypted":false,"items":[{"id":"1","type":2,"name":"big","notes":"` + strings.Repeat("x", 1<<20+1) + `"},{"id":"2","type":2,"name":"small","notes":"x"}]}`, "added 1, skipped 1"},
		}, 1},
		{"an item with too many fields is skipped", []importing{
			{"bitwarden-json", `{"encrypted":false,"items":[{"id":"1","type":2,"name":"wide","fields":[` + strings.Repeat(`{"name":"a","value":"b","type":0},`, 3000) + `{"name":"a","value":"b","type":0}]}]}`, "skipped 1"},
		}, 0},
		{"an item with more fields than can be read is kept as it came", []importing{
			{"bitwarden-json", `{"encrypted":false,"items":[{"id":"1","type":2,"name":"wide","fields":[` + strings.Repeat(`0,`, 5000) + `0]}]}`, "added 1"},
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := formattest.NewVault()
			for i, step := range c.steps {
				rep := v.ImportString(t, format(t, step.format), step.text)
				if got := counts(rep); got != step.want {
					t.Errorf("import %d: %s, expected %s\n%s", i+1, got, step.want, formattest.DumpReport(rep))
				}
			}
			if n := len(v.All()); n != c.entries {
				t.Errorf("%d entries, expected %d", n, c.entries)
			}
		})
	}
}

// TestEditedRows: a row without an id is known by what it held when it came, whatever became of its entry.
func TestEditedRows(t *testing.T) {
	t.Parallel()
	const file = "name,url,username,password\na.example,https://a.example/,u,p\n"
	v := formattest.NewVault()
	v.ImportString(t, format(t, "chrome-csv"), file)
	e := v.Entry(t, "a.example")
	c, _ := e.Credential(vault.BasicAuth)
	m, _ := c.Member("password")
	v.Set(e.ID, m.Path, "changed")
	v.Set(e.ID, entry.PathTitle, "Another title")
	if got := counts(v.ImportString(t, format(t, "chrome-csv"), file)); got != "duplicate 1" {
		t.Errorf("after an edit the same row is %s", got)
	}
}

const passkeyItem = `{"id":%q,"type":1,"name":%q,"login":{"fido2Credentials":[{"credentialId":"b64.AQID","keyValue":%q,"rpId":"a.example","counter":"0"}]}}`

func TestPasskeysWithOneID(t *testing.T) {
	t.Parallel()
	file := func(items ...string) string { return `{"encrypted":false,"items":[` + strings.Join(items, ",") + `]}` }
	for name, c := range map[string]struct{ first, second, says string }{
		"another key":  {fmt.Sprintf(passkeyItem, "1", "one", "AAAA"), fmt.Sprintf(passkeyItem, "2", "two", "BBBB"), "another key"},
		"the same key": {fmt.Sprintf(passkeyItem, "1", "one", "AAAA"), fmt.Sprintf(passkeyItem, "2", "two", "AAAA"), "the same passkey"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, files := range [][]string{{file(c.first, c.second)}, {file(c.first), file(c.second)}} {
				v := formattest.NewVault()
				var rep exporter.Report
				for _, f := range files {
					rep = v.ImportString(t, format(t, "bitwarden-json"), f)
				}
				last := rep.Rows[len(rep.Rows)-1]
				said := slices.ContainsFunc(last.Losses, func(l exporter.Loss) bool { return l.Field == "passkey" && strings.Contains(l.Note, c.says) })
				if !said || rep.Lossy() || len(v.All()) != 2 {
					t.Errorf("%d entries\n%s", len(v.All()), formattest.DumpReport(rep))
				}
				for title, key := range map[string]string{"one": "AAAA", "two": c.second[strings.Index(c.second, "keyValue")+11:][:4]} {
					if got := text1(v.Entry(t, title), vault.Passkey, "key"); got != key {
						t.Errorf("%s has the key %s", title, got)
					}
				}
			}
		})
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	file := func(folders, items string) string {
		return `{"encrypted":false,"folders":[` + folders + `],"items":[` + items + `]}`
	}
	item := func(id, folder string) string {
		return fmt.Sprintf(`{"id":%q,"type":2,"name":%q,"notes":"n","folderId":%q}`, id, "item "+id, folder)
	}
	way := func(v *formattest.Vault) (out []string) {
		for _, f := range v.Records(vault.RecFolder) {
			out = append(out, strings.Join(v.Folder(f.ID), "/"))
		}
		slices.Sort(out)
		return out
	}
	t.Run("a folder that is there is used, and known by its id from then on", func(t *testing.T) {
		t.Parallel()
		v := formattest.NewVault()
		id := v.IDs().Record()
		if err := v.Apply(vault.NewFolder(id, "Work", "")); err != nil {
			t.Fatal(err)
		}
		v.ImportString(t, format(t, "bitwarden-json"), file(`{"id":"f","name":"Work"},{"id":"g","name":"Work"}`, item("1", "f")+","+item("2", "g")))
		if e := v.Entry(t, "item 1"); e.Folders[0] != id || v.Entry(t, "item 2").Folders[0] == id {
			t.Errorf("the first lies in %v, the vault's folder is %s", e.Folders, id)
		}
		v.Set(id, entry.PathTitle, "Renamed")
		v.ImportString(t, format(t, "bitwarden-json"), file(`{"id":"f","name":"Work"}`, item("3", "f")))
		if e := v.Entry(t, "item 3"); e.Folders[0] != id {
			t.Errorf("after a rename it lies in %v", e.Folders)
		}
		if got, want := way(v), []string{"Renamed", "Work"}; !slices.Equal(got, want) {
			t.Errorf("folders %q", got)
		}
	})
	t.Run("an unnamed parent is made", func(t *testing.T) {
		t.Parallel()
		v := formattest.NewVault()
		v.ImportString(t, format(t, "bitwarden-json"), file(`{"id":"f","name":"A/B/C"},{"id":"g","name":"A/B/D"}`, item("1", "f")+","+item("2", "g")))
		if got, want := way(v), []string{"A", "A/B", "A/B/C", "A/B/D"}; !slices.Equal(got, want) {
			t.Errorf("folders %q", got)
		}
	})
	t.Run("names that are no way stay whole", func(t *testing.T) {
		t.Parallel()
		v := formattest.NewVault()
		names := []string{"/", "a//b", "/x", "y/", strings.Repeat("d/", 200) + "d"}
		var folders, items []string
		for i, n := range names {
			folders = append(folders, fmt.Sprintf(`{"id":"f%d","name":%q}`, i, n))
			items = append(items, item(fmt.Sprint(i), fmt.Sprintf("f%d", i)))
		}
		v.ImportString(t, format(t, "bitwarden-json"), file(strings.Join(folders, ","), strings.Join(items, ",")))
		slices.Sort(names)
		if got := way(v); !slices.Equal(got, names) {
			t.Errorf("folders %q", got)
		}
	})
	t.Run("a circle is none", func(t *testing.T) {
		t.Parallel()
		v := formattest.NewVault()
		v.ImportString(t, format(t, "bitwarden-json"), `{"items":[`+item("1", "x")+","+item("2", "y")+`],"encrypted":false,"folders":[{"id":"x","name":"P"},{"id":"y","name":"A"},{"id":"x","name":"A/B"},{"id":"y","name":"P/R"}]}`)
		for _, f := range v.Records(vault.RecFolder) {
			if len(v.Folder(f.ID)) > 2 {
				t.Errorf("folder %q", v.Folder(f.ID))
			}
		}
	})
	t.Run("nothing of a duplicate is made", func(t *testing.T) {
		t.Parallel()
		v := formattest.NewVault()
		v.ImportString(t, format(t, "chrome-csv"), "name,url,username,password\na,https://a.example/,u,p\n")
		rep, edits, err := v.Import(format(t, "bitwarden-json"), strings.NewReader(`{"encrypted":false,"items":[{"id":"1","type":1,"name":"a","login":{"username":"u","password":"p","uris":[{"uri":"https://a.example/"}]}}]}`))
		if err != nil || edits != 0 || counts(rep) != "duplicate 1" {
			t.Errorf("%d edits, %s, %v", edits, counts(rep), err)
		}
	})
}
