package seal_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"signet/vault/format"
	"signet/vault/seal"
	"signet/vault/secret"
)

// TestMain removes the age command once all tests are through.
func TestMain(m *testing.M) {
	code := m.Run()
	if ageDir != "" {
		_ = os.RemoveAll(ageDir)
	}
	os.Exit(code)
}

var ageDir string

// buildAge builds the age command from the sources that go.mod pins. Its own dependencies come from its own go.sum.
var buildAge = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SIGNET_AGE"); path != "" {
		return path, nil
	}
	src, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "filippo.io/age").Output()
	if err != nil {
		return "", err
	}
	if ageDir, err = os.MkdirTemp("", "signet-age-*"); err != nil {
		return "", err
	}
	bin := filepath.Join(ageDir, "age.exe")
	build := exec.Command("go", "build", "-o", bin, "./cmd/age")
	build.Dir = strings.TrimSpace(string(src))
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return bin, nil
})

func stockAge(t *testing.T) string {
	t.Helper()
	bin, err := buildAge()
	if err != nil {
		t.Skipf("the age command cannot be built here (%v): run with a Go module proxy once, or set SIGNET_AGE to an age 1.3 command", err)
	}
	return bin
}

// TestStockAge walks the path of vault.md 5.15 with the age command alone: member → slot → epoch → data, the older epochs
// by prev, an attachment by the identity in its field (I3).
func TestStockAge(t *testing.T) {
	t.Parallel()
	age, dir := stockAge(t), t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sealTo := func(name string, plain []byte, recipient string) string {
		t.Helper()
		return write(name, must(seal.Bytes(plain, must(seal.ParseRecipient(recipient)))))
	}
	open := func(identity, file string) []byte {
		t.Helper()
		var stderr bytes.Buffer
		cmd := exec.Command(age, "-d", "-i", identity, file)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("age -d -i %s %s: %v: %s", filepath.Base(identity), filepath.Base(file), err, stderr.String())
		}
		return out
	}
	newID := func() (secret.Secret, string) {
		t.Helper()
		id, rcpt, err := seal.NewIdentity()
		if err != nil {
			t.Fatal(err)
		}
		return id, rcpt
	}
	vault := format.VaultID(format.Sum(nil))
	devID, devRcpt := newID()
	oldID, oldRcpt := newID()
	epochID, epochRcpt := newID()
	attID, attRcpt := newID()

	// The two members' secrets, as Signet hands them to a person.
	code := format.RecoveryCode{Seed: localSecret(9)}
	sheet := write("recovery.txt", must(code.Sheet(vault)).Reveal())
	codeRcpt := must(seal.RecipientOf(must(code.Identity())))
	key := format.DeviceKey{
		Vault: vault, Sign: localSecret(1), Local: localSecret(2), Identity: devID,
		OldSign: localSecret(3), OldLocal: localSecret(4), OldIdentity: oldID,
	}
	device := write("device.txt", must(key.Encode()).Reveal())

	slot := must(format.EncodeSlots(format.SlotFile{Vault: vault, Epoch: 2, Identity: epochID})).Reveal()
	prev := must(format.EncodeSlots(format.SlotFile{Vault: vault, Epoch: 1, Identity: oldID})).Reveal()
	att := must(format.Attachment{Identity: attID, Name: "scan.pdf"}.Encode())
	data := []byte(`{"e":"aaaaaaaaaaaaaaaaaaaaaaaaaa","f":"title","v":"Example","w":1}` + "\n")

	for name, identity := range map[string]string{"rec": sheet, "dev": device} {
		rcpt := map[string]string{"rec": codeRcpt, "dev": devRcpt}[name]
		epoch := write(name+"-epoch.txt", open(identity, sealTo(name+".age", slot, rcpt)))
		if got := open(epoch, sealTo("log.age", data, epochRcpt)); !bytes.Equal(got, data) {
			t.Errorf("%s: log file: %q", name, got)
		}
		older := write(name+"-older.txt", open(epoch, sealTo("prev.age", prev, epochRcpt)))
		if got := open(older, sealTo("old.age", data, oldRcpt)); !bytes.Equal(got, data) {
			t.Errorf("%s: log file of an older epoch: %q", name, got)
		}
	}
	field := must(format.ParseAttachment(att.Reveal()))
	if got := open(write("att.txt", field.Identity.Reveal()), sealTo("att.age", data, attRcpt)); !bytes.Equal(got, data) {
		t.Errorf("attachment: %q", got)
	}

	// What belongs to this device alone is closed to everybody else, and age says so instead of guessing.
	mine := write("cache.age", must(seal.Bytes(data, seal.NewLocal(localSecret(2), seal.PurposeCache))))
	if out, err := exec.Command(age, "-d", "-i", device, mine).CombinedOutput(); err == nil {
		t.Errorf("age opened the cache: %s", out)
	}
}

// What the age command writes to a recipient of ours opens here: a stranger's tools can make every file.
func TestStockAgeWrites(t *testing.T) {
	t.Parallel()
	age := stockAge(t)
	id, rcpt, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(age, "-r", rcpt)
	cmd.Stdin = strings.NewReader("from the command")
	file, err := cmd.Output()
	if err != nil {
		t.Fatal(fmt.Errorf("age -r: %w", err))
	}
	if got, err := seal.Open(file, seal.StanzaHybrid, must(seal.ParseIdentity(id)), maxPlain); err != nil || string(got) != "from the command" {
		t.Errorf("%q, %v", got, err)
	}
}
