package format_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
)

func TestRecordLineRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := genRecordValue.Draw(t, "record")
		line := format.AppendRecord(nil, r)
		got, err := format.ParseRecord(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if !reflect.DeepEqual(got, r) {
			t.Fatalf("got  %+v\nwant %+v\nline %s", got, r, line)
		}
		if withLF, err := format.ParseRecord(append(line, '\n')); err != nil || !reflect.DeepEqual(withLF, r) {
			t.Fatalf("with LF: %v", err)
		}
	})
}

const (
	rid  = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	sid1 = "AAAAAAAAAAAAAAAA"
	sid2 = "BBBBBBBBBBBBBBBB"
)

// Whatever is not the one meaning of a line is refused.
func TestRecordLineRefusals(t *testing.T) {
	t.Parallel()
	v := func(s string) string { return `{"e":"` + rid + `","f":{"title":[` + s + `]}}` }
	cases := map[string]string{
		"empty":                 ``,
		"not an object":         `[]`,
		"no id":                 `{"f":{}}`,
		"no fields member":      `{"e":"` + rid + `"}`,
		"short id":              `{"e":"aaa","f":{}}`,
		"id with stray bits":    `{"e":"aaaaaaaaaaaaaaaaaaaaaaaaab","f":{}}`,
		"id in upper case":      `{"e":"` + strings.ToUpper(rid) + `","f":{}}`,
		"unknown member":        `{"e":"` + rid + `","f":{},"z":1}`,
		"case-variant member":   `{"e":"` + rid + `","f":{},"F":{}}`,
		"duplicate member":      `{"e":"` + rid + `","f":{},"f":{}}`,
		"trailing bytes":        `{"e":"` + rid + `","f":{}}x`,
		"two values":            `{"e":"` + rid + `","f":{}}{}`,
		"bad path":              `{"e":"` + rid + `","f":{"é":[["` + sid1 + `.0",1,"x"]]}}`,
		"empty path":            `{"e":"` + rid + `","f":{"":[["` + sid1 + `.0",1,"x"]]}}`,
		"duplicate field":       `{"e":"` + rid + `","f":{"a":[["` + sid1 + `.0",1,"x"]],"a":[["` + sid2 + `.0",1,"x"]]}}`,
		"field without values":  v(``),
		"value is a string":     v(`"x"`),
		"value too short":       v(`["` + sid1 + `.0",1]`),
		"value too long":        v(`["` + sid1 + `.0",1,"x",{"z":1},2]`),
		"dot without number":    v(`["` + sid1 + `",1,"x"]`),
		"dot with leading zero": v(`["` + sid1 + `.01",1,"x"]`),
		"dot with plus":         v(`["` + sid1 + `.+1",1,"x"]`),
		"dot above the limit":   v(`["` + sid1 + `.1048576",1,"x"]`),
		"sid with line break":   v(`["AAAAAAAAAAAAAAA\n.0",1,"x"]`),
		"wall negative":         v(`["` + sid1 + `.0",-1,"x"]`),
		"wall fraction":         v(`["` + sid1 + `.0",1.0,"x"]`),
		"wall exponent":         v(`["` + sid1 + `.0",1e3,"x"]`),
		"wall above 2^53-1":     v(`["` + sid1 + `.0",9007199254740992,"x"]`),
		"wall minus zero":       v(`["` + sid1 + `.0",-0,"x"]`),
		"wall a string":         v(`["` + sid1 + `.0","1","x"]`),
		"value null":            v(`["` + sid1 + `.0",1,null]`),
		"one dot twice":         v(`["` + sid1 + `.0",1,"x"],["` + sid1 + `.0",2,"y"]`),
		"lone surrogate":        v(`["` + sid1 + `.0",1,"\ud800"]`),
		"invalid UTF-8":         v(`["` + sid1 + ".0\",1,\"\xff\"]"),
		"control character":     v(`["` + sid1 + ".0\",1,\"\x01\"]"),
		"bad escape":            v(`["` + sid1 + `.0",1,"\x"]`),
		"unknown members empty": v(`["` + sid1 + `.0",1,"x",{}]`),
		"unknown member ours":   v(`["` + sid1 + `.0",1,"x",{"e":1}]`),
		"unknown member Ours":   v(`["` + sid1 + `.0",1,"x",{"W":1}]`),
		"unknown member float":  v(`["` + sid1 + `.0",1,"x",{"z":1.5}]`),
		"deep":                  v(`["` + sid1 + `.0",1,"x",{"z":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}]`),
	}
	for name, line := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r, err := format.ParseRecord([]byte(line)); err == nil || !reflect.DeepEqual(r, format.Record{}) {
				t.Errorf("accepted %q as %+v (%v)", line, r, err)
			}
		})
	}
}

// Another order, spaces and escapes that need not be mean the same thing, and end up in the one order and spelling.
func TestRecordLineTolerates(t *testing.T) {
	t.Parallel()
	odd := ` {"f": {"b":[["` + sid1 + `.0",5,"\u0041\/"]], "a":[["` + sid1 + `.1",1,"lo"],["` + sid2 + `.1",1,"hi",{"z": [ 1 ]}]]}, "e":"` + rid + `"} `
	want := `{"e":"` + rid + `","f":{"a":[["` + sid2 + `.1",1,"hi",{"z":[1]}],["` + sid1 + `.1",1,"lo"]],"b":[["` + sid1 + `.0",5,"A/"]]}}`
	r, err := format.ParseRecord([]byte(odd))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(format.AppendRecord(nil, r)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRecordValueLimits(t *testing.T) {
	t.Parallel()
	line := func(path string, n int) []byte {
		return fmt.Appendf(nil, `{"e":"%s","f":{"%s":[["%s.0",1,"%s"]]}}`, rid, path, sid1, strings.Repeat("x", n))
	}
	hist := "hist/" + sid1 + ".0"
	for _, c := range []struct {
		path string
		n    int
		ok   bool
	}{
		{"title", format.MaxValue, true},
		{"title", format.MaxValue + 1, false},
		{hist, format.MaxValue + 1, true},
		{hist, format.MaxHistValue, true},
		{hist, format.MaxHistValue + 1, false},
	} {
		if _, err := format.ParseRecord(line(c.path, c.n)); (err == nil) != c.ok {
			t.Errorf("%s with %d bytes: %v", c.path, c.n, err)
		}
	}
	long := strings.Repeat("p", format.MaxPath)
	if _, err := format.ParseRecord(line(long, 1)); err != nil {
		t.Errorf("path of %d bytes: %v", len(long), err)
	}
	if _, err := format.ParseRecord(line(long+"p", 1)); err == nil {
		t.Errorf("path of %d bytes accepted", len(long)+1)
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"e":"` + rid + `","f":{}}`))
	f.Add([]byte(`{"e":"` + rid + `","f":{"title":[["` + sid1 + `.0",1,"a\n\"b\\ é"],["` + sid1 + `.1",0,"\u0000"]]}}`))
	f.Add([]byte(`{"e":"` + rid + `","f":{"a":[["` + sid1 + `.0",1,"x",{"z":1}]],"b/%41":[["` + sid1 + `.10",9007199254740991,""]]}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		fast, ok := format.ScanRecord(line)
		strict, err := format.ParseRecordStrict(line)
		if ok && (err != nil || !bytes.Equal(format.AppendRecord(nil, fast), format.AppendRecord(nil, strict))) {
			t.Fatalf("fast %+v, strict %+v, %v", fast, strict, err)
		}
		if err != nil {
			if !reflect.DeepEqual(strict, format.Record{}) {
				t.Fatal("a failed parse returned a value")
			}
			return
		}
		out := format.AppendRecord(nil, strict)
		again, err := format.ParseRecord(out)
		if err != nil || !bytes.Equal(format.AppendRecord(nil, again), out) {
			t.Fatalf("written %s, read back %v", out, err)
		}
		if ok && !bytes.Equal(out, line) {
			t.Fatalf("the fast way accepts a second spelling: %s for %s", line, out)
		}
	})
}

func TestNoErrorQuotesAValue(t *testing.T) {
	t.Parallel()
	line := []byte(`{"e":"` + rid + `","f":{"title":[["` + sid1 + `.0",1,"canary-7391",{"x":"canary-7391"}]]}}`)
	for i := range line {
		if _, err := format.ParseRecord(line[:i]); err != nil && strings.Contains(err.Error(), "canary") {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if _, err := format.ParseRecord(line); err == nil || strings.Contains(err.Error(), "canary") || errors.Is(err, format.ErrNewer) {
		t.Fatalf("%v", err)
	}
}

// benchRecord is a login as imports write it: about 700 bytes.
func benchRecord(n int) format.Record {
	sid := sidN(1)
	r := format.Record{ID: recordN(n)}
	for i, f := range []struct{ path, text string }{
		{"created", "2024-05-06T07:08:09.123Z"}, {"cred/ab12cd34/password", "correct horse battery staple 9!"},
		{"cred/ab12cd34/pos", "a0"}, {"cred/ab12cd34/type", "basic-auth"}, {"cred/ab12cd34/username", fmt.Sprintf("user%d@example.com", n)},
		{"cred/ef56gh78/pos", "a1"}, {"cred/ef56gh78/secret", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}, {"cred/ef56gh78/type", "totp"},
		{"notes", "line one\nline \"two\""}, {"rec", "entry"}, {"title", fmt.Sprintf("Example %d", n)}, {"url/ij90kl12", "https://login.example.com/"},
	} {
		dot := format.Dot{SID: sid, I: n*12 + i}
		r.Fields = append(r.Fields, format.Field{Path: f.path, Values: []format.Value{{Dot: dot, Wall: 1_700_000_000_000, Text: f.text}}})
	}
	return r
}

func BenchmarkParseRecord(b *testing.B) {
	line := format.AppendRecord(nil, benchRecord(1))
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		must(format.ParseRecord(line))
	}
}

func BenchmarkParseRecordStrict(b *testing.B) {
	line := format.AppendRecord(nil, benchRecord(1))
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		must(format.ParseRecordStrict(line))
	}
}

func BenchmarkAppendRecord(b *testing.B) {
	r := benchRecord(1)
	line := format.AppendRecord(nil, r)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		line = format.AppendRecord(line[:0], r)
	}
}
