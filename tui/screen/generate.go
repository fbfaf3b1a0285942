package screen

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/secret"
)

// generator is the panel that makes a password inside the form. The candidate is shown, because it is what the user looks at.
type generator struct {
	field  string // where it goes
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
	leastLength, mostLength = 8, 128
	leastWords, mostWords   = 4, 12
)

// separators stand between the words of a passphrase.
var separators = []string{"-", " ", ".", "_"}

// DefaultRecipe is what the generator begins with.
func DefaultRecipe() Recipe { return Recipe{Length: 20, Symbols: true, Digits: true, Capitals: true} }

// startWords is how many words the first passphrase has.
const startWords = 6

type generated struct {
	seq    int
	recipe Recipe
	value  secret.Secret
	bits   float64
	err    error
}

// Wipe implements Wiper.
func (g generated) Wipe() { g.value.Wipe() }

// generate makes a password for the field with the focus; elsewhere, for the first password of the form. A field for an SSH key gets a key.
func (s *Edit) generate() tea.Cmd {
	d := s.form.Focused()
	switch {
	case d == nil:
		return nil
	case s.makesKeys(d):
		return s.cmdMakeKey(d)
	case !s.generates(d):
		d = s.form.Field(s.firstSecret())
		if d == nil || !s.generates(d) {
			return s.env.say(Notify{Text: "No field here takes a generated password"})
		}
		s.form.Leave()
		s.form.FocusOn(d.ID)
	}
	s.gen = &generator{field: d.ID, recipe: s.env.Kept.recipe()}
	return s.cmdGenerate(!s.env.Kept.asked())
}

func (s *Edit) dropGenerator() {
	if s.gen != nil {
		s.gen.value.Wipe()
		s.gen = nil
	}
}

// cmdGenerate makes a password. The first time it looks how the last one on this device was made.
func (s *Edit) cmdGenerate(first bool) tea.Cmd {
	s.gen.seq++
	s.gen.ready = false
	seq, recipe := s.gen.seq, s.gen.recipe
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		if made := s.env.Ports.Made; first && made != nil {
			if r, ok, err := made.Recipe(ctx, s.env.Vault); ok && err == nil {
				recipe = r.bounded()
			}
		}
		v, bits, err := s.env.Ports.Generator.Generate(ctx, recipe)
		return generated{seq, recipe, v, bits, err}
	})
}

func (s *Edit) takeGenerated(m generated) tea.Cmd {
	if s.gen == nil || m.seq != s.gen.seq {
		m.Wipe()
		return nil
	}
	s.gen.failed = ""
	if m.err != nil {
		s.gen.failed = s.env.Explain(m.err)
		return nil
	}
	s.gen.value.Wipe()
	s.gen.recipe, s.gen.value, s.gen.bits, s.gen.ready = m.recipe, m.value, m.bits, true
	s.env.Kept.keep(m.recipe)
	if s.gen.take {
		return s.accept()
	}
	return nil
}

func (s *Edit) generatorKey(p widget.Press) tea.Cmd {
	k, g := s.env.Keys.Generator, s.gen
	switch {
	case key.Matches(p, k.Accept):
		if g.take = true; g.ready {
			return s.accept()
		}
		return nil
	case key.Matches(p, k.Cancel):
		s.dropGenerator()
		return nil
	case key.Matches(p, k.Older):
		return s.openPast()
	case !g.recipe.press(k, p) && !key.Matches(p, k.Again):
		return nil
	}
	s.env.Kept.keep(g.recipe)
	return s.cmdGenerate(false)
}

// press applies a key to the recipe.
func (r *Recipe) press(k GeneratorKeys, p widget.Press) bool {
	switch {
	case key.Matches(p, k.Longer):
		r.longer(1)
	case key.Matches(p, k.Shorter):
		r.longer(-1)
	case key.Matches(p, k.Separator) && r.Words > 0:
		at := slices.Index(separators, r.Separator)
		r.Separator = separators[(max(at, 0)+1)%len(separators)]
	case key.Matches(p, k.Symbols) && r.Words == 0:
		r.Symbols = !r.Symbols
	case key.Matches(p, k.Digits):
		r.Digits = !r.Digits
	case key.Matches(p, k.Capitals):
		r.Capitals = !r.Capitals
	case key.Matches(p, k.Clear) && r.Words == 0:
		r.Clear = !r.Clear
	case key.Matches(p, k.Words):
		if r.Words > 0 {
			length := r.Length
			*r = DefaultRecipe()
			r.Length = max(length, leastLength)
		} else {
			*r = Recipe{Words: startWords, Separator: separators[0], Length: r.Length}
		}
	default:
		return false
	}
	return true
}

func (r *Recipe) longer(by int) {
	if r.Words > 0 {
		r.Words = min(max(r.Words+by, leastWords), mostWords)
		return
	}
	r.Length = min(max(r.Length+by, leastLength), mostLength)
}

// bounded keeps a recipe that was read within what the panel offers.
func (r Recipe) bounded() Recipe {
	r.longer(0)
	if r.Words > 0 && !slices.Contains(separators, r.Separator) {
		r.Separator = separators[0]
	}
	return r
}

// accept puts the candidate into the field, and into the history of generated ones: it is not lost when the form is left.
func (s *Edit) accept() tea.Cmd {
	g := s.gen
	d := s.form.Field(g.field)
	if d == nil || g.value.IsEmpty() {
		s.dropGenerator()
		return nil
	}
	s.form.FocusOn(g.field)
	d.Replace(g.value.Reveal())
	d.Err = ""
	d.Show(true)
	// How it was made is known exactly; a guess from what it looks like would only confuse.
	d.Notes = []string{fmt.Sprintf("made here: %.0f bits", g.bits)}
	s.judge = slices.DeleteFunc(s.judge, func(id string) bool { return id == d.ID })
	made, value, recipe := s.env.Ports.Made, g.value.Clone(), g.recipe
	s.dropGenerator()
	if made == nil {
		value.Wipe()
		return nil
	}
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		defer value.Wipe()
		return pastChanged{err: made.Add(ctx, s.env.Vault, value, recipe)}
	})
}

func (g *generator) keys(keys Keys) []key.Binding {
	k := keys.Generator
	ks := []key.Binding{k.Accept, k.Again, k.Shorter, k.Longer, k.Words}
	if g.recipe.Words > 0 {
		return append(ks, k.Separator, k.Digits, k.Capitals, k.Older, k.Cancel)
	}
	return append(ks, k.Symbols, k.Digits, k.Capitals, k.Clear, k.Older, k.Cancel)
}

// view draws the panel.
func (g *generator) view(f widget.Frame) []string {
	r := g.recipe
	what := fmt.Sprintf("%d characters", r.Length)
	parts := []struct {
		name string
		on   bool
	}{{"symbols", r.Symbols}, {"digits", r.Digits}, {"capitals", r.Capitals}, {"no look-alikes", r.Clear}}
	if r.Words > 0 {
		what = fmt.Sprintf("%d words", r.Words)
		parts = parts[1:3]
	}
	head := "  " + f.Theme.Section.Render("Generate") + f.Theme.Muted.Render(fmt.Sprintf("  %s%s%.0f bits", what, f.Theme.Sep, g.bits))
	value := f.Theme.Secret.Render(widget.Cut(f, sanitize.Line(g.value.RevealString()), f.W-4))
	switch {
	case g.failed != "":
		value = f.Theme.Danger.Render(widget.Fit(f, g.failed, f.W-4))
	case g.value.IsEmpty():
		value = widget.Spinner(f)
	}
	options := ""
	for _, p := range parts {
		box := f.Theme.Off
		if p.on {
			box = f.Theme.On
		}
		options += box + " " + p.name + "  "
	}
	return []string{head, "    " + value, "    " + f.Theme.Muted.Render(widget.Cut(f, strings.TrimRight(options, " "), f.W-4)), ""}
}
