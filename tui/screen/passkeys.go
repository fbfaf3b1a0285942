package screen

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
)

// PasskeysScreen lists all passkeys of the vault by site or by account, tells everything about the one under the cursor, renames and removes it.
type PasskeysScreen struct {
	env       Env
	all       []passkeyItem  // by site
	accounts  []int          // their places by account
	shown     []*passkeyItem // those that fit the filter
	known     bool
	byAccount bool
	plugged   bool // the virtual key is on
	shelf     shelf
	filter    widget.Line
	typing    bool
	form      *passkeyForm // fills the screen while it is open
	task      task
	chosen    PasskeyRow // that the open question is about
	err       string
	w, h      int
}

// passkeyItem is a row with what is computed once: ten thousand of them are sifted at each key.
type passkeyItem struct {
	PasskeyRow
	site   string // as it is shown
	text   string // what the filter looks through
	byRP   string // what it is sorted by
	byUser string
}

// NewPasskeys makes the screen.
func NewPasskeys(env Env) *PasskeysScreen {
	s := &PasskeysScreen{env: env, shelf: shelf{linear: env.Linear}}
	s.filter.Placeholder = "filter by site, account or title"
	return s
}

type passkeysListed struct {
	items    []passkeyItem
	accounts []int
	plugged  bool
	err      error
}

// Init implements Screen.
func (s *PasskeysScreen) Init() tea.Cmd { return s.cmdList() }

func (s *PasskeysScreen) cmdList() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		rows, err := s.env.Ports.Passkeys.List(ctx, s.env.Vault)
		m := passkeysListed{items: passkeyItems(rows), err: err}
		m.accounts = sortPasskeys(m.items)
		if k := s.env.Ports.VirtualKey; k != nil {
			m.plugged = k.Status().On
		}
		return m
	})
}

func passkeyItems(rows []PasskeyRow) []passkeyItem {
	out := make([]passkeyItem, len(rows))
	for i, r := range rows {
		site := firstWord(sanitize.Domain(r.RP), r.Title)
		words := []string{r.RP, site, r.RPName, r.User, r.Display, r.Title, bindingWord(r.Binding), string(r.Binding), r.CredentialID}
		out[i] = passkeyItem{
			PasskeyRow: r, site: site, text: strings.ToLower(strings.Join(append(words, r.Extensions...), "\n")),
			byRP: strings.ToLower(r.RP) + "\x00" + r.RP, byUser: strings.ToLower(passkeyAccount(r)) + "\x00" + passkeyAccount(r),
		}
	}
	return out
}

// sortPasskeys puts passkeys into their order by site, and returns their places in the order by account: those of one site, or of one account, stand
// together. It runs beside the program, because ten thousand take longer than a frame.
func sortPasskeys(items []passkeyItem) []int {
	last := func(a, b *passkeyItem) int {
		return cmp.Or(strings.Compare(string(a.Entry), string(b.Entry)), strings.Compare(a.Cred, b.Cred))
	}
	slices.SortFunc(items, func(a, b passkeyItem) int {
		return cmp.Or(strings.Compare(a.byRP, b.byRP), strings.Compare(a.byUser, b.byUser), last(&a, &b))
	})
	places := make([]int, len(items))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int { return strings.Compare(items[i].byUser, items[j].byUser) })
	return places
}

// passkeyAccount is what an account is called in the list.
func passkeyAccount(r PasskeyRow) string { return firstWord(r.User, r.Display, "(no account name)") }

// Title implements Screen.
func (s *PasskeysScreen) Title() string { return "Passkeys" }

// Typing implements Typer.
func (s *PasskeysScreen) Typing() bool {
	if s.form != nil {
		return s.form.typing()
	}
	return s.typing
}

// Busy implements Busier.
func (s *PasskeysScreen) Busy() bool { return !s.known || s.task.busy() }

// Settled reports whether the list was read; tests wait for it.
func (s *PasskeysScreen) Settled() bool { return s.known }

// Close implements Screen.
func (s *PasskeysScreen) Close() {
	s.task.stop()
	s.closeForm()
	s.filter.Wipe()
}

// passkeysHead is how many lines stand above the shelf: title and filter.
func passkeysHead(h int) int { return 1 + waysHead(h) }

// Update implements Screen.
func (s *PasskeysScreen) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Sized:
		s.w, s.h = msg.W, msg.H
		s.shelf.sized(msg.W, msg.H-passkeysHead(msg.H))
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		s.paste(msg.Content)
	case Click:
		return s, s.click(msg)
	case Wheel:
		if s.form != nil {
			s.form.form.Scroll(msg.By)
			return s, nil
		}
		s.shelf.wheel(msg.By)
	case passkeysListed:
		s.listed(msg)
	case Changed:
		return s, s.cmdList()
	case KeyIs:
		s.plugged = msg.On
	case dialog.Answered:
		return s, s.answered(msg)
	case stepDone:
		return s, tea.Batch(s.env.stepped(msg), s.cmdList())
	case passkeyRenamed:
		return s, s.renamed(msg)
	}
	return s, nil
}

func (s *PasskeysScreen) paste(text string) {
	switch {
	case s.form != nil && s.form.typing() && !s.task.busy():
		s.form.form.Paste(text)
	case s.form == nil && s.typing:
		s.filter.Paste(text)
		s.sift()
	}
}

func (s *PasskeysScreen) click(m Click) tea.Cmd {
	if s.form != nil {
		if s.task.busy() {
			return nil
		}
		above := len(s.formHead(m.Frame))
		return s.pressed(s.form.form.Click(m.Frame.Sized(m.Frame.W, m.Frame.H-above), m.X, m.Y-above))
	}
	s.typing = m.Y == 1
	if s.shelf.click(m.X, m.Y-passkeysHead(s.h)) && m.Double {
		return s.open()
	}
	return nil
}

func (s *PasskeysScreen) listed(m passkeysListed) {
	s.known, s.err = true, ""
	if m.err != nil {
		s.err = s.env.Explain(m.err)
	}
	s.all, s.accounts, s.plugged = m.items, m.accounts, m.plugged
	s.sift()
}

// sift shows the rows in which every word of the filter is found. The cursor stays with its passkey where that is still shown.
func (s *PasskeysScreen) sift() {
	was, had := s.current()
	words := strings.Fields(strings.ToLower(s.filter.Text()))
	s.shown = s.shown[:0:0]
	rows := make([]shelfRow, 0, len(s.all))
	at, head := -1, ""
	for i := range s.all {
		r := &s.all[i]
		if s.byAccount {
			r = &s.all[s.accounts[i]]
		}
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(r.text, w) }) {
			continue
		}
		if had && r.Entry == was.Entry && r.Cred == was.Cred {
			at = len(rows)
		}
		row := s.row(r)
		group := r.RP
		if s.byAccount {
			group = passkeyAccount(r.PasskeyRow)
		}
		if len(rows) > 0 && group == head {
			row.head = ""
		}
		head = group
		s.shown, rows = append(s.shown, r), append(rows, row)
	}
	s.shelf.set(rows)
	if at >= 0 {
		s.shelf.to(at)
	}
}

// row is a passkey in the list.
func (s *PasskeysScreen) row(r *passkeyItem) shelfRow {
	note, warn := bindingWord(r.Binding), false
	switch {
	case r.Unusable:
		note, warn = "cannot sign here", true
	case r.Binding == BindingDevice && r.Here:
		note = "this device only"
	case r.Binding == BindingDevice:
		note = "another device"
	}
	if s.byAccount {
		return shelfRow{head: passkeyAccount(r.PasskeyRow), text: r.site, note: note, warn: warn}
	}
	return shelfRow{head: r.site, text: passkeyAccount(r.PasskeyRow), note: note, warn: warn}
}

// firstWord is the first text that is not empty.
func firstWord(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (s *PasskeysScreen) current() (PasskeyRow, bool) {
	if s.shelf.cursor >= len(s.shown) {
		return PasskeyRow{}, false
	}
	return s.shown[s.shelf.cursor].PasskeyRow, true
}

func (s *PasskeysScreen) open() tea.Cmd {
	if r, ok := s.current(); ok {
		return s.env.say(OpenEntry{r.Entry})
	}
	return nil
}

func (s *PasskeysScreen) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	switch {
	case s.form != nil:
		return s.formKey(p)
	case s.typing && p.Typed() != "":
		s.filter.Key(k.Edit, p)
		s.sift()
		return nil
	case s.shelf.key(k.Move, p):
		return nil
	case key.Matches(p, k.Do.Open):
		return s.open()
	case key.Matches(p, k.Do.Back):
		return s.back()
	case key.Matches(p, k.Do.Leave):
		return s.env.say(Back{})
	case key.Matches(p, k.Do.Focus):
		s.typing = !s.typing
		return nil
	case key.Matches(p, k.Do.Search):
		s.typing = true
		return nil
	case key.Matches(p, k.Set.Details):
		s.shelf.whole = !s.shelf.whole
		return nil
	}
	if cmd, ok := s.act(p); ok {
		return cmd
	}
	if s.typing && s.filter.Key(k.Edit, p) {
		s.sift()
	}
	return nil
}

// back undoes the last thing first: the whole telling, the filter, then it leaves.
func (s *PasskeysScreen) back() tea.Cmd {
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
