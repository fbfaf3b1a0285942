package session_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"signet/internal/session"
	"signet/passkeys"
)

// killedDir names the vault that this binary works on as a program that gets killed.
const killedDir = "SIGNET_TEST_KILLED_DIR"

// TestKilledProgram is that program: it counts a passkey's uses and wrong PINs, and says each number once it is kept.
func TestKilledProgram(t *testing.T) {
	dir := os.Getenv(killedDir)
	if dir == "" {
		return // runs only as the program that TestWhatWasAnsweredSurvivesAKill kills
	}
	l := reopen(t, dir)
	d := session.NewDoor(session.DoorOptions{})
	d.Use(l)
	found, err := d.Store().Find(t.Context(), "example.com")
	must(t, err)
	for n := found[0].Counter + 1; ; n++ {
		must(t, d.Store().Used(t.Context(), found[0].ID, passkeys.Use{Counter: n}))
		must(t, d.State().Update(t.Context(), func(m *passkeys.Memory) error { m.PINMisses = int(n); return nil }))
		fmt.Println("answered", n)
	}
}

// A counter and the misses of a PIN are on the disk before anything is answered: whoever kills the program gains no try and no counter.
func TestWhatWasAnsweredSurvivesAKill(t *testing.T) {
	d, l := newDoor(t)
	c := credential(t, "example.com", "u", "ada")
	c.Counter = 1
	must(t, d.Store().Put(t.Context(), c))
	dir := l.Vault().Dir()
	must(t, l.Close())
	for round := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledProgram$")
		cmd.Env = append(os.Environ(), killedDir+"="+dir)
		var problems bytes.Buffer
		cmd.Stderr = &problems
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		last, lines := 0, bufio.NewScanner(out)
		for said := 0; said < 3+round && lines.Scan(); {
			if n, ok := strings.CutPrefix(lines.Text(), "answered "); ok {
				last, err = strconv.Atoi(n)
				must(t, err)
				said++
			}
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait()
		if last == 0 {
			t.Fatalf("it said nothing: %s", problems.String())
		}
		l = reopen(t, dir)
		d = session.NewDoor(session.DoorOptions{})
		d.Use(l)
		got, err := d.Store().ByID(t.Context(), c.ID)
		must(t, err)
		m, err := d.State().Read(t.Context())
		must(t, err)
		if int(got.Counter) < last || m.PINMisses < last {
			t.Errorf("answered %d, kept the counter %d and %d misses", last, got.Counter, m.PINMisses)
		}
		must(t, l.Close())
	}
}
