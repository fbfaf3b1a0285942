package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limits of the machine's steps.
const (
	kvmLimit  = 15 * time.Second // from QEMU's start to the first line of run.sh with KVM, where it takes two or three
	bootLimit = 2 * time.Minute  // the same when the processor is emulated
	tailTime  = 20 * time.Second // what is left for halting and reporting when the jobs' limit is over
	tick      = 200 * time.Millisecond
)

// machine is one start of QEMU. share is the folder that the guest sees as /lab.
type machine struct {
	kernel linux
	share  string
}

func (m *machine) file(name string) string { return filepath.Join(m.share, name) }

// errBoot says that the machine did not come as far as the jobs.
var errBoot = errors.New("the machine did not boot")

// run boots, runs the jobs that match pattern, prints what they print, and fails when they do. KVM that is there and does not work, as in some
// virtual machines, costs kvmLimit.
func (m *machine) run(ctx context.Context, pattern string) error {
	if err := m.prepare(ctx, pattern); err != nil {
		return err
	}
	if kvm() {
		err := m.start(ctx, kvmLimit, "-accel", "kvm", "-cpu", "host")
		if !errors.Is(err, errBoot) {
			return err
		}
		say("%v with KVM; going on with an emulated processor", err)
	}
	err := m.start(ctx, bootLimit, "-accel", "tcg,thread=multi", "-cpu", "max")
	if err != nil {
		return fmt.Errorf("%w\nthe end of the machine's console:\n%s", err, m.tail("console"))
	}
	return nil
}

// kvm says whether it is worth a try: a processor that can, and a device that may be used.
func kvm() bool {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil || !processorFlag.Match(info) {
		return false
	}
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

var processorFlag = regexp.MustCompile(`\b(vmx|svm)\b`)

// start runs QEMU once, to its end.
func (m *machine) start(ctx context.Context, limit time.Duration, processor ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the end of QEMU, whatever happened
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", append(processor, m.arguments()...)...)
	cmd.WaitDelay = 5 * time.Second
	console, err := os.Create(m.file("console"))
	if err != nil {
		return err
	}
	defer console.Close()
	cmd.Stdout, cmd.Stderr = console, console
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait(); close(ended) }()
	err = m.watch(ctx, begin, limit, ended)
	cancel()
	<-ended
	if err != nil {
		return err
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	say("the machine ran for %s, with %s of processor time", since(begin), used.Round(time.Second))
	return m.verdict()
}

// prepare writes what the machine reads. The jobs end by themselves, with the stacks of what hung, before the machine is stopped from outside.
func (m *machine) prepare(ctx context.Context, pattern string) error {
	left := 24 * time.Hour
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline) - tailTime
	}
	ram, err := initramfs(m.kernel)
	if err != nil {
		return err
	}
	job := fmt.Sprintf("exec ./jobs -test.v -test.count=1 -test.timeout=%ds -test.run=%s\n", int((left - bootLimit/2).Seconds()), quote(pattern))
	return errors.Join(
		os.WriteFile(m.file("initramfs"), ram, 0o600),
		os.WriteFile(m.file("run.sh"), runScript, 0o600),
		os.WriteFile(m.file("limit"), []byte(strconv.Itoa(int(left.Seconds()))), 0o600),
		os.WriteFile(m.file("job"), []byte(job), 0o600),
		os.WriteFile(m.file("output"), nil, 0o600),
	)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// arguments describes the machine, but for its processor.
func (m *machine) arguments() []string {
	return []string{
		"-m", "3G", "-smp", "2", "-nographic", "-no-reboot",
		"-kernel", m.kernel.image(), "-initrd", m.file("initramfs"), "-append", "console=ttyS0 panic=-1 quiet",
		"-fsdev", "local,id=r,path=/,security_model=none,readonly=on,multidevs=remap", "-device", "virtio-9p-pci,fsdev=r,mount_tag=root",
		"-fsdev", "local,id=s,path=" + m.share + ",security_model=none", "-device", "virtio-9p-pci,fsdev=s,mount_tag=share",
		"-device", "virtio-rng-pci", "-nic", "none",
	}
}

// watch copies the jobs' output to this one until the machine ends.
func (m *machine) watch(ctx context.Context, begin time.Time, limit time.Duration, ended <-chan error) error {
	out, err := os.Open(m.file("output"))
	if err != nil {
		return err
	}
	defer out.Close()
	for began := false; ; {
		done := false
		select {
		case err = <-ended:
			done = true
		case <-time.After(tick):
		}
		if !began && exists(m.file("began")) {
			began = true
			say("the machine began its jobs after %s", since(begin))
		}
		_, _ = io.Copy(os.Stdout, out)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("the lab was ended: %w", context.Cause(ctx))
		case done && !began:
			return errors.Join(errBoot, err)
		case done:
			return err
		case !began && time.Since(begin) > limit:
			return fmt.Errorf("%w within %s", errBoot, limit)
		}
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// verdict reads the exit code of the jobs.
func (m *machine) verdict() error {
	b, err := os.ReadFile(m.file("exit"))
	if err != nil {
		return fmt.Errorf("the machine stopped in the middle of the jobs: %w", err)
	}
	switch code := strings.TrimSpace(string(b)); code {
	case "0":
		return nil
	case "124", "137":
		return errors.New("the jobs did not end within their time")
	default:
		return fmt.Errorf("the jobs ended with exit code %s", code)
	}
}

// tail is the end of a log.
func (m *machine) tail(name string) string {
	const most = 4000
	b, err := os.ReadFile(m.file(name))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-most):])
}
