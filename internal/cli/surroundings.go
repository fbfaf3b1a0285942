package cli

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"signet/fido"
	"signet/vault"
	"signet/vault/unlock"
)

// Levels of findings; those of the vault are the same words.
const (
	levelOK      = "ok"
	levelWarning = "warning"
)

// surroundings looks at what Signet needs from the machine. Nothing here makes a vault less intact: they are warnings at most.
func (x *doctoring) surroundings(ctx context.Context, ways []vault.Way) {
	if !x.a.JSON {
		x.a.printf("surroundings\n")
	}
	x.keyring(ctx, slices.ContainsFunc(ways, func(w vault.Way) bool { return w.Kind == unlock.KindKeyring }))
	x.hardwareKeys()
	x.clipboards()
	x.virtualKey(ctx)
	x.lockEvents(ctx)
	for _, w := range x.a.Harden {
		x.found(levelWarning, "hardening", w.String(), "nothing, if you trust the programs that run as you; otherwise use another machine")
	}
	if _, err := x.a.config(); err != nil {
		e := classify(err)
		x.found(levelWarning, "config", e.Error(), e.Hint)
	}
}

// keyring probes; it never shows a dialog. A missing keyring matters only where the vault opens by it.
func (x *doctoring) keyring(ctx context.Context, needed bool) {
	st := x.a.keyring().ProbeKeyring(ctx)
	switch {
	case st.Err == nil:
		x.found(levelOK, "keyring", "keyring: "+st.Found, "")
	case needed:
		x.found(levelWarning, "keyring", "keyring: "+st.Found, st.Hint)
	default:
		x.found(levelOK, "keyring", "keyring: "+st.Found+" (no slot needs it)", "")
	}
}

// lockEvents says whether lock.on can be obeyed. Where it cannot, the vault still locks when nobody is there (lock.idle).
func (x *doctoring) lockEvents(ctx context.Context) {
	suspend, screen := tuiMachine{}.Missing(ctx)
	for _, e := range []struct{ code, what, missing string }{{"lock_suspend", "before the machine sleeps", suspend}, {"lock_screen", "with the screen", screen}} {
		if e.missing == "" {
			x.found(levelOK, e.code, "locking "+e.what+": works", "")
			continue
		}
		x.found(levelOK, e.code, "locking "+e.what+": not available here: "+e.missing+" (lock.idle and lock.max still hold)", "")
	}
}

func (x *doctoring) hardwareKeys() {
	keys := fido.Available()
	if !keys.Linked {
		x.found(levelOK, "hardware_keys", keys.String(), "")
		return
	}
	n, err := fido.Attached()
	if err != nil {
		x.found(levelWarning, "hardware_keys", keys.String()+"; looking for keys failed: "+err.Error(), "")
		return
	}
	x.found(levelOK, "hardware_keys", keys.String()+"; "+plural(n, "key")+" attached", "")
}

// clipboards names what 'get --copy' can use, in the order in which it tries.
func (x *doctoring) clipboards() {
	found := x.a.clipboardsFound()
	if len(found) == 0 {
		x.found(levelWarning, "clipboard", "clipboard: none found (neither WAYLAND_DISPLAY nor DISPLAY is set)", "copy through the terminal: signet get ENTRY --copy --osc52")
		return
	}
	x.found(levelOK, "clipboard", "clipboard: "+strings.Join(found, ", "), "")
}

func (a *App) clipboardsFound() (found []string) {
	if a.Env("SSH_CONNECTION") != "" || a.Env("SSH_TTY") != "" {
		found = append(found, "the terminal (OSC 52), because this is a remote session")
	}
	if d := a.Env("WAYLAND_DISPLAY"); d != "" {
		found = append(found, "Wayland "+d)
	}
	if d := a.Env("DISPLAY"); d != "" {
		found = append(found, "X11 "+d)
	}
	programs := map[string][]string{"darwin": {"osascript", "pbcopy"}, "windows": {}}[runtime.GOOS]
	if runtime.GOOS == "windows" {
		found = append(found, "Windows")
	} else if programs == nil && len(found) > 0 {
		programs = []string{"wl-copy", "xclip", "xsel"}
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			found = append(found, p)
		}
	}
	return found
}

func fileSummary(rep vault.Report) string {
	var parts []string
	states := countStates(rep)
	var names []string
	for s := range states {
		names = append(names, s)
	}
	slices.Sort(names)
	for _, s := range names {
		parts = append(parts, fmt.Sprintf("%d %s", states[s], s))
	}
	return plural(len(rep.Files), "file") + ": " + strings.Join(parts, ", ")
}

func countStates(rep vault.Report) map[string]int {
	out := map[string]int{}
	for _, f := range rep.Files {
		out[string(f.State)]++
	}
	return out
}

func fixed(s string, width int) string { return s + strings.Repeat(" ", max(0, width-len(s))) }

func dash(why string) string {
	if why == "" {
		return ""
	}
	return " – " + why
}
