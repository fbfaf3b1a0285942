package screen

import (
	"context"
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/secret"
)

// generator is the panel that makes a password inside the form. The candidate is shown, because it is what the user looks at.
type generator struct {
	recipe Recipe
	value  secret.Secret
	bits   float64
	seq    int
	ready  bool // value is of the present recipe
	take   bool // Enter came before it was
	failed string
}

// Bounds of what the panel offers; signet generate offers more.
const (
	startLength, leastLength, mostLength = 20, 8, 64
	startWords, leastWords, mostWords    = 6, 4, 12
)

type generated struct {
	seq   int
	value secret.Secret
	bits  float64
	err   error
}

// Wipe implements Wiper.
func (g generated) Wipe() { g.value.Wipe() }

func (s *Edit) openGenerator() tea.Cmd {
	d := s.form.Focused()
	if s.env.Ports.Generator == nil || d == nil {
		return nil
	}
	if d.Kind != widget.SecretText || d.ID == fieldTOTP {
		if s.form.Field(fieldPassword) == nil {
			return nil
		}
		s.form.FocusOn(fieldPassword)
	}
	s.gen = &generator{recipe: Recipe{Length: startLength, Symbols: true}}
	return s.cmdGenerate()
}

func (s *Edit) dropGenerator() {
	if s.gen != nil {
		s.gen.value.Wipe()
		s.gen = nil
	}
}

func (s *Edit) cmdGenerate() tea.Cmd {
	s.gen.seq++
	s.gen.ready = false
	seq, recipe := s.gen.seq, s.gen.recipe
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		v, bits, err := s.env.Ports.Generator.Generate(ctx, recipe)
		return generated{seq, v, bits, err}
	})
}

func (s *Edit) takeGenerated(m generated) tea.Cmd {
	if s.gen == nil || m.seq != s.gen.seq {
		m.Wipe()
		return nil
	}
	s.gen.failed = ""
	if m.err != nil {
		s.gen.failed = m.err.Error()
		return nil
	}
	s.gen.value.Wipe()
	s.gen.value, s.gen.bits, s.gen.ready = m.value, m.bits, true
	if s.gen.take {
		s.accept()
	}
	return nil
}

func (s *Edit) generatorKey(p widget.Press) tea.Cmd {
	k, g := s.env.Keys.Generator, s.gen
	switch {
	case key.Matches(p, k.Accept):
		if g.take = true; g.ready {
			s.accept()
		}
		return nil
	case key.Matches(p, k.Cancel):
		s.dropGenerator()
		return nil
	case key.Matches(p, k.Longer):
		g.recipe.longer(1)
	case key.Matches(p, k.Shorter):
		g.recipe.longer(-1)
	case key.Matches(p, k.Symbols):
		g.recipe.Symbols = !g.recipe.Symbols
	case key.Matches(p, k.Clear):
		g.recipe.Clear = !g.recipe.Clear
	case key.Matches(p, k.Words):
		if g.recipe.Words > 0 {
			g.recipe.Words = 0
		} else {
			g.recipe.Words = startWords
		}
	case !key.Matches(p, k.Again):
		return nil
	}
	return s.cmdGenerate()
}

// accept puts the candidate into the field.
func (s *Edit) accept() {
	if d := s.form.Focused(); d != nil && !s.gen.value.IsEmpty() {
		d.Put(s.gen.value.Reveal())
		d.Secret.Echo = widget.EchoPlain
	}
	s.dropGenerator()
}

func (r *Recipe) longer(by int) {
	if r.Words > 0 {
		r.Words = min(max(r.Words+by, leastWords), mostWords)
		return
	}
	r.Length = min(max(r.Length+by, leastLength), mostLength)
}

// view draws the panel.
func (g *generator) view(f widget.Frame, keys Keys) []string {
	k := keys.Generator
	what := fmt.Sprintf("%d characters", g.recipe.Length)
	if g.recipe.Words > 0 {
		what = fmt.Sprintf("%d words", g.recipe.Words)
	}
	head := "  " + f.Theme.Section.Render("Generate") + f.Theme.Muted.Render("  "+what+fmt.Sprintf("%s%.0f bits", f.Theme.Sep, g.bits))
	value := f.Theme.Secret.Render(widget.Fit(f, sanitize.Line(g.value.RevealString()), f.W-4))
	if g.failed != "" {
		value = f.Theme.Danger.Render(widget.Fit(f, g.failed, f.W-4))
	}
	help := widget.HelpLine(f.Sized(f.W-4, 1), []key.Binding{k.Accept, k.Again, k.Shorter, k.Longer, k.Words, k.Symbols, k.Clear, k.Cancel})
	return []string{head, "    " + value, "    " + help, ""}
}
