package uhidhelper

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"signet/passkeys/uhid"
)

// activationFD is the first descriptor that systemd passes (sd_listen_fds).
const activationFD = 3

// ErrNotActivated means that no service manager passed a socket.
var ErrNotActivated = errors.New("no socket was passed: this command is started by systemd (signet-uhid.socket)")

// Activated is the socket that the service manager passed.
func Activated(getenv func(string) string) (*net.UnixListener, error) {
	if getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) || getenv("LISTEN_FDS") != "1" {
		return nil, ErrNotActivated
	}
	unix.CloseOnExec(activationFD)
	f := os.NewFile(activationFD, "signet-uhid.socket")
	defer f.Close() //nolint:errcheck // FileListener has its own copy
	return listener(f)
}

func listener(f *os.File) (*net.UnixListener, error) {
	kind, err := unix.GetsockoptInt(int(f.Fd()), unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_SEQPACKET {
		return nil, errors.Join(errors.New("the socket that was passed is not one of packets"), err)
	}
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("use the socket that was passed: %w", err)
	}
	u, ok := l.(*net.UnixListener)
	if !ok {
		return nil, errors.Join(errors.New("the socket that was passed is not a local one"), l.Close())
	}
	return u, nil
}

// Listen makes a socket, where no service manager does. A file that another helper left there is replaced; a helper that lives is not.
func Listen(path string) (*net.UnixListener, error) {
	addr := &net.UnixAddr{Name: path, Net: "unixpacket"}
	if conn, err := net.DialUnix("unixpacket", nil, addr); err == nil {
		return nil, errors.Join(fmt.Errorf("another helper listens at %s", path), conn.Close())
	} else if errors.Is(err, unix.ECONNREFUSED) {
		_ = os.Remove(path)
	}
	l, err := net.ListenUnix("unixpacket", addr)
	if err != nil {
		return nil, err
	}
	// Everybody may connect: who is served is decided by what the kernel says about the other end.
	if err := os.Chmod(path, 0o666); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// AllowedBy looks users up in the list at path, anew each time, so that installing for another user needs no restart. A list that somebody else than its owner,
// the administrator, could have written allows nobody.
func AllowedBy(path string) func(int) (bool, error) {
	return func(uid int) (bool, error) {
		users, err := readUsers(path)
		for _, u := range users {
			if u.UID == uid {
				return true, err
			}
		}
		return false, err
	}
}

func readUsers(path string) ([]User, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return nil, err
	}
	if int(st.Uid) != os.Geteuid() || st.Mode&0o022 != 0 || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, fmt.Errorf("%s can be written by others than its administrator: it counts as empty", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxUsersFile+1))
	if err != nil {
		return nil, err
	}
	return ParseUsers(b)
}

// OpenUHID opens the kernel's device.
func OpenUHID() (io.ReadWriteCloser, error) { return os.OpenFile(uhid.DevicePath, os.O_RDWR, 0) }

// Confine gives up every capability for good, on all threads, by starting the program anew without them; it returns where there is nothing (more) to give up.
// systemd has done the same before (CapabilityBoundingSet=); this is for a helper that somebody starts by hand.
func Confine() error {
	has, err := capabilities()
	if err != nil || !has {
		return err
	}
	runtime.LockOSThread() // what follows counts for one thread; the new program begins on it
	for c := range uintptr(unix.CAP_LAST_CAP + 1) {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("give up capabilities: %w", err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up capabilities: %w", err)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	none := [2]unix.CapUserData{}
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("give up capabilities: %w", err)
	}
	return fmt.Errorf("start anew without capabilities: %w", unix.Exec("/proc/self/exe", os.Args, os.Environ()))
}

// capabilities reports whether this process could use or get any.
func capabilities() (bool, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, err
	}
	found := 0
	for line := range strings.Lines(string(b)) {
		key, value, _ := strings.Cut(line, ":")
		if key != "CapEff" && key != "CapPrm" && key != "CapBnd" {
			continue
		}
		found++
		if n, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64); err != nil || n != 0 {
			return true, err
		}
	}
	if found != 3 {
		return false, errors.New("read own capabilities: the kernel does not show them")
	}
	return false, nil
}
