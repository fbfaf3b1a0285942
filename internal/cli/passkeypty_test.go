//go:build unix

package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

const (
	makeAda   = `{"rp":{"id":"bank.example","name":"The Bank"},"user":{"id":"YWRh","name":"ada","displayName":"Ada"},"challenge":"Y2hhbGxlbmdl","pubKeyCredParams":[{"type":"public-key","alg":-7}]}`
	makeGrace = `{"rp":{"id":"bank.example","name":"The Bank"},"user":{"id":"Z3Jh","name":"grace","displayName":"Grace"},"challenge":"Y2hhbGxlbmdl","pubKeyCredParams":[{"type":"public-key","alg":-7}]}`
	signIn    = `{"rpId":"bank.example","challenge":"Y2hhbGxlbmdl","userVerification":"required"}`
)

// asks runs a command of a site at a terminal: the options are typed, too, and the answer goes to a file.
func asks(t *testing.T, home, options string, args ...string) (p *person, out string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p = sit(t, home, f, append([]string{"passkey"}, args...)...)
	p.sees("Ctrl-D ends them")
	p.types(options + "\n\x04")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	return p, f.Name()
}

func answered(t *testing.T, file string) (got struct {
	ID       string
	Response struct {
		Data string `json:"authenticatorData"`
	}
},
) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("the answer is %q: %v", b, err)
	}
	return got
}

// A person decides: y makes a passkey, n refuses with exit 1 and no answer, a digit picks the account, and whoever typed the passphrase for this very
// command is verified and not asked again.
func TestPasskeyAtATerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	for _, options := range []string{makeAda, makeGrace} {
		p, out := asks(t, home, options, "create", "--origin", "https://login.bank.example")
		p.sees("bank.example")
		p.sees("asked by +this command, for https://login.bank.example")
		p.sees("y: allow")
		p.types("y")
		p.sees("made the passkey of (ada|grace) at bank.example")
		p.ends(0)
		answered(t, out)
	}

	p, out := asks(t, home, signIn, "get", "--origin", "https://bank.example")
	p.sees("1-2: sign in with it")
	p.types("n")
	p.sees("signet: ")
	p.ends(1)
	if b, err := os.ReadFile(out); err != nil || len(b) != 0 {
		t.Errorf("a refusal answers %q, %v", b, err)
	}

	p, out = asks(t, home, signIn, "get", "--origin", "https://bank.example")
	ada := p.sees(`(\d) +ada`)[1]
	p.sees("1-2: sign in with it")
	p.types(ada)
	p.sees("signed in with the passkey of ada at bank.example")
	p.ends(0)
	if data := answered(t, out).Response.Data; len(data) < 44 || data[43] != 'd' { // the flags begin at the 44th character: 0x1d is UP, UV, BE, BS
		t.Errorf("the flags in %q do not say that somebody was verified", data)
	}

	p, _ = asks(t, home, signIn, "get", "--origin", "https://bank.example", "--account", "grace")
	p.sees("account +grace")
	p.sees("y: allow")
	p.types("\x03")
	p.ends(130)
}

// rm says what it does before it asks; no is exit 1 and changes nothing.
func TestPasskeyRmAtATerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	p, _ := asks(t, home, makeAda, "create", "--origin", "https://bank.example", "--approve", "always")
	p.sees("made the passkey of ada at bank.example")
	p.ends(0)
	for _, answer := range []struct {
		text string
		code int
	}{{"n\n", 1}, {"\n", 1}, {"y\n", 0}, {"", 4}} {
		p := sit(t, home, nil, "passkey", "rm", "bank.example")
		p.sees(`[Pp]assphrase`)
		p.types(passphrase + "\n")
		if answer.text != "" {
			p.sees("bank.example still knows it")
			p.sees(`Move the passkey of ada at bank.example to the trash\? \[y/N\]`)
			p.types(answer.text)
		}
		p.ends(answer.code)
	}
}

// A site that does not know a passkey any more is not obeyed without a question.
func TestPasskeySignalAtATerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	p, out := asks(t, home, makeAda, "create", "--origin", "https://bank.example", "--approve", "always")
	p.sees("made the passkey")
	p.ends(0)
	unknown := `{"rpId":"bank.example","credentialId":"` + answered(t, out).ID + `"}`
	for _, answer := range []struct {
		text string
		code int
	}{{"n\n", 1}, {"y\n", 0}} {
		p, _ := asks(t, home, unknown, "signal", "unknown", "--origin", "https://bank.example")
		p.sees("bank.example says that it does not take the passkey of ada at bank.example any more")
		p.sees(`Move it to the trash\? \[y/N\]`)
		p.types(answer.text)
		p.ends(answer.code)
	}
	p, _ = asks(t, home, unknown, "signal", "unknown", "--origin", "https://bank.example")
	p.sees("nothing to change")
	p.ends(0)
}
