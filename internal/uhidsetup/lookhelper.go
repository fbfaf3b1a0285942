package uhidsetup

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"signet/internal/uhidhelper"
	"signet/passkeys/uhid"
)

// helper looks at the service, its program, its list and its socket.
func (l *look) helper() {
	if !l.Root.is(File{Path: ServiceUnit}) {
		l.noHelper()
		return
	}
	if !l.program() || !l.listed() {
		return
	}
	switch err := l.Dial(uhid.Socket); {
	case err == nil:
		l.ok("uhid_helper", "Signet's helper makes security keys for this user")
		l.usable = true
	case !l.has("/run/systemd/system"):
		l.amiss("uhid_helper", "systemd does not run, so nothing starts Signet's helper",
			"let your own service manager run, as root: signet passkey "+HelperCommand+" --listen "+uhid.Socket)
	default:
		l.amiss("uhid_helper", "Signet's helper is installed and does not answer at "+uhid.Socket+": "+err.Error(),
			"systemctl status signet-uhid.socket signet-uhid.service; sudo systemctl start signet-uhid.socket")
	}
}

// noHelper is fine where /dev/uhid opens, and where nobody wants a virtual key.
func (l *look) noHelper() {
	switch {
	case l.usable, !l.has(uhid.DevicePath) && !l.wanted:
	case l.wanted:
		l.amiss("uhid", "/dev/uhid does not open for this user, and Signet's helper is not installed", install)
	default:
		l.ok("uhid", "virtual security key: not set up ("+install+")")
	}
}

// program looks whether what the service runs is there, and is this Signet.
func (l *look) program() bool {
	program := l.Root.Program()
	if program == "" || !l.has(program) {
		l.amiss("uhid_helper", "the program of Signet's helper is gone: "+program, install)
		return false
	}
	if program == BinaryCopy && l.Exe != "" {
		if same, err := sameFile(l.Root.path(program), l.Exe); err == nil && !same {
			l.amiss("uhid_helper_old", "Signet's helper ("+program+") is a copy of another version than this one", install)
		}
	}
	return true
}

// listed looks whether this user is on the list of the helper.
func (l *look) listed() bool {
	mode, there := l.mode(UsersFile)
	users, err := uhidhelper.ParseUsers([]byte(l.read(UsersFile)))
	switch {
	case !there || err != nil:
		l.amiss("uhid_users", fmt.Sprintf("the list of users of Signet's helper cannot be read (%s), so it serves nobody%s", UsersFile, because(err)), install)
		return false
	case mode.Perm()&0o022 != 0:
		l.amiss("uhid_users", UsersFile+" can be written by others than root, so the helper does not believe it", "sudo chmod 644 "+UsersFile)
		return false
	case !slices.ContainsFunc(users, func(u uhidhelper.User) bool { return u.UID == l.UID }):
		if l.UID == 0 {
			return false // root opens the device itself
		}
		l.amiss("uhid_users", "Signet's helper was not installed for this user (number "+strconv.Itoa(l.UID)+")", install)
		return false
	}
	return true
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// seats looks whether somebody else's session could get at this user's keys.
func (l *look) seats() {
	if !l.wanted || l.UID == 0 || strings.Contains(l.read(RulesFile), `"`+uhid.UniqOf(l.UID, "")+`*"`) {
		return
	}
	text := "no rule gives this user's keys to this user alone: whoever's session is in front can talk to them"
	if n := len(l.list("/run/systemd/seats")); n > 1 {
		text = fmt.Sprintf("this machine has %d seats, and ", n) + text
	}
	l.amiss("uhid_seat", text, install)
}

// brltty has a rule that compares every HID device's uniq; a device with bytes in it that are no text makes udev give up on the whole event.
const brlttyRules = "90-brltty-hid.rules"

// foreignUniq looks for devices of other programs that break udev's work. Signet's own uniq is printable ASCII.
func (l *look) foreignUniq() {
	brltty := l.has(filepath.Join("/usr/lib/udev/rules.d", brlttyRules)) || l.has(filepath.Join("/lib/udev/rules.d", brlttyRules)) ||
		l.has(filepath.Join("/etc/udev/rules.d", brlttyRules))
	for _, h := range l.hid {
		if !strings.ContainsFunc(h.Uniq, func(r rune) bool { return r < ' ' || r > '~' }) {
			continue
		}
		text := h.Node + ", a device of another program, calls itself by bytes that are no text (HID_UNIQ)"
		if brltty {
			text += "; brltty's rules make udev give up on it, so nobody gets access"
		}
		l.amiss("uhid_uniq", text, "end that program, or update it; Signet's own keys are not concerned")
	}
}
