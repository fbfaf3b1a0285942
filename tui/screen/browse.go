package screen

import (
	"context"

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
	typing bool // the search line has the focus
	list   widget.List
	index  *index // nil until the first load is done
	found  found
	seq    int // of the newest search; older answers are dropped
	shown  int // of the search whose result is on the screen
	// held is a key that acts on an entry and came before the result that its user was waiting for: it acts when the result is there,
	// never on the entry that happened to be under the cursor.
	held    *widget.Press
	cancel  context.CancelFunc
	loading bool
	again   bool // load once more when the running load is done
	wide    bool
	preview *detail
	folders map[entry.ID]string
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
func (b *Browse) Init() tea.Cmd { return b.load() }

// Title implements Screen.
func (b *Browse) Title() string {
	if b.trash {
		return "Trash"
	}
	return "Entries"
}

// Typing implements Typer.
func (b *Browse) Typing() bool { return b.typing }

// Settled reports whether everything that was asked for is on the screen; tests wait for it.
func (b *Browse) Settled() bool {
	row, ok := b.current()
	return !b.stale() && !b.loading && (!b.wide || !ok || b.preview != nil && b.preview.e.ID == row.ID)
}

// Busy implements Busier.
func (b *Browse) Busy() bool { return b.index == nil }

// Close implements Screen.
func (b *Browse) Close() {
	if b.cancel != nil {
		b.cancel()
	}
	b.dropPreview()
	b.search.Wipe()
	b.index, b.found = nil, found{}
}

// Messages of this screen.
type (
	loaded struct {
		index   *index
		folders map[entry.ID]string
		err     error
	}
	searched struct {
		seq   int
		found found
	}
	previewed struct {
		entry entry.Entry
		err   error
	}
)

// Wipe implements Wiper.
func (p previewed) Wipe() { p.entry.Wipe() }

func (b *Browse) load() tea.Cmd {
	if b.loading {
		b.again = true
		return nil
	}
	b.loading = true
	return b.cmdLoad()
}

func (b *Browse) cmdLoad() tea.Cmd {
	trash := b.trash
	return b.env.cmd(func(ctx context.Context) tea.Msg {
		rows, err := b.env.Vault.Rows(ctx, trash)
		if err != nil {
			return loaded{err: err}
		}
		folders, err := b.env.folders(ctx)
		if err != nil {
			return loaded{err: err}
		}
		usage, err := b.env.Vault.Usage(ctx)
		if err != nil {
			usage = nil // only the order suffers
		}
		return loaded{index: newIndex(rows, folders, usage), folders: folders}
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

// cmdSearch starts the search for what the line says and cancels the one before.
func (b *Browse) cmdSearch() tea.Cmd {
	if b.index == nil {
		return nil
	}
	if b.cancel != nil {
		b.cancel()
	}
	b.seq++
	q, x, seq, old := parseQuery(b.search.Text()), b.index, b.seq, b.found
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(b.env.Ctx)
	return b.env.cmd(func(context.Context) tea.Msg {
		f, ok := x.search(ctx, q, &old)
		if !ok {
			return nil
		}
		return searched{seq, f}
	})
}

func (b *Browse) cmdPreview(id entry.ID) tea.Cmd {
	return b.env.cmd(func(ctx context.Context) tea.Msg {
		e, err := b.env.Vault.Get(ctx, id, false)
		return previewed{e, err}
	})
}

// Update implements Screen.
func (b *Browse) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return b, b.key(msg)
	case tea.PasteMsg:
		b.typing = true
		b.search.Paste(msg.Content)
		return b, b.cmdSearch()
	case Sized:
		b.resize(msg)
		return b, b.look()
	case Changed:
		return b, b.load()
	case loaded:
		return b, b.take(msg)
	case searched:
		return b, b.show(msg)
	case previewed:
		b.showPreview(msg)
	case stepDone:
		return b, b.env.stepped(msg)
	case dialog.Answered:
		return b, b.answered(msg)
	}
	return b, nil
}

func (b *Browse) resize(s Sized) {
	l := splitBrowse(s.W, s.H)
	b.wide = l.Detail.W > 0
	b.list.SetHeight(l.List.H)
	if !b.wide {
		b.dropPreview()
	}
}

// take accepts a finished load. The cursor stays on its entry when that is still there.
func (b *Browse) take(m loaded) tea.Cmd {
	b.loading = false
	var more tea.Cmd
	if b.again {
		b.again = false
		more = b.load()
	}
	if m.err != nil {
		b.held = nil
		return tea.Batch(more, b.env.fail("Reading the vault failed", m.err))
	}
	at, had := b.current()
	b.index, b.folders = m.index, m.folders
	b.found, b.seq = found{}, b.seq+1
	b.shown = b.seq
	f, ok := b.index.search(b.env.Ctx, parseQuery(b.search.Text()), nil)
	if ok {
		b.place(f, at.ID, had)
	}
	b.dropPreview()
	return tea.Batch(more, b.look(), b.release())
}

// show accepts a search's result; the best hit gets the cursor.
func (b *Browse) show(m searched) tea.Cmd {
	if m.seq != b.seq || b.index == nil {
		return nil
	}
	b.place(m.found, "", false)
	b.shown = m.seq
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
func (b *Browse) stale() bool { return b.index == nil || b.shown != b.seq }

func (b *Browse) place(f found, id entry.ID, keep bool) {
	b.found = f
	old := b.list.Cursor
	b.list.SetCount(len(f.hits))
	b.list.To(0)
	if !keep {
		return
	}
	b.list.To(old)
	if want, ok := b.index.byID[id]; ok {
		for i, h := range f.hits {
			if h == want {
				b.list.To(i)
				return
			}
		}
	}
}

// current is the row under the cursor.
func (b *Browse) current() (entry.Row, bool) {
	if b.index == nil || b.list.Cursor >= len(b.found.hits) {
		return entry.Row{}, false
	}
	return b.index.rows[b.found.hits[b.list.Cursor]], true
}

// look asks for the entry under the cursor when there is room to show it.
func (b *Browse) look() tea.Cmd {
	row, ok := b.current()
	if !b.wide || !ok {
		b.dropPreview()
		return nil
	}
	if b.preview != nil && b.preview.e.ID == row.ID {
		return nil
	}
	return b.cmdPreview(row.ID)
}

func (b *Browse) showPreview(m previewed) {
	row, ok := b.current()
	if m.err != nil || !ok || row.ID != m.entry.ID || !b.wide {
		m.Wipe()
		return
	}
	b.dropPreview()
	d := newDetail(m.entry, b.folders, b.env.Now().Location(), true)
	b.preview = &d
}

func (b *Browse) dropPreview() {
	if b.preview != nil {
		b.preview.wipe()
		b.preview = nil
	}
}

func (b *Browse) subject() subject {
	row, ok := b.current()
	if !ok {
		return subject{}
	}
	return subject{id: row.ID, title: row.Title, trashed: b.trash}
}
