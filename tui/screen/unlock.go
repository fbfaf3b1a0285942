package screen

import (
	"context"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/secret"
)

// UnlockNote says how it came that the vault is locked.
type UnlockNote struct {
	Fresh bool // the program just started: a way that needs nobody may be tried at once
	Why   LockReason
	Draft bool   // unsaved changes wait
	Prove *Prove // the vault is open, and the user shows once more that it is theirs
}

// Unlock opens the vault. The passphrase field has the focus when there is such a way; the other ways stand below it.
type Unlock struct {
	env    Env
	note   UnlockNote
	ways   []Way
	known  bool // ways were read
	early  bool // Enter came before that: people type their passphrase at once
	list   widget.List
	field  widget.SecretField
	typing bool // the field has the focus
	err    string
	busy   string // the way that is being tried
	cancel context.CancelFunc
	try    int

	waiting Waiting
	grace   dialog.Grace // after somebody began to wait, a refusal does not count at once
}

// NewUnlock makes the unlock screen.
func NewUnlock(env Env, note UnlockNote) *Unlock { return &Unlock{env: env, note: note, typing: true} }

// Messages of this screen.
type (
	waysRead struct {
		ways []Way
		err  error
	}
	unlocked struct {
		try   int
		vault Vault
		err   error
	}
)

// Init implements Screen.
func (s *Unlock) Init() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		ways, err := s.env.Ports.Opener.Ways(ctx)
		return waysRead{ways, err}
	})
}

// Title implements Screen.
func (s *Unlock) Title() string { return "Unlock" }

// Typing implements Typer.
func (s *Unlock) Typing() bool { return s.typing }

// Busy implements Busier.
func (s *Unlock) Busy() bool { return s.busy != "" || !s.known }

// Close implements Screen.
func (s *Unlock) Close() {
	s.stop()
	s.field.Wipe()
}

func (s *Unlock) stop() {
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
	s.busy = ""
	s.try++
}

// way is the one under the cursor.
func (s *Unlock) way() (Way, bool) {
	if s.list.Cursor >= len(s.ways) {
		return Way{}, false
	}
	return s.ways[s.list.Cursor], true
}

// asks reports whether a way needs something typed.
func (w Way) asks() bool { return w.Kind == WayPassphrase || w.Kind == WayRecovery }

// Update implements Screen.
func (s *Unlock) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Press:
		return s, s.key(msg)
	case tea.PasteMsg:
		if s.typing && s.busy == "" {
			s.field.Paste(msg.Content)
			s.err = s.field.Refused
		}
	case Click:
		return s, s.click(msg)
	case waysRead:
		return s, s.take(msg)
	case unlocked:
		return s, s.opened(msg)
	case Waiting:
		if s.waiting = msg; len(msg.asked) > 0 {
			s.grace = dialog.NewGrace(s.env.Now())
		}
	}
	return s, nil
}

func (s *Unlock) take(m waysRead) tea.Cmd {
	s.known = true
	if m.err != nil {
		s.err = s.env.Explain(m.err)
		return nil
	}
	if s.note.Prove != nil { // a way that asks nobody proves nothing
		m.ways = slices.DeleteFunc(m.ways, func(w Way) bool { return !w.Person && !w.asks() })
	}
	s.ways = m.ways
	s.list.SetCount(len(m.ways))
	s.list.SetHeight(len(m.ways))
	i := slices.IndexFunc(m.ways, func(w Way) bool { return w.Kind == WayPassphrase })
	if s.typing = i >= 0; s.typing {
		s.list.To(i)
	} else {
		s.field.Wipe() // what was typed at once was meant for a field that is not there
	}
	s.dress()
	if s.early && s.typing && s.field.Len() > 0 {
		return s.submit()
	}
	for _, w := range m.ways {
		if s.note.Fresh && !w.Person && !w.asks() {
			return s.cmdOpen(w, secret.Secret{})
		}
	}
	if len(m.ways) == 0 {
		s.err = "no way to open this vault was found here: signet doctor says what is missing"
	}
	return nil
}

// dress gives the field the looks of the way under the cursor. A recovery code is shown: nobody types 50 letters blindly.
func (s *Unlock) dress() {
	w, _ := s.way()
	s.field.Echo = widget.EchoDots
	if w.Kind == WayRecovery {
		s.field.Echo = widget.EchoPlain
	}
}

// cmdOpen tries one way with what was typed. The derivation runs outside Update and ends when it is cancelled.
func (s *Unlock) cmdOpen(w Way, typed secret.Secret) tea.Cmd {
	s.stop()
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(s.env.Ctx)
	s.busy, s.err = w.Name, ""
	try := s.try
	return s.env.cmd(func(context.Context) tea.Msg {
		defer typed.Wipe()
		v, err := s.env.Ports.Opener.Open(ctx, w.Name, typed)
		return unlocked{try, v, err}
	})
}

func (s *Unlock) opened(m unlocked) tea.Cmd {
	if m.try != s.try { // cancelled meanwhile: what was opened too late is locked again
		if m.vault == nil {
			return nil
		}
		return func() tea.Msg { _ = m.vault.Lock(context.WithoutCancel(s.env.Ctx)); return nil }
	}
	s.stop()
	if m.err == nil {
		s.field.Wipe()
		if s.note.Prove != nil {
			return s.proven(m.vault)
		}
		return s.env.say(Opened{Vault: m.vault})
	}
	s.err = s.env.Explain(m.err)
	if f := s.env.Ports.Faults.WrongSecret; f != nil && f(m.err) {
		s.field.Wipe()
		if w, _ := s.way(); w.Kind == WayPassphrase {
			s.err = "wrong passphrase: look at Caps Lock and the keyboard layout; " + s.env.Keys.Form.Show.Help().Key + " shows what you type"
		}
	}
	return nil
}

// proven closes this screen and lets the asking one go on. The second opening of the vault was only the proof.
func (s *Unlock) proven(v Vault) tea.Cmd {
	s.env.say(Back{})
	s.env.say(Proven{To: s.note.Prove.To, Then: s.note.Prove.Then})
	if v == s.env.Vault {
		return nil
	}
	ctx := s.env.Ctx
	return func() tea.Msg {
		_ = v.Lock(context.WithoutCancel(ctx))
		return nil
	}
}

func (s *Unlock) key(p widget.Press) tea.Cmd {
	k := s.env.Keys
	if s.busy != "" {
		if key.Matches(p, k.Form.Cancel) {
			s.stop()
			s.err = "cancelled"
		}
		return nil
	}
	if s.note.Prove != nil && key.Matches(p, k.Form.Cancel) {
		return s.env.say(Back{})
	}
	if quiet := !s.grace.Swallows(s.env.Now()); len(s.waiting.asked) > 0 && key.Matches(p, k.Form.Cancel) {
		if quiet {
			s.env.say(DecisionMade{ID: s.waiting.asked[0].ID})
		}
		return nil
	}
	if !s.known {
		if s.early = s.early || key.Matches(p, k.Form.Submit); !s.early {
			s.field.Key(k.Edit, p)
		}
		return nil
	}
	switch {
	case key.Matches(p, k.Form.Submit):
		return s.submit()
	case s.typing && p.Typed() != "":
		s.err = ""
		s.field.Key(k.Edit, p)
	case key.Matches(p, k.Form.Show):
		s.field.Echo = widget.EchoPlain - s.field.Echo
	case key.Matches(p, k.Setup.Ways):
		s.typing = false
		s.choose((s.list.Cursor + 1) % max(1, len(s.ways)))
	case key.Matches(p, k.Form.Next):
		s.move(1)
	case key.Matches(p, k.Form.Prev):
		s.move(-1)
	case s.typing:
		s.field.Key(k.Edit, p)
	case key.Matches(p, k.Do.Leave) && s.note.Prove == nil:
		return s.env.say(Quit{})
	default:
		k.Move.moved(&s.list, p)
		s.choose(s.list.Cursor)
	}
	return nil
}

// click takes a way: one that asks for something gets the focus, any other opens. (The rows move when another way is chosen, so a
// second click would meet another row.)
func (s *Unlock) click(m Click) tea.Cmd {
	if s.busy != "" || !s.known {
		return nil
	}
	lines, _ := s.head(m.Frame)
	from, to := s.list.Visible(max(1, m.Frame.H-len(lines)))
	i := from + m.Y - len(lines)
	if !s.listed() || i < from || i >= to {
		return nil
	}
	s.typing = false
	s.choose(i)
	return s.submit()
}

// move goes from the field to the list of ways and through it.
func (s *Unlock) move(by int) {
	if s.typing {
		s.typing = false
		if w, _ := s.way(); len(s.ways) > 1 && w.asks() {
			s.choose((s.list.Cursor + by + len(s.ways)) % len(s.ways))
		}
		return
	}
	s.choose((s.list.Cursor + by + max(1, len(s.ways))) % max(1, len(s.ways)))
}

// choose puts the cursor on another way; what was typed for another one is forgotten.
func (s *Unlock) choose(i int) {
	if i != s.list.Cursor {
		s.field.Wipe()
		s.err = ""
	}
	s.list.To(i)
	w, _ := s.way()
	s.typing = w.Kind == WayPassphrase && s.typing
	s.dress()
}

func (s *Unlock) submit() tea.Cmd {
	w, ok := s.way()
	switch {
	case !ok:
		return nil
	case w.asks() && !s.typing:
		s.typing = true
		return nil
	case w.asks() && s.field.Len() == 0:
		s.err = "type the " + wayName(w) + " first"
		return nil
	case w.asks():
		return s.cmdOpen(w, s.field.Secret())
	}
	return s.cmdOpen(w, secret.Secret{})
}
