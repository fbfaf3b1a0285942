package screen

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
)

// Browse is the start screen: a search line and the list of what it finds; with room, the entry under the cursor beside it. The
// same screen shows the trash.
type Browse struct {
	env    Env
	trash  bool
	search widget.Line
	query  query
	typing bool // the search line has the focus
	moved  bool // the cursor was moved since something was typed
	list   widget.List
	sides  [2]side // outside the trash, and in it
	found  found
	seq    int // of the newest search; older answers are dropped
	shown  int // of the search whose result is on the screen
	// held is a key that acts on an entry and came before the result that its user was waiting for: it acts when the result is there,
	// never on the entry that happened to be under the cursor.
	held    *widget.Press
	keep    entry.ID // what the cursor goes to when the running search is done; "": the best hit
	cancel  context.CancelFunc
	w, h    int
	wide    bool
	preview *detail
	used    bool // an entry was used since the list was read
	rerank  bool // the running load is for the order only: the best hit gets the cursor, where nobody moved it
	marks   marks
	pick    *picker // what a marked lot gets: tags, a folder
	offers  offers  // what Tab would complete
	audit   audit
}

// side is the list of one side of the trash.
type side struct {
	index   *index // the newest; nil until the first load is done. What is on the screen is of found.x
	mark    string // of the vault when the index was read, where the vault gives marks
	loading bool
	again   bool // load once more when the running load is done
}

// NewBrowse makes the list.
func NewBrowse(env Env) *Browse {
	return &Browse{env: env, typing: true, search: widget.Line{Placeholder: "type to search"}}
}

// NewTrash makes the list of what is in the trash.
func NewTrash(env Env) *Browse {
	b := NewBrowse(env)
	b.trash, b.search.Placeholder = true, "search the trash"
	b.typing = false
	return b
}

// Init implements Screen.
func (b *Browse) Init() tea.Cmd { return b.load(b.side()) }

// Title implements Screen.
func (b *Browse) Title() string {
	if b.trash {
		return "Trash"
	}
	return "Entries"
}

// Typing implements Typer.
func (b *Browse) Typing() bool { return b.typing || b.pick != nil }

// Settled reports whether everything that was asked for is on the screen; tests wait for it.
func (b *Browse) Settled() bool {
	row, ok := b.current()
	return !b.stale() && !b.here().loading && !b.audit.running && (!b.wide || !ok || b.preview != nil && b.preview.e.ID == row.ID)
}

// Busy implements Busier.
func (b *Browse) Busy() bool { return b.index() == nil || b.audit.running }

// Close implements Screen.
func (b *Browse) Close() {
	if b.cancel != nil {
		b.cancel()
	}
	b.dropPreview()
	b.search.Wipe()
	b.sides, b.found, b.marks, b.pick = [2]side{}, found{}, marks{}, nil
}

// The two sides.
const (
	outside = 0
	inTrash = 1
)

// side is the side of the trash that is listed: in:trash in the search line shows the trash as well.
func (b *Browse) side() int {
	if b.trash || b.query.trash {
		return inTrash
	}
	return outside
}

func (b *Browse) here() *side   { return &b.sides[b.side()] }
func (b *Browse) index() *index { return b.here().index }

// Messages of this screen.
type (
	loaded struct {
		side  int
		index *index
		mark  string
		err   error
	}
	searched struct {
		seq   int
		found found
	}
	previewed struct {
		entry entry.Entry
		cards map[string]cardHint
		err   error
	}
)

// Wipe implements Wiper.
func (p previewed) Wipe() { p.entry.Wipe() }

// SearchFor tells the list what to search for; the root closes the screen above it.
type SearchFor struct{ Line string }

func (b *Browse) load(side int) tea.Cmd {
	s := &b.sides[side]
	if s.loading {
		s.again = true
		return nil
	}
	s.loading = true
	return b.cmdLoad(side)
}

// cmdLoad reads the list, or only what changed in it.
func (b *Browse) cmdLoad(side int) tea.Cmd {
	l := loader{env: b.env, trash: side == inTrash, old: b.sides[side].index, mark: b.sides[side].mark}
	return b.env.cmd(func(ctx context.Context) tea.Msg {
		x, err := l.load(ctx)
		return loaded{side: side, index: x, mark: l.mark, err: err}
	})
}

// folders reads the paths of all folders.
func (e Env) folders(ctx context.Context) (map[entry.ID]string, error) {
	list, err := e.Vault.Folders(ctx)
	out := make(map[entry.ID]string, len(list))
	for _, f := range list {
		out[f.ID] = joinPath(f.Path)
	}
	return out, err
}

// typed takes a new search line over.
func (b *Browse) typed() tea.Cmd {
	b.moved = false
	b.query = parseQuery(b.search.Text())
	b.offers = b.offer()
	more := b.wantAudit()
	if b.index() == nil {
		b.seq++
		return tea.Batch(more, b.load(b.side()))
	}
	return tea.Batch(more, b.cmdSearch(false))
}

// cmdSearch starts the search for what the line says and cancels the one before. keep says that the cursor stays on its entry.
func (b *Browse) cmdSearch(keep bool) tea.Cmd {
	x := b.index()
	if x == nil {
		return nil
	}
	if b.cancel != nil {
		b.cancel()
	}
	switch row, ok := b.current(); {
	case !keep:
		b.keep = ""
	case ok && !b.stale():
		b.keep = row.ID
	}
	b.seq++
	q, seq, old, by, audit := b.query, b.seq, b.found, b.order(), b.audit.found
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(b.env.Ctx)
	return b.env.cmd(func(context.Context) tea.Msg {
		f, ok := x.search(ctx, q, by, audit, &old)
		if !ok {
			return nil
		}
		return searched{seq, f}
	})
}

func (b *Browse) cmdPreview(id entry.ID) tea.Cmd {
	return b.env.cmd(func(ctx context.Context) tea.Msg {
		e, err := b.env.Vault.Get(ctx, id, false)
		if err != nil {
			return previewed{err: err}
		}
		return previewed{e, b.env.cardHints(ctx, e), nil}
	})
}

// Update implements Screen.
func (b *Browse) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return b, b.key(msg)
	case tea.PasteMsg:
		return b, b.paste(msg.Content)
	case Sized:
		b.resize(msg)
		return b, b.look()
	case Click:
		return b, b.click(msg)
	case Wheel:
		return b, b.wheel(msg)
	case SearchFor:
		return b, b.searchFor(msg.Line)
	case Changed:
		return b, b.changed()
	case dialog.Answered:
		return b, b.answered(msg)
	}
	return b, b.answer(msg)
}

// answer takes what commands of this screen bring back.
func (b *Browse) answer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case loaded:
		return b.take(msg)
	case searched:
		return b.show(msg)
	case previewed:
		b.showPreview(msg)
	case audited:
		return b.audited(msg)
	case auditing:
		return b.auditing(msg)
	case stepDone:
		if msg.err == nil {
			b.marks.clear()
		}
		return tea.Batch(b.env.stepped(msg), b.changed())
	}
	return nil
}

func (b *Browse) paste(text string) tea.Cmd {
	if b.pick != nil {
		b.pick.paste(text)
		return nil
	}
	b.typing = true
	if b.search.Paste(text); b.search.Refused != "" {
		return b.env.say(Notify{Level: Bad, Text: "The paste was " + b.search.Refused})
	}
	return b.typed()
}

// searchFor puts a line into the search, as if it had been typed, and gives the list the keys.
func (b *Browse) searchFor(line string) tea.Cmd {
	b.search.Set([]byte(line))
	b.typing = false
	cmd := b.typed()
	b.offers = offers{}
	return cmd
}

// changed loads again what was loaded.
func (b *Browse) changed() tea.Cmd {
	b.audit.forget()
	cmds := []tea.Cmd{b.wantAudit()}
	for i := range b.sides {
		if b.sides[i].index != nil || b.sides[i].loading {
			cmds = append(cmds, b.load(i))
		}
	}
	return tea.Batch(cmds...)
}

func (b *Browse) resize(s Sized) {
	b.w, b.h = s.W, s.H
	l := splitBrowse(s.W, s.H)
	b.wide = l.Detail.W > 0 && !b.env.Linear
	b.list.SetHeight(l.List.H)
	if !b.wide {
		b.dropPreview()
	}
}

// take accepts a finished load. The search for it runs beside the loop; until it is done the list stays as it was.
func (b *Browse) take(m loaded) tea.Cmd {
	s := &b.sides[m.side]
	s.loading = false
	if m.err == nil {
		s.index, s.mark = m.index, m.mark
	}
	var more tea.Cmd
	if s.again {
		s.again = false
		more = b.load(m.side)
	}
	if m.err != nil {
		b.held = nil
		return tea.Batch(more, b.env.fail("Reading the vault failed", m.err))
	}
	if m.side != b.side() {
		return more
	}
	b.marks.prune(m.index)
	b.offers = b.offer()
	keep := !b.rerank || b.moved
	b.rerank = false
	return tea.Batch(more, b.cmdSearch(keep))
}

// show accepts a search's result; the best hit gets the cursor, or the entry that had it when the entries changed below an unchanged line.
func (b *Browse) show(m searched) tea.Cmd {
	if m.seq != b.seq || b.index() == nil {
		return nil
	}
	b.place(m.found, b.keep)
	b.shown, b.keep = m.seq, ""
	return tea.Batch(b.look(), b.release())
}

// release lets a held key act.
func (b *Browse) release() tea.Cmd {
	if b.held == nil {
		return nil
	}
	p := *b.held
	b.held = nil
	return b.key(p)
}

// stale reports whether what is on the screen is not yet what the search line asks for.
func (b *Browse) stale() bool { return b.index() == nil || b.found.x == nil || b.shown != b.seq }

// place shows a result. The cursor goes to the entry keep, when it is there.
func (b *Browse) place(f found, keep entry.ID) {
	if b.found.x != f.x {
		b.dropPreview() // its entry may have changed
	}
	b.found = f
	old := b.list.Cursor
	b.list.SetCount(len(f.hits))
	b.list.To(0)
	if keep == "" {
		return
	}
	b.list.To(old)
	if at := slices.IndexFunc(f.hits, func(h int32) bool { return f.x.at(h).row.ID == keep }); at >= 0 {
		b.list.To(at)
	}
}

// current is the row under the cursor.
func (b *Browse) current() (entry.Row, bool) {
	if b.list.Cursor >= len(b.found.hits) {
		return entry.Row{}, false
	}
	return *b.found.x.at(b.found.hits[b.list.Cursor]).row, true
}

func (b *Browse) subject() subject {
	row, ok := b.current()
	if !ok {
		return subject{}
	}
	return subject{id: row.ID, title: row.Title, trashed: b.side() == inTrash}
}

// order is how the list is sorted; it is kept while the program runs.
func (b *Browse) order() order {
	if b.env.Memory == nil {
		return byTitle
	}
	return b.env.Memory.sort
}
