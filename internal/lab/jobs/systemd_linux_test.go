package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// systemdsRun is what systemd sees as /run: the machine has no systemd of its own, so one is started in namespaces, as a container's first process.
const systemdsRun = "/run/systemds"

// unneeded is what systemd would start first and the helper does not need: half a minute where the processor is emulated.
var unneeded = []string{
	"systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journal-flush.service", "systemd-udevd.service",
	"systemd-udevd-kernel.socket", "systemd-udevd-control.socket", "systemd-udev-trigger.service", "systemd-tmpfiles-setup.service", "systemd-tmpfiles-setup-dev.service",
	"systemd-sysusers.service", "systemd-hwdb-update.service", "systemd-update-done.service", "systemd-update-utmp.service", "systemd-machine-id-commit.service",
	"systemd-binfmt.service", "systemd-sysctl.service", "systemd-random-seed.service", "systemd-boot-system-token.service", "systemd-pcrphase.service",
	"systemd-pcrphase-sysinit.service", "systemd-firstboot.service", "systemd-repart.service", "systemd-remount-fs.service", "kmod-static-nodes.service",
	"systemd-ask-password-console.path", "systemd-modules-load.service", "dev-hugepages.mount", "dev-mqueue.mount", "proc-sys-fs-binfmt_misc.automount",
	"sys-kernel-config.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount",
}

// startSystemd lets systemd bring up one unit and what that needs.
func startSystemd(t *testing.T, unit string) {
	t.Helper()
	if err := os.MkdirAll(systemdsRun, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--fork", "--kill-child", "--pid", "--mount", "--mount-proc", "--uts", "--ipc", "sh", "-c",
		`mkdir -p /run/systemds/udev && mount --bind /run/udev /run/systemds/udev && mount --rbind /run/systemds /run &&
		mount -t cgroup2 cgroup2 /sys/fs/cgroup && for u in $1; do mask="$mask systemd.mask=$u"; done && exec env -i container=lab SYSTEMD_PROC_CMDLINE="$mask" PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=console --unit="$0"`, unit, strings.Join(unneeded, " "))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("systemd said: %s", said.String())
		}
	})
}

// helperProcess finds the helper that systemd started.
func helperProcess() (pid int, status string) {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil || !strings.HasSuffix(string(b), "passkey\x00uhid-helper\x00") {
			continue
		}
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "status"))
		pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
		return pid, string(text)
	}
	return 0, ""
}

// The units do what they say under the systemd for which they are written: a connection starts the helper, the helper works inside its walls.
func TestSystemdStartsTheHelper(t *testing.T) {
	installed(t)
	startSystemd(t, "signet-uhid.socket")
	socket := filepath.Join(systemdsRun, "signet-uhid.sock")
	await(t, "systemd listens", func() bool { _, err := os.Stat(socket); return err == nil })
	if pid, _ := helperProcess(); pid != 0 {
		t.Error("the helper runs before anybody asked")
	}
	before := hidraws(t)
	cmd := exec.Command("setpriv", as(ada, "python3", "-c", holder, socket)[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	var said [64]byte
	n, err := out.Read(said[:])
	if err != nil || !strings.HasPrefix(string(said[:n]), "ready /dev/hidraw") {
		t.Fatalf("%v: %s", err, said[:n])
	}
	_, status := helperProcess()
	for _, want := range []string{"CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(status, want) {
			t.Errorf("the helper does not have %q: %s", want, status)
		}
	}
	node := strings.TrimSpace(strings.TrimPrefix(string(said[:n]), "ready "))
	must(t, "", "udevadm", "settle")
	var st unix.Stat_t
	if err := unix.Stat(node, &st); err != nil || st.Uid != ada {
		t.Errorf("%s belongs to %d: %v", node, st.Uid, err)
	}
	_ = in.Close()
	await(t, "the key left with its user", func() bool { _, err := os.Stat(node); return errors.Is(err, fs.ErrNotExist) })
	if after := hidraws(t); after != before {
		t.Errorf("nodes: %s, before: %s", after, before)
	}
	pid, _ := helperProcess()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil { // as it ends by itself when nobody has a key
		t.Fatal(err)
	}
	await(t, "the helper ended", func() bool { now, _ := helperProcess(); return now != pid })
	if out := must(t, "", "setpriv", as(ada, "python3", "-c", holder, socket)[1:]...); !strings.HasPrefix(out, "ready /dev/hidraw") {
		t.Errorf("after the helper had ended: %s", out)
	}
}

func hidraws(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("/dev/hidraw*")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(found)
}

// holder has a key until its standard input ends.
const holder = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(60)
s.connect(sys.argv[1])
s.send(b"\x01\x01\x06Signet\x02aa")
a = s.recv(600)
print("ready" if a[0] == 2 else "refused %d" % a[1], a[1:].decode() if a[0] == 2 else a[2:].decode(), flush=True)
sys.stdin.read()
`
