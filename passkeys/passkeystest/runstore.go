package passkeystest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/passkeys"
	"signet/vault/secret"
)

// RunStore checks what every CredentialStore promises. open returns an empty one, each time another.
func RunStore(t *testing.T, open func(t *testing.T) passkeys.CredentialStore) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, passkeys.CredentialStore){
		"Empty": emptyStore, "RoundTrip": roundTrip, "NewestFirst": newestFirst, "Sites": sites, "UserHandles": userHandles,
		"Replaces": replaces, "SetUser": setUser, "Used": used, "Delete": deletes, "Clear": clears, "Copies": copies, "Cancelled": cancelled,
		"RPs": rps, "Hostile": hostile, "Unknown": unknown, "Version": versions,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// began is when the first credential of a test was made.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Sample is a credential with everything that one can have; n tells it from others.
func Sample(t testing.TB, n int, rpID string, user []byte) passkeys.Credential {
	t.Helper()
	algorithms := passkeys.Algorithms()
	key, err := passkeys.NewKey(algorithms[n%len(algorithms)], rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := append(bytes.Repeat([]byte{0xa0}, 28), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	return passkeys.Credential{
		ID: id, RPID: rpID, RPName: "The site", User: passkeys.User{ID: user, Name: fmt.Sprint("user", n), DisplayName: "User"},
		Key: key, BE: true, BS: true, Binding: passkeys.Synced, Discoverable: true, Created: began.Add(time.Duration(n) * time.Second),
		Protect: passkeys.ProtectWithList, SecretUV: filled(1), SecretNoUV: filled(2), Blob: []byte("blob"), LargeBlobKey: filled(3),
	}
}

func filled(b byte) secret.Secret { return secret.New(bytes.Repeat([]byte{b}, 32)) }

// put adds and fails the test if it cannot.
func put(t *testing.T, s passkeys.CredentialStore, all ...passkeys.Credential) {
	t.Helper()
	for _, c := range all {
		if err := s.Put(t.Context(), c); err != nil {
			t.Fatalf("Put %s: %v", c.RPID, err)
		}
	}
}

func find(t *testing.T, s passkeys.CredentialStore, rpID string) []passkeys.Credential {
	t.Helper()
	found, err := s.Find(t.Context(), rpID)
	if err != nil {
		t.Fatalf("Find %q: %v", rpID, err)
	}
	return found
}

func byID(t *testing.T, s passkeys.CredentialStore, id []byte) passkeys.Credential {
	t.Helper()
	c, err := s.ByID(t.Context(), id)
	if err != nil {
		t.Fatalf("ByID %x: %v", id, err)
	}
	return c
}

func count(t *testing.T, s passkeys.CredentialStore, want int) {
	t.Helper()
	if got, err := s.Count(t.Context()); got != want || err != nil {
		t.Errorf("Count: %d, %v; want %d", got, err, want)
	}
}

func ids(all []passkeys.Credential) (out []string) {
	for _, c := range all {
		out = append(out, fmt.Sprintf("%x", c.ID))
	}
	return out
}

// same compares everything but LastUsed.
func same(t *testing.T, what string, got, want passkeys.Credential) {
	t.Helper()
	for field, equal := range map[string]bool{
		"ID": bytes.Equal(got.ID, want.ID), "RPID": got.RPID == want.RPID, "RPName": got.RPName == want.RPName,
		"User.ID": bytes.Equal(got.User.ID, want.User.ID), "User.Name": got.User.Name == want.User.Name,
		"User.DisplayName": got.User.DisplayName == want.User.DisplayName,
		"Key":              bytes.Equal(got.Key.PublicKey(), want.Key.PublicKey()), "Algorithm": got.Key.Algorithm() == want.Key.Algorithm(),
		"BE": got.BE == want.BE, "BS": got.BS == want.BS, "Counter": got.Counter == want.Counter, "Binding": got.Binding == want.Binding,
		"Discoverable": got.Discoverable == want.Discoverable, "Created": got.Created.Equal(want.Created), "Protect": got.Protect == want.Protect,
		"SecretUV": got.SecretUV.Equal(want.SecretUV), "SecretNoUV": got.SecretNoUV.Equal(want.SecretNoUV),
		"Blob": bytes.Equal(got.Blob, want.Blob), "LargeBlobKey": got.LargeBlobKey.Equal(want.LargeBlobKey),
	} {
		if !equal {
			t.Errorf("%s: %s came back as another", what, field)
		}
	}
	message := []byte("message")
	if _, err := got.Key.Sign(rand.Reader, message); err != nil {
		t.Errorf("%s: Sign: %v", what, err)
	}
}

func emptyStore(t *testing.T, s passkeys.CredentialStore) {
	count(t, s, 0)
	if found := find(t, s, "a.example"); len(found) != 0 {
		t.Errorf("Find: %d", len(found))
	}
	if all, err := s.RPs(t.Context()); len(all) != 0 || err != nil {
		t.Errorf("RPs: %v, %v", all, err)
	}
	if err := s.Clear(t.Context()); err != nil {
		t.Errorf("Clear: %v", err)
	}
}

// roundTrip: every member comes back as it was, for every algorithm, with everything and with as little as there can be.
func roundTrip(t *testing.T, s passkeys.CredentialStore) {
	var all []passkeys.Credential
	for n := range passkeys.Algorithms() {
		whole := Sample(t, 2*n, fmt.Sprintf("whole%d.example", n), []byte("u"))
		device := Sample(t, 2*n+1, fmt.Sprintf("device%d.example", n), []byte("u"))
		device.Binding, device.BE, device.BS, device.Counter = passkeys.Device, false, false, 7
		all = append(all, whole, device)
	}
	bare := Sample(t, 50, "bare.example", []byte{0})
	bare.RPName, bare.User.Name, bare.User.DisplayName, bare.Protect, bare.Blob = "", "", "", passkeys.ProtectOptional, nil
	bare.SecretUV, bare.SecretNoUV, bare.LargeBlobKey = secret.Secret{}, secret.Secret{}, secret.Secret{}
	eligible := Sample(t, 51, "eligible.example", []byte("u")) // told as eligible for a backup, but not backed up
	eligible.BS = false
	all = append(all, bare, eligible)
	put(t, s, all...)
	count(t, s, len(all))
	for _, c := range all {
		same(t, c.RPID+" by id", byID(t, s, c.ID), c)
		if found := find(t, s, c.RPID); len(found) != 1 {
			t.Errorf("Find %s: %d", c.RPID, len(found))
		} else {
			same(t, c.RPID, found[0], c)
		}
		if last := byID(t, s, c.ID).LastUsed; !last.IsZero() {
			t.Errorf("%s was used at %v", c.RPID, last)
		}
	}
}

func newestFirst(t *testing.T, s passkeys.CredentialStore) {
	var want []string
	for n := range 5 {
		c := Sample(t, n, "a.example", fmt.Append(nil, n))
		put(t, s, c)
		want = append([]string{fmt.Sprintf("%x", c.ID)}, want...)
	}
	if got := ids(find(t, s, "a.example")); !slices.Equal(got, want) {
		t.Errorf("Find: %v, want %v", got, want)
	}
}

// sites: an RP ID means itself and nothing that looks like it.
func sites(t *testing.T, s passkeys.CredentialStore) {
	names := []string{
		"example.com", "www.example.com", "example.com.", "xample.com", "EXAMPLE.com", "example.com ", "*", "%", "example_com", "localhost", "xn--bcher-kva.example",
		strings.Repeat("a", 255),
	}
	for n, name := range names {
		put(t, s, Sample(t, n, name, []byte("u")))
	}
	count(t, s, len(names))
	for n, name := range names {
		if found := find(t, s, name); len(found) != 1 || found[0].RPID != name || found[0].User.Name != fmt.Sprint("user", n) {
			t.Errorf("Find %q: %v", name, found)
		}
	}
	for _, name := range []string{"", "com", "example", "exampl_.com", "%.com", "b.example"} {
		if found := find(t, s, name); len(found) != 0 {
			t.Errorf("Find %q: %d", name, len(found))
		}
	}
}

// userHandles are bytes, not text.
func userHandles(t *testing.T, s passkeys.CredentialStore) {
	handles := [][]byte{{0}, {0, 0}, {0xff}, []byte("u"), []byte("U"), []byte("u\x00"), bytes.Repeat([]byte{0xfe}, 64), []byte("ü")}
	for n, h := range handles {
		put(t, s, Sample(t, n, "a.example", h))
	}
	count(t, s, len(handles))
	for n, c := range find(t, s, "a.example") {
		if want := handles[len(handles)-1-n]; !bytes.Equal(c.User.ID, want) {
			t.Errorf("the handle %x, want %x", c.User.ID, want)
		}
	}
}

func replaces(t *testing.T, s passkeys.CredentialStore) {
	first, other := Sample(t, 1, "a.example", []byte("u")), Sample(t, 2, "a.example", []byte("v"))
	elsewhere, second := Sample(t, 3, "b.example", []byte("u")), Sample(t, 4, "a.example", []byte("u"))
	put(t, s, first, other, elsewhere, second)
	count(t, s, 3)
	if got, want := ids(find(t, s, "a.example")), ids([]passkeys.Credential{second, other}); !slices.Equal(got, want) {
		t.Errorf("Find: %v, want %v", got, want)
	}
	if _, err := s.ByID(t.Context(), first.ID); !errors.Is(err, passkeys.ErrNoCredential) {
		t.Errorf("the replaced one: %v", err)
	}
	same(t, "the new one", byID(t, s, second.ID), second)
}

func setUser(t *testing.T, s passkeys.CredentialStore) {
	c, other := Sample(t, 1, "a.example", []byte("u")), Sample(t, 2, "a.example", []byte("v"))
	put(t, s, c, other)
	for _, u := range []passkeys.User{{ID: c.User.ID, Name: "anna", DisplayName: "Anna A."}, {ID: c.User.ID, Name: "b"}, {ID: c.User.ID}} {
		if err := s.SetUser(t.Context(), c.ID, u); err != nil {
			t.Fatal(err)
		}
		c.User = u
		same(t, "after SetUser", byID(t, s, c.ID), c)
	}
	same(t, "the other one", byID(t, s, other.ID), other)
}

func used(t *testing.T, s passkeys.CredentialStore) {
	counts, still := Sample(t, 1, "a.example", []byte("u")), Sample(t, 2, "a.example", []byte("v"))
	counts.Counter = 5
	put(t, s, counts, still)
	at := began.Add(time.Hour)
	for _, n := range []uint32{6, 1<<31 + 1, 7, 1<<32 - 1} {
		if err := s.Used(t.Context(), counts.ID, passkeys.Use{Counter: n, At: at}); err != nil {
			t.Fatal(err)
		}
		counts.Counter = max(counts.Counter, n)
		if got := byID(t, s, counts.ID).Counter; got != counts.Counter {
			t.Errorf("the counter %d after %d, want %d", got, n, counts.Counter)
		}
	}
	if err := s.Used(t.Context(), still.ID, passkeys.Use{At: at}); err != nil {
		t.Fatal(err)
	}
	same(t, "one that does not count", byID(t, s, still.ID), still)
	for _, c := range find(t, s, "a.example") {
		if !c.LastUsed.Equal(at) {
			t.Errorf("%s was used at %v, want %v", c.User.Name, c.LastUsed, at)
		}
	}
}

func deletes(t *testing.T, s passkeys.CredentialStore) {
	c, other := Sample(t, 1, "a.example", []byte("u")), Sample(t, 2, "a.example", []byte("v"))
	put(t, s, c, other)
	if err := s.Delete(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	count(t, s, 1)
	if got := ids(find(t, s, "a.example")); !slices.Equal(got, ids([]passkeys.Credential{other})) {
		t.Errorf("Find: %v", got)
	}
	if _, err := s.ByID(t.Context(), c.ID); !errors.Is(err, passkeys.ErrNoCredential) {
		t.Errorf("ByID: %v", err)
	}
	again := Sample(t, 3, "a.example", []byte("u"))
	put(t, s, again) // the account may get another one
	count(t, s, 2)
}

func clears(t *testing.T, s passkeys.CredentialStore) {
	for n := range 6 {
		put(t, s, Sample(t, n, fmt.Sprintf("site%d.example", n%3), fmt.Append(nil, n)))
	}
	if err := s.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	emptyStore(t, s)
	put(t, s, Sample(t, 7, "site0.example", []byte("u")))
	count(t, s, 1)
}

// copies: what a call was given or returned belongs to the caller.
func copies(t *testing.T, s passkeys.CredentialStore) {
	c := Sample(t, 1, "a.example", []byte("user"))
	want := c
	want.ID, want.User.ID, want.Blob = bytes.Clone(c.ID), bytes.Clone(c.User.ID), bytes.Clone(c.Blob)
	put(t, s, c)
	spoil := func(c passkeys.Credential) {
		for _, b := range [][]byte{c.ID, c.User.ID, c.Blob} {
			clear(b)
		}
	}
	spoil(c)
	spoil(byID(t, s, want.ID))
	for _, c := range find(t, s, "a.example") {
		spoil(c)
	}
	same(t, "after the others were changed", byID(t, s, want.ID), want)
}

// cancelled: a call whose context is over does nothing.
func cancelled(t *testing.T, s passkeys.CredentialStore) {
	c := Sample(t, 1, "a.example", []byte("u"))
	put(t, s, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range map[string]error{
		"Put": s.Put(ctx, Sample(t, 2, "a.example", []byte("v"))), "Delete": s.Delete(ctx, c.ID), "Clear": s.Clear(ctx),
		"SetUser": s.SetUser(ctx, c.ID, passkeys.User{ID: c.User.ID, Name: "other"}),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	count(t, s, 1)
	same(t, "after cancelled calls", byID(t, s, c.ID), c)
}

func rps(t *testing.T, s passkeys.CredentialStore) {
	for n := range 6 {
		put(t, s, Sample(t, n, fmt.Sprintf("site%d.example", n%3), fmt.Append(nil, n)))
	}
	first, err := s.RPs(t.Context())
	if err != nil || len(first) != 3 {
		t.Fatalf("RPs: %v, %v", first, err)
	}
	for n := range 3 {
		if want := (passkeys.RP{ID: fmt.Sprintf("site%d.example", n), Name: "The site"}); !slices.Contains(first, want) {
			t.Errorf("no %v in %v", want, first)
		}
	}
	for range 5 {
		if again, err := s.RPs(t.Context()); !slices.Equal(again, first) || err != nil {
			t.Errorf("another order: %v, %v", again, err)
		}
	}
	for _, c := range find(t, s, "site1.example") {
		if err := s.Delete(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := s.RPs(t.Context()); len(left) != 2 || err != nil {
		t.Errorf("RPs: %v, %v", left, err)
	}
}

// hostile texts are values like others.
func hostile(t *testing.T, s passkeys.CredentialStore) {
	for n, text := range []string{
		"../../../etc/passwd", "/", ".", "a/b", `a\b`, "{{.Secret}}", "$(id)", "%s%n", "a'; DROP TABLE", "a*?[b]", "\x1b[2J\x1b]0;x\a", "line\nbreak", "tab\there",
		"\u202eevil", "a\u0000b", "cred/x", "\U0001f511", strings.Repeat("é", 100),
	} {
		c := Sample(t, n, text, []byte(text)[:min(len(text), 64)])
		c.RPName, c.User.Name, c.User.DisplayName = text, text, text
		put(t, s, c)
		found := find(t, s, text)
		if len(found) != 1 {
			t.Errorf("Find %q: %d", text, len(found))
			continue
		}
		same(t, fmt.Sprintf("%q", text), found[0], c)
		count(t, s, n+1)
	}
}

func unknown(t *testing.T, s passkeys.CredentialStore) {
	c := Sample(t, 1, "a.example", []byte("u"))
	put(t, s, c)
	for _, id := range [][]byte{nil, {}, {0}, c.ID[:31], append(bytes.Clone(c.ID), 0), make([]byte, 1023), []byte("../x")} {
		_, err := s.ByID(t.Context(), id)
		for name, err := range map[string]error{
			"ByID": err, "SetUser": s.SetUser(t.Context(), id, passkeys.User{ID: []byte("u")}), "Used": s.Used(t.Context(), id, passkeys.Use{Counter: 1, At: began}),
			"Delete": s.Delete(t.Context(), id),
		} {
			if !errors.Is(err, passkeys.ErrNoCredential) {
				t.Errorf("%s of %x: %v", name, id, err)
			}
		}
	}
	count(t, s, 1)
}

// versions: whoever keeps a list of passkeys learns that it is old. Only for stores that are Versioned.
func versions(t *testing.T, s passkeys.CredentialStore) {
	v, ok := s.(passkeys.Versioned)
	if !ok {
		return
	}
	var last string
	see := func(what string, changed bool) {
		t.Helper()
		now, err := v.Version(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if changed && now == last {
			t.Errorf("%s: the version stays %q", what, now)
		}
		last = now
	}
	c := Sample(t, 1, "a.example", []byte("u"))
	see("empty", false)
	put(t, s, c)
	see("Put", true)
	if err := s.SetUser(t.Context(), c.ID, passkeys.User{ID: c.User.ID, Name: "other"}); err != nil {
		t.Fatal(err)
	}
	see("SetUser", true)
	if err := s.Delete(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	see("Delete", true)
}
