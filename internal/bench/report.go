package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// table prints the columns as a table for the README, with the ratio of the last to the first and the aim.
func table(w io.Writer, columns []column) {
	fmt.Fprint(w, "| |")
	for _, c := range columns {
		fmt.Fprintf(w, " %s |", thousands(c.size))
	}
	fmt.Fprint(w, " last ÷ first | aim |\n|---|"+strings.Repeat("--:|", len(columns)+1)+"---|\n")
	for _, r := range rows {
		fmt.Fprintf(w, "| %s |", r.label)
		for _, c := range columns {
			fmt.Fprintf(w, " %s |", value(c.values[r.key], r.unit))
		}
		ratio := "–"
		if first, last := columns[0].values[r.key], columns[len(columns)-1].values[r.key]; len(columns) > 1 && first > 0 && r.key != "get-net" {
			ratio = fmt.Sprintf("%.2f", last/first)
		}
		fmt.Fprintf(w, " %s | %s |\n", ratio, r.aim)
	}
}

func value(x float64, unit string) string {
	switch {
	case unit == "bytes":
		return thousands(int(x))
	case unit == "s":
		return fmt.Sprintf("%.2f s", x)
	case x >= 100:
		return fmt.Sprintf("%.0f %s", x, unit)
	default:
		return fmt.Sprintf("%.1f %s", x, unit)
	}
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// where names the machine, because numbers without it mean nothing.
func where() string {
	cpu := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := regexp.MustCompile(`model name\s*: (.+)`).FindSubmatch(b); m != nil {
			cpu = string(m[1])
		}
	}
	return fmt.Sprintf("%s, %d cores, %s, %s", cpu, runtime.NumCPU(), runtime.GOOS, runtime.Version())
}

// initCost is one package's share of the program's start.
type initCost struct {
	pkg string
	ms  float64
}

var initLine = regexp.MustCompile(`(?m)^init (\S+) @[\d.]+ ms, ([\d.]+) ms clock`)

// dearest reads what GODEBUG=inittrace=1 printed and gives the n most expensive packages.
func dearest(trace string, n int) []initCost {
	var all []initCost
	for _, m := range initLine.FindAllStringSubmatch(trace, -1) {
		if ms, err := strconv.ParseFloat(m[2], 64); err == nil {
			all = append(all, initCost{m[1], ms})
		}
	}
	slices.SortStableFunc(all, func(a, b initCost) int {
		switch {
		case a.ms > b.ms:
			return -1
		case a.ms < b.ms:
			return 1
		}
		return 0
	})
	return all[:min(n, len(all))]
}
