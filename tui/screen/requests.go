package screen

import (
	"context"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// RequestsScreen lists what programs asked for, the newest first, under the days on which they did.
type RequestsScreen struct {
	env    Env
	all    []requestItem
	shown  []requestItem
	known  bool
	shelf  shelf
	filter widget.Line
	typing bool
	err    string
	h      int
}

// requestItem is a row with what is computed once.
type requestItem struct {
	RequestRow
	site string // as it is shown
	day  string
	text string // what the filter looks through
}

// NewRequests makes the screen.
func NewRequests(env Env) *RequestsScreen {
	s := &RequestsScreen{env: env, shelf: shelf{linear: env.Linear}}
	s.filter.Placeholder = "filter by site, account, program or answer"
	return s
}

// Messages of this screen.
type (
	requestsListed struct {
		items []requestItem
		err   error
	}
	// requestFound is the passkey that a row is about.
	requestFound struct {
		row  RequestRow
		hits []PasskeyRow
		err  error
	}
)

// Init implements Screen.
func (s *RequestsScreen) Init() tea.Cmd { return s.cmdList() }

func (s *RequestsScreen) cmdList() tea.Cmd {
	zone := s.env.Now().Location()
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		rows, err := s.env.Ports.RequestLog.Requests(ctx, s.env.Vault)
		out := make([]requestItem, len(rows))
		for i, r := range rows {
			site := sanitize.Domain(r.Site)
			words := []string{r.What, r.Site, site, r.Account, r.Requester, r.Route, r.Answer, provedWord(r)}
			if !r.Trusted {
				words = append(words, "not authenticated")
			}
			out[i] = requestItem{r, site, r.At.In(zone).Format(time.DateOnly), strings.ToLower(strings.Join(words, "\n"))}
		}
		return requestsListed{out, err}
	})
}

// Title implements Screen.
func (s *RequestsScreen) Title() string { return "Requests of programs" }

// Typing implements Typer.
func (s *RequestsScreen) Typing() bool { return s.typing }

// Busy implements Busier.
func (s *RequestsScreen) Busy() bool { return !s.known }

// Settled reports whether the list was read; tests wait for it.
func (s *RequestsScreen) Settled() bool { return s.known }

// Close implements Screen.
func (s *RequestsScreen) Close() { s.filter.Wipe() }

// Update implements Screen.
func (s *RequestsScreen) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.h = msg.H
		s.shelf.sized(msg.W, msg.H-passkeysHead(msg.H))
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		if s.typing {
			s.filter.Paste(msg.Content)
			s.sift()
		}
	case Click:
		s.typing = msg.Y == 1
		if s.shelf.click(msg.X, msg.Y-passkeysHead(s.h)) && msg.Double {
			return s, s.open()
		}
	case Wheel:
		s.shelf.wheel(msg.By)
	case requestsListed:
		s.known, s.err = true, ""
		if msg.err != nil {
			s.err = s.env.Explain(msg.err)
		}
		s.all = msg.items
		s.sift()
	case requestFound:
		return s, s.found(msg)
	case Changed, RequestAnswered:
		return s, s.cmdList()
	}
	return s, nil
}

// sift shows the rows in which every word of the filter is found.
func (s *RequestsScreen) sift() {
	was, had := s.current()
	words := strings.Fields(strings.ToLower(s.filter.Text()))
	s.shown = s.shown[:0:0]
	rows := make([]shelfRow, 0, len(s.all))
	at, head := -1, ""
	for _, r := range s.all {
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(r.text, w) }) {
			continue
		}
		if had && at < 0 && r.RequestRow == was {
			at = len(rows)
		}
		row := s.row(r)
		if r.day != head {
			row.head = r.day
		}
		head = r.day
		s.shown, rows = append(s.shown, r), append(rows, row)
	}
	s.shelf.set(rows)
	if at >= 0 && s.shelf.cursor != 0 { // the newest one stays the newest one
		s.shelf.to(at)
	}
}

// row is a request in the list: when, for which site, and what came of it; the account as far as there is room.
func (s *RequestsScreen) row(r requestItem) shelfRow {
	text := r.At.In(s.env.Now().Location()).Format("15:04") + "  " + orElse(r.site, "no site")
	note := orElse(r.What, "a request") + ": " + r.Answer
	if !r.Trusted {
		note = "? " + note
	}
	return shelfRow{text: text, more: r.Account, note: note, warn: !r.Good || !r.Trusted}
}

func (s *RequestsScreen) current() (RequestRow, bool) {
	if s.shelf.cursor >= len(s.shown) {
		return RequestRow{}, false
	}
	return s.shown[s.shelf.cursor].RequestRow, true
}

// open looks for the passkey that the row is about. The log names site and account; which passkey that is today, the list of passkeys knows.
func (s *RequestsScreen) open() tea.Cmd {
	r, ok := s.current()
	switch {
	case !ok:
		return nil
	case r.Site == "" || s.env.Ports.Passkeys == nil:
		return s.env.say(Notify{Text: "This request was for no site: there is no entry to open"})
	}
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		rows, err := s.env.Ports.Passkeys.List(ctx, s.env.Vault)
		m := requestFound{row: r, err: err}
		for _, p := range rows {
			if p.RP == r.Site && (r.Account == "" || p.User == r.Account) {
				m.hits = append(m.hits, p)
			}
		}
		return m
	})
}

func (s *RequestsScreen) found(m requestFound) tea.Cmd {
	site := sanitize.Domain(m.row.Site)
	switch {
	case m.err != nil:
		return s.env.fail("Not found", m.err)
	case len(m.hits) == 0:
		return s.env.say(Notify{Text: "There is no passkey for " + site + " with that account here (any more)"})
	case len(m.hits) > 1 && !slices.ContainsFunc(m.hits, func(p PasskeyRow) bool { return p.Entry != m.hits[0].Entry }):
	case len(m.hits) > 1:
		return s.env.say(Notify{Text: "Several passkeys are for " + site + ": " + s.env.Keys.Do.Passkeys.Help().Key + " lists them"})
	}
	return s.env.say(OpenEntry{m.hits[0].Entry})
}

func (s *RequestsScreen) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.typing && p.Typed() != "":
		s.filter.Key(k.Edit, p)
		s.sift()
	case s.shelf.key(k.Move, p):
	case key.Matches(p, k.Do.Open):
		return s.open()
	case key.Matches(p, k.Do.Back):
		return s.back()
	case key.Matches(p, k.Do.Leave):
		return s.env.say(Back{})
	case key.Matches(p, k.Do.Focus):
		s.typing = !s.typing
	case key.Matches(p, k.Do.Search):
		s.typing = true
	case key.Matches(p, k.Set.Details):
		s.shelf.whole = !s.shelf.whole
	case s.typing && s.filter.Key(k.Edit, p):
		s.sift()
	}
	return nil
}

// back undoes the last thing first: the whole telling, the filter, then it leaves.
func (s *RequestsScreen) back() tea.Cmd {
	switch {
	case s.shelf.whole:
		s.shelf.whole = false
	case s.filter.Len() > 0:
		s.filter.Wipe()
		s.sift()
	case s.typing:
		s.typing = false
	default:
		return s.env.say(Back{})
	}
	return nil
}

// Keys implements Screen.
func (s *RequestsScreen) Keys() []key.Binding {
	k := s.env.Keys
	if s.known && len(s.all) == 0 {
		return []key.Binding{k.Do.Back}
	}
	open := k.Do.Open
	open.SetHelp(open.Help().Key, "open the entry")
	ks := []key.Binding{open, k.Do.Search, k.Set.Details, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown, k.Move.First, k.Move.Last, k.Do.Focus, k.Do.Back}
	if s.typing {
		ks = widget.TypingAll(ks...)
	}
	return ks
}
