//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A newcomer's way: a vault with a passphrase, the code written down and checked, the first entry.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	h := emptyHome(t)
	m := h.sit(t, 80, 24).starts("Create a vault").press("Enter").sees("How do you want to open your vault?")
	m.types(passphrase).press("Enter").types(passphrase).press("Enter").sees("Your recovery code")
	code := strings.Join(regexp.MustCompile(`\b[0-9A-Z]{5}\b`).FindAllString(m.screen(), -1), "-")
	m.chord("f").sees("Save the recovery sheet").press("C-u").types(h.path("sheet.txt")).press("Enter").sees("Saved to")
	if sheet := h.read("sheet.txt"); !strings.Contains(sheet, code) || code == "" {
		t.Errorf("the sheet does not hold the code that was shown (%d characters)", len(code))
	}
	m.press("Enter").sees("Type the code back").types("FJ510-6R1KH").press("Enter").sees("that is not the code")
	m.press("C-u").types(code).press("Enter").sees("No entries yet")
	m.chord("n").sees("Login").press("Enter").sees("New login").types("First").press("Tab").types("me").press("Tab", "C-g").sees("bits").press("Enter")
	m.chord("s").sees("is saved").press("C-c").shell()
	if got := h.value("First", "username"); got != "me" {
		t.Errorf("user name %q", got)
	}
	if got := h.value("First", "password"); len(got) < 12 {
		t.Errorf("a password of %d characters", len(got))
	}
	if all := m.everything() + h.tuiFiles(); strings.Contains(all, code) {
		t.Error("the code is left in the terminal or in the vault's files")
	}
	h.intact()
}

// tuiFiles is what the program wrote, in one text.
func (h *home) tuiFiles() string {
	h.t.Helper()
	var all strings.Builder
	_ = filepath.WalkDir(filepath.Join(h.dir, ".local"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := os.ReadFile(path)
			all.Write(b)
		}
		return nil
	})
	return all.String()
}

// Nobody is there: the vault locks by itself, nothing of it stays in the terminal, and what was typed is sealed on the disk.
func TestIdleLockInATerminal(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	h.must("config", "set", "lock.idle", "10s")
	m := h.sit(t, 80, 24).opens("Example Bank").types("git").loses("Example Bank").chord("e").sees("Edit GitHub").types("dr4ft-idle").press("C-r").sees("dr4ft-idle")
	m.sees("was locked because nobody was there", "Unsaved changes wait").loses("octocat")
	if all := m.everything(); strings.Contains(all, "dr4ft") || strings.Contains(all, "GitHub") {
		t.Errorf("after the lock the terminal still has\n%s", all)
	}
	h.noClearText("dr4ft-idle")
	m.unlocks("Edit GitHub").sees("unsaved").chord("s").sees("is saved").press("C-c").shell()
	if got := h.value("GitHub", "password"); got != "dr4ft-idle" {
		t.Errorf("saved %q", got)
	}
}

// Two programs on one vault see each other's edits, and the command line's, and a form that is open says what was changed under it.
func TestTwoProgramsSeeEachOther(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	a := h.sit(t, 80, 24).opens("Example Bank")
	h2 := *h
	h2.dir = t.TempDir()
	h2.env = append([]string{}, h.env...)
	h2.env[0] = "HOME=" + h2.dir
	h2.env = append(h2.env, "SIGNET_VAULT="+h.vault)
	b := h2.sit(t, 80, 24).opens("Example Bank")

	a.types("git").loses("Example Bank").chord("e").sees("Edit GitHub").press("S-Tab", "C-u").types("by-a").chord("s")
	began := time.Now()
	b.sees("by-a")
	t.Logf("an edit was seen by the other program after %v", time.Since(began).Round(10*time.Millisecond))

	b.types("git").loses("Example Bank").chord("e").sees("Edit GitHub").types("mine-b").sees("unsaved")
	h.must("edit", "GitHub", "username=by-cli")
	a.sees("by-cli")
	if ans := h.feeds("theirs", "edit", "GitHub", "password=-"); ans.code != 0 {
		t.Fatal(ans)
	}
	b.chord("s").sees("Changed elsewhere", "Password")
	// The question came by itself: keys that were meant for the form are swallowed at first.
	b.until("the second answer", func() bool {
		b.press("Down")
		for range 50 {
			if strings.Contains(b.screen(), "▸ Keep yours") {
				return true
			}
			time.Sleep(20 * time.Millisecond)
		}
		return false
	})
	b.press("Enter")
	b.sees("is saved")
	if got := h.value("GitHub", "password"); got != "mine-b" {
		t.Errorf("password %q", got)
	}
	a.press("C-c").shell()
	b.press("C-c").shell()
	h.intact()
}

// A program that is open while another one starts keeps its form for itself; when it has locked, the other one may open it.
func TestADraftBelongsToOneProgram(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	a := h.sit(t, 80, 24).opens("Example Bank").types("git").loses("Example Bank").chord("e").sees("Edit GitHub").types("dr4ft").sees("unsaved")
	a.until("the draft", func() bool {
		found, _ := filepath.Glob(filepath.Join(h.vault, "state", "local", "draft-*.age"))
		return len(found) == 1
	})
	h2 := *h
	h2.dir = t.TempDir()
	h2.env = append([]string{}, h.env...)
	h2.env[0] = "HOME=" + h2.dir
	h2.env = append(h2.env, "SIGNET_VAULT="+h.vault)
	b := h2.sit(t, 80, 24).opens("Example Bank")
	if strings.Contains(b.screen(), "unsaved changes") {
		t.Error("the second program opened the first one's form")
	}
	b.press("C-c").shell()
	a.chord("l").sees("Lock with unsaved changes?").press("Down", "Enter").sees("Unsaved changes wait")
	b.opens("Edit GitHub").sees("Your unsaved changes are back").press("Escape").sees("Discard").press("Down", "Down", "Enter").sees("type to search")
	b.press("C-c").shell()
	a.unlocks("type to search")
	if strings.Contains(a.screen(), "unsaved changes are back") {
		t.Error("a discarded form came back")
	}
	a.press("C-c").shell()
}

// The terminal goes away with the window: the program ends, the vault is locked, and what was typed is there in the next one.
func TestTheTerminalGoesAway(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	m := h.sit(t, 80, 24).opens("Example Bank").types("git").loses("Example Bank").chord("e").sees("Edit GitHub").types("dr4ft-gone").sees("unsaved")
	pid := m.pid()
	m.tmux("kill-server")
	for end := time.Now().Add(seePatience); syscall.Kill(pid, 0) == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the program outlives its terminal")
		}
	}
	h.noClearText("dr4ft-gone")
	next := h.sit(t, 80, 24).opens("Edit GitHub").sees("unsaved").press("C-r").sees("dr4ft-gone")
	next.press("Escape").sees("Discard").press("Down", "Down", "Enter").sees("type to search").press("C-c").shell()
}
