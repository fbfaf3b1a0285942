package clip

import (
	"errors"
	"fmt"
)

// ways lists the ways to try, best first.
func (o Options) ways() ([]Path, error) {
	h := o.Host
	native := o.native()
	switch {
	case o.Method == Terminal:
		return []Path{OSC52}, nil
	case o.Method == Auto && h.remote():
		return append([]Path{OSC52}, native...), nil
	case len(native) > 0:
		return native, nil
	}
	return nil, h.nothing()
}

// native lists what the local machine offers.
func (o Options) native() []Path {
	h := o.Host
	switch {
	case h.OS == "darwin":
		return []Path{OSAScript, PBCopy}
	case h.OS == "windows":
		return []Path{Windows}
	}
	var out []Path
	if h.wsl() {
		out = append(out, PowerShell, ClipEXE)
	}
	wayland, x11 := h.Env("WAYLAND_DISPLAY") != "", h.Env("DISPLAY") != ""
	own := o.Keeper.Exe != ""
	// X11 comes before wl-copy: compositors without data-control (GNOME) join their clipboard with that of Xwayland, and an
	// owned selection is marked as sensitive and touches no disk.
	for _, w := range []struct {
		p  Path
		ok bool
	}{{Wayland, wayland && own}, {X11, x11 && own}, {WLCopy, wayland}, {XClip, x11}, {XSel, x11}} {
		if w.ok {
			out = append(out, w.p)
		}
	}
	return out
}

// nothing explains why there is no clipboard and what to do.
func (h Host) nothing() error {
	return fmt.Errorf("copy to the clipboard: %w: neither WAYLAND_DISPLAY nor DISPLAY is set (OSC 52 through the terminal must be asked for)",
		ErrNoClipboard)
}

// owned reports the ways on which our own child owns the clipboard.
func (p Path) owned() bool { return p == Wayland || p == X11 }

// reading reports whether the clipboard can be read back on this way.
func (p Path) reading() bool { return p != OSC52 }

var errNoKeeper = errors.New("this program was not told how to start the process that clears")
