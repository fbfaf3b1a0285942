package pty_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"signet/passkeys"
)

// combination is one way to ask fido2-cred for a credential.
type combination struct {
	how           string // present, PIN, UV
	rk, salt, big bool   // -r, -h, -b
	protect       int    // -c, 0 for none
}

func combinations() (all []combination) {
	for _, how := range []string{"present", "PIN", "UV"} {
		for n := range 8 {
			for protect := range 4 {
				c := combination{how, n&1 != 0, n&2 != 0, n&4 != 0, protect}
				if c.big && !c.rk || how == "present" && protect == 3 {
					continue // large blobs are for resident ones, and nobody who is not verified finds what credProtect 3 hides
				}
				all = append(all, c)
			}
		}
	}
	return all
}

// flags are those of fido2-cred -M.
func (c combination) flags() (flags []string) {
	add := func(is bool, flag ...string) {
		if is {
			flags = append(flags, flag...)
		}
	}
	add(c.how != "present", "-v")
	add(c.rk, "-r")
	add(c.salt, "-h")
	add(c.big, "-b")
	add(c.protect != 0, "-c", fmt.Sprint(c.protect))
	return flags
}

// Every combination of options that fido2-cred knows makes a credential that fido2-assert signs in with: verified or not, by its id or without, with salts.
func TestFido2EveryCombination(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"present", "PIN", "UV"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			k := plug(t, "fido2-token", "fido2-cred", "fido2-assert")
			k.uv.Store(how == "UV")
			if how == "PIN" {
				k.protect()
			}
			for n, c := range combinations() {
				if c.how == how {
					k.combines(n, c)
				}
			}
		})
	}
}

// combines makes a credential and signs in with it in every way that its options allow.
func (k *key) combines(n int, c combination) {
	k.t.Helper()
	var typed, verified, salt, salted []string
	switch c.how {
	case "PIN":
		typed, verified = pin, []string{"-v"}
	case "UV":
		verified = []string{"-t", "uv=true"} // there -v would ask for a PIN
	}
	r := k.register(typed, "es256", fmt.Sprint("user", n), c.flags()...)
	if c.salt {
		salt, salted = []string{b64(bytes.Repeat([]byte{1}, 32))}, []string{"-h"}
	}
	first := k.signIn(typed, "es256", r, append([]string{r.id}, salt...), slices.Concat(verified, salted, []string{"-p"})...)
	if c.salt {
		again := k.signIn(typed, "es256", r, append([]string{r.id}, salt...), slices.Concat(verified, salted, []string{"-p"})...)
		if !slices.Equal(first, again) || len(first[0]) != 44 {
			k.t.Errorf("%+v: %q, then %q", c, first, again)
		}
	}
	if c.how != "present" && c.protect < 3 {
		k.signIn(nil, "es256", r, append([]string{r.id}, salt...), append(salted, "-p")...)
	}
	if c.rk && (c.how != "present" || c.protect != 2) { // which nobody finds who neither names it nor is verified
		k.signIn(typed, "es256", r, salt, slices.Concat(verified, salted, []string{"-r", "-p"})...)
	}
	if c.big && r.blobKey == "" {
		k.t.Errorf("%+v: no key for large blobs", c)
	}
}

// blobOf makes a large-blob array with one blob in it (CTAP 2.1, section 6.10.3), compressed as w does it.
func blobOf(t *testing.T, key, data []byte, compress func(w io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := compress(&packed)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, aead.NonceSize())
	sealed := aead.Seal(nil, nonce, packed.Bytes(), binary.LittleEndian.AppendUint64([]byte("blob"), uint64(len(data))))
	array := append([]byte{0x81, 0xa3, 1, 0x58, byte(len(sealed))}, sealed...)
	array = append(append(array, 2, 0x4c), nonce...)
	array = binary.BigEndian.AppendUint16(append(array, 3, 0x19), uint16(len(data)))
	sum := sha256.Sum256(array)
	return append(array, sum[:16]...)
}

// keeps puts a large-blob array into the key.
func (k *key) keeps(array []byte) {
	k.t.Helper()
	if err := k.state.Update(k.t.Context(), func(m *passkeys.Memory) error { m.LargeBlobs = array; return nil }); err != nil {
		k.t.Fatal(err)
	}
}

// fido2-token -L -b of libfido2 1.12 names the site of a blob only if it was compressed as zlib does it; its own -S -b writes the raw deflate that CTAP wants,
// as we read here, and its listing calls that unknown. Later ones know both.
func TestFido2ListsLargeBlobs(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred")
	k.protect()
	r := k.register(pin, "es256", "ann", "-r", "-b")
	cred, err := k.store.Find(t.Context(), "site.example")
	if err != nil || len(cred) != 1 {
		t.Fatal(cred, err)
	}
	blobKey, data := cred[0].LargeBlobKey.Reveal(), []byte(strings.Repeat("what a site keeps here\n", 20))
	k.keeps(blobOf(t, blobKey, data, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }))
	if out := k.must("", pin, "fido2-token", "-L", "-b", k.path); !strings.Contains(out, r.id) || !strings.Contains(out, "site.example") {
		t.Errorf("as zlib does it:\n%s", out)
	}
	k.keeps(blobOf(t, blobKey, data, func(w io.Writer) io.WriteCloser {
		d, err := flate.NewWriter(w, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}))
	back := k.file("back", "")
	k.must("", nil, "fido2-token", "-G", "-b", "-k", r.blobKey, back, k.path)
	k.must("", nil, "cmp", back, k.file("blob", string(data)))
}

// The same salt gives another secret for another credential, and none that could be guessed.
func TestFido2SecretsDiffer(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred", "fido2-assert")
	k.protect()
	seen := map[string]bool{}
	salt := b64(bytes.Repeat([]byte{1}, 32))
	for n := range 3 {
		for _, flags := range [][]string{{"-h"}, {"-h", "-r", "-v"}} {
			r := k.register(pin, "es256", fmt.Sprint("user", n, len(flags)), flags...)
			for typed, how := range map[*[]string][]string{nil: {"-h", "-p"}, &pin: {"-h", "-p", "-v"}} {
				var lines []string
				if typed != nil {
					lines = *typed
				}
				out := k.signIn(lines, "es256", r, []string{r.id, salt}, how...)
				if b, err := base64.StdEncoding.DecodeString(out[0]); err != nil || len(b) != 32 || seen[out[0]] {
					t.Errorf("%q, %v", out, err)
				}
				seen[out[0]] = true
			}
		}
	}
}
