//go:build unix

package clip

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestClearingSurvivesTheTerminal closes the terminal of a program that has copied: the program dies, the value stays for
// its time, and is cleared all the same.
func TestClearingSurvivesTheTerminal(t *testing.T) {
	t.Parallel()
	for _, w := range []way{{X11, viaX11}, {Wayland, viaWayland}} {
		t.Run(string(w.path), func(t *testing.T) {
			t.Parallel()
			o, vars := w.setup(t)
			cmd := exec.Command(o.Keeper.Exe, copierArg, o.Keeper.Dir)
			for _, name := range []string{"PATH", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"} {
				cmd.Env = append(cmd.Env, name+"="+o.Host.Env(name))
			}
			master, err := pty.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(master).ReadString('\n')
			if err != nil || !strings.Contains(line, "copied by "+string(w.path)+" <nil>") {
				t.Fatalf("the command says %q, %v", line, err)
			}
			_ = master.Close()
			_ = cmd.Wait()
			if got := paste(t, vars); got != canary {
				t.Fatalf("after the terminal was closed, pasted %q", got)
			}
			eventually(t, "the clipboard is empty", func() bool { return paste(t, vars) == "" })
		})
	}
}

// TestNothingLeaks looks for the value in the arguments and variables of every process, and in the keeper's directory.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(procs) == 0 {
		t.Skip("runs only on a system with /proc")
	}
	for _, w := range ways() {
		t.Run(string(w.path), func(t *testing.T) {
			t.Parallel()
			o, _ := w.setup(t)
			o.After = time.Hour
			const value = "leak-canary-77c1a9"
			only(t, o, w.path, value)
			procs, _ := filepath.Glob("/proc/[0-9]*")
			files, _ := filepath.Glob(filepath.Join(o.Keeper.Dir, "*"))
			if len(files) != 1 {
				t.Errorf("the keeper's directory holds %v", files)
			}
			for _, p := range procs {
				files = append(files, p+"/cmdline", p+"/environ")
			}
			for _, f := range files {
				if b, err := os.ReadFile(f); err == nil && bytes.Contains(b, []byte(value)) {
					t.Errorf("%s holds the value: %q", f, b)
				}
			}
			for _, f := range []string{o.Keeper.Dir, filepath.Join(o.Keeper.Dir, Waiting(o.Keeper.Dir)[0].id+wordSuffix)} {
				if st, err := os.Stat(f); err != nil || st.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s is open to others: %v, %v", f, st.Mode(), err)
				}
			}
		})
	}
}
