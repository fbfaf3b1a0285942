package tuitest

import (
	"context"
	"io"
	"slices"
	"sync"

	"signet/tui/screen"
	"signet/vault/secret"
)

// Made remembers generated passwords in memory.
type Made struct {
	mu     sync.Mutex
	list   []screen.MadePassword
	recipe []screen.Recipe
	Clock  *Clock
	Err    error // what Add fails with
}

// List implements screen.Made.
func (m *Made) List(context.Context, screen.Vault) ([]screen.MadePassword, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]screen.MadePassword, 0, len(m.list))
	for _, p := range m.list {
		p.Value = p.Value.Clone()
		out = append(out, p)
	}
	return out, nil
}

// Add implements screen.Made.
func (m *Made) Add(_ context.Context, _ screen.Vault, value secret.Secret, r screen.Recipe) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Err != nil {
		return m.Err
	}
	m.list = slices.Insert(m.list, 0, screen.MadePassword{Value: value.Clone(), At: m.Clock.Now().UTC()})
	m.recipe = slices.Insert(m.recipe, 0, r)
	return nil
}

// Clear implements screen.Made.
func (m *Made) Clear(context.Context, screen.Vault) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list, m.recipe = nil, nil
	return nil
}

// Recipe implements screen.Made.
func (m *Made) Recipe(context.Context, screen.Vault) (screen.Recipe, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.recipe) == 0 {
		return screen.Recipe{}, false, nil
	}
	return m.recipe[0], true, nil
}

// Count is how many are remembered.
func (m *Made) Count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.list)
}

// Editor is an outside editor that does what Change says.
type Editor struct {
	Change func(text string) string
	Wrong  error         // what Check fails with
	Failed error         // what the program ends with, beside the text
	Block  chan struct{} // when set, the program runs until it is closed
}

// Check implements screen.Editor.
func (e *Editor) Check(context.Context) (string, error) { return "nano", e.Wrong }

// Open implements screen.Editor.
func (e *Editor) Open(text secret.Secret) screen.Editing { return &editing{e: e, text: text.Clone()} }

type editing struct {
	e    *Editor
	text secret.Secret
}

func (r *editing) SetStdin(io.Reader)  {}
func (r *editing) SetStdout(io.Writer) {}
func (r *editing) SetStderr(io.Writer) {}

func (r *editing) Run() error {
	if r.e.Block != nil {
		<-r.e.Block
	}
	old := r.text
	r.text = secret.FromString(r.e.Change(old.RevealString()))
	old.Wipe()
	return nil
}

func (r *editing) Text() (secret.Secret, error) { return r.text, r.e.Failed }
