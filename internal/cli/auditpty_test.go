//go:build unix

package cli_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// On a terminal the report has headings, says what to do once for each kind, and titles that are programs for the terminal do not run.
func TestAuditAtATerminal(t *testing.T) {
	t.Parallel()
	home, _ := ptyVault(t)
	for _, title := range []string{"Bank\x1b]52;c;AAAA\x07", "Shop"} {
		add := exec.Command(os.Args[0])
		add.Args = []string{"signet", "add", "login", title, "username=ada", "password=letmein", "--insecure-args", "--passphrase-fd", "0", "--no-input"}
		add.Env = append(surroundings(home), "HOME="+home)
		add.Stdin = strings.NewReader(passphrase + "\n")
		if out, err := add.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	p := sit(t, home, nil, "audit")
	p.sees(`[Pp]assphrase`)
	p.types(passphrase + "\n")
	p.sees(`HIGH: easy to guess \(2\)`)
	p.sees(`Change it on the site\s+to a generated one\.`)
	p.sees(`Shop\s+ada\s+a very weak password`)
	p.sees(`MEDIUM: used more than once \(2\)`)
	p.sees(`the same password as “Bank`)
	p.sees(`not checked: passwords known from breaches`)
	p.sees(`2 reused, 2 weak; 2 entries with 2 passwords checked`)
	p.ends(0)
	if strings.Contains(p.all(), "\x1b]52") || strings.Contains(p.all(), "letmein") {
		t.Errorf("the terminal was sent %q", p.all())
	}
}
