package jobs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"signet/passkeys/uhid"
)

// The users of the machine that these jobs stand on: ada has the helper, eve has not.
const (
	ada = 4242
	eve = 4243
)

// as runs a program as a user without any right of root's.
func as(uid int, args ...string) []string {
	n := strconv.Itoa(uid)
	return append([]string{"setpriv", "--reuid", n, "--regid", n, "--clear-groups"}, args...)
}

// userProgram is the program under test where every user can run it.
const userProgram = "/usr/local/bin/signet"

// installed sets the machine up for ada, with the files of a real installation, as long as the test runs.
func installed(t *testing.T, flags ...string) {
	t.Helper()
	must(t, "", "install", "-m", "755", signet, userProgram)
	out := must(t, "", userProgram, append([]string{"passkey", "serve", "--install", "--user", strconv.Itoa(ada), "--yes"}, flags...)...)
	t.Cleanup(func() { // the context of the test is over by then
		if out, err := exec.Command(userProgram, "passkey", "serve", "--uninstall", "--yes").CombinedOutput(); err != nil {
			t.Errorf("uninstall: %v\n%s", err, out)
		}
		if left, _ := filepath.Glob("/etc/*/*signet*"); len(left) != 0 {
			t.Errorf("left over: %v", left)
		}
	})
	if !strings.Contains(out, "/etc/udev/rules.d/69-signet-uhid.rules") || !strings.Contains(out, "udevadm control --reload") {
		t.Errorf("the installation said: %s", out)
	}
}

// installedHelper starts the helper by hand, for systemd does not run here.
func installedHelper(t *testing.T) *exec.Cmd {
	t.Helper()
	installed(t)
	cmd := exec.Command(userProgram, "passkey", "uhid-helper", "--listen", uhid.Socket)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	await(t, "the helper listens", func() bool { _, err := os.Stat(uhid.Socket); return err == nil })
	return cmd
}

// userKey is ada's key: her vault, served by her, plugged in by the helper.
func userKey(t *testing.T, flags ...string) *key {
	t.Helper()
	dir := fmt.Sprintf("/tmp/ada-%d", os.Getpid())
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "pass"), []byte(passphrase+"\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, "", "chown", "-R", strconv.Itoa(ada), dir)
	env := []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere"}
	init := as(ada, "sh", "-c", `exec "$0" --passphrase-fd 9 "$@" 9<"$HOME/pass"`, userProgram, "init", "--unlock", "passphrase", "--work-factor", "10",
		"--recovery-file", filepath.Join(dir, "code"), "--device-name", "lab")
	if out, err := commandIn(t, dir, env, "", init[0], init[1:]...); err != nil {
		t.Fatalf("init as a user: %v\n%s", err, out)
	}
	serve := as(ada, append([]string{userProgram, "passkey", "serve"}, flags...)...)
	k := &key{terminal: onTerminal(t, env, serve[0], serve[1:]...)}
	await(t, "the key is plugged in", func() bool { // before or after the passphrase: no matter here
		found := node.FindStringSubmatch(k.all())
		if found != nil {
			k.path = found[1]
		}
		return found != nil
	})
	await(t, "the passphrase is asked for", func() bool { return strings.Contains(k.all(), "assphrase") })
	k.press(passphrase + "\n")
	k.expect("assphrase")
	must(t, "", "udevadm", "settle")
	return k
}

var node = regexp.MustCompile(`(?m)^(/dev/hidraw[0-9]+)$`)

// What the helper is for, and what it must not do. One installation serves all of it.
func TestTheHelper(t *testing.T) {
	helper := installedHelper(t)
	t.Run("refuses other users", refusesOtherUsers)
	t.Run("makes no keyboards", makesNoKeyboards)
	t.Run("plugs a user's key in", func(t *testing.T) { plugsAUsersKeyIn(t, helper) })
}

// A user who may not open /dev/uhid has a key that libfido2 finds; nobody else may talk to it.
func plugsAUsersKeyIn(t *testing.T, helper *exec.Cmd) {
	if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", helper.Process.Pid)); err != nil || !strings.Contains(string(status), "CapPrm:\t0000000000000000") {
		t.Errorf("the helper's rights: %v\n%s", err, status)
	}
	if out, err := command(t, "", "setpriv", as(ada, "sh", "-c", "exec 3<>/dev/uhid")[1:]...); err == nil {
		t.Errorf("a user opened /dev/uhid: %s", out)
	}
	k := userKey(t, "--approve", "always")
	var st unix.Stat_t
	if err := unix.Stat(k.path, &st); err != nil || st.Uid != ada || st.Mode&0o777 != 0o600 {
		t.Errorf("%s belongs to %d with mode %o: %v", k.path, st.Uid, st.Mode, err)
	}
	if _, err := unix.Getxattr(k.path, "system.posix_acl_access", nil); !errors.Is(err, unix.ENODATA) {
		t.Errorf("%s has an access list: %v", k.path, err)
	}
	for _, c := range [][]string{{"fido2-token", "-L"}, {"fido2-token", "-I", k.path}} {
		if out := must(t, "", "setpriv", as(ada, c...)[1:]...); !strings.Contains(out, k.path+":") && !strings.Contains(out, "FIDO_2_1") {
			t.Errorf("%v as the user: %s", c, out)
		}
	}
	if out, err := command(t, "", "setpriv", as(eve, "sh", "-c", "exec 3<>"+k.path)[1:]...); err == nil {
		t.Errorf("another user opened the key: %s", out)
	}
	out := must(t, "", "udevadm", "info", "-q", "property", k.path)
	if !strings.Contains(out, "ID_FIDO_TOKEN=1") || !strings.Contains(out, fmt.Sprintf("HID_UNIQ=signet-%d-", ada)) || strings.Contains(out, "ID_SECURITY_TOKEN=1") {
		t.Errorf("udev: %s", out)
	}
	out, _ = command(t, "", "setpriv", as(ada, userProgram, "doctor", "--json", "--no-input")[1:]...)
	for _, want := range []string{`"level":"ok","code":"uhid_helper"`, `"level":"ok","code":"uhid_node"`} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor does not say %s: %s", want, out)
		}
	}
	if err := helper.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	k.expect("unplugged from outside")
	await(t, "the node is gone", func() bool { _, err := os.Stat(k.path); return errors.Is(err, fs.ErrNotExist) })
}

func refusesOtherUsers(t *testing.T) {
	out, err := command(t, "", "setpriv", as(eve, "python3", "-c", client, uhid.Socket)[1:]...)
	if err != nil || !strings.Contains(out, "refused 1") {
		t.Errorf("%v: %s", err, out)
	}
}

// client speaks to the helper without our code. It says what it was told, then sends what would destroy the key and make a keyboard.
const client = `
import os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(60)
s.connect(sys.argv[1])
try:
    s.send(b"\x01\x01\x06Signet\x02aa")
    a = s.recv(600)
except OSError as e:
    a = b"\xff" + str(e).encode()
print("ready" if a[0] == 2 else "refused", a[1], a[2:])
if a[0] == 2:
    for m in DESTROY, CREATE, b"\x04" + CREATE[:64]:
        try:
            s.send(m)
        except OSError:
            pass
    try:
        while s.recv(600): pass
        print("the connection ended")
    except OSError as e:
        print("the connection ended:", e)
`

// events are UHID_DESTROY and a UHID_CREATE2 for a keyboard with eight keys.
const events = `
import struct
DESTROY = struct.pack("<I", 1)
RD = bytes.fromhex("05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0")
CREATE = struct.pack("<I", 11) + b"Evil keyboard".ljust(128, b"\0") + b"evil".ljust(64, b"\0") + b"evil".ljust(64, b"\0") + struct.pack("<HHIIII", len(RD), 3, 0x1234, 0x5678, 1, 0) + RD
`

func keyboards(t *testing.T) bool {
	t.Helper()
	b, err := os.ReadFile("/proc/bus/input/devices")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(b), "Evil keyboard")
}

// Why the helper keeps its descriptor: a descriptor of /dev/uhid with which a security key was made makes a keyboard in the hands of any user.
func TestADescriptorThatIsPassedOnMakesKeyboards(t *testing.T) {
	file, err := os.OpenFile(uhid.DevicePath, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	held := duplicate(t, file)
	if _, err := uhid.Plug(io.ReadWriteCloser(file), "Signet", uhid.UniqOf(eve, "aa"), ""); err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	argv := as(eve, "python3", "-c", events+"import os\nos.write(3, DESTROY)\nos.write(3, CREATE)\nopen('/tmp/evil-typed','w').close()\nimport time\ntime.sleep(600)")
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.ExtraFiles, cmd.Stderr = []*os.File{held}, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = held.Close()
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	await(t, "the user's keyboard", func() bool { return keyboards(t) })
}

// duplicate gives another descriptor of an open file, which would go to the client. Fd would do it too, and leave the file in a state in which it cannot be closed while it is
// read.
func duplicate(t *testing.T, file *os.File) *os.File {
	t.Helper()
	raw, err := file.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	passed, failed := -1, error(nil)
	if err := raw.Control(func(fd uintptr) { passed, failed = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return os.NewFile(uintptr(passed), "uhid")
}

// The same events sent to the helper end the connection and reach no kernel.
func makesNoKeyboards(t *testing.T) {
	await(t, "no keyboard is left of another test", func() bool { return !keyboards(t) })
	out, err := command(t, "", "setpriv", as(ada, "python3", "-c", events+client, uhid.Socket)[1:]...)
	if err != nil || !strings.Contains(out, "ready") || !strings.Contains(out, "the connection ended") {
		t.Errorf("%v: %s", err, out)
	}
	must(t, "", "udevadm", "settle")
	if keyboards(t) {
		t.Error("the helper made a keyboard")
	}
}
