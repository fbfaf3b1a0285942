package clip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWaitingPassesOverWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got := Waiting(filepath.Join(dir, "absent")); got != nil {
		t.Errorf("%v", got)
	}
	for name, text := range map[string]string{
		"a.clip": "", "b.clip": "{}", "c.clip": `{"v":99}`, "d.clip": strings.Repeat(" ", maxWord+1), "e.txt": `{"v":1}`, "f.clip": "null",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "g.clip"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Waiting(dir); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := ClearNow(t.Context(), dir); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestAKeeperThatIsGone: its file stays behind when it was killed. The user is told, once.
func TestAKeeperThatIsGone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		until time.Time
		fails bool
	}{{time.Now().Add(time.Hour), true}, {time.Time{}, true}, {time.Now().Add(-time.Hour), false}} {
		dir := t.TempDir()
		if _, err := leaveWord(dir, "display", X11, c.until); err != nil {
			t.Fatal(err)
		}
		got := ClearNow(t.Context(), dir)
		if len(got) != 1 || got[0].Outcome != NoAnswer || (got[0].Err != nil) != c.fails {
			t.Errorf("until %v: %+v", c.until, got)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("until %v: %v is left behind", c.until, left)
		}
	}
}

func TestOnlyTheSameClipboardIsReleased(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := leaveWord(dir, "display :0", X11, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := leaveWord(dir, "display :1", X11, time.Time{})
	c, _ := leaveWord(dir, "display :0", XClip, time.Time{})
	if !a.released() || b.released() || c.released() {
		t.Errorf("released: %v %v %v", a.released(), b.released(), c.released())
	}
}
