package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/creack/pty"
)

// quiet is how long a screen must have stood still to count as drawn; what is reported is the time of the last byte before.
const quiet = 150 * time.Millisecond

// screen is Signet's terminal interface in a pseudo-terminal of 80 by 24.
type screen struct {
	cmd   *exec.Cmd
	tty   *os.File
	bytes chan time.Time // when something was drawn
}

func (v vault) open() (*screen, error) {
	cmd := exec.Command(v.bin, "--vault", v.dir)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=", "LANG=C.UTF-8")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return nil, err
	}
	s := &screen{cmd: cmd, tty: tty, bytes: make(chan time.Time, 1024)}
	go func() {
		buf := make([]byte, 1<<15)
		for {
			if _, err := tty.Read(buf); err != nil {
				close(s.bytes)
				return
			}
			s.bytes <- time.Now()
		}
	}()
	return s, nil
}

// settle waits until the screen stands still and gives the times of the first and of the last change.
func (s *screen) settle() (first, last time.Time, err error) {
	limit := time.After(10 * time.Second)
	for {
		wait := quiet
		if last.IsZero() {
			wait = 5 * time.Second
		}
		select {
		case at, ok := <-s.bytes:
			if !ok {
				return first, last, errors.New("the program ended")
			}
			if last = at; first.IsZero() {
				first = at
			}
		case <-time.After(wait):
			if last.IsZero() {
				return first, last, errors.New("nothing was drawn for 5 s")
			}
			return first, last, nil
		case <-limit:
			return first, last, errors.New("the screen did not come to rest in 10 s")
		}
	}
}

// press types something and gives the times until something is drawn, and until the screen stands still again.
func (s *screen) press(keys string) (drawn, still time.Duration, err error) {
	start := time.Now()
	if _, err := s.tty.WriteString(keys); err != nil {
		return 0, 0, err
	}
	first, last, err := s.settle()
	return first.Sub(start), last.Sub(start), err
}

// close leaves the program as a closed window does, and makes sure that it is gone.
func (s *screen) close() {
	s.tty.Close()
	done := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
		_ = s.cmd.Process.Kill()
		<-done
	}
}

var residentLine = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB`)

// resident is the memory of the running program; 0 where /proc does not tell.
func (s *screen) resident() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	m := residentLine.FindSubmatch(b)
	if m == nil {
		return 0
	}
	kb, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return kb * 1024
}

// searches are typed letter by letter, each into an emptied field: words that match one, many, all and none.
var searches = []string{"probe", "bank", "tools", "zz"}

// screens measures the terminal interface: from the start to the first full frame, each letter typed into the search, and
// the memory it then holds.
func (v vault) screens(c *column) error {
	var first, drawn, keys, scroll series
	var rss int64
	for range max(v.runs/5, 3) {
		start := time.Now()
		s, err := v.open()
		if err != nil {
			return err
		}
		_, last, err := s.settle()
		if err == nil {
			first.times = append(first.times, last.Sub(start))
			err = errors.Join(s.search(&drawn, &keys), s.scroll(&scroll))
			rss = max(rss, s.resident())
		}
		s.close()
		if err != nil {
			return fmt.Errorf("terminal interface: %w", err)
		}
	}
	c.values["frame"], c.values["key"], c.values["key-max"] = millis(first.median()), millis(keys.median()), millis(keys.highest())
	c.values["drawn"], c.values["scroll"] = millis(drawn.median()), millis(scroll.median())
	c.values["tui-rss"] = mega(rss)
	return nil
}

// scroll goes down line by line and page by page.
func (s *screen) scroll(times *series) error {
	for _, key := range []string{"\x1b[B", "\x1b[B", "\x1b[B", "\x1b[6~", "\x1b[6~", "\x1b[B", "\x1b[6~", "\x1b[5~"} {
		_, still, err := s.press(key)
		if err != nil {
			return err
		}
		times.times = append(times.times, still)
	}
	return nil
}

func (s *screen) search(drawn, keys *series) error {
	for _, text := range searches {
		for _, letter := range text {
			first, still, err := s.press(string(letter))
			if err != nil {
				return err
			}
			drawn.times, keys.times = append(drawn.times, first), append(keys.times, still)
		}
		for range text { // backspace
			if _, _, err := s.press("\x7f"); err != nil {
				return err
			}
		}
	}
	return nil
}
