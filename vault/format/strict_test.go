package format_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
)

// What encoding/json takes without a word and this reader does not.
func TestStrictJSON(t *testing.T) {
	t.Parallel()
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for name, text := range map[string]string{
		"object": `{"a":[1,null,true,"x"],"b":{}}`, "largest": `9007199254740991`, "smallest": `-9007199254740991`, "zero": `0`,
		"escapes": `"\ud83d\ude00\u0000\/"`, "spaces": " \n\t[ 1 , 2 ] ", "depth": nest(16),
	} {
		if err := format.CheckJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"empty": ``, "nothing": ` `, "two values": `1 2`, "trailing": `{}x`, "comma": `[1,]`, "comment": `{} // x`, "single quotes": `{'a':1}`,
		"no quotes": `{a:1}`, "duplicate": `{"a":1,"a":1}`, "duplicate by escape": `{"a":1,"\u0061":1}`, "duplicate below": `[{"a":{"b":1,"b":1}}]`,
		"invalid UTF-8": "\"\xff\"", "overlong": "\"\xc0\x80\"", "surrogate in UTF-8": "\"\xed\xa0\x80\"", "lone high": `"\ud83d"`, "lone low": `"\ude00"`,
		"swapped pair": `"\ude00\ud83d"`, "control": "\"\n\"", "NUL": "\"\x00\"", "bad escape": `"\x41"`, "BOM": "\ufeff{}",
		"depth": nest(17), "fraction": `1.5`, "fraction zero": `1.0`, "exponent": `1e2`, "minus zero": `-0`, "leading zero": `01`, "plus": `+1`,
		"above 2^53-1": `9007199254740992`, "below": `-9007199254740992`, "huge": strings.Repeat("9", 400), "NaN": `NaN`, "hex": `0x1`, "minus": `-`,
	} {
		if err := format.CheckJSON([]byte(text)); err == nil {
			t.Errorf("%s: accepted %q", name, text)
		}
	}
}

// FuzzJSON: whatever passes is valid JSON for everybody.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,null,true,"x\ud83d\ude00"],"b":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if format.CheckJSON(text) == nil && !json.Valid(text) {
			t.Fatal("encoding/json refuses what passed")
		}
	})
}

func TestIDs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h, id, d := genHash.Draw(t, "hash"), genBytes16.Draw(t, "id"), genDot.Draw(t, "dot")
		if got, err := format.ParseHash(h.String()); err != nil || got != h {
			t.Fatalf("%v: %v", h, err)
		}
		if got, err := format.ParseVaultID(format.VaultID(h).String()); err != nil || got != format.VaultID(h) {
			t.Fatalf("%v: %v", format.VaultID(h), err)
		}
		if got, err := format.ParseMemberID(string(format.NewMemberID(id))); err != nil || got != format.NewMemberID(id) {
			t.Fatalf("%v: %v", format.NewMemberID(id), err)
		}
		if got, err := format.ParseRecordID(string(format.NewRecordID(id))); err != nil || got != format.NewRecordID(id) {
			t.Fatalf("%v: %v", format.NewRecordID(id), err)
		}
		if got, err := format.ParseDot(d.String()); err != nil || got != d {
			t.Fatalf("%v: %v", d, err)
		}
		if !strings.HasPrefix(h.String(), string(h.SID())) {
			t.Fatal("a prev does not begin with the sid")
		}
	})
}

// One value has one spelling: base64 and base32 of the library skip line breaks and spare bits.
func TestIDRefusals(t *testing.T) {
	t.Parallel()
	hash, vault, dot := format.Sum(nil).String(), testVault.String(), sid1+".1"
	parse := map[string]func(string) error{
		"hash":   func(s string) error { _, err := format.ParseHash(s); return err },
		"vault":  func(s string) error { _, err := format.ParseVaultID(s); return err },
		"sid":    func(s string) error { _, err := format.ParseSID(s); return err },
		"member": func(s string) error { _, err := format.ParseMemberID(s); return err },
		"record": func(s string) error { _, err := format.ParseRecordID(s); return err },
		"dot":    func(s string) error { _, err := format.ParseDot(s); return err },
	}
	for kind, bad := range map[string][]string{
		"hash":   {"", hash[:42], hash + "A", hash[:42] + "\n", hash + "\n", hash[:42] + "=", hash[:42] + "_", hash[:20] + "+" + hash[21:]},
		"vault":  {"", vault[:63], vault + "0", strings.ToUpper(vault), vault[:63] + "g", " " + vault[1:]},
		"sid":    {"", sid1[1:], sid1 + "A", sid1[1:] + "\n", sid1[1:] + "=", sid1[1:] + "+", sid1[1:] + "/", sid1[1:] + "\x00"},
		"member": {"", rid[1:], rid + "a", strings.ToUpper(rid), rid[1:] + "b", rid[1:] + "1", rid[1:] + "\n", rid[2:] + "\n\n", rid[1:] + "="},
		"record": {"", rid[1:], rid[1:] + "b", rid[1:] + "0"},
		"dot":    {"", sid1, sid1 + ".", sid1 + ".-1", sid1 + ".+1", sid1 + ".01", sid1 + ".1048576", sid1 + ".1x", sid1[1:] + ".1", sid1 + "," + "1", dot + "\n", sid1 + ".99999999999999999999"},
	} {
		for _, s := range bad {
			if parse[kind](s) == nil {
				t.Errorf("%s: accepted %q", kind, s)
			}
		}
	}
}

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for path, ok := range map[string]bool{
		"title": true, "cred/ab12cd34/field/x/value": true, "tag/%C3%A9": true, "cred/a/json:fido2Extensions": true, "src/bitwarden/a.b-c_d": true,
		strings.Repeat("a", 512): true, strings.Repeat("a", 513): false, "": false, "a b": false, "é": false, "a\n": false, "a\"": false, "a\\": false, "a#": false,
	} {
		if err := format.CheckPath(path); (err == nil) != ok {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestRecordGetAndExists(t *testing.T) {
	t.Parallel()
	r := benchRecord(1)
	for _, f := range r.Fields {
		if got, ok := r.Get(f.Path); !ok || got.Path != f.Path {
			t.Errorf("%s not found", f.Path)
		}
	}
	if _, ok := r.Get("missing"); ok {
		t.Error("a missing field was found")
	}
	gone := format.Record{Fields: []format.Field{{Path: "hist/" + sid1 + ".0"}, {Path: "src/x/y"}}}
	if !r.Exists() || gone.Exists() || (format.Record{}).Exists() {
		t.Error("existence does not follow from fields outside hist/ and src/")
	}
}
