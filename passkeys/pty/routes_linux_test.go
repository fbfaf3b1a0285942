package pty_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"signet/passkeys"
	"signet/passkeys/client"
)

// page is a page of the site that the tools register with, on the same passkeys by another route: WebAuthn's JSON.
type page struct {
	t testing.TB
	c *client.Client
}

func (k *key) page() page {
	k.t.Helper()
	opt := k.opt
	opt.WithUV = func() bool { return true }
	a, err := passkeys.New(opt)
	if err != nil {
		k.t.Fatal(err)
	}
	return page{k.t, client.New(client.Options{Device: a})}
}

// signs signs in with one passkey and returns what the extensions gave.
func (p page) signs(r registered, extensions map[string]any) map[string]any {
	p.t.Helper()
	id, err := base64.StdEncoding.DecodeString(r.id)
	if err != nil {
		p.t.Fatal(err)
	}
	options, err := json.Marshal(map[string]any{
		"rpId": "site.example", "challenge": "AAAAAAAAAAAAAAAAAAAAAA", "extensions": extensions,
		"allowCredentials": []any{map[string]any{"type": "public-key", "id": base64.RawURLEncoding.EncodeToString(id)}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	origin := client.Origin{Scheme: "https", Host: "www.site.example"}
	out, err := p.c.Get(context.Background(), client.Caller{Origin: origin}, options)
	if err != nil {
		p.t.Fatal(err)
	}
	var a struct{ ClientExtensionResults map[string]any }
	if err := json.Unmarshal(out, &a); err != nil {
		p.t.Fatal(err)
	}
	return a.ClientExtensionResults
}

// A site gets the same secret of a passkey on every route: libfido2's hmac-secret at the device, prf in WebAuthn's JSON.
func TestSecretsAreTheSameOnEveryRoute(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred", "fido2-assert")
	k.protect()
	r := k.register(pin, "es256", "ada", "-h", "-r", "-v")
	input := []byte("what the site encrypts with")
	salt := sha256.Sum256(append([]byte("WebAuthn PRF\x00"), input...))
	out := k.signIn(pin, "es256", r, []string{r.id, b64(salt[:])}, "-h", "-p", "-v")
	want, err := base64.StdEncoding.DecodeString(out[0])
	if err != nil {
		t.Fatal(err)
	}
	got := k.page().signs(r, map[string]any{"prf": map[string]any{"eval": map[string]any{"first": base64.RawURLEncoding.EncodeToString(input)}}})
	if fmt.Sprint(got) != fmt.Sprintf("map[prf:map[results:map[first:%s]]]", base64.RawURLEncoding.EncodeToString(want)) {
		t.Errorf("prf gives %v, hmac-secret %x", got, want)
	}
}

// What libfido2 keeps beside a passkey, a page reads, and what a page keeps, libfido2 reads.
func TestLargeBlobsAreTheSameOnEveryRoute(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred", "cmp")
	k.protect()
	r := k.register(pin, "es256", "ada", "-b", "-r", "-v")
	byTool, byPage := strings.Repeat("kept by a tool\n", 30), strings.Repeat("kept by a page\n", 30) // libfido2 1.12 keeps nothing that does not get shorter
	blob := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	k.must("", pin, "fido2-token", "-S", "-b", "-k", r.blobKey, k.file("theirs", byTool), k.path)
	if got := k.page().signs(r, map[string]any{"largeBlob": map[string]any{"read": true}}); fmt.Sprint(got) != "map[largeBlob:map[blob:"+blob(byTool)+"]]" {
		t.Errorf("a page reads %v", got)
	}
	if got := k.page().signs(r, map[string]any{"largeBlob": map[string]any{"write": blob(byPage)}}); fmt.Sprint(got) != "map[largeBlob:map[written:true]]" {
		t.Errorf("a page writes %v", got)
	}
	back := k.dir + "/back"
	k.must("", nil, "fido2-token", "-G", "-b", "-k", r.blobKey, back, k.path)
	k.must("", nil, "cmp", back, k.file("ours", byPage))
}
