package cli

import (
	"context"
	"errors"
	"io"
	"strings"

	"signet/internal/clip"
	"signet/tui/screen"
	"signet/vault/pwgen"
	"signet/vault/secret"
)

// tuiClipboard copies for the screens. The child that clears outlives the TUI.
type tuiClipboard struct{ a *App }

func (c tuiClipboard) Copy(ctx context.Context, value secret.Secret, o screen.CopyOptions) (screen.Copied, error) {
	opt := c.a.clipOptions(o.ClearIn, o.ByTerminal)
	opt.Public = !o.Sensitive
	opt.Host.TTY = func() (io.WriteCloser, error) {
		if o.Terminal == nil {
			return nil, errors.New("the terminal is not to be written to")
		}
		return nopWriteCloser{o.Terminal}, nil
	}
	r, err := clip.Copy(ctx, opt, value)
	if err != nil {
		return screen.Copied{}, copyFault(err)
	}
	return screen.Copied{Via: viaWords(r.Path), ClearIn: r.Clears, Notes: r.Notes}, nil
}

// errNoClip is clip.ErrNoClipboard in the few words for which a status line has room.
var errNoClip = errors.New("there is no clipboard here: neither Wayland nor X11 runs")

// copyFault leaves out what the screen has said already.
func copyFault(err error) error {
	if errors.Is(err, clip.ErrNoClipboard) {
		return errNoClip
	}
	if short, ok := strings.CutPrefix(err.Error(), "copy to the clipboard: "); ok {
		return failf("clipboard", "%s", short)
	}
	return err
}

// viaWords names a way to the clipboard for people.
func viaWords(p clip.Path) string {
	switch p {
	case clip.OSC52:
		return "through the terminal"
	case clip.Wayland:
		return "Wayland"
	case clip.X11:
		return "X11"
	}
	return string(p)
}

func (c tuiClipboard) Clear(ctx context.Context) error {
	for _, e := range clip.ClearNow(ctx, c.a.clipDir()) {
		if e.Err != nil {
			return e.Err
		}
	}
	return nil
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }

// tuiGenerator makes passwords for the forms.
type tuiGenerator struct{ a *App }

func (g tuiGenerator) Generate(_ context.Context, r screen.Recipe) (secret.Secret, float64, error) {
	if r.Words > 0 {
		rules := pwgen.DefaultPassphraseRules()
		rules.Words, rules.Capitalize, rules.Digit = r.Words, r.Capitals, r.Digits
		if r.Separator != "" {
			rules.Separator = r.Separator
		}
		return pwgen.Passphrase(g.a.Rand, rules)
	}
	rules := pwgen.DefaultRules()
	if r.Length > 0 {
		rules.Length = r.Length
	}
	for _, c := range []struct {
		on    bool
		class *pwgen.Class
	}{{r.Symbols, &rules.Symbols}, {r.Digits, &rules.Digits}, {r.Capitals, &rules.Upper}} {
		if !c.on {
			*c.class = pwgen.Class{}
		}
	}
	rules.AvoidAmbiguous = r.Clear
	return pwgen.Characters(g.a.Rand, rules)
}
