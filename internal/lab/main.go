package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	run   string        // which jobs, as in go test -run
	limit time.Duration // for the whole lab
	keep  bool          // leave the folder that is shared with the machine
}

func main() {
	var o options
	flag.StringVar(&o.run, "run", "", "run only the jobs that match this pattern, as in go test -run")
	flag.DurationVar(&o.limit, "limit", 8*time.Minute, "the whole lab ends after so long")
	flag.BoolVar(&o.keep, "keep", false, "leave the folder that is shared with the machine, with all logs")
	flag.Parse()
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")                            // where depmod is, and ordinary users do not look
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // no machine runs on without its driver
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, o.limit, fmt.Errorf("its time of %s is over", o.limit))
	defer cancel()
	if err := lab(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

// needed are the commands without which there is no lab.
var needed = []string{
	"qemu-system-x86_64", "busybox", "apt-get", "dpkg", "depmod", "modprobe", "udevadm", "chromium", "fido2-token", "ssh-keygen",
}

func lab(ctx context.Context, o options) error {
	if err := possible(); err != nil {
		return err
	}
	share, err := os.MkdirTemp("", "signet-lab-")
	if err != nil {
		return err
	}
	if o.keep {
		say("what is shared with the machine stays in %s", share)
	} else {
		defer os.RemoveAll(share)
	}
	begin := time.Now()
	k, err := kernel(ctx)
	if err != nil {
		return fmt.Errorf("get a kernel: %w", err)
	}
	if err := build(ctx, share); err != nil {
		return err
	}
	say("Linux %s and the programs are ready after %s", k.version, since(begin))
	m := machine{kernel: k, share: share}
	return m.run(ctx, o.run)
}

// possible says what is missing on this machine, all of it at once.
func possible() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("the lab runs only on Linux on amd64, this is %s on %s", runtime.GOOS, runtime.GOARCH)
	}
	var missing []string
	for _, c := range needed {
		if _, err := exec.LookPath(c); err != nil {
			missing = append(missing, c)
		}
	}
	if len(missing) != 0 {
		return fmt.Errorf("missing here: %s (make lab-deps installs them; apt-get and dpkg, which bring the kernel, are those of Debian and Ubuntu)",
			strings.Join(missing, ", "))
	}
	return nil
}

// build puts the programs under test and the jobs into the shared folder.
func build(ctx context.Context, share string) error {
	for _, args := range [][]string{
		{"build", "-buildvcs=false", "-o", filepath.Join(share, "signet"), "."},
		{"test", "-c", "-o", filepath.Join(share, "jobs"), "./internal/lab/jobs"},
	} {
		if out, err := output(ctx, 5*time.Minute, "go", args...); err != nil {
			return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// output runs a program of this machine and returns what it printed, both streams.
func output(ctx context.Context, limit time.Duration, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s did not end within %s", name, limit))
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return string(out), err
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "lab: "+format+"\n", args...) }

func since(t time.Time) time.Duration { return time.Since(t).Round(time.Second) }
