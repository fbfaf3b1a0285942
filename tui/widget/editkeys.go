package widget

import (
	"fmt"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// EditKeys are the keys inside a text field.
type EditKeys struct {
	Left, Right, WordLeft, WordRight, Start, End              key.Binding
	Backspace, Delete, DeleteWord, DeleteToStart, DeleteToEnd key.Binding
	Up, Down, Newline, PageUp, PageDown, Top, Bottom          key.Binding // several lines only
}

// Press is a key as screens see it: a key press, or a chord of the leader and one more key.
type Press struct {
	Chord string // "ctrl+x p"; empty for a single key
	Key   tea.KeyPressMsg
}

// String is the name that bindings are matched by.
func (p Press) String() string {
	if p.Chord != "" {
		return p.Chord
	}
	return physical(p.Key).String()
}

// physical names a key of a non-Latin layout by what the same key types on a US keyboard, where the terminal says so: with a
// Russian layout ^Я is ^Z, and the letter keys of a list are where they always are. Text fields take what was typed.
func physical(k tea.KeyPressMsg) tea.KeyPressMsg {
	if k.BaseCode == 0 || k.Code <= unicode.MaxASCII || k.BaseCode > unicode.MaxASCII {
		return k
	}
	k.Code = k.BaseCode
	if k.Text != "" {
		k.Text = string(k.BaseCode)
		if k.Mod&tea.ModShift != 0 {
			k.Text = strings.ToUpper(k.Text)
		}
	}
	return k
}

// Typed is the text that the key puts into a field, or "".
func (p Press) Typed() string {
	if p.Chord != "" || p.Key.Mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock) != 0 {
		return ""
	}
	return p.Key.Text
}

var _ fmt.Stringer = Press{}

// edit applies a key to a buffer; it reports false when the key is none of an editor's.
func (k EditKeys) edit(b *Buffer, p Press) bool {
	for _, m := range []struct {
		key key.Binding
		to  func(int) int
	}{
		{k.Left, b.prev}, {k.Right, b.next}, {k.WordLeft, b.prevWord}, {k.WordRight, b.nextWord}, {k.Start, b.lineStart}, {k.End, b.lineEnd},
	} {
		if key.Matches(p, m.key) {
			b.at = m.to(b.at)
			return true
		}
	}
	return k.delete(b, p)
}

func (k EditKeys) delete(b *Buffer, p Press) bool {
	from, to := b.at, b.at
	switch {
	case key.Matches(p, k.Backspace):
		from = b.prev(b.at)
	case key.Matches(p, k.Delete):
		to = b.next(b.at)
	case key.Matches(p, k.DeleteWord):
		from = b.prevWord(b.at)
	case key.Matches(p, k.DeleteToStart):
		from = b.lineStart(b.at)
	case key.Matches(p, k.DeleteToEnd):
		to = b.lineEnd(b.at)
	default:
		return false
	}
	if from != to {
		b.splice(from, to, nil)
	}
	return true
}
