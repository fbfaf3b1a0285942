package clip

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Host is what this package knows of its surroundings. Tests make their own.
type Host struct {
	OS  string                         // as runtime.GOOS
	Env func(string) string            // one variable
	TTY func() (io.WriteCloser, error) // opens the controlling terminal; a TUI hands in the writer that it draws with
}

// System is the real surroundings.
func System() Host { return Host{OS: runtime.GOOS, Env: os.Getenv, TTY: openTTY} }

func openTTY() (io.WriteCloser, error) {
	name := "/dev/tty"
	if runtime.GOOS == "windows" {
		name = "CONOUT$"
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("no terminal: %v", err)
	}
	return f, nil
}

// remote reports whether the user sits at another machine.
func (h Host) remote() bool {
	return h.Env("SSH_CONNECTION") != "" || h.Env("SSH_TTY") != "" || h.Env("SSH_CLIENT") != ""
}

// wsl reports whether this is a Linux inside Windows.
func (h Host) wsl() bool {
	return h.OS == "linux" && (h.Env("WSL_INTEROP") != "" || h.Env("WSL_DISTRO_NAME") != "")
}

// place names the clipboard that a copy goes to, so that a later copy to the same one releases the earlier keeper.
func (h Host) place(p Path) string {
	if p == OSC52 {
		return "terminal " + h.Env("SSH_TTY") + " " + h.Env("TMUX")
	}
	return "display " + h.Env("WAYLAND_DISPLAY") + " " + h.Env("DISPLAY")
}

// lookPath finds a program in the absolute directories of PATH. A relative entry would let the current directory choose
// which program gets the secret.
func (h Host) lookPath(name string) (string, error) {
	for _, dir := range filepath.SplitList(h.Env("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		full := filepath.Join(dir, name)
		st, err := os.Stat(full)
		if err == nil && st.Mode().IsRegular() && (st.Mode()&0o111 != 0 || runtime.GOOS == "windows") {
			return full, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

// handed are the variables that children get: what a clipboard program needs, and nothing that may hold a secret.
var handed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR",
	"XDG_SESSION_TYPE", "TMPDIR", "TMUX", "TMUX_PANE", "STY", "TERM", "SSH_TTY", "WSL_INTEROP", "WSL_DISTRO_NAME", "SystemRoot", "TEMP", "TMP",
	"USERPROFILE", "LOCALAPPDATA", "APPDATA",
}

func (h Host) childEnv() []string {
	out := make([]string, 0, len(handed)+1)
	for _, name := range handed {
		if v := h.Env(name); v != "" {
			out = append(out, name+"="+v)
		}
	}
	if h.OS == "darwin" { // pbcopy reads its input in the locale's encoding
		out = append(out, "LC_CTYPE=UTF-8")
	}
	return out
}

// oneLine shortens what a program said on its error output for use in an error text.
func oneLine(b []byte) string {
	s, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
