package cli

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"signet/vault/secret"
)

// keyboard reads a terminal key by key, without echo. Its owner closes it, which brings the terminal's own way back.
type keyboard interface {
	// next returns what was typed since; nothing when until came first. An error of ctx is returned as it is.
	next(ctx context.Context, until time.Time) ([]byte, error)
	// width is how many columns the terminal has now; 80 where it does not say.
	width() int
	close()
}

// keyed is a terminal that can be read key by key.
type keyed interface {
	// keys waits until this process may read the terminal, then takes it and drops what was typed before.
	keys(ctx context.Context) (keyboard, error)
	// gone reports that there is no terminal any more, whether or not a signal told so.
	gone() bool
}

// Grace of a question that appears by itself: keys count once the keyboard was quiet for a moment, lest what was meant for another program answers it.
const (
	graceQuiet = 425 * time.Millisecond
	graceMost  = 1500 * time.Millisecond
)

// settle drops what is typed until the keyboard is quiet.
func settle(ctx context.Context, k keyboard) error {
	most := time.Now().Add(graceMost)
	quiet := time.Now().Add(graceQuiet)
	for {
		typed, err := k.next(ctx, quiet)
		if err != nil || len(typed) == 0 {
			return err
		}
		if quiet = time.Now().Add(graceQuiet); quiet.After(most) {
			quiet = most
		}
		if !time.Now().Before(most) {
			return nil
		}
	}
}

// Keys with a meaning of their own.
const (
	keyEscape    = 0x1b
	keyBackspace = 0x7f
	keyDelete    = 0x08
	keyTab       = '\t'
	keyClear     = 0x15 // Ctrl-U
	keyEnd       = 0x04 // Ctrl-D
	keyInterrupt = 0x03 // Ctrl-C, where the terminal does not make a signal of it
)

// errNobodyNow says that nobody answered in time.
var errNobodyNow = context.DeadlineExceeded

// errEscaped says that a line was given up with Esc.
var errEscaped = errors.New("given up")

// errTabbed says that a line was given up with Tab: the person prefers the other way.
var errTabbed = errors.New("the other way")

// onePress is the key of a single key press; 0 for a paste and for keys that send more than one character, which mean nothing here.
func onePress(typed []byte) rune {
	r, n := utf8.DecodeRune(typed)
	if n != len(typed) || r == utf8.RuneError {
		return 0
	}
	if r == '\r' {
		return '\n'
	}
	return r
}

// secretLine reads one line that nobody sees, until Enter. tick is called about once a second with what is left of the time.
func secretLine(ctx context.Context, k keyboard, until time.Time, tick func(left time.Duration)) (secret.Secret, error) {
	line := make([]byte, 0, maxPrompt)
	fail := func(err error) (secret.Secret, error) {
		clear(line[:cap(line)])
		return secret.Secret{}, err
	}
	for {
		typed, err := awaitKey(ctx, k, until, tick)
		if err != nil {
			return fail(err)
		}
		if typed[0] == keyEscape {
			if len(typed) == 1 {
				return fail(errEscaped)
			}
			continue // an arrow, a function key
		}
		for _, b := range typed {
			switch {
			case b == '\n', b == '\r':
				clear(typed)
				return secret.New(line), nil
			case b == keyInterrupt:
				return fail(context.Canceled)
			case b == keyTab && len(line) == 0 && len(typed) == 1:
				return fail(errTabbed)
			case b == keyEnd && len(line) == 0:
				return fail(errEscaped)
			case b == keyBackspace, b == keyDelete:
				line = lessOne(line)
			case b == keyClear:
				clear(line)
				line = line[:0]
			case len(line) < maxPrompt:
				line = append(line, b)
			}
		}
		clear(typed)
	}
}

// lessOne takes the last character off.
func lessOne(line []byte) []byte {
	_, n := utf8.DecodeLastRune(line)
	clear(line[len(line)-n:])
	return line[:len(line)-n]
}

// awaitKey waits for a key, telling every second how much time is left.
func awaitKey(ctx context.Context, k keyboard, until time.Time, tick func(left time.Duration)) ([]byte, error) {
	for {
		left := time.Until(until)
		if left <= 0 {
			return nil, errNobodyNow
		}
		tick(left)
		step := left % time.Second
		if step == 0 {
			step = time.Second
		}
		typed, err := k.next(ctx, time.Now().Add(step))
		if err != nil || len(typed) > 0 {
			return typed, err
		}
	}
}
