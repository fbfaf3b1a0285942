package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"filippo.io/age/armor"
	"pgregory.net/rapid"

	"signet/vault/format"
	"signet/vault/seal"
	"signet/vault/secret"
)

const maxPlain = 8 << 20

// way is one of the ways to seal: to a hybrid recipient, or to the device itself.
type way struct {
	stanza string
	to     age.Recipient
	id     age.Identity
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func hybrid(tb testing.TB) way {
	tb.Helper()
	text, rcpt, err := seal.NewIdentity()
	if err != nil {
		tb.Fatal(err)
	}
	return way{seal.StanzaHybrid, must(seal.ParseRecipient(rcpt)), must(seal.ParseIdentity(text))}
}

func localSecret(n byte) secret.Secret { return secret.New(bytes.Repeat([]byte{n}, 32)) }

func local(n byte, p seal.Purpose) way {
	l := seal.NewLocal(localSecret(n), p)
	return way{seal.StanzaLocal, l, l}
}

func ways(tb testing.TB) map[string]way {
	return map[string]way{"hybrid": hybrid(tb), "local": local(1, seal.PurposeCache)}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	for name, w := range ways(t) {
		for _, n := range []int{0, 1, 2048, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1<<20 + 5} {
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				t.Parallel()
				plain := bytes.Repeat([]byte("x7"), n)[:n]
				file, err := seal.Bytes(plain, w.to)
				if err != nil {
					t.Fatal(err)
				}
				got, err := seal.Open(file, w.stanza, w.id, n)
				if err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%d bytes, %v", len(got), err)
				}
				r, err := seal.OpenReader(iotest.OneByteReader(bytes.NewReader(file)), w.stanza, w.id)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("streamed: %d bytes, %v", len(got), err)
				}
				at, size, err := seal.OpenAt(bytes.NewReader(file), int64(len(file)), w.stanza, w.id)
				if err != nil || size != int64(n) {
					t.Fatalf("size %d, %v", size, err)
				}
				if got, err := io.ReadAll(io.NewSectionReader(at, 0, size)); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("at random: %d bytes, %v", len(got), err)
				}
			})
		}
	}
}

func TestOpenIsBounded(t *testing.T) {
	t.Parallel()
	w := local(1, seal.PurposeLocal)
	file := must(seal.Bytes(make([]byte, 1000), w.to))
	if _, err := seal.Open(file, w.stanza, w.id, 999); !errors.Is(err, format.ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if got, err := seal.Open(file, w.stanza, w.id, 1000); err != nil || len(got) != 1000 {
		t.Errorf("%v", err)
	}
}

// Whoever has no key learns that, and nothing else.
func TestNotForUs(t *testing.T) {
	t.Parallel()
	mine, other := hybrid(t), hybrid(t)
	cases := map[string][2]way{
		"another member":  {other, mine},
		"another device":  {local(2, seal.PurposeCache), local(1, seal.PurposeCache)},
		"another purpose": {local(1, seal.PurposeTail), local(1, seal.PurposeCache)},
	}
	for name, c := range cases {
		file := must(seal.Bytes([]byte("secret"), c[0].to))
		if got, err := seal.Open(file, c[1].stanza, c[1].id, maxPlain); !errors.Is(err, seal.ErrNotForUs) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := seal.OpenAt(bytes.NewReader(file), int64(len(file)), c[1].stanza, c[1].id); !errors.Is(err, seal.ErrNotForUs) {
			t.Errorf("%s at random: %v", name, err)
		}
	}
}

// Every file of a vault has one key holder and one kind of stanza (vault.md 5.7): whatever else opens was not written by
// Signet.
func TestOneStanzaOfOneType(t *testing.T) {
	t.Parallel()
	w, l := hybrid(t), local(1, seal.PurposeCache)
	x := must(age.GenerateX25519Identity())
	write := func(to ...age.Recipient) []byte {
		var out bytes.Buffer
		f := must(age.Encrypt(&out, to...))
		must(f.Write([]byte("secret")))
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	pass := must(age.NewScryptRecipient("swordfish"))
	pass.SetWorkFactor(10)
	passID := must(age.NewScryptIdentity("swordfish"))
	cases := map[string]struct {
		file   []byte
		stanza string
		id     age.Identity
	}{
		"two of ours":             {write(w.to, w.to), seal.StanzaHybrid, w.id},
		"ours and a stranger":     {write(w.to, hybrid(t).to), seal.StanzaHybrid, w.id},
		"classic key":             {write(x.Recipient()), seal.StanzaHybrid, x},
		"classic where local":     {write(x.Recipient()), seal.StanzaLocal, l.id},
		"member where local":      {write(w.to), seal.StanzaLocal, w.id},
		"local where member":      {write(l.to), seal.StanzaHybrid, l.id},
		"passphrase where member": {write(pass), seal.StanzaHybrid, passID},
	}
	for name, c := range cases {
		if _, err := seal.Open(c.file, c.stanza, c.id, maxPlain); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := seal.Open(write(pass), seal.StanzaScrypt, passID, maxPlain); err != nil || string(got) != "secret" {
		t.Errorf("passphrase: %v", err)
	}
	wrong := must(age.NewScryptIdentity("marlin"))
	if _, err := seal.Open(write(pass), seal.StanzaScrypt, wrong, maxPlain); !errors.Is(err, seal.ErrNotForUs) {
		t.Errorf("wrong passphrase: %v", err)
	}
	if _, err := age.Encrypt(io.Discard, l.to, w.to); err == nil {
		t.Error("a local stanza went together with another one: whoever holds that could replace the file")
	}
}

// One changed bit in any byte, and a cut at any place, are noticed; no error quotes the file.
func TestDamage(t *testing.T) {
	t.Parallel()
	for name, w := range ways(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := must(seal.Bytes(bytes.Repeat([]byte("canary"), 20), w.to))
			check := func(what string, i int, bad []byte) {
				t.Helper()
				got, err := seal.Open(bad, w.stanza, w.id, maxPlain)
				if got != nil || !errors.Is(err, seal.ErrDamaged) && !errors.Is(err, seal.ErrNotForUs) {
					t.Fatalf("%s at %d: %d bytes, %v", what, i, len(got), err)
				}
				if len(err.Error()) > 120 {
					t.Fatalf("%s at %d: quotes the file: %v", what, i, err)
				}
				if _, _, err := seal.OpenAt(bytes.NewReader(bad), int64(len(bad)), w.stanza, w.id); err == nil {
					t.Fatalf("%s at %d: opened at random", what, i)
				}
			}
			for i := range file {
				bad := bytes.Clone(file)
				bad[i] ^= 1 << (i % 8)
				check("bit", i, bad)
			}
			for i := 0; i < len(file); i += 7 {
				check("cut", i, file[:i])
			}
			check("more", len(file), append(bytes.Clone(file), 'x'))
			var text bytes.Buffer
			a := armor.NewWriter(&text)
			must(a.Write(file))
			_ = a.Close()
			check("armour", 0, text.Bytes())
		})
	}
}

// Damage in a later chunk shows when that chunk is read, and not as the end of the file.
func TestDamageInAStream(t *testing.T) {
	t.Parallel()
	w := local(1, seal.PurposeCache)
	file := must(seal.Bytes(make([]byte, 300<<10), w.to))
	bad := bytes.Clone(file)
	bad[200<<10] ^= 1
	r := must(seal.OpenReader(bytes.NewReader(bad), w.stanza, w.id))
	if n, err := io.Copy(io.Discard, r); !errors.Is(err, seal.ErrDamaged) || n > 192<<10 {
		t.Errorf("%d bytes, %v", n, err)
	}
	at, size, err := seal.OpenAt(bytes.NewReader(bad), int64(len(bad)), w.stanza, w.id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := at.ReadAt(make([]byte, 100), 10); err != nil {
		t.Errorf("a whole chunk: %v", err)
	}
	if _, err := io.Copy(io.Discard, io.NewSectionReader(at, 0, size)); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("the damaged chunk: %v", err)
	}
	r = must(seal.OpenReader(bytes.NewReader(file[:200<<10]), w.stanza, w.id))
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("cut: %v", err)
	}
}

// A disk that fails is not a file that was altered.
func TestReadErrorsAreNotDamage(t *testing.T) {
	t.Parallel()
	w, broken := local(1, seal.PurposeCache), errors.New("input/output error")
	file := must(seal.Bytes(make([]byte, 200<<10), w.to))
	for _, n := range []int{0, 10, 100, 100 << 10} {
		r, err := seal.OpenReader(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken)), w.stanza, w.id)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, broken) || errors.Is(err, seal.ErrDamaged) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	if _, _, err := seal.OpenAt(failing{broken}, int64(len(file)), w.stanza, w.id); !errors.Is(err, broken) {
		t.Errorf("at random: %v", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("no space left")
	w := local(1, seal.PurposeCache)
	for _, room := range []int{0, 50, 200, 70 << 10} {
		out, err := seal.Writer(&full{room, broken}, w.to)
		if err == nil {
			_, err = out.Write(make([]byte, 200<<10))
		}
		if err == nil {
			err = out.Close()
		}
		if !errors.Is(err, broken) {
			t.Errorf("room for %d: %v", room, err)
		}
	}
}

type full struct {
	room int
	err  error
}

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, f.err
	}
	return len(p), nil
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	text, rcpt, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := seal.RecipientOf(text); err != nil || got != rcpt {
		t.Errorf("%v", err)
	}
	for name, bad := range map[string]string{
		"empty": "", "recipient": rcpt, "classic": must(age.GenerateX25519Identity()).String(), "cut": text.RevealString()[:70],
		"lower case": strings.ToLower(text.RevealString()) + "x", "line feed": text.RevealString() + "\n",
	} {
		if _, err := seal.ParseIdentity(secret.FromString(bad)); err == nil || strings.Contains(err.Error(), "PQ-1") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := seal.RecipientOf(secret.FromString(bad)); err == nil {
			t.Errorf("%s has a recipient", name)
		}
	}
	for name, bad := range map[string]string{
		"empty": "", "identity": text.RevealString(), "classic": must(age.GenerateX25519Identity()).Recipient().String(), "cut": rcpt[:1958],
		"too long": strings.Repeat("a", format.MaxRecipient+1),
	} {
		if _, err := seal.ParseRecipient(bad); err == nil || strings.Contains(err.Error(), "PQ-1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Our own spelling of identities and age's are one.
func TestIdentityLineIsAges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := format.RecoveryCode{Seed: secret.New(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))}
		line := must(code.Identity()).RevealString()
		id, err := age.ParseHybridIdentity(line)
		if err != nil || id.String() != line {
			t.Fatalf("%s: %v", line, err)
		}
	})
}

// HKDF-SHA256(0x01 × 32, info "signet/v1/<purpose>"), computed with another implementation.
func TestKeyVectors(t *testing.T) {
	t.Parallel()
	for p, want := range keyVectors {
		if got := hex.EncodeToString(seal.Key(localSecret(1), p).Reveal()); got != want {
			t.Errorf("%s: %s", p, got)
		}
	}
	k := seal.HeadsKey(localSecret(1))
	if hex.EncodeToString(k.MAC.Reveal()) != keyVectors[seal.PurposeHeads] || hex.EncodeToString(k.ID[:]) != keyVectors["id"][:16] {
		t.Errorf("id %x", k.ID)
	}
}

// A secret that was wiped away, or never read, gives no key: one derived from nothing would be known to everybody.
func TestNoKeyFromNothing(t *testing.T) {
	t.Parallel()
	for _, s := range []secret.Secret{{}, secret.New(make([]byte, 31)), secret.New(nil)} {
		if k := seal.Key(s, seal.PurposeCache); !k.IsEmpty() {
			t.Error("a key")
		}
		l := seal.NewLocal(s, seal.PurposeCache)
		if _, err := seal.Bytes([]byte("x"), l); err == nil {
			t.Error("sealed")
		}
		file := must(seal.Bytes([]byte("x"), local(1, seal.PurposeCache).to))
		if _, err := seal.Open(file, seal.StanzaLocal, l, maxPlain); err == nil {
			t.Error("opened")
		}
		if _, _, err := format.EncodeHeadsSlot(format.Heads{}, seal.HeadsKey(s)); err == nil {
			t.Error("wrote marks")
		}
	}
	if _, err := (seal.Local{}).Wrap(make([]byte, 16)); err == nil {
		t.Error("the zero Local wrapped")
	}
}

func TestLocalStanzaRefusals(t *testing.T) {
	t.Parallel()
	l := seal.NewLocal(localSecret(1), seal.PurposeBound)
	s := must(l.Wrap(make([]byte, 16)))[0]
	for name, bad := range map[string]age.Stanza{
		"no nonce": {Type: s.Type, Body: s.Body}, "two arguments": {Type: s.Type, Args: append(s.Args, "x"), Body: s.Body},
		"short nonce": {Type: s.Type, Args: []string{s.Args[0][:28]}, Body: s.Body}, "short body": {Type: s.Type, Args: s.Args, Body: s.Body[1:]},
		"padded nonce": {Type: s.Type, Args: []string{s.Args[0] + "="}, Body: s.Body}, "long body": {Type: s.Type, Args: s.Args, Body: append(s.Body, 0)},
		"another type": {Type: "x", Args: s.Args, Body: s.Body},
	} {
		if k, err := l.Unwrap([]*age.Stanza{&bad}); err == nil || k != nil {
			t.Errorf("%s: opened", name)
		}
	}
	if again := must(l.Wrap(make([]byte, 16)))[0]; again.Args[0] == s.Args[0] {
		t.Error("one nonce twice")
	}
	l.Wipe()
	if _, err := l.Unwrap([]*age.Stanza{s}); err == nil {
		t.Error("opened after wiping")
	}
}

func FuzzOpen(f *testing.F) {
	w, l := hybrid(f), local(1, seal.PurposeCache)
	f.Add(must(seal.Bytes([]byte("secret"), w.to)))
	f.Add(must(seal.Bytes([]byte("secret"), l.to)))
	f.Add([]byte("age-encryption.org/v1\n-> signet-local\n\n--- AAAA\n"))
	sealed := must(seal.Bytes([]byte("secret"), l.to))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, w := range []way{w, l} {
			got, err := seal.Open(file, w.stanza, w.id, maxPlain)
			if err != nil && (got != nil || !errors.Is(err, seal.ErrDamaged) && !errors.Is(err, seal.ErrNotForUs)) {
				t.Fatal(err)
			}
			if err == nil && len(got) > len(file) {
				t.Fatal("more came out than went in")
			}
		}
		if len(file) > 0 { // one byte of a good file replaced
			bad := bytes.Clone(sealed)
			bad[int(file[0])%len(bad)] ^= file[len(file)-1]
			if got, err := seal.Open(bad, l.stanza, l.id, maxPlain); err == nil && !bytes.Equal(bad, sealed) {
				t.Fatalf("altered and opened: %q", got)
			}
		}
	})
}

func BenchmarkBytes(b *testing.B) {
	benchmark(b, func(w way, plain, _ []byte) { must(seal.Bytes(plain, w.to)) })
}

func BenchmarkOpen(b *testing.B) {
	benchmark(b, func(w way, _, file []byte) { must(seal.Open(file, w.stanza, w.id, maxPlain)) })
}

func BenchmarkOpenAt(b *testing.B) {
	benchmark(b, func(w way, _, file []byte) {
		_, _, err := seal.OpenAt(bytes.NewReader(file), int64(len(file)), w.stanza, w.id)
		must(0, err)
	})
}

func benchmark(b *testing.B, f func(w way, plain, file []byte)) {
	for name, w := range ways(b) {
		for _, n := range []int{2048, 4 << 20} {
			plain := make([]byte, n)
			file := must(seal.Bytes(plain, w.to))
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					f(w, plain, file)
				}
			})
		}
	}
}

var keyVectors = map[seal.Purpose]string{
	"cache": "e83e511080d7bb48cb0065d847edb7a124e1385ae8754d803b6cae5cbf41637a",
	"tail":  "b08ada7b17893305b2f8c2e5d9b14d426a94d9055e6727be728e4f8fc35639ff",
	"heads": "d30087439dc000beaf8e72afe15a37933b9324d9a4387b72ad4715c1d644d091",
	"bound": "333a73e025546c6ca6fa4f8615b24b94668a6d43aaeff6ff017d18978d0f3afb",
	"local": "5b0a6d8b46d56dd37b04a19ea32e10aa589fb4cc8c65b7bcbb180d7f7a3a4947",
	"id":    "77c177369ddea943169b703dbf713fbefe110c8a9c7308e4446b3a978ffa4907",
}
