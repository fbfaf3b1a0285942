//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// entries is how many the story imports.
const entries = 1000

// bitwarden makes an export of logins with one-time codes, cards, notes and folders.
func bitwarden(n int) []byte {
	type uri struct {
		URI string `json:"uri"`
	}
	var folders, items []map[string]any
	for f := range 10 {
		folders = append(folders, map[string]any{"id": fmt.Sprint("f", f), "name": fmt.Sprint("Folder ", f)})
	}
	for i := range n {
		it := map[string]any{"id": fmt.Sprint("i", i), "folderId": fmt.Sprint("f", i%10), "name": fmt.Sprintf("Site %04d", i), "type": 1}
		switch {
		case i == 613:
			it["name"] = "Quxley Bank"
			fallthrough
		case i%20 > 2:
			it["login"] = map[string]any{
				"username": fmt.Sprintf("user%d@example.org", i), "password": fmt.Sprintf("pw-%d-✓", i), "totp": "JBSWY3DPEHPK3PXP",
				"uris": []uri{{fmt.Sprintf("https://site%d.example/login", i)}, {fmt.Sprintf("https://m.site%d.example", i)}},
			}
		case i%20 == 0:
			it["type"], it["notes"], it["secureNote"] = 2, strings.Repeat("a note\n", 20), map[string]any{"type": 0}
		default:
			it["type"], it["card"] = 3, map[string]any{"brand": "Visa", "number": "4111111111111111", "expMonth": "1", "expYear": "2031", "code": "123"}
		}
		items = append(items, it)
	}
	b, err := json.Marshal(map[string]any{"encrypted": false, "folders": folders, "items": items})
	if err != nil {
		panic(err)
	}
	return b
}

// The "Done when", in a script with --json and --no-input: an empty home, an import of a thousand entries, one found by three
// letters, its password and its code, an edit, a kill in the middle of the next one, and everything is in place.
func TestDoneWhen(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if err := os.WriteFile(h.path("bitwarden.json"), bitwarden(entries), 0o600); err != nil {
		t.Fatal(err)
	}
	report := h.must("import", h.path("bitwarden.json")).lines(t)
	if last := report[len(report)-1]; last["type"] != "import" || last["items"] != float64(entries) || last["lossy"] != false {
		t.Fatalf("the report ends with %v", last)
	}
	found := h.must("ls", "qux").lines(t)
	if len(found) != 1 || found[0]["title"] != "Quxley Bank" {
		t.Fatalf("three letters found %v", found)
	}
	id := found[0]["id"].(string)
	if got := h.value(id, "password"); got != "pw-613-✓" {
		t.Errorf("password %q", got)
	}
	if code := h.must("otp", id).lines(t)[0]["code"].(string); len(code) != 6 {
		t.Errorf("code %q", code)
	}
	h.must("edit", id, "username=someone-else")
	for n := range 20 { // killed terminals, at twenty moments of the next edit
		cmd, done := h.command(t.Context(), "edit", id, "notes=killed")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(n) * 2 * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		done()
	}
	if got := h.value(id, "username"); got != "someone-else" {
		t.Errorf("after the kills the user name is %q", got)
	}
	if got := h.value(id, "password"); got != "pw-613-✓" {
		t.Errorf("after the kills the password is %q", got)
	}
	if n := len(h.must("ls").lines(t)); n != entries {
		t.Errorf("%d entries", n)
	}
	h.intact()
	again := h.must("import", h.path("bitwarden.json")).lines(t)
	if n := len(h.must("ls").lines(t)); n != entries {
		t.Errorf("%d entries after importing twice: %v", n, again[len(again)-1])
	}
	h.must("undo")
}

// The tour is what the README promises.
func TestTour(t *testing.T) {
	t.Parallel()
	h := emptyHome(t)
	a := h.runs("tour")
	for _, l := range a.lines(t) {
		if l["ok"] != true {
			t.Errorf("step %v: %v", l["step"], l["error"])
		}
	}
	if a.code != 0 {
		t.Errorf("%v", a)
	}
	if left, _ := os.ReadDir(h.dir); len(left) != 1 { // the file with the passphrase
		t.Errorf("the tour left %v", left)
	}
}

// A vault is copied to another machine, read there with the recovery code, taken in, and edited. The old code opens nothing that
// is written from then on, and the copy at home still works.
func TestVaultMovesToAnotherMachine(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.must("add", "login", "Site", "username=ada")
	there := emptyHome(t)
	if err := os.CopyFS(there.vault, os.DirFS(h.vault)); err != nil {
		t.Fatal(err)
	}
	there.write("mine", "a passphrase of the other machine\n")
	there.write("enrol.sh", `set -eu
signet --vault "$1" slot add passphrase --work-factor 10 --unlock recovery --passphrase-fd 3 --new-passphrase-fd 4 \
	--recovery-file "$HOME/new.txt" --device-name second --no-input 3<"$2" 4<"$HOME/mine"
`)
	there.sh(t, "enrol.sh", there.vault, h.path("code.txt"))
	there.write("pass", there.read("mine"))
	if got := there.value("Site", "username"); got != "ada" {
		t.Errorf("there: %q", got)
	}
	there.must("edit", "Site", "username=eve")
	if l := there.must("status").lines(t)[0]; l["device"] != "second" || l["entries"] != float64(1) {
		t.Errorf("status %v", l)
	}
	there.intact()

	old := there.on(there.vault)
	old.write("pass", h.read("code.txt"))
	if got := old.must("--unlock", "recovery", "get", "Site", "username").lines(t)[0]["value"]; got != "ada" {
		t.Errorf("the old code reads %v", got)
	}
	old.write("pass", there.read("new.txt"))
	if got := old.must("--unlock", "recovery", "get", "Site", "username").lines(t)[0]["value"]; got != "eve" {
		t.Errorf("the new code reads %v", got)
	}
	if got := h.value("Site", "username"); got != "ada" {
		t.Errorf("at home: %q", got)
	}
	h.intact()
}
