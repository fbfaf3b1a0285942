package entry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/secret"
	"signet/vault/totp"
)

// record writes edits into a record as the fold would: one dot per edit, in order.
func record(t testing.TB, edits []entry.Edit) format.Record {
	t.Helper()
	fields := map[string]format.Value{}
	var id entry.ID
	for i, e := range edits {
		id = e.Record
		if e.Delete {
			delete(fields, e.Path)
			continue
		}
		wall := e.Wall
		if wall == 0 {
			wall = 1_700_000_000_000
		}
		fields[e.Path] = format.Value{Dot: format.Dot{SID: "AAAAAAAAAAAAAAAA", I: i}, Wall: wall, Text: e.Value.RevealString()}
	}
	rec := format.Record{ID: id}
	for path, v := range fields {
		rec.Fields = append(rec.Fields, format.Field{Path: path, Values: []format.Value{v}})
	}
	slices.SortFunc(rec.Fields, func(a, b format.Field) int { return strings.Compare(a.Path, b.Path) })
	return rec
}

const anID = entry.ID("aaaaaaaaaaaaaaaaaaaaaaaaaa")

func val(s string) secret.Secret { return secret.FromString(s) }

func login() entry.Entry {
	key, _ := totp.Parse("otpauth://totp/Example:ada?secret=JBSWY3DPEHPK3PXP&issuer=Example")
	return entry.Entry{
		ID: anID, Title: "Exämple Bank", Favorite: true, Tags: []string{"work", "a/b c"}, Folders: []entry.ID{"bbbbbbbbbbbbbbbbbbbbbbbbbb"},
		URLs: []entry.URL{{URL: "https://login.example.org/x"}, {URL: "https://example.com", Match: "host"}},
		Credentials: []entry.Credential{
			{Type: entry.BasicAuth, Members: []entry.Member{{Name: "username", Value: val("ada")}, {Name: "password", Value: val("hunter2")}}},
			entry.NewTOTP(key),
			{Type: entry.Note, Members: []entry.Member{{Name: "content", Value: val("line 1\r\nline 2 ")}}},
			{Type: entry.Custom, Fields: []entry.Member{
				{Label: "PIN", Type: entry.TypeConcealed, Value: val("1234")}, {Label: "PIN", Value: val("plain")}, {Label: "", Value: val("no label")},
			}},
			{Type: "x-future", Members: []entry.Member{{Name: "odd/name", Value: val("kept")}, {Name: "obj", JSON: true, Value: val(`{"a":[1]}`)}}},
		},
		Sources: []entry.Source{{Format: "bitwarden", Name: "reprompt", Value: val("1")}},
	}
}

func mustEdits(t testing.TB, e entry.Entry) []entry.Edit {
	t.Helper()
	edits, err := e.Edits(entry.SystemIDs())
	if err != nil {
		t.Fatal(err)
	}
	return edits
}

func TestEntrySurvivesItsRecord(t *testing.T) {
	want := login()
	got := entry.FromRecord(record(t, mustEdits(t, want)), entry.View{Reveal: true, Sources: true})
	if got.Title != want.Title || !got.Favorite || got.Kind != entry.KindLogin {
		t.Errorf("entry level: %+v", got)
	}
	if fmt.Sprint(got.Tags) != "[a/b c work]" {
		t.Errorf("tags %q", got.Tags)
	}
	if len(got.URLs) != 2 || got.URLs[0].URL != want.URLs[0].URL || got.URLs[1].Match != "host" {
		t.Errorf("urls out of order or lost: %+v", got.URLs)
	}
	for i, c := range want.Credentials {
		for j, m := range c.Members {
			g, ok := got.Credentials[i].Member(m.Name)
			if !ok || !g.Value.Equal(m.Value) || g.JSON != m.JSON {
				t.Errorf("%s.%s (member %d) lost or changed", c.Type, m.Name, j)
			}
		}
		for j, m := range c.Fields {
			if g := got.Credentials[i].Fields[j]; g.Label != m.Label || !g.Value.Equal(m.Value) {
				t.Errorf("custom field %d: label %q", j, g.Label)
			}
		}
	}
	if len(got.Sources) != 1 || got.Sources[0].Name != "reprompt" {
		t.Errorf("sources %+v", got.Sources)
	}
}

func TestConcealedValuesAreWithheldUnlessRevealed(t *testing.T) {
	rec := record(t, mustEdits(t, login()))
	e := entry.FromRecord(rec, entry.View{History: true, Sources: true})
	shown := ""
	for _, c := range e.Credentials {
		for _, m := range append(c.Members, c.Fields...) {
			shown += m.Value.RevealString() + "\n"
		}
	}
	for _, s := range e.Sources {
		shown += s.Value.RevealString()
	}
	for _, bad := range []string{"hunter2", "JBSWY3DP", "1234", `{"a":[1]}`} {
		if strings.Contains(shown, bad) {
			t.Errorf("%q was given out", bad)
		}
	}
	if !strings.Contains(shown, "line 2") || !strings.Contains(shown, "ada") {
		t.Error("a value that is not concealed was withheld")
	}
	if dump := fmt.Sprintf("%+v %#v", e, entry.FromRecord(rec, entry.View{Reveal: true})); strings.Contains(dump, "hunter2") {
		t.Error("printing an entry prints its password")
	}
}

func TestConflictsAreListedAndEqualValuesAreNone(t *testing.T) {
	rec := record(t, mustEdits(t, login()))
	for i, f := range rec.Fields {
		if strings.HasSuffix(f.Path, "/password") || f.Path == "title" {
			v := f.Values[0]
			v.Dot.SID = "BBBBBBBBBBBBBBBB"
			if f.Path != "title" {
				v.Text = "other"
			}
			rec.Fields[i].Values = append(rec.Fields[i].Values, v)
		}
	}
	e := entry.FromRecord(rec, entry.View{})
	if len(e.Conflicts) != 1 || !e.Conflicts[0].Concealed || len(e.Conflicts[0].Candidates) != 2 || !e.Conflicts[0].Candidates[0].Withheld {
		t.Fatalf("conflicts %+v", e.Conflicts)
	}
}

func TestFieldNames(t *testing.T) {
	e := entry.FromRecord(record(t, mustEdits(t, login())), entry.View{Reveal: true})
	for name, want := range map[string]string{
		"title": "Exämple Bank", "username": "ada", "PASSWORD": "hunter2", "notes": "line 1\r\nline 2 ", "url#2": "https://example.com",
		"custom.PIN": "1234", "custom.pin#2": "plain", "basic-auth.username": "ada", "totp.issuer": "Example", "tag#2": "work",
		"totp": "otpauth://totp/Example:ada?secret=JBSWY3DPEHPK3PXP&issuer=Example",
	} {
		f, err := entry.ParseFieldName(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := e.Find(f)
		if err != nil || got.Value.RevealString() != want {
			t.Errorf("%s: got %q, %v", name, got.Value.RevealString(), err)
		}
	}
	for _, name := range []string{"pasword", "basic-auth.nope", "nope.password", "custom.", "password#0", "password#99999", ""} {
		if _, err := entry.ParseFieldName(name); !errors.Is(err, entry.ErrUnknownField) {
			t.Errorf("%q: %v", name, err)
		}
	}
	f, _ := entry.ParseFieldName("credit-card.number")
	if _, err := e.Find(f); !errors.Is(err, entry.ErrNoField) {
		t.Errorf("absent field: %v", err)
	}
}

func TestSetFieldWritesInPlaceOrAddsWhatBelongs(t *testing.T) {
	edits := mustEdits(t, login())
	e := entry.FromRecord(record(t, edits), entry.View{Reveal: true})
	for name, value := range map[string]string{
		"password": "new", "url#2": "https://new.example", "credit-card.number": "4111", "custom.PIN#2": "x", "notes": "n", "subtitle": "s",
	} {
		f, _ := entry.ParseFieldName(name)
		more, err := e.SetField(f, val(value), false, entry.SystemIDs())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		after := entry.FromRecord(record(t, append(slices.Clone(edits), more...)), entry.View{Reveal: true})
		if got, err := after.Find(f); err != nil || got.Value.RevealString() != value {
			t.Errorf("%s: got %q, %v", name, got.Value.RevealString(), err)
		}
	}
	custom, _ := entry.ParseFieldName("custom.New")
	if _, err := e.SetField(custom, val("x"), false, entry.SystemIDs()); !errors.Is(err, entry.ErrNoField) {
		t.Errorf("a new custom field without create: %v", err)
	}
	if more, err := e.SetField(custom, val("x"), true, entry.SystemIDs()); err != nil || len(more) == 0 {
		t.Errorf("a new custom field with create: %v", err)
	}
}

func TestReplacingATOTPKeyLeavesNothingOfTheOld(t *testing.T) {
	key, _ := totp.Parse("otpauth://hotp/old?secret=JBSWY3DPEHPK3PXP&counter=7&digits=8")
	e := entry.Entry{ID: anID, Title: "t", Credentials: []entry.Credential{entry.NewTOTP(key)}}
	edits := mustEdits(t, e)
	e = entry.FromRecord(record(t, edits), entry.View{Reveal: true})
	f, _ := entry.ParseFieldName("totp")
	more, err := e.SetField(f, val("GEZDGNBVGY3TQOJQ"), false, entry.SystemIDs())
	if err != nil {
		t.Fatal(err)
	}
	after := entry.FromRecord(record(t, append(edits, more...)), entry.View{Reveal: true})
	k, err := after.Credentials[0].TOTPKey()
	if err != nil || k.Kind != totp.TOTP || k.Digits != 6 || k.Counter != 0 || !k.URI.IsEmpty() {
		t.Errorf("key after replacement: kind %s digits %d counter %d, %v", k.Kind, k.Digits, k.Counter, err)
	}
}

func TestTOTPKeySurvivesItsCredential(t *testing.T) {
	for _, uri := range []string{
		"otpauth://totp/A:b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=8&period=60&issuer=A",
		"otpauth://hotp/A:b?secret=GEZDGNBVGY3TQOJQ&counter=42", "steam://GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQ",
	} {
		key, err := totp.Parse(uri)
		if err != nil {
			t.Fatal(err)
		}
		e := entry.Entry{ID: anID, Title: "t", Credentials: []entry.Credential{entry.NewTOTP(key)}}
		e = entry.FromRecord(record(t, mustEdits(t, e)), entry.View{Reveal: true})
		got, err := e.Credentials[0].TOTPKey()
		if err != nil || !got.Equal(key) {
			t.Errorf("%s: key changed: %v", uri, err)
		}
	}
}

func TestSegmentsEscapeAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		esc := entry.EscapeSegment(s)
		if strings.ContainsAny(esc, "/ \n") || entry.UnescapeSegment(esc) != s {
			t.Fatalf("%q became %q", s, esc)
		}
	})
}

func TestThereIsAlwaysAPlaceBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := []string{}
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			i := rapid.IntRange(0, len(places)).Draw(t, "at")
			lo, hi := "", ""
			if i > 0 {
				lo = places[i-1]
			}
			if i < len(places) {
				hi = places[i]
			}
			p := entry.PosBetween(lo, hi)
			if p <= lo || hi != "" && p >= hi || strings.HasSuffix(p, "0") {
				t.Fatalf("between %q and %q: %q", lo, hi, p)
			}
			places = slices.Insert(places, i, p)
		}
	})
	for _, n := range []int{0, 1, 2, 61, 62, 63, 5000} {
		if seq := entry.PosSequence(n); len(seq) != n || !slices.IsSorted(seq) || len(slices.Compact(slices.Clone(seq))) != n {
			t.Errorf("sequence of %d is not strictly ordered", n)
		}
	}
}

func TestRowSurvivesItsEncodingAndHoldsNoSecret(t *testing.T) {
	ix := entry.IndexOf(record(t, mustEdits(t, login())))
	b := ix.Row.Append(nil)
	got, err := entry.ParseRow(anID, b)
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", ix.Row) {
		t.Errorf("row changed: %+v, %v", got, err)
	}
	all := string(b) + ix.Search + strings.Join(ix.Tokens, " ")
	for _, bad := range []string{"hunter2", "JBSWY3DP", "1234", "line 1", "kept"} {
		if strings.Contains(all, bad) {
			t.Errorf("the index holds %q", bad)
		}
	}
	if ix.Title != "example bank" || !slices.Contains(ix.Tokens, "login") || !strings.Contains(ix.Search, "login.example.org") {
		t.Errorf("index %+v", ix)
	}
}

func FuzzParseRow(f *testing.F) {
	f.Add(entry.Row{Title: "t", URLs: []string{"u"}, Modified: time.UnixMilli(1)}.Append(nil))
	f.Add([]byte{1, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if row, err := entry.ParseRow(anID, b); err == nil {
			if _, err := entry.ParseRow(anID, row.Append(nil)); err != nil {
				t.Fatal("a parsed row does not encode")
			}
		}
	})
}

func FuzzFromRecord(f *testing.F) {
	f.Add("cred/a/type", "basic-auth", "cred/a/password/fieldType")
	f.Add("url/x/match", "v", "hist/AAAAAAAAAAAAAAAA.0")
	f.Add("cred/a/field/b/type", "", "src/x")
	f.Fuzz(func(_ *testing.T, p1, v, p2 string) {
		rec := format.Record{ID: anID, Fields: []format.Field{
			{Path: p1, Values: []format.Value{{Text: v}}}, {Path: p2, Values: []format.Value{{Text: v}, {Text: "w"}}},
		}}
		entry.FromRecord(rec, entry.View{Reveal: true, History: true, Sources: true})
		entry.IndexOf(rec)
	})
}
