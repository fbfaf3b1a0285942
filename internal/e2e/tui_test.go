//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// withEntries is a home with three logins.
func withEntries(t *testing.T) *home {
	t.Helper()
	h := newHome(t)
	for _, e := range [][2]string{{"GitHub", "octocat"}, {"GitLab", "ada"}, {"Example Bank", "12345678"}} {
		if a := h.feeds(canary, "add", "login", e[0], "username="+e[1], "password=-"); a.code != 0 {
			t.Fatal(a)
		}
	}
	return h
}

// canary is the secret that must be nowhere but where it belongs.
const canary = "canary-Tr33-s3cret"

// Three letters, a key, and the password is in the clipboard; an edit is there for everybody; a lock leaves nothing behind.
func TestSearchCopyEditLock(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	h.env = append(h.env, "SSH_TTY=/dev/pts/0", "SSH_CONNECTION=a b c d") // the clipboard is the terminal's
	m := h.sit(t, 80, 24).opens("Example Bank")
	m.types("git").loses("Example Bank").press("C-y").sees("copied")
	m.until("the clipboard", func() bool { got, _ := m.try("show-buffer"); return got == canary })
	m.press("Right").sees("octocat").types("r").sees(canary)
	m.types("e").sees("Edit GitHub").press("S-Tab").press("C-u").types("hubot").chord("s").sees("is saved")
	if got := h.value("GitHub", "username"); got != "hubot" {
		t.Errorf("saved %q", got)
	}
	m.types("L").sees("Passphrase").loses("hubot")
	if all := m.everything(); strings.Contains(all, canary) || strings.Contains(all, "hubot") {
		t.Errorf("after the lock the terminal still has\n%s", all)
	}
	m.unlocks("GitLab").press("C-c").shell()
	if all := m.everything(); strings.Contains(all, canary) || strings.Contains(all, "GitLab") {
		t.Errorf("after the end the terminal still has\n%s", all)
	}
	h.noClearText(canary)
}

// noClearText looks into every file of the home but those of the test.
func (h *home) noClearText(secrets ...string) {
	h.t.Helper()
	err := filepath.WalkDir(filepath.Join(h.dir, ".local"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, s := range secrets {
			if strings.Contains(string(b), s) {
				h.t.Errorf("%s holds %q in clear text", path, s)
			}
		}
		return err
	})
	if err != nil {
		h.t.Error(err)
	}
}

// The sizes of a window manager gone wild: nothing breaks, and the last frame is whole.
func TestResizeStormInATerminal(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	m := h.sit(t, 80, 24).opens("Example Bank")
	storm := func() {
		for _, s := range [][2]int{{40, 12}, {300, 80}, {1, 1}, {50, 15}, {2, 40}, {200, 3}, {120, 40}, {7, 7}, {39, 11}, {80, 24}} {
			m.resize(s[0], s[1])
		}
	}
	storm()
	m.sees("Example Bank").types("git").loses("Example Bank").press("Right").sees("octocat")
	storm()
	m.sees("octocat").types("e").sees("Edit GitHub").types("dr4ft")
	storm()
	m.sees("Edit GitHub", "unsaved").press("Escape").sees("Discard")
	storm()
	m.sees("Discard").press("Down", "Down", "Enter").sees("octocat").press("C-c").shell()
	if out := m.asks("echo still here"); !strings.Contains(out, "still here") {
		t.Errorf("the shell says %q", out)
	}
}

// A megabyte pasted by mistake: what cannot be held is refused with a word, and the program goes on at once.
func TestAMegabyteIsPasted(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	m := h.sit(t, 80, 24).opens("Example Bank")
	big := strings.Repeat("0123456789abcde\n", 1<<16)
	m.pastes(big).sees("not taken: a line holds at most").press("C-u").types("bank").sees("Example Bank").loses("GitHub").press("C-u")
	m.types("git").press("Right").sees("octocat").types("e").sees("Edit GitHub")
	m.pastes(big).sees("not pasted").types("x").sees("unsaved").press("C-u")
	m.press("Tab", "Tab", "Tab").pastes(big + "more").sees("1 MiB")
	m.pastes(big[:len(big)-64]).sees("unsaved").press("C-x", "s").sees("is saved")
	m.press("C-c").shell()
	if got := h.value("GitHub", "notes"); len(got) != len(strings.TrimRight(big[:len(big)-64], "\n")) && len(got) != len(big)-64 {
		t.Errorf("the note has %d bytes", len(got))
	}
}

// Whatever signal ends the program, the terminal is as it was, and what was typed is there again at the next start.
func TestSignalsRestoreTheTerminalAndKeepTheDraft(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := withEntries(t)
			m := h.sit(t, 80, 24)
			before := m.asks("stty -g")
			m.opens("Example Bank").types("git").loses("Example Bank").chord("e").sees("Edit GitHub").types("dr4ft-" + name).sees("unsaved")
			m.signal(sig).shell()
			if after := m.asks("stty -g"); after != before {
				t.Errorf("stty was %q and is %q", before, after)
			}
			restored(t, m.bytes())
			m.opens("Edit GitHub").sees("unsaved", "Your unsaved changes are back").press("C-r").sees("dr4ft-" + name)
			m.chord("s").sees("is saved").press("C-c").shell()
			if got := h.value("GitHub", "password"); got != "dr4ft-"+name {
				t.Errorf("saved %q", got)
			}
			h.noClearText("dr4ft-" + name)
		})
	}
}

// restored insists that everything that was switched on in the terminal was switched off after that.
func restored(t *testing.T, raw string) {
	t.Helper()
	for on, off := range map[string]string{
		"\x1b[?1049h": "\x1b[?1049l", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?25l": "\x1b[?25h", "\x1b[?1002h": "\x1b[?1002l", "\x1b[?1006h": "\x1b[?1006l", "\x1b[?1004h": "\x1b[?1004l",
	} {
		if strings.LastIndex(raw, off) < strings.LastIndex(raw, on) {
			t.Errorf("%q was not followed by %q", on, off)
		}
	}
}

// ^Z and SIGTSTP give the terminal back with nothing of the vault on it, and fg goes on where it was.
func TestStopAndGoOn(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	m := h.sit(t, 80, 24)
	before := m.asks("stty -g")
	m.opens("Example Bank").types("git").loses("Example Bank")
	for name, stop := range map[string]func(){"^Z": func() { m.press("C-z") }, "SIGTSTP": func() { m.signal(syscall.SIGTSTP) }} {
		stop()
		m.shell().loses("octocat")
		if after := m.asks("stty -g"); after != before {
			t.Errorf("%s: stty was %q and is %q", name, before, after)
		}
		restored(t, m.bytes())
		m.types("fg").press("Enter").sees("octocat").types("l").sees("GitLab").loses("octocat").press("BSpace").sees("octocat")
	}
	// Nothing can be done before a SIGSTOP; after it the terminal, which the shell had meanwhile, is put right.
	m.signal(syscall.SIGSTOP).sees("Stopped").types("fg").press("C-j").loses("Stopped")
	m.sees("octocat").types("l").loses("octocat").press("BSpace").sees("octocat")
	m.press("C-c").shell()
	if after := m.asks("stty -g"); after != before {
		t.Errorf("in the end: stty was %q and is %q", before, after)
	}
}

// Without a shell above it nobody could continue the program: it says so and goes on.
func TestWithoutAShellItIsNotStopped(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	m := h.sit(t, 80, 24)
	m.types("exec ./run").press("Enter").sees("Passphrase").unlocks("Example Bank").press("C-z").sees("There is no shell here to go back to")
	m.types("git").loses("Example Bank").press("C-c")
}

// kill -9 while somebody edits costs seconds.
func TestKilledWhileEditing(t *testing.T) {
	t.Parallel()
	h := withEntries(t)
	m := h.sit(t, 80, 24).opens("Example Bank").types("git").loses("Example Bank").chord("e").sees("Edit GitHub").types("dr4ft-kept").sees("unsaved")
	m.until("the draft", func() bool {
		found, _ := filepath.Glob(filepath.Join(h.vault, "state", "local", "draft-*.age"))
		return len(found) == 1
	})
	m.signal(syscall.SIGKILL).sees("Killed")
	h.noClearText("dr4ft-kept")
	h.intact()
	m.types("stty sane; clear").press("C-j").loses("Edit") // the terminal was left raw
	m.opens("Edit GitHub").sees("unsaved").press("C-r").sees("dr4ft-kept").press("Escape").sees("Discard").press("Down", "Down", "Enter").sees("type to search")
	m.until("the draft to go", func() bool {
		found, _ := filepath.Glob(filepath.Join(h.vault, "state", "local", "draft-*.age"))
		return len(found) == 0
	})
	m.press("C-c").shell()
}
