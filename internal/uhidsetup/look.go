package uhidsetup

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"signet/passkeys/uhid"
)

// Machine is what the checks look at. Tests bring a directory and answers of their own.
type Machine struct {
	Root Root // "" is the machine's own
	UID  int
	Home string
	Exe  string // this program, to find an older copy of it; "": not compared
	// Access reports whether this user may read and write a device, as its path is on the machine.
	Access func(path string) error
	// Dial reports whether somebody listens at a socket.
	Dial func(path string) error
	// Probe plugs a key in for a moment and reports whether programs of this user can open it; nil: nothing is plugged in.
	Probe func() error
}

// Finding is one thing that is worth knowing, and what to do about it.
type Finding struct {
	Warning bool
	Code    string
	Text    string
	Next    string
}

// install is the step that most findings end with.
const install = "sudo signet passkey serve --install"

// look is one run over a machine.
type look struct {
	Machine
	hid    []uhid.HID
	wanted bool // somebody set a virtual key up here, or one is plugged in: then what is missing is a fault
	usable bool // a key could be plugged in now
	found  []Finding
}

// checks are all that is looked at, in the order in which a person would.
var checks = []func(*look){
	(*look).surroundings, (*look).kernel, (*look).device, (*look).helper, (*look).seats, (*look).foreignUniq, (*look).nodes, (*look).snaps, (*look).flatpaks,
}

// Look finds what stands in the way of the virtual key for this user. On a machine where nobody set one up, little is a warning.
func Look(m Machine) []Finding {
	l := look{Machine: m, hid: uhid.Sys(m.Root.path("/sys")).Hidraws()}
	l.wanted = len(m.Root.Installed()) > 0 || slices.ContainsFunc(l.hid, func(h uhid.HID) bool { return strings.HasPrefix(h.Uniq, uhid.UniqPrefix) })
	for _, check := range checks {
		check(&l)
	}
	return l.found
}

// ok notes what is as it should be.
func (l *look) ok(code, text string) { l.found = append(l.found, Finding{Code: code, Text: text}) }

// amiss notes what is not: a warning where a virtual key is wanted.
func (l *look) amiss(code, text, next string) {
	l.found = append(l.found, Finding{l.wanted, code, text, next})
}

func (l *look) has(path string) bool {
	_, err := os.Lstat(l.Root.path(path))
	return err == nil
}

// maxRead bounds what is read of one file: modules.dep of a full kernel has 700 kB.
const maxRead = 8 << 20

// read gives the text of a file, "" where there is none.
func (l *look) read(path string) string {
	info, err := os.Stat(l.Root.path(path))
	if err != nil || info.Size() > maxRead || !info.Mode().IsRegular() {
		return ""
	}
	b, err := os.ReadFile(l.Root.path(path))
	if err != nil {
		return ""
	}
	return string(b)
}

// list names what is in a directory.
func (l *look) list(dir string) []string {
	entries, err := os.ReadDir(l.Root.path(dir))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func (l *look) mode(path string) (fs.FileMode, bool) {
	info, err := os.Stat(l.Root.path(path))
	if err != nil {
		return 0, false
	}
	return info.Mode(), true
}

// containers leave a mark of themselves.
var containers = []string{"/run/.containerenv", "/.dockerenv", "/run/systemd/container", "/run/host/container-manager"}

// surroundings looks for what everything else stands on.
func (l *look) surroundings() {
	for _, mark := range containers {
		if l.has(mark) {
			l.amiss("uhid_container", "this is a container ("+mark+"): browsers outside see no key that is plugged in here, and /dev/uhid is seldom given to it",
				"run 'signet passkey serve' on the machine itself; in the container --pty serves programs that are told its path")
			break
		}
	}
	if !l.has("/run/udev/control") {
		l.amiss("uhid_udev", "udev does not run: browsers and libfido2 find no security key without it, and the key's node stays root's",
			"start systemd-udevd or eudev")
	}
}

// osRelease is where the kernel says which one it is.
const osRelease = "/proc/sys/kernel/osrelease"

// kernel looks for uhid.
func (l *look) kernel() {
	if l.has(uhid.DevicePath) {
		return
	}
	release := strings.TrimSpace(l.read(osRelease))
	modules := filepath.Join("/lib/modules", release)
	switch {
	case l.has("/sys/module/uhid") || l.has("/sys/class/misc/uhid"):
		l.amiss("uhid_module", "the kernel has uhid, and there is no /dev/uhid", "sudo udevadm trigger --subsystem-match=misc; in a container, give it the device")
	case release == "" || !l.has(modules):
		l.amiss("uhid_module", "/dev/uhid is not there, and neither are the modules of the kernel that runs ("+modules+")",
			"if the kernel was updated, start the machine anew; in a container, run Signet outside")
	case strings.Contains(l.read(modules+"/modules.builtin"), "/uhid.ko") || strings.Contains(l.read(modules+"/modules.dep"), "/uhid.ko"):
		l.amiss("uhid_module", "the kernel's module uhid is not loaded", install+" (or, until the next start: sudo modprobe uhid)")
	default:
		l.amiss("uhid_module", "this kernel ("+release+") was built without uhid: no virtual security key for browsers",
			"install your distribution's full kernel (on Debian linux-image-amd64 instead of a cloud kernel); --pty works without")
	}
}

// device looks who may open /dev/uhid.
func (l *look) device() {
	mode, there := l.mode(uhid.DevicePath)
	if !there {
		return
	}
	if mode.Perm()&0o006 != 0 {
		l.found = append(l.found, Finding{
			true, "uhid_open", "/dev/uhid is open to every user of this machine: each of their programs can make keyboards and type with them",
			"find the rule (grep -r uhid /etc/udev/rules.d /usr/lib/udev/rules.d), and " + install,
		})
	}
	if l.Access(uhid.DevicePath) == nil {
		l.usable = true
		text := "/dev/uhid opens for this user"
		if l.UID != 0 {
			text += ", and for every program of this session: each can make keyboards; the helper way has no such risk (" + install + ")"
		}
		l.ok("uhid", text)
	}
}
