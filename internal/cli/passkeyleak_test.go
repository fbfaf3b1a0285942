package cli_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The private key of a passkey comes out where it was asked for by its name, and in an export; nowhere else, in no spelling.
func TestNoPasskeyCommandLeaksAKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalPKCS8PrivateKey(key)
	scalar, _ := key.Bytes()
	text := base64.RawURLEncoding.EncodeToString(der)
	forms := [][]byte{der, []byte(text), scalar, []byte(hex.EncodeToString(scalar)), []byte(base64.RawURLEncoding.EncodeToString(scalar)), []byte(base64.StdEncoding.EncodeToString(scalar))}
	holds := func(b []byte) bool {
		for _, f := range forms {
			if bytes.Contains(b, f) {
				return true
			}
		}
		return false
	}

	h := newHouse(t)
	h.write("one.jsonl", `{"type":"signet-export","v":1,"exported":"2026-03-01T12:00:00.000Z"}
{"type":"entry","id":"demo-01","title":"Bank","credentials":[{"id":"passk001","type":"passkey","members":[{"name":"credentialId","value":"NQvqWFNmFRBGhwIi12cHAw"},{"name":"rpId","value":"bank.example"},{"name":"username","value":"ada"},{"name":"userHandle","value":"YWRh"},{"name":"key","fieldType":"concealed-string","value":"`+text+`"},{"name":"signet:binding","value":"synced"},{"name":"signet:be","value":"1"},{"name":"signet:bs","value":"1"}]}]}
{"type":"end","folders":0,"entries":1}
`)
	const create = `{"rp":{"id":"bank.example","name":"x"},"user":{"id":"Z3Jh","name":"grace","displayName":"Grace"},"challenge":"Y2hhbGxlbmdl","pubKeyCredParams":[{"type":"public-key","alg":-7}]}`
	const request = `{"rpId":"bank.example","challenge":"Y2hhbGxlbmdl"}`
	for _, c := range []struct {
		code        int
		stdin, args string
		shows       bool
	}{
		{0, "", "init --unlock passphrase --work-factor 10 --no-recovery", false},
		{0, "", "import DIR/one.jsonl --json", false},
		{0, "", "passkey ls", false},
		{0, "", "passkey ls --json", false},
		{0, "", "passkey show bank.example", false},
		{0, "", "passkey show bank.example --json", false},
		{0, request, "passkey get --origin https://bank.example --approve always", false},
		{1, request, "passkey get --origin https://evil.example --approve always --json", false},
		{0, create, "passkey create --origin https://bank.example --approve always", false},
		{0, "", "passkey rename ada@bank.example --name ada.l", false},
		{5, "", "passkey show bank.example --json", false},
		{0, "", "passkey log --json", false},
		{0, "", "get Bank", false},
		{0, "", "get Bank --json", false},
		{0, "", "history Bank --json", false},
		{0, "", "get Bank passkey.key", true},
		{0, "", "get Bank --reveal", true},
		{0, "", "export - --plain --yes", true},
		{0, "", "passkey rm ada.l@bank.example --yes --json", false},
		{0, "", "passkey ls --trash --json", false},
		{0, "", "doctor --json", false},
	} {
		r := h.run(c.stdin, strings.Fields(strings.ReplaceAll(c.args, "DIR", h.dir))...)
		if r.code != c.code {
			t.Fatalf("signet %s ended with %d: %s", c.args, r.code, r.err)
		}
		if holds(r.err) || holds(r.out) != c.shows {
			t.Errorf("signet %s: shown %v, on standard error %v", c.args, holds(r.out), holds(r.err))
		}
	}
	err = filepath.WalkDir(h.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if holds(b) {
			t.Errorf("%s holds the key in clear", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
