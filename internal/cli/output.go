package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"signet/internal/sanitize"
)

// line writes one JSON object as a line. Every object has "type" and "v".
func (a *App) line(v any) error { return writeLine(a.Out, v) }

func writeLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printf writes text for people to standard output. Arguments are foreign text: they are sanitised when standard output is a
// terminal, and left as they are in a pipe.
func (a *App) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(a.Out, format, a.clean(args, a.OutTTY)...)
}

// printErr writes to standard error, always sanitised.
func (a *App) printErr(format string, args ...any) {
	_, _ = fmt.Fprintf(a.Err, format, a.clean(args, true)...)
}

// row writes one line of a list in a pipe: cells with tabs between. Control characters are replaced even there, because a title
// with a line end or a tab in it would forge a row; --json gives the exact text.
func (a *App) row(cells ...string) {
	for i, c := range cells {
		cells[i] = sanitize.Line(c)
	}
	_, _ = io.WriteString(a.Out, strings.Join(cells, "\t")+"\n")
}

func (a *App) clean(args []any, tty bool) []any {
	if !tty {
		return args
	}
	out := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			out[i] = sanitize.Line(v)
		case error:
			out[i] = sanitize.Line(v.Error())
		default:
			out[i] = arg
		}
	}
	return out
}

// report writes an error: a JSON line with --json, else "signet: …" and "hint: …".
func (a *App) report(e *Error) {
	if a.JSON {
		_ = writeLine(a.Err, errorLine{Type: "error", V: 1, Code: e.Code, Message: sanitize.Line(e.Error()), Hint: e.Hint})
		return
	}
	a.printErr("signet: %s\n", e.Error())
	if e.Hint != "" {
		a.printErr("hint: %s\n", e.Hint)
	}
}

type errorLine struct {
	Type    string `json:"type"`
	V       int    `json:"v"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// stamp renders a time for JSON: RFC 3339, "" for unknown.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// ago renders a time for people.
func (a *App) ago(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	switch d := a.Now().Sub(t); {
	case d < 0 || d > 30*24*time.Hour:
		return t.Local().Format("2006-01-02")
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d/time.Minute), "minute") + " ago"
	case d < 24*time.Hour:
		return plural(int(d/time.Hour), "hour") + " ago"
	default:
		return plural(int(d/(24*time.Hour)), "day") + " ago"
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if l := len(noun); l > 1 && noun[l-1] == 'y' && !strings.ContainsRune("aeiou", rune(noun[l-2])) {
		return fmt.Sprintf("%d %sies", n, noun[:l-1])
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
