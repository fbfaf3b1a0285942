package pty_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"signet/passkeys"
	"signet/passkeys/passkeystest"
)

func TestFido2TokenReadsGetInfo(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token")
	out := k.must("", nil, "fido2-token", "-I", k.path)
	for _, want := range []string{
		"FIDO_2_1", "credProtect", "hmac-secret", "rk", "noclientPin", "pin protocols: 2, 1", "maxmsgsiz: 7609", "es384", "caps: 0x0d (wink, cbor, nomsg)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestFido2PIN(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token")
	k.must("", []string{"1234", "1234"}, "fido2-token", "-S", k.path)
	k.must("", []string{"1234", "5678", "5678"}, "fido2-token", "-C", k.path)
	k.fails("FIDO_ERR_PIN_INVALID", "", []string{"1234", "0000", "0000"}, "fido2-token", "-C", k.path)
	if out := k.must("", nil, "fido2-token", "-I", k.path); !strings.Contains(out, "pin retries: 7") || !strings.Contains(out, ", clientPin") {
		t.Error(out)
	}
}

var pin = []string{"1234"}

func (k *key) protect() {
	k.t.Helper()
	k.must("", []string{"1234", "1234"}, "fido2-token", "-S", k.path)
}

// Every algorithm, discoverable or not, without a PIN, with it, and with a verification of our own.
func TestFido2RegisterAndSignIn(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"es256", "eddsa", "es384"} {
		for _, how := range []string{"present", "PIN", "UV"} {
			t.Run(kind+" "+how, func(t *testing.T) {
				t.Parallel()
				k := plug(t, "fido2-token", "fido2-cred", "fido2-assert")
				var typed, verified, getting []string
				switch how {
				case "PIN":
					k.protect()
					typed, verified, getting = pin, []string{"-v"}, []string{"-v"}
				case "UV":
					k.uv.Store(true)
					verified, getting = []string{"-v"}, []string{"-t", "uv=true"} // there -v would ask for a PIN
				}
				sealed := k.register(typed, kind, "sealed", verified...)
				k.signIn(typed, kind, sealed, []string{sealed.id}, append(getting, "-p")...)
				k.signIn(nil, kind, sealed, []string{sealed.id}, "-t", "up=false")
				if n, _ := k.store.Count(t.Context()); n != 0 {
					t.Error("a sealed credential is in the store")
				}
				resident := k.register(typed, kind, "resident", append(verified, "-r")...)
				k.signIn(typed, kind, resident, []string{resident.id}, append(getting, "-p")...)
				if got := k.signIn(typed, kind, resident, nil, append(getting, "-r", "-p")...); got[0] != b64([]byte("handle-resident")) {
					t.Errorf("%q", got)
				}
			})
		}
	}
}

func TestFido2CredProtect(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred", "fido2-assert")
	k.protect()
	for level := 1; level <= 3; level++ {
		r := k.register(pin, "es256", fmt.Sprint("user", level), "-r", "-v", "-c", fmt.Sprint(level))
		k.signIn(pin, "es256", r, []string{r.id}, "-v", "-p")
		in := lines(clientHash, "site.example", r.id)
		if level == 3 {
			k.fails("FIDO_ERR_NO_CREDENTIALS", in, nil, "fido2-assert", "-G", "-p", k.path)
		} else {
			k.signIn(nil, "es256", r, []string{r.id}, "-p")
		}
	}
}

// The same salt gives the same secret, another after verification.
func TestFido2HMACSecret(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred", "fido2-assert")
	k.protect()
	for _, flags := range [][]string{{"-h"}, {"-h", "-r", "-v"}} {
		r := k.register(pin, "es256", fmt.Sprint("user", len(flags)), flags...)
		salt, two := b64(bytes.Repeat([]byte{1}, 32)), b64(bytes.Repeat([]byte{1}, 64))
		one := k.signIn(nil, "es256", r, []string{r.id, salt}, "-h", "-p")
		again := k.signIn(nil, "es256", r, []string{r.id, two}, "-h", "-p")
		verified := k.signIn(pin, "es256", r, []string{r.id, salt}, "-h", "-p", "-v")
		first, _ := base64.StdEncoding.DecodeString(one[0])
		both, _ := base64.StdEncoding.DecodeString(again[0])
		if len(first) != 32 || len(both) != 64 || !bytes.Equal(both[:32], first) || !bytes.Equal(both[32:], first) || verified[0] == one[0] {
			t.Errorf("%q, %q, %q", one, again, verified)
		}
	}
}

func TestFido2LargeBlobs(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred")
	k.protect()
	r := k.register(pin, "es256", "ann", "-r", "-b")
	blob, back := k.file("blob", strings.Repeat("what a site keeps here\n", 300)), k.file("back", "")
	k.must("", pin, "fido2-token", "-S", "-b", "-k", r.blobKey, blob, k.path)
	k.must("", nil, "fido2-token", "-G", "-b", "-k", r.blobKey, back, k.path)
	k.must("", nil, "cmp", blob, back)
	if out := k.must("", pin, "fido2-token", "-L", "-b", k.path); !strings.Contains(out, "00:") {
		t.Error(out)
	}
	// The key that credential management tells, instead of the one of the registration.
	k.must("", pin, "fido2-token", "-G", "-b", "-n", "site.example", "-i", r.id, k.file("third", ""), k.path)
	k.must("", nil, "cmp", blob, filepath.Join(k.dir, "third"))
	k.must("", pin, "fido2-token", "-D", "-b", "-k", r.blobKey, k.path)
	k.fails("FIDO_ERR_NOTFOUND", "", nil, "fido2-token", "-G", "-b", "-k", r.blobKey, back, k.path)
}

func TestFido2CredentialManagement(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred")
	k.protect()
	ann := k.register(pin, "es256", "ann", "-r", "-c", "2")
	k.register(pin, "eddsa", "bob", "-r")
	if out := k.must("", pin, "fido2-token", "-I", "-c", k.path); !strings.Contains(out, "existing rk(s): 2") {
		t.Error(out)
	}
	if out := k.must("", pin, "fido2-token", "-L", "-r", k.path); !strings.Contains(out, "site.example") {
		t.Error(out)
	}
	list := func() string { return k.must("", pin, "fido2-token", "-L", "-k", "site.example", k.path) }
	if out := list(); !strings.Contains(out, ann.id) || !strings.Contains(out, "eddsa") || !strings.Contains(out, "uvopt+id") {
		t.Error(out)
	}
	k.must("", pin, "fido2-token", "-S", "-c", "-i", ann.id, "-k", b64([]byte("handle-ann")), "-n", "anna", "-p", "Anna A.", k.path)
	if out := list(); !strings.Contains(out, "Anna A.") {
		t.Error(out)
	}
	k.must("", pin, "fido2-token", "-D", "-i", ann.id, k.path)
	if out := list(); strings.Contains(out, ann.id) || k.store.Trashed() != 1 {
		t.Error(out)
	}
}

func TestFido2Config(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred")
	k.protect()
	k.must("", pin, "fido2-token", "-S", "-u", k.path)
	info := func() string { return k.must("", nil, "fido2-token", "-I", k.path) }
	if out := info(); !strings.Contains(out, ", alwaysUv") {
		t.Error(out)
	}
	k.must("", pin, "fido2-token", "-D", "-u", k.path)
	k.must("", pin, "fido2-token", "-S", "-m", "site.example", k.path)
	k.must("", pin, "fido2-token", "-S", "-l", "6", k.path)
	if out := info(); !strings.Contains(out, "minpinlen: 6") || !strings.Contains(out, "pin change required: true") || !strings.Contains(out, "noalwaysUv") {
		t.Error(out)
	}
	k.fails("FIDO_ERR_PIN_POLICY_VIOLATION", "", []string{"1234", "12345", "12345"}, "fido2-token", "-C", k.path)
	k.must("", []string{"1234", "123456", "123456"}, "fido2-token", "-C", k.path)
	k.must("", []string{"123456"}, "fido2-token", "-S", "-f", k.path)
	if out := info(); !strings.Contains(out, "pin change required: true") {
		t.Error(out)
	}
	k.fails("FIDO_ERR", "", []string{"123456"}, "fido2-token", "-S", "-a", k.path) // enterprise attestation
}

func TestFido2Reset(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token", "fido2-cred")
	k.register(nil, "es256", "ann", "-r")
	k.must("", nil, "fido2-token", "-R", k.path)
	if n, _ := k.store.Count(t.Context()); n != 0 || k.store.Trashed() != 1 || k.person.Last().Action != passkeys.ActionReset {
		t.Errorf("%d left, %d in the trash", n, k.store.Trashed())
	}
}

func TestFido2Refused(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-cred", "fido2-assert")
	r := k.register(nil, "es256", "ann", "-r")
	k.person.Change(func(p *passkeystest.Person) { p.Refuses = true })
	in := lines(clientHash, "site.example", r.id)
	k.fails("FIDO_ERR_OPERATION_DENIED", in, nil, "fido2-assert", "-G", "-p", k.path)
	k.fails("FIDO_ERR_NO_CREDENTIALS", lines(clientHash, "other.example", r.id), nil, "fido2-assert", "-G", "-p", k.path)
}
