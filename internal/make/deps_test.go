//go:build unix

package make

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a made-up computer: a PATH with the plain tools, fake package managers and whatever a case says is installed.
type machine struct {
	system  string   // what uname answers; "" is Linux
	manager string   // the only package manager, "" none
	uid     string   // "" is root
	sudo    bool     // sudo is installed
	has     []string // commands that are there; "libfido2" stands for the library
	broken  bool     // the manager fails to install
	useless bool     // the manager succeeds and installs nothing
	offline bool     // npm gets nothing
	stale   bool     // what npm fetches is not what the lock file names
	golang  string   // the Go version, "" a good one, "none" no Go
}

// everything is what all rows of the table look for.
var everything = []string{
	"cc", "libfido2", "pkg-config", "git", "dbus-run-session", "gnome-keyring-daemon", "dbusmock", "tmux", "fido2-token", "fido2", "pytest", "ssh-keygen", "Xvfb", "xclip", "xsel",
	"qemu-system-x86_64", "busybox", "kmod", "udevadm", "systemctl", "chromium", "node", "npm", "wl-copy", "systemd-analyze",
}

// modules are what stands in everything and is no command: a file says that the machine has it.
var modules = []string{"libfido2", "dbusmock", "fido2", "pytest"}

// result is what a run of deps.sh did.
type result struct {
	calls  string // one line for each call of a package manager
	stderr string
	code   int
}

// write makes an executable file. While it is open for writing no other test may fork: its child would hold the file open
// for a moment, and running the file would fail with "text file busy".
func write(t *testing.T, name, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// build lays the machine out in a folder and returns its PATH.
func (m machine) build(t *testing.T, dir string) string {
	t.Helper()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"sh", "env", "sed", "cut", "tr", "dirname", "head", "cat", "touch", "chmod"} {
		real, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(real, filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	or := func(s, def string) string {
		if s == "" {
			return def
		}
		return s
	}
	write(t, filepath.Join(bin, "uname"), "#!/bin/sh\necho "+or(m.system, "Linux")+"\n")
	write(t, filepath.Join(bin, "id"), "#!/bin/sh\necho "+or(m.uid, "0")+"\n")
	if m.golang != "none" {
		write(t, filepath.Join(bin, "go"), "#!/bin/sh\ncase \"$1 $2\" in\n'env GOVERSION') echo "+or(m.golang, "go1.26.8")+" ;;\n"+
			"'env GOOS') echo linux ;;\n'env GOTOOLCHAIN') echo local ;;\n'env GOSUMDB') echo off ;;\n'env GOFLAGS') ;;\n'env GOARCH') echo amd64 ;;\n*) echo go version "+or(m.golang, "go1.26.8")+" ;;\nesac\n")
	}
	write(t, filepath.Join(bin, "python3"), "#!/bin/sh\n[ -e "+dir+"/${2#import } ]\n")
	for _, c := range m.has {
		m.install(t, dir, bin, c)
	}
	if m.sudo {
		write(t, filepath.Join(bin, "sudo"), "#!/bin/sh\nprintf 'sudo ' >>"+dir+"/calls\nexec \"$@\"\n")
	}
	if m.manager != "" {
		write(t, filepath.Join(bin, m.manager), m.fakeManager(dir, bin))
	}
	return bin
}

// install puts one command on the machine. The compiler links libfido2 when the marker file of the library is there.
func (m machine) install(t *testing.T, dir, bin, command string) {
	t.Helper()
	switch command {
	case "libfido2", "dbusmock", "fido2", "pytest":
		write(t, filepath.Join(dir, command), "")
	case "cc":
		write(t, filepath.Join(bin, "cc"), "#!/bin/sh\ncat >/dev/null\n[ -e "+dir+"/libfido2 ]\n")
	case "npm":
		write(t, filepath.Join(bin, command), "#!/bin/sh\necho \"npm $1 in ${PWD##*/}\" >>"+dir+"/calls\n"+map[bool]string{true: "exit 1\n"}[m.offline])
	default:
		write(t, filepath.Join(bin, command), "#!/bin/sh\n")
	}
}

// fakeManager writes down how it is called; an installing call puts everything on the machine.
func (m machine) fakeManager(dir, bin string) string {
	s := "#!/bin/sh\necho \"${DEBIAN_FRONTEND:+DEBIAN_FRONTEND=$DEBIAN_FRONTEND }" + m.manager + " $*\" >>" + dir + "/calls\n" +
		"[ \"$1\" = update ] && exit 0\n"
	if m.broken {
		return s + "echo 'E: no such package' >&2\nexit 100\n"
	}
	if m.useless {
		return s + "exit 0\n"
	}
	s += "printf '#!/bin/sh\\ncat >/dev/null\\n[ -e " + dir + "/libfido2 ]\\n' >" + bin + "/cc\n"
	for _, c := range everything[1:] {
		if slices.Contains(modules, c) {
			s += "touch " + dir + "/" + c + "\n"
			continue
		}
		s += "[ -e " + bin + "/" + c + " ] || printf '#!/bin/sh\\n' >" + bin + "/" + c + "\n"
	}
	return s + "chmod 700 " + bin + "/*\n"
}

// judge makes the folder of the relying party that npm fetches; it is up to date unless the case says otherwise.
func (m machine) judge(t *testing.T, dir string) string {
	t.Helper()
	judge := filepath.Join(dir, "judge")
	if err := os.MkdirAll(filepath.Join(judge, "node_modules"), 0o700); err != nil {
		t.Fatal(err)
	}
	lock, there := filepath.Join(judge, "package-lock.json"), filepath.Join(judge, "node_modules", ".package-lock.json")
	write(t, lock, "{}")
	write(t, there, "{}")
	old, fresh := time.Unix(1_000_000_000, 0), time.Unix(1_100_000_000, 0)
	if m.stale {
		old, fresh = fresh, old
	}
	for name, at := range map[string]time.Time{lock: old, there: fresh} {
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return judge
}

func (m machine) deps(t *testing.T, args ...string) result {
	t.Helper()
	dir := t.TempDir()
	path := m.build(t, dir)
	cmd := exec.Command("/bin/sh", append([]string{"deps.sh"}, args...)...)
	judge := m.judge(t, dir)
	cmd.Env = []string{"PATH=" + path, "HOME=" + dir, "SIGNET_PYTHON=" + filepath.Join(path, "python3"), "SIGNET_JUDGE=" + judge}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	calls, _ := os.ReadFile(filepath.Join(dir, "calls"))
	return result{calls: strings.TrimSpace(string(calls)), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
}

const (
	aptBuild = "gcc libc6-dev libfido2-dev pkg-config git"
	aptTest  = "dbus gnome-keyring python3-dbusmock tmux fido2-tools python3-fido2 python3-pytest openssh-client xvfb xclip xsel nodejs npm wl-clipboard systemd"
	noDebian = "DEBIAN_FRONTEND=noninteractive apt-get "
)

// Each package manager is called once, without questions, with exactly what is missing.
func TestDepsCallsThePackageManager(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		m    machine
		args string
		want string
	}{
		{"debian, everything", machine{manager: "apt-get"}, "build test",
			noDebian + "update -qq\n" + noDebian + "install -y -qq --no-install-recommends " + aptBuild + " " + aptTest},
		{"debian, run needs less", machine{manager: "apt-get", has: []string{"cc", "git"}}, "build",
			noDebian + "update -qq\n" + noDebian + "install -y -qq --no-install-recommends libfido2-dev pkg-config"},
		{"debian, the kernel lab", machine{manager: "apt-get", has: []string{"kmod"}}, "lab",
			noDebian + "update -qq\n" + noDebian + "install -y -qq --no-install-recommends qemu-system-x86 busybox-static udev systemd chromium"},
		{"ubuntu with sudo", machine{manager: "apt-get", uid: "1000", sudo: true, has: []string{"cc", "git", "pkg-config"}}, "build",
			"sudo " + noDebian + "update -qq\nsudo " + noDebian + "install -y -qq --no-install-recommends libfido2-dev"},
		{"fedora", machine{manager: "dnf", uid: "1000", sudo: true}, "build test",
			"sudo dnf install -y --setopt=install_weak_deps=False gcc libfido2-devel pkgconf-pkg-config git " +
				"dbus-daemon gnome-keyring python3-dbusmock tmux fido2-tools python3-fido2 python3-pytest openssh-clients xorg-x11-server-Xvfb xclip xsel nodejs nodejs-npm wl-clipboard systemd"},
		{"arch", machine{manager: "pacman"}, "build test",
			"pacman -S --noconfirm --needed gcc libfido2 pkgconf git dbus gnome-keyring python-dbusmock tmux python-fido2 python-pytest openssh xorg-server-xvfb xclip xsel nodejs npm wl-clipboard systemd"},
		{"macOS", machine{system: "Darwin", manager: "brew", uid: "501", sudo: true, has: []string{"cc", "git"}}, "build test",
			"brew install libfido2 pkgconf tmux node"},
		{"one thing missing", machine{manager: "apt-get", has: everything[:len(everything)-1]}, "build test",
			noDebian + "update -qq\n" + noDebian + "install -y -qq --no-install-recommends systemd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.m.deps(t, strings.Fields(c.args)...)
			if r.code != 0 || r.calls != c.want {
				t.Errorf("exit %d, calls\n%s\nwant\n%s\nstderr:\n%s", r.code, r.calls, c.want, r.stderr)
			}
		})
	}
}

// A machine that has everything needs neither rights nor a package manager.
func TestDepsLeavesACompleteMachineAlone(t *testing.T) {
	t.Parallel()
	for _, m := range []machine{
		{manager: "apt-get", uid: "1000", has: everything},
		{uid: "1000", has: everything},
	} {
		if r := m.deps(t, "build", "test"); r.code != 0 || r.calls != "" || r.stderr != "" {
			t.Errorf("%+v: exit %d, calls %q, stderr %q", m, r.code, r.calls, r.stderr)
		}
	}
}

// The relying party is fetched as its lock file says, once, and by nobody with more rights than the caller.
func TestDepsFetchesTheRelyingParty(t *testing.T) {
	t.Parallel()
	m := machine{manager: "apt-get", uid: "1000", sudo: true, has: everything, stale: true}
	if r := m.deps(t, "build", "test"); r.code != 0 || r.calls != "npm ci in judge" || !strings.Contains(r.stderr, "@simplewebauthn/server") {
		t.Errorf("exit %d, calls %q, stderr %q", r.code, r.calls, r.stderr)
	}
	if r := m.deps(t, "build"); r.calls != "" {
		t.Errorf("building fetched it too: %q", r.calls)
	}
	m.offline = true
	hard, soft := m.deps(t, "test"), m.deps(t, "--soft", "test")
	if hard.code != 1 || soft.code != 0 || !strings.Contains(soft.stderr, "npm could not fetch it") {
		t.Errorf("offline: exit %d, with --soft %d: %s", hard.code, soft.code, soft.stderr)
	}
}

// Where nothing can be installed, the message names what is missing and why; --soft goes on, and never in silence.
func TestDepsSaysWhatItCannotInstall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		m    machine
		want []string
	}{
		{"neither root nor sudo", machine{manager: "apt-get", uid: "1000", has: []string{"cc", "git"}},
			[]string{"neither root nor sudo", "libfido2-dev (hardware keys)"}},
		{"no manager that we know", machine{has: []string{"cc", "git", "pkg-config"}},
			[]string{"no apt-get, dnf, pacman or brew", "libfido2 (hardware keys)"}},
		{"the manager fails", machine{manager: "dnf", broken: true, has: []string{"cc", "git", "pkg-config"}},
			[]string{"E: no such package", "dnf could not install", "libfido2-devel"}},
		{"the manager lies", machine{manager: "pacman", useless: true, has: []string{"cc", "git", "pkg-config"}},
			[]string{"still missing", "libfido2 (hardware keys)"}},
		{"a Mac without a compiler", machine{system: "Darwin", uid: "501", has: []string{"git"}},
			[]string{"xcode-select --install"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hard, soft := c.m.deps(t, "build"), c.m.deps(t, "--soft", "build")
			for _, want := range c.want {
				if !strings.Contains(hard.stderr, want) || !strings.Contains(soft.stderr, want) {
					t.Errorf("%q is missing in\n%s\nor\n%s", want, hard.stderr, soft.stderr)
				}
			}
			if hard.code != 1 || soft.code != 0 {
				t.Errorf("exit %d, with --soft %d; want 1 and 0", hard.code, soft.code)
			}
		})
	}
}

// Arch without package lists, as in a fresh container, gets a second try that fetches them.
func TestDepsFetchesPackageListsOnlyWhenNeeded(t *testing.T) {
	t.Parallel()
	r := machine{manager: "pacman", broken: true, has: []string{"cc", "git", "pkg-config"}}.deps(t, "build")
	want := "pacman -S --noconfirm --needed libfido2\npacman -Sy --noconfirm --needed libfido2"
	if r.calls != want {
		t.Errorf("calls\n%s\nwant\n%s", r.calls, want)
	}
}

// Without a usable Go the first line says so, with the place to get one; nothing is installed before that.
func TestDepsNeedsGo(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"none": "Go is not installed", "go1.19.8": "too old"} {
		r := machine{manager: "apt-get", golang: version}.deps(t, "--soft", "build")
		if r.code != 1 || r.calls != "" || !strings.Contains(r.stderr, want) || !strings.Contains(r.stderr, "https://go.dev/dl/") {
			t.Errorf("Go %s: exit %d, calls %q, stderr %q", version, r.code, r.calls, r.stderr)
		}
	}
}
