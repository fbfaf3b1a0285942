package uhidsetup

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"signet/passkeys/uhid"
)

// Step is a command that makes an installation count at once; after the next start of the machine it would anyway.
type Step struct {
	Argv []string
	Why  string
	// Soft: the machine may do without it, and its failure is told and no more.
	Soft bool
	// Do is what is done where no command does it; Argv says it in words then.
	Do func() error
}

// Run does the step and gives what it printed.
func (s Step) Run(ctx context.Context) (string, error) {
	if s.Do != nil {
		return "", s.Do()
	}
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.Argv[0], s.Argv[1:]...)
	cmd.Env = []string{"PATH=" + strings.Join(safePath, ":"), "LC_ALL=C", "SYSTEMD_PAGER="}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// stepTimeout bounds a command: udev may have to start first.
const stepTimeout = time.Minute

func (s Step) String() string { return strings.Join(s.Argv, " ") }

// After lists what follows an installation on this machine, of which pending was not there before. Commands that the machine has no use for are left out.
func (r Root) After(way Way, pending []File, hadRule bool) []Step {
	if r != "" {
		return nil // a directory is not a running machine
	}
	out := have(Step{Argv: []string{"modprobe", "uhid"}, Why: "load the module now", Soft: true})
	if UdevRuns() {
		out = append(out, have(Step{Argv: []string{"udevadm", "control", "--reload"}, Why: "read the rules"})...)
		out = append(out, have(Step{Argv: []string{"udevadm", "trigger", "--settle", "--subsystem-match=misc", "--sysname-match=uhid"}, Why: "apply them to /dev/uhid", Soft: true})...)
	}
	if way == Helper && hadRule {
		out = append(out, closeDevice)
	}
	if SystemdRuns() {
		out = append(out, units(way, pending)...)
	}
	return out
}

// units are the steps of systemd. A helper that runs is left alone where it and its units stay as they are: the list of users is read anew for each key, and the
// keys of other users need not leave.
func units(way Way, pending []File) []Step {
	changed := slices.ContainsFunc(pending, func(f File) bool { return slices.Contains([]string{ServiceUnit, SocketUnit, BinaryCopy}, f.Path) })
	var out []Step
	if changed || way == Rule {
		out = append(out, have(Step{Argv: []string{"systemctl", "daemon-reload"}, Why: "read the units"})...)
	}
	if way == Rule {
		return out
	}
	if changed { // a socket does not start while its service runs
		out = append(out, have(Step{Argv: []string{"systemctl", "stop", "signet-uhid.socket", "signet-uhid.service"}, Why: "end an older helper", Soft: true})...)
	}
	return append(out, have(Step{Argv: []string{"systemctl", "start", "signet-uhid.socket"}, Why: "listen now"})...)
}

// Before lists what precedes the removal of the files: keys that are plugged in through the helper leave.
func (r Root) Before() []Step {
	if r != "" || !SystemdRuns() || !r.is(File{Path: SocketUnit}) {
		return nil
	}
	return have(Step{Argv: []string{"systemctl", "stop", "signet-uhid.socket", "signet-uhid.service"}, Why: "end the helper", Soft: true})
}

// AfterRemoval lists what follows it.
func (r Root) AfterRemoval(hadRule bool) []Step {
	if r != "" {
		return nil
	}
	var out []Step
	if SystemdRuns() {
		out = append(out, have(Step{Argv: []string{"systemctl", "daemon-reload"}, Why: "forget the units", Soft: true})...)
	}
	if UdevRuns() {
		out = append(out, have(Step{Argv: []string{"udevadm", "control", "--reload"}, Why: "forget the rules", Soft: true})...)
	}
	if hadRule {
		out = append(out, closeDevice)
	}
	return out
}

// closeDevice takes away what an earlier rule gave: udev itself leaves the access list of a device as it was.
var closeDevice = Step{Argv: []string{"close", uhid.DevicePath, "to everybody but root"}, Why: "the rule for it is gone", Soft: true, Do: func() error {
	_ = os.Remove(staticTag)
	if !exists(uhid.DevicePath) {
		return nil
	}
	return shut(uhid.DevicePath)
}}

// staticTag is where udev remembers that the device goes to whoever sits at the machine.
const staticTag = "/run/udev/static_node-tags/uaccess/uhid"

// SystemdRuns reports whether this machine was started by systemd (sd_booted).
func SystemdRuns() bool { return exists("/run/systemd/system") }

// UdevRuns reports whether something makes rules count.
func UdevRuns() bool { return exists("/run/udev/control") }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// safePath is where commands are looked for: an administrator's PATH may begin with a directory of somebody else's.
var safePath = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/run/current-system/sw/bin"}

func have(s Step) []Step {
	for _, dir := range safePath {
		path := filepath.Join(dir, s.Argv[0])
		if found, err := exec.LookPath(path); err == nil {
			s.Argv = append([]string{found}, s.Argv[1:]...)
			return []Step{s}
		}
	}
	return nil
}
