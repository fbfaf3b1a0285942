package clip

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// OSC 52 (xterm control sequences, "Manipulate Selection Data"): the terminal emulator, which runs where the user sits,
// copies what it is sent. Nothing comes back: whether it obeyed cannot be known.

// maxOSC52 is what fits into the 100,000 bytes that the strictest of the common terminals take.
const maxOSC52 = 74_994

// screenChunk is safely below the longest string that GNU screen passes on.
const screenChunk = 256

// wrapping is how a sequence travels through a multiplexer to the terminal outside.
type wrapping int

const (
	bare wrapping = iota
	inTmux
	inScreen
)

// writeOSC52 sends the value to the controlling terminal and returns what the user should know.
func (h Host) writeOSC52(ctx context.Context, value []byte) ([]string, error) {
	if len(value) > maxOSC52 {
		return nil, fmt.Errorf("the value is longer than the %d bytes that terminals take", maxOSC52)
	}
	wrap, notes, err := h.multiplexer(ctx)
	if err != nil {
		return nil, err
	}
	tty, err := h.TTY()
	if err != nil {
		return nil, err
	}
	defer tty.Close()
	seq := sequence(value, wrap)
	defer clear(seq)
	if err := writeAll(ctx, tty, seq); err != nil {
		return nil, err
	}
	return append(notes, "sent to the terminal, which may refuse it"), nil
}

// sequence builds the whole text to write; an empty value clears.
func sequence(value []byte, wrap wrapping) []byte {
	seq := make([]byte, 0, len("\x1b]52;c;\a")+base64.StdEncoding.EncodedLen(len(value)))
	seq = append(seq, "\x1b]52;c;"...)
	seq = base64.StdEncoding.AppendEncode(seq, value)
	seq = append(seq, '\a')
	switch wrap {
	case inTmux: // escape characters inside are doubled; ours is the first byte
		out := make([]byte, 0, len(seq)+16)
		out = append(append(append(out, "\x1bPtmux;\x1b"...), seq...), "\x1b\\"...)
		clear(seq)
		return out
	case inScreen:
		out := make([]byte, 0, len(seq)+(len(seq)/screenChunk+1)*4)
		for rest := seq; len(rest) > 0; {
			n := min(screenChunk, len(rest))
			out = append(append(append(out, "\x1bP"...), rest[:n]...), "\x1b\\"...)
			rest = rest[n:]
		}
		clear(seq)
		return out
	}
	return seq
}

// multiplexer finds out what stands between us and the terminal. tmux is asked, because it drops what it does not pass on
// without a word.
func (h Host) multiplexer(ctx context.Context) (wrapping, []string, error) {
	switch {
	case h.Env("TMUX") != "":
		return h.tmux(ctx)
	case h.Env("STY") != "" || strings.HasPrefix(h.Env("TERM"), "screen"):
		return inScreen, nil, nil
	}
	return bare, nil, nil
}

// tmux passes sequences on unseen when allow-passthrough is on (always before 3.3, which does not know the option), or
// reads OSC 52 itself when set-clipboard is on, and then keeps a copy.
func (h Host) tmux(ctx context.Context) (wrapping, []string, error) {
	pass, err := h.run(ctx, programTimeout, nil, 256, []string{"tmux", "show-options", "-Apqv", "allow-passthrough"})
	if err != nil {
		return inTmux, []string{"tmux could not be asked whether it passes the value on"}, nil
	}
	switch strings.TrimSpace(string(pass)) {
	case "on", "all", "":
		return inTmux, nil, nil
	}
	set, err := h.run(ctx, programTimeout, nil, 256, []string{"tmux", "show-options", "-sqv", "set-clipboard"})
	if err == nil && strings.TrimSpace(string(set)) == "on" {
		return bare, []string{"tmux keeps a copy in its paste buffers (set -g allow-passthrough on avoids that)"}, nil
	}
	return bare, nil, errors.New("tmux passes nothing to the terminal: put \"set -g allow-passthrough on\" into ~/.tmux.conf")
}

// writeAll writes in one piece. A terminal can stop its output (Ctrl-S), so the wait has an end; the goroutine that still
// waits then holds the file until the process ends.
func writeAll(ctx context.Context, tty io.Writer, b []byte) error {
	own := append([]byte(nil), b...)
	done := make(chan error, 1)
	go func() {
		_, err := tty.Write(own)
		clear(own)
		done <- err
	}()
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("the terminal does not take output")
	}
}

// ttyFile is the terminal as a file that a keeper can inherit.
func (h Host) ttyFile() (*os.File, error) {
	for _, open := range []func() (io.WriteCloser, error){h.TTY, openTTY} {
		w, err := open()
		if err != nil {
			return nil, err
		}
		if f, ok := w.(*os.File); ok {
			return f, nil
		}
		_ = w.Close()
	}
	return nil, errors.New("the terminal is no file")
}

// terminal is the holder for OSC 52: it can clear, and nothing else. It writes to the file that was open when the value was
// copied; a terminal that was closed since then answers with an error, even when its name has been given to another.
type terminal struct {
	tty  *os.File
	wrap wrapping
}

func (t *terminal) ours(context.Context) (bool, error) { return true, nil }

func (t *terminal) clear(ctx context.Context) error {
	return writeAll(ctx, t.tty, sequence(nil, t.wrap))
}

func (t *terminal) lost() <-chan struct{} { return nil }

func (t *terminal) close() { _ = t.tty.Close() }
