package screen

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// pathInput completes the path in a field of a form. Looking into folders happens in commands; what was found is offered while it fits what
// is typed.
type pathInput struct {
	env    Env
	field  *widget.Field
	found  []string
	forDir string // the folder that found is of, as typed
	asked  string
	fresh  bool // the text changed since the last look
}

// pathsFound is the answer of a look into a folder.
type pathsFound struct {
	dir   string
	paths []string
}

// newPathInput makes the field and its completion.
func newPathInput(env Env, label, hint string) *pathInput {
	p := &pathInput{env: env}
	p.field = &widget.Field{ID: fieldPath, Label: label, Hint: hint, Validate: needed("name a file"), Suggest: p.offers}
	p.field.Changes = func(*widget.Field) { p.fresh = true }
	return p
}

// folderOf is the part of a path up to its last separator.
func folderOf(path string) string { return path[:strings.LastIndexAny(path, `/\`)+1] }

func (p *pathInput) offers(text string) []widget.Option {
	var out []widget.Option
	for _, f := range p.fitting(text) {
		out = append(out, widget.Option{Value: f, Label: f})
	}
	return out
}

// fitting are the found paths that begin as typed. The path itself is no completion of it.
func (p *pathInput) fitting(text string) (out []string) {
	if folderOf(text) != p.forDir {
		return nil
	}
	for _, f := range p.found {
		if strings.HasPrefix(f, text) && f != text {
			out = append(out, f)
		}
	}
	return out
}

// cmdLook looks into the folder that is being typed, when it is another one than before.
func (p *pathInput) cmdLook() tea.Cmd {
	text := p.field.Text()
	if !p.fresh || p.env.Ports.Files == nil {
		return nil
	}
	p.fresh = false
	// Hidden files are listed only behind their dot, so that one is looked for again.
	want := folderOf(text)
	if rest := text[len(want):]; strings.HasPrefix(rest, ".") {
		want += "."
	}
	if text == "" || want == p.asked {
		return nil
	}
	p.asked = want
	return p.env.cmd(func(ctx context.Context) tea.Msg {
		paths, err := p.env.Ports.Files.Complete(ctx, want)
		if err != nil {
			paths = nil // a folder that is not there has nothing to offer
		}
		return pathsFound{folderOf(want), paths}
	})
}

func (p *pathInput) take(m pathsFound) {
	p.forDir, p.found = m.dir, m.paths
}

// tab completes as a shell does: as far as all that fit agree. It reports false when there is nothing to add, so that the key goes on to the
// next field.
func (p *pathInput) tab(k Keys, press widget.Press, focused *widget.Field) bool {
	if focused != p.field || !key.Matches(press, k.Form.Next) {
		return false
	}
	text := p.field.Text()
	fit := p.fitting(text)
	if len(fit) == 0 || text == "" {
		return false
	}
	longest := fit[0]
	for _, f := range fit[1:] {
		for !strings.HasPrefix(f, longest) {
			longest = trimRune(longest)
		}
	}
	if longest == text {
		return false
	}
	p.field.Replace([]byte(longest))
	return true
}

// next is the key to the next field, by what it does in this form now: it completes the path while that has the cursor.
func (p *pathInput) next(k Keys, focused *widget.Field) key.Binding {
	b := k.Form.Next
	if focused == p.field {
		b.SetHelp(b.Help().Key, "complete/next")
	}
	return b
}

func trimRune(s string) string {
	r := []rune(s)
	return string(r[:len(r)-1])
}
