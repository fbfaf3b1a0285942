package session_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"signet/internal/session"
	"signet/passkeys"
	"signet/passkeys/passkeystest"
	"signet/vault"
	"signet/vault/secret"
)

// head is the head of a CBOR item (RFC 8949, section 3).
func head(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	}
	return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
}

func cborText(s string) []byte  { return append(head(3, len(s)), s...) }
func cborBytes(b []byte) []byte { return append(head(2, len(b)), b...) }

func join(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func hash() []byte { sum := sha256.Sum256([]byte("client data")); return sum[:] }

// makeRequest asks for a discoverable passkey.
func makeRequest(rp string, user []byte, name string) []byte {
	return join([]byte{0x01}, head(5, 5), head(0, 1), cborBytes(hash()), head(0, 2), head(5, 1), cborText("id"), cborText(rp),
		head(0, 3), head(5, 2), cborText("id"), cborBytes(user), cborText("name"), cborText(name),
		head(0, 4), head(4, 1), head(5, 2), cborText("alg"), []byte{0x26}, cborText("type"), cborText("public-key"),
		head(0, 7), head(5, 1), cborText("rk"), []byte{0xf5})
}

// getRequest asks to sign in; ids is the list that the site allows.
func getRequest(rp string, ids ...[]byte) []byte {
	n := 2
	if len(ids) > 0 {
		n = 3
	}
	out := join([]byte{0x02}, head(5, n), head(0, 1), cborText(rp), head(0, 2), cborBytes(hash()))
	if len(ids) > 0 {
		out = append(out, join(head(0, 3), head(4, len(ids)))...)
	}
	for _, id := range ids {
		out = append(out, join(head(5, 2), cborText("id"), cborBytes(id), cborText("type"), cborText("public-key"))...)
	}
	return out
}

func authenticator(t testing.TB, d *session.Door) *passkeys.Authenticator {
	t.Helper()
	a, err := passkeys.New(passkeys.Options{
		Store: d.Store(), State: d.State(), Open: d.Open, Approver: &passkeystest.Person{}, Now: time.Now, Rand: rand.Reader, AAGUID: passkeys.Signet,
		BindingFor: d.Binding,
	})
	must(t, err)
	return a
}

// fill imports n sites with a login and a passkey each, and returns the credential ids.
func fill(t testing.TB, l *session.Local, n int) (ids [][]byte) {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString
	_, err := l.Import(t.Context(), "many", func(yield func([]vault.Edit, error) bool) {
		for i := range n {
			c := credential(t, "", "", "")
			der, err := c.Key.PKCS8()
			must(t, err)
			ids = append(ids, c.ID)
			m := func(name, value string) vault.Member {
				return vault.Member{Name: name, Value: secret.FromString(value)}
			}
			e := vault.Entry{ID: vault.SystemIDs().Record(), Title: fmt.Sprint("Site ", i), URLs: []vault.URL{{URL: fmt.Sprintf("https://site%d.example/", i)}},
				Credentials: []vault.Credential{
					{Type: vault.BasicAuth, Members: []vault.Member{m("username", "ada"), m("password", "pw")}},
					{Type: vault.Passkey, Members: []vault.Member{
						m("credentialId", text(c.ID)), m("rpId", fmt.Sprintf("site%d.example", i)), m("username", "ada"), m("userDisplayName", "Ada"),
						m("userHandle", text(fmt.Append(nil, "user", i))), m("key", text(der.Reveal())), m("signet:binding", "synced"), m("signet:be", "1"), m("signet:bs", "1"),
						m("signet:counter", "0"), m("signet:created", vault.FormatTime(time.Now())),
					}},
				}}
			edits, err := e.Edits(vault.SystemIDs())
			if !yield(edits, err) {
				return
			}
		}
	})
	must(t, err)
	return ids
}

// answered fails where the answer is not OK.
func answered(t testing.TB, a *passkeys.Authenticator, request []byte) {
	t.Helper()
	if got := a.Handle(t.Context(), request, nil); got[0] != 0 {
		t.Fatalf("status %#x", got[0])
	}
}

// timed runs f b.N times and reports the median beside the mean, which other programs of the machine move.
func timed(b *testing.B, f func(i int)) {
	took := make([]time.Duration, 0, b.N)
	for i := range b.N {
		began := time.Now()
		f(i)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
}

func BenchmarkPasskeys(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		d, l := newDoor(b)
		ids := fill(b, l, n)
		a := authenticator(b, d)
		answered(b, a, getRequest("site7.example"))
		b.Run(fmt.Sprint("getAssertion/", n), func(b *testing.B) {
			timed(b, func(i int) { answered(b, a, getRequest(fmt.Sprintf("site%d.example", i*7%n))) })
		})
		b.Run(fmt.Sprint("getAssertionNamed/", n), func(b *testing.B) {
			timed(b, func(i int) { answered(b, a, getRequest(fmt.Sprintf("site%d.example", i*7%n), ids[i*7%n])) })
		})
		b.Run(fmt.Sprint("list/", n), func(b *testing.B) {
			timed(b, func(int) {
				if list, err := l.Passkeys(b.Context(), session.PasskeyQuery{}); err != nil || len(list) < n {
					b.Fatal(len(list), err)
				}
			})
		})
		b.Run(fmt.Sprint("makeCredential/", n), func(b *testing.B) {
			timed(b, func(i int) { answered(b, a, makeRequest(fmt.Sprintf("new%d.example", i), []byte("u"), "ada")) })
		})
	}
}
