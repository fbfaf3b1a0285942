package screen

import (
	"strings"
	"time"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// View implements Screen.
func (s *RequestsScreen) View(f widget.Frame) (string, widget.Cursor) {
	lines := make([]string, passkeysHead(f.H))
	count := ""
	if s.known && len(s.all) > 0 {
		count = plural(len(s.all), "request", "requests")
		if len(s.shown) < len(s.all) {
			count = thousands(len(s.shown)) + " of " + thousands(len(s.all))
		}
	}
	lines[0] = widget.Ends(f, f.Theme.Title.Render(widget.Cut(f, s.Title(), f.W)), f.Theme.Muted.Render(count), f.W)
	filter, cur := s.filter.View(f.Sized(max(0, f.W-2), 1), s.typing)
	lines[1] = f.Theme.Accent.Render("/") + " " + filter
	cur = cur.Moved(2, 1)
	if none := s.none(f); none != nil {
		if len(s.all) == 0 {
			lines, cur = append(lines[:1], ""), widget.Cursor{}
		}
		return widget.Lines(f, append(lines, none...)), cur
	}
	body, at := s.shelf.view(f.Sized(f.W, f.H-len(lines)), s.tell)
	if !s.typing {
		cur = at.Moved(0, len(lines))
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur
}

// none is what stands where there is no row, nil where there is one.
func (s *RequestsScreen) none(f widget.Frame) []string {
	switch {
	case !s.known:
		return []string{widget.Spinner(f) + f.Theme.Muted.Render(" reading the log")}
	case s.err != "":
		return tellText(f, f.Theme.Danger, s.err)
	case len(s.all) == 0:
		return tellText(f, f.Theme.Muted, "No program asked for anything yet. What is asked through the virtual key, and what came of it, is written down here, on this device only.")
	case len(s.shown) == 0:
		return tellText(f, f.Theme.Muted, "Nothing matches. "+s.env.Keys.Do.Back.Help().Key+" shows all requests again.")
	}
	return nil
}

// provedWord says what the site was told of the person.
func provedWord(r RequestRow) string {
	switch {
	case r.UV:
		return "you were there and proved who you are"
	case r.UP:
		return "you were there"
	}
	return "nobody had to be there"
}

func (s *RequestsScreen) tell(f widget.Frame) []string {
	r, ok := s.current()
	if !ok {
		return nil
	}
	var lines []string
	add := func(label, value string) { lines = append(lines, tellPair(f, label, value)...) }
	lines = append(lines, f.Theme.Title.Render(widget.Fit(f, title(orElse(r.What, "a request")), f.W)))
	if r.Site != "" {
		lines = append(lines, widget.Paint(f.Theme.Title, hostLines(f, r.Site))...)
	}
	lines = append(lines, "")
	if !r.Trusted {
		lines = append(append(lines, tellText(f, f.Theme.Warn, "Recorded while the vault was locked, not authenticated: any program of this user could have written it.")...), "")
	}
	add("When", r.At.In(f.Now.Location()).Format(time.DateTime))
	add("Account", r.Account)
	add("Asked by", orElse(r.Requester, "an unknown program"))
	add("Through", r.Route)
	add("Answer", sanitize.Line(r.Answer))
	add("Site learnt", learnt(r))
	return lines
}

// learnt is what the answer says of the person; nothing where it was a refusal.
func learnt(r RequestRow) string {
	if !r.Good {
		return ""
	}
	return provedWord(r)
}
