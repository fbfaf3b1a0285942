package screen

import (
	"context"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/secret"
)

// Made keeps the passwords that the generator made and the user took, on this device alone and sealed: one that was taken is not lost when the
// form is left without saving.
type Made interface {
	// List returns the newest first, at most MaxMade. They are the caller's to wipe.
	List(ctx context.Context, v Vault) ([]MadePassword, error)
	// Add remembers one at once.
	Add(ctx context.Context, v Vault, value secret.Secret, r Recipe) error
	Clear(ctx context.Context, v Vault) error
	// Recipe is how the last one was made; false when there is none.
	Recipe(ctx context.Context, v Vault) (Recipe, bool, error)
}

// MaxMade is how many generated passwords are remembered.
const MaxMade = 50

// MadePassword is a password that was generated and taken.
type MadePassword struct {
	Value secret.Secret
	At    time.Time
}

// Kept is what forms remember as long as the program runs. The root has one.
type Kept struct {
	recipeOf  Recipe
	hasRecipe bool
	told      bool // what an outside editor means
}

func (k *Kept) recipe() Recipe {
	if k == nil || !k.hasRecipe {
		return DefaultRecipe()
	}
	return k.recipeOf
}

func (k *Kept) asked() bool { return k != nil && k.hasRecipe }

func (k *Kept) keep(r Recipe) {
	if k != nil {
		k.recipeOf, k.hasRecipe = r, true
	}
}

// pastPanel lists the passwords that were made before, masked until asked for.
type pastPanel struct {
	field string
	list  []MadePassword
	rows  widget.List
	shown bool
	ready bool
}

// pastLines is how many of them are seen at once.
const pastLines = 6

// Messages of the panel.
type (
	pastRead struct {
		list []MadePassword
		err  error
	}
	pastShown   struct{}
	pastChanged struct {
		cleared bool
		err     error
	}
)

// Wipe implements Wiper.
func (m pastRead) Wipe() {
	for _, p := range m.list {
		p.Value.Wipe()
	}
}

const askClearPast = "clear generated"

// openPast opens the panel for the field with the focus.
func (s *Edit) openPast() tea.Cmd {
	d := s.form.Focused()
	if s.gen != nil {
		d = s.form.Field(s.gen.field)
	}
	switch {
	case s.env.Ports.Made == nil:
		return nil
	case d == nil || !s.generates(d):
		if d = s.form.Field(s.firstSecret()); d == nil || !s.generates(d) {
			return s.env.say(Notify{Text: "There is no password here that could be replaced"})
		}
	}
	s.dropGenerator()
	s.form.FocusOn(d.ID)
	s.past = &pastPanel{field: d.ID}
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		list, err := s.env.Ports.Made.List(ctx, s.env.Vault)
		return pastRead{list, err}
	})
}

func (s *Edit) dropPast() {
	if s.past != nil {
		pastRead{list: s.past.list}.Wipe()
		s.past = nil
	}
}

func (s *Edit) takePast(m pastRead) tea.Cmd {
	if s.past == nil || m.err != nil {
		m.Wipe()
		if m.err != nil {
			s.dropPast()
			return s.env.fail("The passwords made before could not be read", m.err)
		}
		return nil
	}
	s.past.list, s.past.ready = m.list, true
	s.past.rows.SetHeight(pastLines)
	s.past.rows.SetCount(len(m.list))
	return nil
}

func (s *Edit) pastKey(p widget.Press) tea.Cmd {
	k, past := s.env.Keys, s.past
	switch {
	case key.Matches(p, k.Generator.Cancel):
		s.dropPast()
	case !past.ready || len(past.list) == 0:
	case k.Move.moved(&past.rows, p):
	case key.Matches(p, k.Generator.Accept):
		s.usePast(past.list[past.rows.Cursor])
	case key.Matches(p, k.Generator.Reveal):
		if past.shown {
			past.shown = false
			return nil
		}
		return s.env.prove(pastShown{})
	case key.Matches(p, k.Generator.Forget):
		return s.env.ask(dialog.Choice{
			ID: askClearPast, Title: "Forget them all?", Text: fmt.Sprintf("%d passwords that were generated on this device are forgotten. Saved entries keep theirs.", len(past.list)),
			Options: []dialog.Option{{ID: "", Label: "Keep them"}, {ID: "yes", Label: "Forget them", Danger: true}},
		})
	}
	return nil
}

func (s *Edit) usePast(m MadePassword) {
	if d := s.form.Field(s.past.field); d != nil {
		d.Replace(m.Value.Reveal())
		d.Err = ""
		d.Show(s.past.shown)
	}
	s.dropPast()
}

func (s *Edit) revealPast() {
	if s.past != nil {
		s.past.shown = true
	}
}

func (s *Edit) cmdClearPast() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		return pastChanged{cleared: true, err: s.env.Ports.Made.Clear(ctx, s.env.Vault)}
	})
}

func (s *Edit) pastCleared(m pastChanged) tea.Cmd {
	switch {
	case m.err != nil && m.cleared:
		return s.env.fail("Not forgotten", m.err)
	case m.err != nil:
		return s.env.fail("The password is in the form, but could not be kept among those made before", m.err)
	case m.cleared:
		s.dropPast()
		return s.env.say(Notify{Level: Good, Text: "The passwords made before are forgotten"})
	}
	return nil
}

func (p *pastPanel) keys(keys Keys) []key.Binding {
	k := keys.Generator
	return []key.Binding{k.Accept, k.Reveal, keys.Move.Up, keys.Move.Down, k.Forget, k.Cancel}
}

// view draws the panel.
func (p *pastPanel) view(f widget.Frame) []string {
	lines := []string{"  " + f.Theme.Section.Render("Made before, on this device")}
	switch {
	case !p.ready:
		lines = append(lines, "    "+widget.Spinner(f))
	case len(p.list) == 0:
		lines = append(lines, "    "+f.Theme.Muted.Render(widget.Cut(f, "none yet: what the generator makes and you take is listed here", f.W-4)))
	}
	height := min(pastLines, max(1, f.H-6))
	from, to := p.rows.Visible(height)
	for i := from; p.ready && i < to; i++ {
		m := p.list[i]
		value := strings.Repeat(f.Theme.Dot, 12)
		if p.shown {
			value = sanitize.Line(m.Value.RevealString())
		}
		mark, style := "  ", f.Theme.Text
		if i == p.rows.Cursor {
			mark, style = f.Theme.Pointer+" ", f.Theme.Selected
		}
		lines = append(lines, "  "+style.Render(widget.Cut(f, mark+m.At.Local().Format("2006-01-02 15:04")+"  "+value, f.W-4)))
	}
	return append(lines, "")
}
