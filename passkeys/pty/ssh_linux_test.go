package pty_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"signet/passkeys/passkeystest"
)

// shim tells libfido2 that the pseudo-terminal in SIGNET_KEY is plugged in, and nothing else is. Programs that look for keys by themselves, as ssh-keygen does
// for a signature, then find it.
const shim = `
#include <stdlib.h>
#include <fido.h>

static void *opens(const char *path) { (void)path; return NULL; }
static void closes(void *h) { (void)h; }
static int reads(void *h, unsigned char *b, size_t n, int ms) { (void)h; (void)b; (void)n; (void)ms; return -1; }
static int writes(void *h, const unsigned char *b, size_t n) { (void)h; (void)b; (void)n; return -1; }

/* Nobody uses these: who lists keys opens them by their path. */
static const fido_dev_io_t io = {opens, closes, reads, writes};

int fido_dev_info_manifest(fido_dev_info_t *list, size_t room, size_t *n) {
	const char *path = getenv("SIGNET_KEY");
	*n = 0;
	if (path == NULL || room == 0)
		return FIDO_OK;
	*n = 1;
	return fido_dev_info_set(list, 0, path, "Signet", "Signet", &io, NULL);
}
`

// findable builds the shim and gives it to the programs that a key's tools start.
func (k *key) findable() {
	k.t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		k.t.Skip("a C compiler is missing: make deps installs it")
	}
	source, library := k.file("shim.c", shim), filepath.Join(k.dir, "shim.so")
	out, err := exec.CommandContext(k.t.Context(), cc, "-shared", "-fPIC", "-o", library, source).CombinedOutput() //nolint:gosec // ours
	if err != nil {
		k.t.Skipf("libfido2's headers are missing: make deps installs them\n%s", out)
	}
	k.env = append(k.env, "LD_PRELOAD="+library, "SIGNET_KEY="+k.path)
}

// sshKinds are what OpenSSH knows.
var sshKinds = []string{"ecdsa-sk", "ed25519-sk"}

// sshKey makes a key; OpenSSH judges its attestation itself.
func (k *key) sshKey(kind, name string, typed []string, options ...string) string {
	k.t.Helper()
	file := filepath.Join(k.dir, name)
	args := []string{"-t", kind, "-N", "", "-f", file, "-O", "device=" + k.path}
	for _, o := range options {
		args = append(args, "-O", o)
	}
	k.must("", typed, "ssh-keygen", args...)
	return file
}

// signs makes a signature with a key and lets ssh-keygen verify it, and refuse it for another text.
func (k *key) signs(file string, typed []string) {
	k.t.Helper()
	const namespace, who = "file", "ann@site.example"
	text := k.file("text", "what is signed\n")
	_ = os.Remove(text + ".sig")
	k.must("", typed, "ssh-keygen", "-Y", "sign", "-f", file, "-n", namespace, text)
	public, err := os.ReadFile(file + ".pub") //nolint:gosec // ours
	if err != nil {
		k.t.Fatal(err)
	}
	allowed := k.file("allowed", who+" "+string(public))
	verify := []string{"-Y", "verify", "-f", allowed, "-I", who, "-n", namespace, "-s", text + ".sig"}
	k.must("what is signed\n", nil, "ssh-keygen", verify...)
	k.fails("Could not verify", "something else\n", nil, "ssh-keygen", verify...)
}

func TestSSHKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range sshKinds {
		for name, options := range map[string][]string{
			"plain": nil, "resident": {"resident", "application=ssh:test"}, "verified": {"verify-required"},
			"resident and verified": {"resident", "verify-required", "application=ssh:other", "user=ann"}, "untouched": {"no-touch-required"},
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				k := plug(t, "ssh-keygen", "fido2-token")
				k.protect()
				k.findable()
				var typed, signing []string
				if len(options) > 0 && options[0] != "no-touch-required" {
					typed = pin
				}
				if strings.Contains(name, "verified") {
					signing = pin
				}
				file := k.sshKey(kind, "key", typed, options...)
				if name == "untouched" {
					return // signatures that nobody consented to are nothing that ssh-keygen verifies
				}
				asked := k.person.Count()
				k.signs(file, signing)
				if k.person.Count() == asked {
					t.Error("nobody was asked")
				}
			})
		}
	}
}

// Resident keys come back on another computer, and sign there.
func TestSSHDownload(t *testing.T) {
	t.Parallel()
	k := plug(t, "ssh-keygen", "fido2-token")
	k.protect()
	for _, kind := range sshKinds {
		k.sshKey(kind, "made_"+kind, pin, "resident", "application=ssh:"+kind)
	}
	elsewhere := filepath.Join(k.dir, "elsewhere")
	if err := os.Mkdir(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	home := k.dir
	k.dir = elsewhere
	k.must("", append(pin[:1:1], "", "", "", ""), "ssh-keygen", "-K", "-O", "device="+k.path)
	k.findable()
	for kind, file := range map[string]string{"ecdsa-sk": "id_ecdsa_sk_rk_ecdsa-sk", "ed25519-sk": "id_ed25519_sk_rk_ed25519-sk"} {
		made, err1 := os.ReadFile(filepath.Join(home, "made_"+kind+".pub"))
		back, err2 := os.ReadFile(filepath.Join(elsewhere, file+".pub"))
		if err1 != nil || err2 != nil || strings.Fields(string(made))[1] != strings.Fields(string(back))[1] {
			t.Errorf("%s: another key came back: %v, %v", kind, err1, err2)
			continue
		}
		k.signs(filepath.Join(elsewhere, file), nil)
	}
}

func TestSSHRefused(t *testing.T) {
	t.Parallel()
	k := plug(t, "ssh-keygen")
	k.findable()
	file := k.sshKey("ed25519-sk", "key", nil)
	k.person.Change(func(p *passkeystest.Person) { p.Refuses = true })
	k.fails("sign", "", nil, "ssh-keygen", "-Y", "sign", "-f", file, "-n", "file", k.file("text", "x"))
	k.fails("enrollment failed", "", append(pin, pin...), "ssh-keygen", "-t", "ed25519-sk", "-N", "", "-f", filepath.Join(k.dir, "other"), "-O", "device="+k.path)
}

// What finds keys by itself finds it.
func TestFido2TokenLists(t *testing.T) {
	t.Parallel()
	k := plug(t, "fido2-token")
	k.findable()
	if out := k.must("", nil, "fido2-token", "-L"); !strings.Contains(out, k.path) {
		t.Error(out)
	}
}
