package widget

import (
	"fmt"
	"strings"
	"time"
)

// Countdown draws what is left of a span as a bar and in seconds: "━━━━━──── 17s". A screen reader would read every second of it, so it
// gets the time at which the span ends.
func Countdown(f Frame, from, until time.Time, w int) string {
	if f.Theme.Linear {
		return f.Theme.Text.Render("until " + until.In(f.Now.Location()).Format(time.TimeOnly))
	}
	left := Left(f.Now, until)
	secs := fmt.Sprintf("%ds", left)
	total := int(until.Sub(from).Seconds())
	cells := w - Width(secs) - 1
	style := f.Theme.Accent
	if left <= 5 {
		style = f.Theme.Warn
	}
	if cells < 4 || total <= 0 {
		return style.Render(secs)
	}
	full := min(cells, (left*cells+total-1)/total)
	return style.Render(strings.Repeat(f.Theme.Bar, full)) + f.Theme.Faint.Render(strings.Repeat(f.Theme.BarEmpty, cells-full)) + " " + style.Render(secs)
}

// Left is the number of whole seconds until t, rounded up, at least 0.
func Left(now, t time.Time) int {
	d := t.Sub(now)
	if d <= 0 {
		return 0
	}
	return int((d + time.Second - 1) / time.Second)
}

// Spinner is the sign of a running operation; it turns with the frame's time. For a screen reader there is none: the words beside it
// say the same.
func Spinner(f Frame) string {
	if f.Theme.Linear {
		return ""
	}
	s := f.Theme.Spinner
	return f.Theme.Busy.Render(s[int(f.Now.UnixMilli()/120)%len(s)])
}

// Group sets a code in two halves, so that it can be read out: "123 456".
func Group(code string) string {
	if n := len(code); n >= 6 && n%2 == 0 {
		return code[:n/2] + " " + code[n/2:]
	}
	return code
}
