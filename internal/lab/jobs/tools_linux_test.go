package jobs

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// libfido2 finds the key through udev as it finds a real one, and reads what it can do. Its names for keys come from USB parents, which a key of uhid has not.
func TestLibfido2FindsTheKey(t *testing.T) {
	k := newHome(t).plug("--approve", "always")
	if out := must(t, "", "fido2-token", "-L"); !strings.HasPrefix(out, k.path+": vendor=0x1209, product=0x5347") || strings.Count(out, "\n") != 1 {
		t.Errorf("fido2-token -L: %s", out)
	}
	if out := must(t, "", "fido2-token", "-I", k.path); !strings.Contains(out, "FIDO_2_1") {
		t.Errorf("fido2-token -I: %s", out)
	}
	if out := must(t, "", "udevadm", "info", "-q", "property", k.path); !strings.Contains(out, "ID_FIDO_TOKEN=1") {
		t.Errorf("udev: %s", out)
	}
	k.stop()
	must(t, "", "udevadm", "settle")
	if out := must(t, "", "fido2-token", "-L"); out != "" {
		t.Errorf("unplugged, and still there: %s", out)
	}
}

var clientHash = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

// fido2-cred registers, fido2-assert signs in, and both check what they got.
func TestLibfido2RegistersAndSignsIn(t *testing.T) {
	h := newHome(t)
	k := h.plug("--approve", "always")
	for _, kind := range []string{"es256", "eddsa"} {
		for _, resident := range []bool{false, true} {
			flags := []string{"-M"}
			if resident {
				flags = append(flags, "-r")
			}
			in := lines(clientHash, "site.example", "ann", base64.StdEncoding.EncodeToString([]byte("handle of "+kind)))
			made := must(t, in, "fido2-cred", append(flags, k.path, kind)...)
			checked := must(t, made, "fido2-cred", "-V", kind)
			id, public, _ := strings.Cut(checked, "\n")
			file := filepath.Join(t.TempDir(), "public")
			if err := os.WriteFile(file, []byte(public), 0o600); err != nil {
				t.Fatal(err)
			}
			got := must(t, lines(clientHash, "site.example", id), "fido2-assert", "-G", "-p", k.path)
			must(t, got, "fido2-assert", "-V", "-p", file, kind)
		}
	}
	if out := h.signet("passkey", "ls", "--json"); strings.Count(out, `"rp_id":"site.example"`) != 2 {
		t.Errorf("the vault should hold the two discoverable ones: %s", out)
	}
}

// OpenSSH finds the key by itself, makes keys on it, signs, checks the signature, and fetches resident keys back.
func TestSSHKeys(t *testing.T) {
	h := newHome(t)
	k := h.plug("--approve", "always")
	pin := onTerminal(t, nil, "fido2-token", "-S", k.path)
	pin.answer("Enter new PIN", ":", "271828\n")
	pin.answer("again", ":", "271828\n")
	pin.ended()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	plain := onTerminal(t, nil, "ssh-keygen", "-t", "ed25519-sk", "-N", "", "-f", file("plain"))
	plain.ended()
	resident := onTerminal(t, nil, "ssh-keygen", "-t", "ecdsa-sk", "-N", "", "-O", "resident", "-O", "application=ssh:lab", "-f", file("resident"))
	resident.answer("PIN", ":", "271828\n")
	resident.ended()

	if err := os.WriteFile(file("message"), []byte("what is signed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plain", "resident"} {
		must(t, "", "ssh-keygen", "-Y", "sign", "-n", "lab", "-f", file(name), file("message"))
		out := must(t, "what is signed\n", "ssh-keygen", "-Y", "check-novalidate", "-n", "lab", "-s", file("message.sig"))
		if !strings.Contains(out, "Good") {
			t.Errorf("%s: %s", name, out)
		}
		_ = os.Remove(file("message.sig"))
	}

	fetch := onTerminal(t, nil, "sh", "-c", "cd "+dir+" && exec ssh-keygen -K -N ''")
	fetch.answer("PIN", ":", "271828\n")
	fetch.ended()
	had, _ := os.ReadFile(file("resident.pub"))
	got, err := os.ReadFile(file("id_ecdsa_sk_rk_lab.pub"))
	if err != nil || !bytes.Equal(bytes.Fields(had)[1], bytes.Fields(got)[1]) {
		t.Errorf("ssh-keygen -K brought %q, %v; it was made as %q", got, err, had)
	}
}
