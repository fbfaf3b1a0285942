package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"signet/internal/sanitize"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// Terminal is the controlling terminal. Prompts go there, whatever standard input and output are.
type Terminal interface {
	Available() bool
	// Secret reads one line without echo.
	Secret(ctx context.Context, prompt string) (secret.Secret, error)
	// Line reads one line with echo.
	Line(ctx context.Context, prompt string) (string, error)
	// Write shows text.
	Write(text string)
	// Alternate shows text on the alternate screen until done is called, so that it stays out of the scroll-back.
	Alternate(text string) (done func())
}

// errNobody says that a prompt was needed and nobody can be asked.
var errNobody = unlock.ErrNeedsPerson

// maxPrompt bounds what a prompt reads: 4,096 bytes, as --passphrase-fd.
const maxPrompt = 4096

// tty is the real controlling terminal, opened when first needed.
type tty struct {
	once    sync.Once
	in, out *os.File
}

func systemTerminal() Terminal { return &tty{} }

func (t *tty) open() bool {
	t.once.Do(func() { t.in, t.out = openTTY() })
	return t.in != nil
}

func (t *tty) Available() bool { return t.open() }

func (t *tty) Write(text string) {
	if t.open() {
		_, _ = io.WriteString(t.out, text)
	}
}

func (t *tty) Alternate(text string) func() {
	t.Write("\x1b[?1049h\x1b[2J\x1b[H" + text)
	return func() { t.Write("\x1b[2J\x1b[H\x1b[?1049l") }
}

// Secret switches the echo off before it asks: who types as soon as the prompt is there must not see it on the screen.
func (t *tty) Secret(ctx context.Context, prompt string) (secret.Secret, error) {
	if !t.open() {
		return secret.Secret{}, errNobody
	}
	restore, err := silence(t.in)
	if err != nil {
		return secret.Secret{}, fmt.Errorf("ask on the terminal: %v", err)
	}
	defer restore() // also when the read was given up
	t.Write(sanitize.Line(prompt) + " ")
	got, err := await(ctx, func() ([]byte, error) { return readLine(t.in) })
	t.Write("\n")
	if err != nil {
		return secret.Secret{}, err
	}
	return secret.New(got), nil
}

func (t *tty) Line(ctx context.Context, prompt string) (string, error) {
	if !t.open() {
		return "", errNobody
	}
	t.Write(sanitize.Line(prompt) + " ")
	line, err := await(ctx, func() ([]byte, error) { return readLine(t.in) })
	return string(line), err
}

// readLine reads one line, without its end. The end of the input, Ctrl-D, is an interruption.
func readLine(r io.Reader) ([]byte, error) {
	line := make([]byte, 0, maxPrompt+1)
	one := make([]byte, 1)
	for {
		n, err := r.Read(one)
		switch {
		case n == 1 && one[0] == '\n':
			return bytes.TrimSuffix(line, []byte("\r")), nil
		case n == 1:
			line = append(line, one[0])
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, context.Canceled
		case err != nil:
			clear(line)
			return nil, fmt.Errorf("ask on the terminal: %v", err)
		}
		if len(line) > maxPrompt {
			clear(line)
			return nil, usagef("the answer is longer than %d bytes", maxPrompt)
		}
	}
}

// await runs a blocking read and gives up when ctx ends; the read itself ends with the process.
func await[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	ch := make(chan result, 1)
	go func() {
		v, err := read()
		ch <- result{v, err}
	}()
	select {
	case r := <-ch:
		return r.v, r.err
	case <-ctx.Done():
		var zero T
		return zero, context.Canceled
	}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func systemRand() io.Reader { return rand.Reader }

// confirm asks a yes-or-no question; anything but y or yes is no.
func (a *App) confirm(ctx context.Context, question string) (bool, error) {
	if !a.interactive() {
		return false, errNobody
	}
	answer, err := a.Terminal.Line(ctx, question+" [y/N]")
	if err != nil {
		return false, err
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}
