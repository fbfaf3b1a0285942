//go:build unix

package uhidsetup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/internal/uhidhelper"
)

// made is a machine below a directory.
type made struct {
	t *testing.T
	Machine
	open, sockets map[string]bool
}

// newMachine makes one with udev, systemd, uhid and one seat, on which nobody has set anything up.
func newMachine(t *testing.T) *made {
	t.Helper()
	m := &made{t: t, open: map[string]bool{}, sockets: map[string]bool{}}
	m.Machine = Machine{Root: Root(t.TempDir()), UID: 1000, Home: "/home/ada"}
	m.Access = func(path string) error {
		if m.open[path] {
			return nil
		}
		return fs.ErrPermission
	}
	m.Dial = func(path string) error {
		if m.sockets[path] {
			return nil
		}
		return errors.New("connection refused")
	}
	for _, p := range []string{"/run/udev/control", "/run/systemd/seats/seat0", "/run/systemd/system/x"} {
		m.file(p, "")
	}
	m.file(osRelease, "6.1.0\n")
	m.file("/lib/modules/6.1.0/modules.dep", "kernel/drivers/hid/uhid.ko: kernel/drivers/hid/hid.ko\n")
	m.file("/dev/uhid", "")
	return m
}

func (m *made) file(path, text string) {
	m.t.Helper()
	full := m.Root.path(path)
	if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o600)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *made) gone(path string) {
	m.t.Helper()
	if err := os.RemoveAll(m.Root.path(path)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *made) node(n, uniq string) {
	m.file("/sys/class/hidraw/"+n+"/device/uevent", "HID_NAME=Signet\nHID_UNIQ="+uniq+"\n")
}

// helper installs everything for ada, and lets it listen.
func (m *made) helper() {
	m.t.Helper()
	m.file("/usr/bin/signet", "a program")
	if _, err := m.Root.Install(Plan{Way: Helper, Users: []uhidhelper.User{ada}, Program: "/usr/bin/signet"}); err != nil {
		m.t.Fatal(err)
	}
	m.sockets["/run/signet-uhid.sock"] = true
}

// finds looks and insists on these findings and no others: "code" for what is in order or of no matter, "code!" for a warning.
func (m *made) finds(want ...string) []Finding {
	m.t.Helper()
	found := Look(m.Machine)
	var got []string
	for _, f := range found {
		if f.Warning {
			f.Code += "!"
			if f.Next == "" {
				m.t.Errorf("%s says no next step", f.Code)
			}
		}
		got = append(got, f.Code)
	}
	if !slices.Equal(got, want) {
		m.t.Errorf("found %v, want %v: %+v", got, want, found)
	}
	return found
}

func TestNothingSetUpIsNoFault(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.finds("uhid")
	m.gone("/dev/uhid")
	m.finds("uhid_module")
}

func TestAMachineThatIsSetUp(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.helper()
	m.finds("uhid_helper")
	m.node("hidraw2", "signet-1000-0123456789abcdef")
	m.open["/dev/hidraw2"] = true
	m.finds("uhid_helper", "uhid_node")
}

func TestTheModule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*made)
		says   string
	}{
		"not loaded": {func(*made) {}, "is not loaded"},
		"built in": {func(m *made) {
			m.gone("/lib")
			m.file("/lib/modules/6.1.0/modules.builtin", "kernel/drivers/hid/uhid.ko\n")
		}, "is not loaded"},
		"cloud":       {func(m *made) { m.file("/lib/modules/6.1.0/modules.dep", "kernel/drivers/hid/hid.ko:\n") }, "built without uhid"},
		"updated":     {func(m *made) { m.gone("/lib") }, "neither are the modules"},
		"no node":     {func(m *made) { m.file("/sys/module/uhid/x", "") }, "the kernel has uhid, and there is no /dev/uhid"},
		"proc hidden": {func(m *made) { m.gone("/proc") }, "neither are the modules"},
	} {
		m := newMachine(t)
		m.gone("/dev/uhid")
		c.change(m)
		m.file(ModulesFile, modulesText) // somebody wants it
		m.file(RulesFile, rulesText(Helper, []uhidhelper.User{ada}))
		found := m.finds("uhid_module!", "uhid!")
		if !strings.Contains(found[0].Text, c.says) {
			t.Errorf("%s: %s", name, found[0].Text)
		}
	}
}

func TestTheHelper(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*made)
		want   []string
	}{
		"does not listen":  {func(m *made) { m.sockets = nil }, []string{"uhid_helper!"}},
		"no systemd":       {func(m *made) { m.sockets = nil; m.gone("/run/systemd/system") }, []string{"uhid_helper!"}},
		"program gone":     {func(m *made) { m.gone("/usr/bin/signet") }, []string{"uhid_helper!"}},
		"list gone":        {func(m *made) { m.gone(UsersFile) }, []string{"uhid_users!"}},
		"list broken":      {func(m *made) { m.file(UsersFile, mark+"ada\n") }, []string{"uhid_users!"}},
		"list of others":   {func(m *made) { m.file(UsersFile, mark+"1001\n") }, []string{"uhid_users!"}},
		"list for anybody": {func(m *made) { _ = os.Chmod(m.Root.path(UsersFile), 0o666) }, []string{"uhid_users!"}},
		"another user":     {func(m *made) { m.UID = 1001 }, []string{"uhid_users!", "uhid_seat!"}},
		"root":             {func(m *made) { m.UID = 0; m.open["/dev/uhid"] = true }, []string{"uhid"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.helper()
			c.change(m)
			m.finds(c.want...)
		})
	}
}

func TestAnOlderCopyIsSeen(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.file("/home/ada/signet", "version 1")
	m.Exe = m.Root.path("/home/ada/signet")
	if _, err := m.Root.Install(Plan{Users: []uhidhelper.User{ada}, Program: BinaryCopy, CopyFrom: m.Exe}); err != nil {
		t.Fatal(err)
	}
	m.sockets["/run/signet-uhid.sock"] = true
	m.finds("uhid_helper")
	m.file("/home/ada/signet", "version 2")
	m.finds("uhid_helper_old!", "uhid_helper")
}

func TestWhoMayOpenTheDevice(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.open["/dev/uhid"] = true
	found := m.finds("uhid")
	if !strings.Contains(found[0].Text, "every program of this session: each can make keyboards") {
		t.Error(found[0].Text)
	}
	_ = os.Chmod(m.Root.path("/dev/uhid"), 0o666)
	m.finds("uhid_open!", "uhid")
}

// Without the helper and without the rule a rest of an installation is no use.
func TestAHalfInstallation(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.file(ModulesFile, modulesText)
	m.finds("uhid!", "uhid_seat!")
}

func TestSeats(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.helper()
	m.gone(RulesFile)
	m.file("/run/systemd/seats/seat1", "")
	found := m.finds("uhid_helper", "uhid_seat!")
	if !strings.Contains(found[1].Text, "this machine has 2 seats") {
		t.Error(found[1].Text)
	}
}

func TestNodesThatDoNotOpen(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*made){
		"udev does not run":              func(m *made) { m.gone("/run/udev/control") },
		"although a rule gives it":       func(*made) {},
		"nobody counts as sitting":       func(m *made) { m.gone(RulesFile); m.gone("/run/systemd/seats") },
		"not a session over the network": func(m *made) { m.gone(RulesFile) },
	} {
		m := newMachine(t)
		m.helper()
		m.node("hidraw0", "signet-1000-aa")
		m.node("hidraw1", "signet-1001-aa") // somebody else's: no matter
		change(m)
		i := slices.IndexFunc(Look(m.Machine), func(f Finding) bool { return f.Code == "uhid_node" && f.Warning && strings.Contains(f.Text, says) })
		if i < 0 {
			t.Errorf("%s: %+v", says, Look(m.Machine))
		}
	}
}

// A key is plugged in to try it where one can be and none is.
func TestTheProbe(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	tried := 0
	var result error
	m.Probe = func() error { tried++; return result }
	m.finds("uhid") // cannot be
	m.helper()
	m.finds("uhid_helper", "uhid_node")
	result = errors.New("no access")
	m.finds("uhid_helper", "uhid_node!")
	m.node("hidraw0", "signet-1000-aa")
	m.open["/dev/hidraw0"] = true
	m.finds("uhid_helper", "uhid_node")
	if tried != 2 {
		t.Errorf("tried %d times", tried)
	}
}

func TestContainersAndUdev(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.file("/.dockerenv", "")
	m.gone("/run/udev/control")
	m.finds("uhid_container", "uhid_udev", "uhid")
	m.helper()
	m.finds("uhid_container!", "uhid_udev!", "uhid_helper")
}

func TestBrowsersInSandboxes(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.helper()
	m.file("/snap/firefox/current", "")
	m.file("/snap/gimp/current", "")
	m.file("/var/lib/flatpak/app/com.brave.Browser/current/active/metadata", "[Context]\ndevices=dri;\nfilesystems=xdg-download;\n")
	m.file("/home/ada/.local/share/flatpak/app/org.mozilla.firefox/current/active/metadata", "[Context]\ndevices=dri;all;\nfilesystems=/run/udev:ro;\n")
	m.file("/var/lib/flatpak/app/com.google.Chrome/current/active/metadata", "[Context]\ndevices=all;\n")
	found := m.finds("uhid_helper", "uhid_snap!", "uhid_flatpak!", "uhid_flatpak!")
	if !strings.Contains(found[1].Text, "firefox") || strings.Contains(found[1].Text, "gimp") {
		t.Error(found[1].Text)
	}
	if !strings.Contains(found[2].Text, "com.google.Chrome") || !strings.Contains(found[2].Text, "hides what udev knows") {
		t.Error(found[2].Text)
	}
	if !strings.Contains(found[3].Next, "flatpak override --user --device=all --filesystem=/run/udev:ro com.brave.Browser") {
		t.Error(found[3].Next)
	}
	m.file("/home/ada/.local/share/flatpak/overrides/com.brave.Browser", "[Context]\ndevices=all;\nfilesystems=/run/udev:ro;\n")
	m.file("/var/lib/flatpak/overrides/global", "[Context]\nfilesystems=/run/udev;\n")
	m.finds("uhid_helper", "uhid_snap!")
}

// linux-id's trap: random bytes as uniq make brltty's rules abort, and the node stays root's.
func TestAForeignDeviceThatBreaksRules(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.helper()
	m.node("hidraw0", "\x01\xff\x80")
	found := m.finds("uhid_helper", "uhid_uniq!")
	if strings.Contains(found[1].Text, "brltty") {
		t.Error(found[1].Text)
	}
	m.file("/usr/lib/udev/rules.d/90-brltty-hid.rules", "")
	if found := m.finds("uhid_helper", "uhid_uniq!"); !strings.Contains(found[1].Text, "brltty") {
		t.Error(found[1].Text)
	}
}
