package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

type options struct {
	bin, sizes       string
	runs             int
	probe, startOnly bool
}

func main() {
	// What this process holds when it starts a command is the least that the kernel reports for the command's peak.
	debug.SetGCPercent(25)
	var o options
	flag.StringVar(&o.bin, "bin", "bin/signet", "the program to measure")
	flag.StringVar(&o.sizes, "sizes", "100,10000,100000", "numbers of entries")
	flag.IntVar(&o.runs, "runs", 25, "runs of each command; the median counts")
	flag.BoolVar(&o.startOnly, "start", false, "measure only the program's start")
	flag.BoolVar(&o.probe, "probe", false, "read one keyring item and end (used by the measurement itself)")
	generateOnly := flag.Int("generate", 0, "write an export of so many entries to standard output and end")
	flag.Parse()
	var err error
	switch {
	case o.probe:
		err = probeKeyring()
	case *generateOnly > 0:
		err = generate(os.Stdout, *generateOnly)
	default:
		err = bench(os.Stdout, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(w io.Writer, o options) error {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return err
	}
	home := os.Getenv(inside)
	if home == "" {
		fmt.Fprintf(w, "Measured on %s.\n\n", where())
		if err := start(w, bin, o.runs); err != nil || o.startOnly {
			return err
		}
		home, err := os.MkdirTemp("", "signet-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(home)
		return underBus(home)
	}
	return vaults(w, bin, home, o)
}

// start prints how long `signet version` takes and which packages' init functions cost most of it.
func start(w io.Writer, bin string, runs int) error {
	s, err := repeat(2*runs, func(int) (sample, error) { return run("", bin, "version") })
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "`signet version`: %.1f ms, %.1f MB (aim: 10 ms).\n", millis(s.median()), mega(s.rss))
	cmd := exec.Command(bin, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		return err
	}
	var parts []string
	for _, c := range dearest(trace.String(), 5) {
		parts = append(parts, fmt.Sprintf("%s %.2f ms", c.pkg, c.ms))
	}
	fmt.Fprintf(w, "The five dearest package inits: %s.\n\n", strings.Join(parts, ", "))
	return nil
}

// vaults makes and measures a vault of each size.
func vaults(w io.Writer, bin, home string, o options) error {
	stop, err := unlockKeyring(home)
	if err != nil {
		return err
	}
	defer stop()
	floor, err := keyringFloor(o.runs)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "A process that only reads one keyring item: %.1f ms.\n\n", millis(floor))
	var columns []column
	for _, s := range strings.Split(o.sizes, ",") {
		size, err := strconv.Atoi(s)
		if err != nil || size < 10 || size > 1_000_000 {
			return fmt.Errorf("size %q: want a number from 10 to 1000000", s)
		}
		v, err := prepare(bin, home, size, o.runs)
		if err != nil {
			return err
		}
		c, err := v.measure(floor)
		if err != nil {
			return fmt.Errorf("%d entries: %w", size, err)
		}
		columns = append(columns, c)
		fmt.Fprintf(os.Stderr, "measured %s entries\n", thousands(size))
	}
	table(w, columns)
	return nil
}

// keyringFloor measures this program reading one item, the part of a get that is not ours to make faster.
func keyringFloor(runs int) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	s, err := repeat(runs, func(int) (sample, error) { return run("", self, "-probe") })
	if err != nil {
		return 0, errors.Join(errors.New("reading the keyring"), err)
	}
	return s.median(), nil
}
