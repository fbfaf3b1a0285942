package uhidsetup

import (
	"path/filepath"
	"slices"
	"strings"

	"signet/passkeys/uhid"
)

// nodes looks whether programs of this user can open this user's keys: those that are plugged in, or one that is for a moment.
func (l *look) nodes() {
	own := slices.DeleteFunc(slices.Clone(l.hid), func(h uhid.HID) bool { return !strings.HasPrefix(h.Uniq, uhid.UniqOf(l.UID, "")) })
	for _, h := range own {
		if err := l.Access(h.Node); err != nil {
			l.shut(h.Node + ", a security key of this user, does not open for this user's programs")
			continue
		}
		l.ok("uhid_node", h.Node+": a security key of Signet's, open to this user's programs")
	}
	if len(own) > 0 || !l.usable || l.Probe == nil {
		return
	}
	if err := l.Probe(); err != nil {
		l.wanted = true
		l.shut("a security key that was plugged in to try it: " + err.Error())
		return
	}
	l.ok("uhid_node", "a security key that was plugged in to try it opened for this user's programs")
}

// shut says why a node could be closed to its user.
func (l *look) shut(text string) {
	switch {
	case !l.has("/run/udev/control"):
		l.amiss("uhid_node", text+": udev does not run, and it is udev that gives nodes to users", "start systemd-udevd or eudev, then plug the key in again")
	case strings.Contains(l.read(RulesFile), `"`+uhid.UniqOf(l.UID, "")+`*"`):
		l.amiss("uhid_node", text+" although a rule gives it to this user", "sudo udevadm control --reload, then plug the key in again; udevadm test on its path in /sys says more")
	case !l.has("/run/systemd/seats"):
		l.amiss("uhid_node", text+": without systemd-logind or elogind nobody counts as sitting at this machine", install+" (it installs a rule that needs neither)")
	default:
		l.amiss("uhid_node", text+": only who sits at the screen gets access, not a session over the network", install+" (it installs a rule that gives a user's keys to that user)")
	}
}

// snapBrowsers are browsers by the names of their snaps.
var snapBrowsers = []string{"firefox", "chromium", "brave", "opera", "vivaldi", "microsoft-edge"}

// snaps looks for browsers that no virtual key reaches.
func (l *look) snaps() {
	var there []string
	for _, name := range snapBrowsers {
		if l.has("/snap/"+name) || l.has("/var/lib/snapd/snap/"+name) {
			there = append(there, name)
		}
	}
	if len(there) > 0 {
		l.amiss("uhid_snap", "installed as a snap: "+strings.Join(there, ", ")+". Snaps see security keys by their USB numbers only, and a virtual key has no USB device",
			"install the browser as a package of its maker or of your distribution")
	}
}

// flatpakBrowsers are browsers by the names of their applications.
var flatpakBrowsers = []string{
	"org.mozilla.firefox", "org.chromium.Chromium", "com.google.Chrome", "com.brave.Browser", "com.microsoft.Edge", "com.vivaldi.Vivaldi", "com.opera.Opera",
	"io.gitlab.librewolf-community", "app.zen_browser.zen", "net.waterfox.waterfox", "io.github.ungoogled_software.ungoogled_chromium",
}

// flatpaks looks for browsers whose sandbox lets no device in.
func (l *look) flatpaks() {
	for _, id := range flatpakBrowsers {
		installed, devices, udev := l.flatpak(id)
		if !installed || devices && udev {
			continue
		}
		l.amiss("uhid_flatpak", id+" is a Flatpak whose sandbox "+missingInFlatpak(devices, udev)+": it finds no virtual key",
			"flatpak override --user --device=all --filesystem=/run/udev:ro "+id+" (it then sees every device of yours), and start it anew")
	}
}

func missingInFlatpak(devices, udev bool) string {
	switch {
	case udev:
		return "lets no devices in"
	case devices:
		return "hides what udev knows of devices"
	}
	return "lets no devices in and hides what udev knows of them"
}

// flatpak reads what an application may, from its metadata and from overrides.
func (l *look) flatpak(id string) (installed, devices, udev bool) {
	for _, base := range []string{"/var/lib/flatpak", l.userFlatpak()} {
		if base == "" {
			continue
		}
		if l.has(filepath.Join(base, "app", id)) {
			installed = true
		}
		for _, file := range []string{filepath.Join("app", id, "current/active/metadata"), filepath.Join("overrides", id), "overrides/global"} {
			text := l.read(filepath.Join(base, file))
			devices = devices || keyHolds(text, "devices", "all")
			udev = udev || keyHolds(text, "filesystems", "/run/udev")
		}
	}
	return installed, devices, udev
}

func (l *look) userFlatpak() string {
	if l.Home == "" {
		return ""
	}
	return filepath.Join(l.Home, ".local/share/flatpak")
}

// keyHolds looks for a word in a list of a key file: key=a;b:ro;
func keyHolds(text, key, word string) bool {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if strings.TrimSpace(name) != key {
			continue
		}
		for item := range strings.SplitSeq(value, ";") {
			item, _, _ = strings.Cut(item, ":")
			if strings.TrimSpace(item) == word {
				return true
			}
		}
	}
	return false
}
