package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"rsc.io/qr"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/totp"
)

type otpOptions struct {
	Ref   string
	N     int
	Copy  bool
	OSC52 bool
	Watch bool
	QR    bool
	URI   bool
}

func newOTPCmd(a *App) *cobra.Command {
	var o otpOptions
	c := &cobra.Command{
		Use:               "otp ENTRY",
		Short:             "Print the one-time code of an entry",
		Long:              "TOTP, HOTP and Steam. The code of a counter (HOTP) is used up by printing it: the counter is raised first.",
		Example:           "  signet otp github\n  signet otp github --copy\n  signet otp github --watch\n  signet otp github --qr",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeEntries,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Ref = args[0]
			switch {
			case o.OSC52 && !o.Copy:
				return usagef("--osc52 goes with --copy")
			case o.QR && a.JSON:
				return usagef("--qr draws for people").hint("--uri --json gives the same as text")
			case o.N < 1:
				return usagef("--number counts from 1")
			}
			return runOTP(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.IntVar(&o.N, "number", 1, "take the `N`th key of the entry")
	f.BoolVarP(&o.Copy, "copy", "c", false, "copy the code instead of printing it")
	f.BoolVar(&o.OSC52, "osc52", false, "with --copy: copy through the terminal (OSC 52), as over SSH")
	f.BoolVarP(&o.Watch, "watch", "w", false, "show the code with its countdown until interrupted")
	f.BoolVar(&o.QR, "qr", false, "show the key as a QR code, for another device")
	f.BoolVar(&o.URI, "uri", false, "print the key as an otpauth URI")
	c.MarkFlagsMutuallyExclusive("copy", "watch", "qr", "uri")
	return c
}

func runOTP(ctx context.Context, a *App, o otpOptions) error {
	return a.withSession(ctx, func(s session.Session) error {
		id, err := s.Resolve(ctx, o.Ref, session.ResolveOptions{})
		if err != nil {
			return a.refError(o.Ref, err)
		}
		e, err := s.Get(ctx, id, session.GetOptions{Reveal: true})
		if err != nil {
			return err
		}
		defer e.Wipe()
		c, err := nthTOTP(e, o.N)
		if err != nil {
			return err
		}
		key, err := c.TOTPKey()
		if err != nil {
			return &Error{Exit: ExitFailure, Code: "otp.key", Err: err}
		}
		switch {
		case o.URI:
			return a.deliver(ctx, s, secret.FromString(key.URIString()), getOptions{Field: "totp"})
		case o.QR:
			return a.printQR(key.URIString())
		case o.Watch:
			return a.watchCode(ctx, key)
		}
		_ = s.Used(ctx, id)
		return a.giveCode(ctx, s, e, c, key, o)
	})
}

func nthTOTP(e vault.Entry, n int) (vault.Credential, error) {
	for _, c := range e.Credentials {
		if c.Type != vault.TOTP {
			continue
		}
		if n--; n == 0 {
			return c, nil
		}
	}
	return vault.Credential{}, (&Error{Exit: ExitUsage, Code: "otp.absent", Msg: e.Title + " has no such one-time-code key"}).
		hint("'signet edit ENTRY totp' adds one")
}

type codeLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Code  string `json:"code"`
	Until string `json:"valid_until,omitempty"`
	Left  int    `json:"seconds_left,omitempty"`
}

// giveCode prints or copies the code. An HOTP counter is raised and stored before its code is shown: a code that was seen
// must never come again.
func (a *App) giveCode(ctx context.Context, s session.Session, e vault.Entry, c vault.Credential, key totp.Key, o otpOptions) error {
	if key.Kind == totp.HOTP {
		used, err := useCounter(ctx, s, e, c, key)
		if err != nil {
			return err
		}
		key = used
	}
	code, err := key.Code(a.Now())
	if err != nil {
		return &Error{Exit: ExitFailure, Code: "otp.unsupported", Err: err}
	}
	switch {
	case o.Copy:
		return a.copy(ctx, s, code.Value, "code", o.OSC52)
	case a.JSON:
		l := codeLine{Type: "code", V: 1, Code: code.Value.RevealString(), Until: stamp(code.Until)}
		if !code.Until.IsZero() {
			l.Left = int(code.Until.Sub(a.Now()).Seconds())
		}
		return a.line(l)
	}
	a.printf("%s\n", code.Value.RevealString())
	return nil
}

func (a *App) printQR(text string) error {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return &Error{Exit: ExitFailure, Code: "qr.too_long", Err: errors.New("the text is too long for a QR code")}
	}
	a.printf("%s", "")
	_, err = a.Out.Write([]byte(qrText(code)))
	return err
}

// qrText draws two rows of modules per line with half blocks, dark on light with the quiet zone of four modules that
// ISO 18004 asks for, so that it scans on dark and light terminals.
func qrText(code *qr.Code) string {
	var b strings.Builder
	const quiet = 4
	for y := -quiet; y < code.Size+quiet; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -quiet; x < code.Size+quiet; x++ {
			top, bottom := code.Black(x, y), code.Black(x, y+1)
			switch {
			case top && bottom:
				b.WriteString("█")
			case top:
				b.WriteString("▀")
			case bottom:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}

// watchCode shows the code until the user interrupts. On a terminal one line is rewritten; in a pipe every new code is a line.
func (a *App) watchCode(ctx context.Context, key totp.Key) error {
	if key.Kind == totp.HOTP {
		return usagef("--watch needs a code that changes with time").hint("'signet otp ENTRY' gives the next code of a counter")
	}
	last := ""
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		code, err := key.Code(a.Now())
		if err != nil {
			return &Error{Exit: ExitFailure, Code: "otp.unsupported", Err: err}
		}
		last = a.showCode(code, last)
		select {
		case <-ctx.Done():
			if a.OutTTY {
				a.printf("\n")
			}
			return &Error{Exit: ExitInterrupted} // the way to end it: nothing to explain
		case <-tick.C:
		}
	}
}

func (a *App) showCode(code totp.Code, last string) string {
	left := int(code.Until.Sub(a.Now()).Seconds()) + 1
	value := code.Value.RevealString()
	switch {
	case a.OutTTY && !a.JSON:
		line := fmt.Sprintf("%s  %2d s  next %s", value, left, code.Next.RevealString())
		if line != last {
			_, _ = a.Out.Write([]byte("\r\x1b[K" + line))
		}
		return line
	case value != last && a.JSON:
		_ = a.line(codeLine{"code", 1, value, stamp(code.Until), left})
	case value != last:
		a.printf("%s\n", value)
	}
	return value
}
