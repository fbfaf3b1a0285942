//go:build unix

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// killer runs commands and kills most of them somewhere on the way.
type killer struct {
	h     *home
	rnd   *rand.Rand
	usual time.Duration // how long a command takes when nobody kills it
	kills *atomic.Int64
	acked *atomic.Int64
}

// run reports whether the command said that it was done. A command that was killed may have done its work or not.
func (k *killer) run(args ...string) bool {
	cmd, done := k.h.command(context.Background(), args...)
	defer done()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		k.h.t.Errorf("start: %v", err)
		return false
	}
	started := time.Now()
	kill := time.AfterFunc(time.Duration(k.rnd.Float64()*2*float64(k.usual)), func() {
		if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) == nil {
			k.kills.Add(1)
		}
	})
	err := cmd.Wait()
	kill.Stop()
	if strings.Contains(errs.String(), "goroutine ") {
		k.h.t.Errorf("signet %v panicked: %s", args, errs.String())
	}
	code := cmd.ProcessState.ExitCode()
	switch {
	case err == nil:
		k.acked.Add(1)
		k.usual = (7*k.usual + time.Since(started)) / 8
		return true
	case code == -1: // killed
	case code == 11 || code == 12: // somebody else held the lock for long, or replaced the key
	default:
		k.h.t.Errorf("signet %v ended with %d: %s", args, code, errs.String())
	}
	return false
}

// wantedKills keeps the loop going on a slow machine, up to four times its budget.
const wantedKills = 300

// Several writers edit one vault, each killed again and again at a random moment: while it opens, locks, writes, renames, syncs,
// compacts. Every edit that was acknowledged is there afterwards, and doctor finds nothing wrong (I10).
func TestKillLoop(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	const writers = 3
	for w := range writers {
		h.must("add", "login", fmt.Sprintf("Counter %d", w), "username=0")
	}
	h.write("big.txt", strings.Repeat("many words make a segment large ", 6000)) // compaction begins at 1 MiB
	started := time.Now()
	h.must("add", "login", "warm")
	usual := time.Since(started)

	var kills, acked atomic.Int64
	var wg sync.WaitGroup
	have := make([]*writer, writers)
	began, allowed := time.Now(), budget(t, "SIGNET_KILL", 12*time.Second)
	goOn := func() bool {
		spent := time.Since(began)
		return !t.Failed() && (spent < allowed || kills.Load() < wantedKills && spent < 4*allowed)
	}
	for w := range writers {
		k := &killer{h, rand.New(rand.NewPCG(uint64(w), 1)), usual, &kills, &acked} //nolint:gosec // moments of death need no secrecy
		have[w] = &writer{k: k, name: strconv.Itoa(w)}
		wg.Go(func() {
			for goOn() {
				have[w].step()
			}
		})
	}
	wg.Wait()
	t.Logf("%d kills, %d acknowledged edits", kills.Load(), acked.Load())
	if kills.Load() == 0 || acked.Load() == 0 {
		t.Error("nothing was killed, or nothing was done")
	}
	h.intact()
	titles := h.titles()
	for _, w := range have {
		w.check(titles)
	}
}

// writer is one process after another, and what it was told is done.
type writer struct {
	k       *killer
	name    string
	n       int
	counter int      // the last value that was acknowledged
	tried   int      // the last one that was tried
	added   []string // titles that were acknowledged
	batches []int    // imports that were acknowledged
}

// step does one of the things that people do.
func (w *writer) step() {
	w.n++
	switch w.n % 8 {
	case 0:
		w.batch()
	case 3:
		title := fmt.Sprintf("big %s %d", w.name, w.n)
		if w.k.run("add", "note", title, "--attach", w.k.h.path("pass"), "notes=x") {
			w.added = append(w.added, title)
		}
	case 1, 5:
		title := fmt.Sprintf("entry %s %d", w.name, w.n)
		if w.k.run("add", "login", title, "username=u", "--generate") {
			w.added = append(w.added, title)
		}
	case 6:
		w.k.run("attachment", "add", "Counter "+w.name, w.k.h.path("big.txt"), "--name", strconv.Itoa(w.n))
	default:
		w.tried++
		if w.k.run("edit", "Counter "+w.name, "username="+strconv.Itoa(w.tried)) {
			w.counter = w.tried
		}
	}
}

// batchSize is how many entries one import has: they arrive as a whole or not at all.
const batchSize = 20

func (w *writer) batch() {
	var b strings.Builder
	b.WriteString("name,url,username,password,note\n")
	for i := range batchSize {
		fmt.Fprintf(&b, "batch %s %d,https://%s-%d-%d.example/,user,pw,%s\n", w.name, w.n, w.name, w.n, i, strings.Repeat("note ", 400))
	}
	file := "batch-" + w.name + ".csv"
	w.k.h.write(file, b.String())
	if w.k.run("import", w.k.h.path(file), "--format", "chrome-csv") {
		w.batches = append(w.batches, w.n)
	}
}

func (w *writer) check(titles map[string]int) {
	t := w.k.h.t
	t.Helper()
	for _, title := range w.added {
		if titles[title] != 1 {
			t.Errorf("%q was acknowledged and is there %d times", title, titles[title])
		}
	}
	for _, n := range w.batches {
		if got := titles[fmt.Sprintf("batch %s %d", w.name, n)]; got != batchSize {
			t.Errorf("import %d of writer %s was acknowledged and has %d of %d entries", n, w.name, got, batchSize)
		}
	}
	for title, n := range titles {
		if strings.HasPrefix(title, "batch "+w.name+" ") && n != batchSize {
			t.Errorf("%q is there with %d of %d entries", title, n, batchSize)
		}
	}
	got, err := strconv.Atoi(w.k.h.value("Counter "+w.name, "username"))
	if err != nil || got < w.counter || got > w.tried {
		t.Errorf("counter of writer %s is %d (%v): %d was acknowledged, %d tried", w.name, got, err, w.counter, w.tried)
	}
}

// Changes of the keys are killed in the same way: whatever moment it is, the passphrase still opens the vault, everything is
// there, and doctor finds nothing wrong.
func TestKillKeyChanges(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.must("add", "login", "Keep", "username=ada")
	started := time.Now()
	h.must("slot", "change", "passphrase", "--work-factor", "10")
	var kills, acked atomic.Int64
	k := &killer{h, rand.New(rand.NewPCG(7, 7)), time.Since(started), &kills, &acked} //nolint:gosec // as above
	stop := time.Now().Add(budget(t, "SIGNET_KILL", 6*time.Second))
	for n := 0; time.Now().Before(stop) && !t.Failed(); n++ {
		switch n % 4 {
		case 3:
			k.run("doctor", "--rotate")
		case 2:
			k.run("slot", "add", "recovery", "--recovery-file", h.path(fmt.Sprintf("code-%d.txt", n)), "--name", fmt.Sprintf("sheet-%d", n))
		default:
			k.run("slot", "change", "passphrase", "--work-factor", "10")
		}
		if n%5 == 0 {
			if got := h.value("Keep", "username"); got != "ada" {
				t.Fatalf("after %d: %q", n, got)
			}
		}
	}
	t.Logf("%d kills, %d acknowledged changes", kills.Load(), acked.Load())
	h.intact()
	h.must("edit", "Keep", "username=eve")
	if got := h.value("Keep", "username"); got != "eve" {
		t.Errorf("in the end: %q", got)
	}
}
