package screen

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// PasskeysScreen lists all passkeys of the vault by site and account.
type PasskeysScreen struct {
	env    Env
	all    []PasskeyRow
	shown  []PasskeyRow // those that fit the filter
	known  bool
	shelf  shelf
	filter widget.Line
	typing bool
	err    string
	h      int
}

// NewPasskeys makes the screen.
func NewPasskeys(env Env) *PasskeysScreen {
	s := &PasskeysScreen{env: env, shelf: shelf{linear: env.Linear}}
	s.filter.Placeholder = "filter by site, account or title"
	return s
}

type passkeysListed struct {
	rows []PasskeyRow
	err  error
}

// Init implements Screen.
func (s *PasskeysScreen) Init() tea.Cmd { return s.cmdList() }

func (s *PasskeysScreen) cmdList() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		rows, err := s.env.Ports.Passkeys.List(ctx, s.env.Vault)
		slices.SortFunc(rows, func(a, b PasskeyRow) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.RP), strings.ToLower(b.RP)), strings.Compare(strings.ToLower(a.User), strings.ToLower(b.User)),
				strings.Compare(string(a.Entry)+a.Cred, string(b.Entry)+b.Cred))
		})
		return passkeysListed{rows, err}
	})
}

// Title implements Screen.
func (s *PasskeysScreen) Title() string { return "Passkeys" }

// Typing implements Typer.
func (s *PasskeysScreen) Typing() bool { return s.typing }

// Busy implements Busier.
func (s *PasskeysScreen) Busy() bool { return !s.known }

// Settled reports whether the list was read; tests wait for it.
func (s *PasskeysScreen) Settled() bool { return s.known }

// Close implements Screen.
func (s *PasskeysScreen) Close() { s.filter.Wipe() }

// passkeysHead is how many lines stand above the shelf: title and filter.
func passkeysHead(h int) int { return 1 + waysHead(h) }

// Update implements Screen.
func (s *PasskeysScreen) Update(msg tea.Msg) (Screen, tea.Cmd) {
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
	case passkeysListed:
		s.known, s.err = true, ""
		if msg.err != nil {
			s.err = s.env.Explain(msg.err)
		}
		s.all = msg.rows
		s.sift()
	case Changed:
		return s, s.cmdList()
	}
	return s, nil
}

// sift shows the rows in which every word of the filter is found.
func (s *PasskeysScreen) sift() {
	words := strings.Fields(strings.ToLower(s.filter.Text()))
	s.shown = s.shown[:0:0]
	var rows []shelfRow
	for _, r := range s.all {
		text := strings.ToLower(strings.Join([]string{r.RP, sanitize.Domain(r.RP), r.RPName, r.User, r.Display, r.Title, string(r.Binding)}, "\n"))
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		row := shelfRow{text: firstWord(r.User, r.Display, "(no account name)"), note: bindingWord(r.Binding)}
		if len(s.shown) == 0 || s.shown[len(s.shown)-1].RP != r.RP {
			row.head = firstWord(sanitize.Domain(r.RP), r.Title)
		}
		s.shown = append(s.shown, r)
		rows = append(rows, row)
	}
	s.shelf.set(rows)
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

func bindingWord(b Binding) string {
	switch b {
	case BindingSynced:
		return "synced"
	case BindingDevice:
		return "bound to a device"
	case "":
		return "not known"
	}
	return string(b)
}

func (s *PasskeysScreen) current() (PasskeyRow, bool) {
	if s.shelf.cursor >= len(s.shown) {
		return PasskeyRow{}, false
	}
	return s.shown[s.shelf.cursor], true
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
	case key.Matches(p, k.Do.Search):
		s.typing = true
	case key.Matches(p, k.Set.Details):
		s.shelf.whole = !s.shelf.whole
	case key.Matches(p, k.Do.Import) && s.env.Ports.Importer != nil:
		return s.env.writable(func() tea.Cmd { return s.env.say(OpenImport{}) })
	case s.typing:
		if s.filter.Key(k.Edit, p) {
			s.sift()
		}
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

// View implements Screen.
func (s *PasskeysScreen) View(f widget.Frame) (string, widget.Cursor) {
	lines := make([]string, passkeysHead(f.H))
	count := ""
	if s.known && len(s.all) > 0 {
		count = plural(len(s.all), "passkey", "passkeys")
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
			lines, cur = lines[:1], widget.Cursor{}
			lines = append(lines, "")
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
func (s *PasskeysScreen) none(f widget.Frame) []string {
	switch {
	case !s.known:
		return []string{widget.Spinner(f) + f.Theme.Muted.Render(" reading the passkeys")}
	case s.err != "":
		return tellText(f, f.Theme.Danger, s.err)
	case len(s.all) == 0:
		text := "There is no passkey in this vault."
		if s.env.Ports.Importer != nil {
			text += " An import brings those of another program: " + s.env.Keys.Do.Import.Help().Key + "."
		}
		return tellText(f, f.Theme.Muted, text)
	case len(s.shown) == 0:
		return tellText(f, f.Theme.Muted, "Nothing matches. "+s.env.Keys.Do.Back.Help().Key+" shows all passkeys again.")
	}
	return nil
}

func (s *PasskeysScreen) tell(f widget.Frame) []string {
	r, ok := s.current()
	if !ok {
		return nil
	}
	zone := f.Now.Location()
	lines := []string{f.Theme.Title.Render(widget.Fit(f, firstWord(sanitize.Domain(r.RP), r.Title), f.W)), ""}
	lines = append(lines, tellPair(f, "Account", r.User)...)
	lines = append(lines, tellPair(f, "Shown as", r.Display)...)
	lines = append(lines, tellPair(f, "Site name", r.RPName)...)
	lines = append(lines, tellPair(f, "Entry", r.Title)...)
	lines = append(lines, tellPair(f, "Kind", bindingWord(r.Binding))...)
	lines = append(lines, tellPair(f, "", bindingMeans(r.Binding))...)
	if r.Told != "" {
		lines = append(lines, tellPair(f, "Told", "this site was told: "+bindingWord(r.Told))...)
	}
	lines = append(lines, tellPair(f, "Lives in", strings.Join(r.Where, ", "))...)
	lines = append(lines, tellPair(f, "Created", day(r.Created, zone))...)
	used := day(r.Used, zone)
	if used != "" {
		used += " (its entry, on this device)"
	}
	lines = append(lines, tellPair(f, "Last used", used)...)
	lines = append(lines, tellPair(f, "Signs with", r.Algorithm)...)
	if r.Counter > 0 {
		lines = append(lines, tellPair(f, "Counter", strconv.FormatUint(r.Counter, 10))...)
	}
	if r.Discoverable {
		lines = append(lines, tellPair(f, "Sign-in", "works without a user name")...)
	}
	return lines
}

// bindingMeans says what it means for the person.
func bindingMeans(b Binding) string {
	switch b {
	case BindingSynced:
		return "Its key is in the vault: it goes wherever the vault goes, and no lost device takes it along."
	case BindingDevice:
		return "Its key is on one device and cannot be copied: when that is lost, so is this passkey."
	}
	return ""
}

// Keys implements Screen.
func (s *PasskeysScreen) Keys() []key.Binding {
	k := s.env.Keys
	if s.known && len(s.all) == 0 {
		return []key.Binding{k.Do.Import, k.Do.Back}
	}
	open := k.Do.Open
	open.SetHelp(open.Help().Key, "open its entry")
	ks := []key.Binding{open, k.Do.Search, k.Set.Details, k.Move.Up, k.Move.Down, k.Move.PageUp, k.Move.PageDown, k.Move.First, k.Move.Last, k.Do.Focus, k.Do.Back}
	if s.typing {
		ks = widget.TypingAll(ks...)
	}
	return ks
}
