package clip

import (
	"slices"
	"testing"
	"time"
)

func TestOrderOfWays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		os     string
		vars   env
		method Method
		keeper string
		want   []Path
	}{
		{"wayland", "linux", env{"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, Auto, "/signet", []Path{Wayland, X11, WLCopy, XClip, XSel}},
		{"x11", "freebsd", env{"DISPLAY": ":0"}, Auto, "/signet", []Path{X11, XClip, XSel}},
		{"without a keeper", "linux", env{"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, Auto, "", []Path{WLCopy, XClip, XSel}},
		{"ssh", "linux", env{"SSH_TTY": "/dev/pts/1"}, Auto, "/signet", []Path{OSC52}},
		{"ssh -X", "linux", env{"SSH_CONNECTION": "a b", "DISPLAY": "localhost:10.0"}, Auto, "/signet", []Path{OSC52, X11, XClip, XSel}},
		{"ssh -X, native asked for", "linux", env{"SSH_CONNECTION": "a b", "DISPLAY": "localhost:10.0"}, Native, "/signet", []Path{X11, XClip, XSel}},
		{"terminal asked for", "linux", env{"DISPLAY": ":0"}, Terminal, "/signet", []Path{OSC52}},
		{"mac", "darwin", nil, Auto, "/signet", []Path{OSAScript, PBCopy}},
		{"mac over ssh", "darwin", env{"SSH_CLIENT": "a"}, Auto, "/signet", []Path{OSC52, OSAScript, PBCopy}},
		{"windows", "windows", nil, Auto, "/signet", []Path{Windows}},
		{"wsl", "linux", env{"WSL_DISTRO_NAME": "Debian", "WAYLAND_DISPLAY": "w"}, Auto, "/signet", []Path{PowerShell, ClipEXE, Wayland, WLCopy}},
		{"console", "linux", nil, Auto, "/signet", nil},
		{"native asked for, none there", "linux", env{"SSH_TTY": "x"}, Native, "/signet", nil},
	} {
		h := host(c.vars)
		h.OS = c.os
		got, err := Options{Host: h, Method: c.method, Keeper: Keeper{Exe: c.keeper}}.ways()
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestEveryWayThroughProgramsIsComplete(t *testing.T) {
	t.Parallel()
	for p, prog := range programs {
		if len(prog.set) == 0 || len(prog.get) == 0 || len(prog.clear) == 0 || prog.conceal != nil && prog.probe == nil {
			t.Errorf("%s: %+v", p, prog)
		}
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	if got := utf16LE([]byte("aü😀")); !slices.Equal(got, []byte{0xff, 0xfe, 'a', 0, 0xfc, 0, 0x3d, 0xd8, 0x00, 0xde}) {
		t.Errorf("% x", got)
	}
}

func TestSummaries(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]Result{
		"copied (wayland, marked as sensitive), cleared in 45s":    {Path: Wayland, Concealed: true, Clears: 45 * time.Second},
		"copied (xclip), cleared in 45s":                           {Path: XClip, Clears: 45 * time.Second},
		"copied (osc52), not cleared by itself":                    {Path: OSC52},
		"copied (osc52), cleared in 45s whatever is there by then": {Path: OSC52, Clears: 45 * time.Second, Blind: true},
	} {
		if got := r.Summary(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
