package roster

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"

	"signet/vault/format"
)

// FuzzVerify: whatever a stranger sends, Verify refuses it with the zero result, or what it accepts is exactly the bytes
// given and can be extended. The seeds are signed chains; the signature keeps the fuzzer out of the rules, so FuzzRules
// signs what the fuzzer writes.
func FuzzVerify(f *testing.F) {
	t := &testing.T{}
	for _, r := range []*Roster{mustBegin(t), crowd(t), newer(t, mustBegin(t), laptop, `grant","v":1`)} {
		f.Add(plain(r))
	}
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := Verify(file, format.VaultID{})
		if err != nil {
			if r != nil {
				t.Fatal("a refused roster was given out")
			}
			return
		}
		if text := plain(r); !bytes.HasPrefix(file, text) || !r.Newer && len(text) != len(file) {
			t.Fatal("more or less was accepted than was given")
		}
	})
}

// FuzzRules signs what the fuzzer writes as the next statement of the laptop: the decoder and the rules must stand what a
// hostile member writes.
func FuzzRules(f *testing.F) {
	t := &testing.T{}
	base := crowd(t)
	for _, s := range []said{
		add(laptop, newCode), add(laptop, someone(format.KindHardware, "token3")), revoke(laptop, phone, file(3)), revoke(laptop, code),
		epoch(laptop, 2, laptop, code), rekey(laptop, laptop.renewed("laptop2"), file(2)), rekey(laptop, token.renewed("token2")),
	} {
		s = s.prove(t, base.Vault, known)
		s.Vault, s.Prev, s.Proof = base.Vault, []format.Hash{base.Head}, cmp.Or(s.Proof, format.Hash{}.String())
		body, err := s.Encode()
		if err != nil {
			f.Fatal(err)
		}
		_, rest, _ := bytes.Cut(body, []byte(`"at":1000`))
		f.Add(string(s.Type), bytes.TrimSuffix(rest, []byte("}\n")))
	}
	f.Fuzz(func(t *testing.T, kind string, rest []byte) {
		body := fmt.Sprintf(`{"t":%q,"v":1,"vault":%q,"prev":[%q],"by":%q,"at":1000%s}`, kind, base.Vault, base.Head, laptop.ID, rest)
		if strings.Contains(body, "\n") {
			return
		}
		r, err := Verify(append(plain(base), format.Sign(format.KindRoster, base.Vault, []byte(body+"\n"), laptop.key)...), base.Vault)
		if (r == nil) != (err != nil) {
			t.Fatalf("roster %v with error %v", r != nil, err)
		}
		if r == nil {
			return
		}
		if c := Compare(r, base); c.Relation != Ahead {
			t.Fatalf("one statement more compares as %v", c.Relation)
		}
		if active(r) == 0 {
			t.Fatal("nobody is left who can sign")
		}
	})
}

func active(r *Roster) int {
	n := 0
	for _, m := range r.Members {
		if m.Active && m.signs() {
			n++
		}
	}
	return n
}
