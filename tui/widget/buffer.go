package widget

import (
	"bytes"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"signet/vault/secret"
)

// Buffer is text under edit with a cursor between two characters. Every change makes new bytes and wipes the old ones, so a
// Buffer is held in one place and not copied.
type Buffer struct {
	text secret.Secret
	at   int // byte offset of the cursor, on a boundary between graphemes
	log  journal
	rows *rows // the text as it stands on the screen; nil in fields of one line
}

// NewBuffer takes a copy of s and puts the cursor behind it.
func NewBuffer(s string) Buffer { return Buffer{text: secret.FromString(s), at: len(s)} }

// Bytes gives the text itself, for one call.
func (b *Buffer) Bytes() []byte { return b.text.Reveal() }

// Secret returns a copy of the text that lives on its own.
func (b *Buffer) Secret() secret.Secret { return b.text.Clone() }

// Len is the number of bytes.
func (b *Buffer) Len() int { return len(b.text.Reveal()) }

// At is the cursor's byte offset.
func (b *Buffer) At() int { return b.at }

// AtEnd reports whether the cursor stands behind the last character.
func (b *Buffer) AtEnd() bool { return b.at == b.Len() }

// Wipe empties the buffer and overwrites what it held.
func (b *Buffer) Wipe() { b.Set(nil) }

// Set replaces the text by a copy of s and puts the cursor behind it. It is no step that can be taken back.
func (b *Buffer) Set(s []byte) {
	b.log.wipe()
	b.replace(0, b.Len(), bytes.Clone(s))
}

// Replace puts s in the place of the whole text, as a step that can be taken back.
func (b *Buffer) Replace(s []byte) { b.splice(0, b.Len(), s) }

// splice replaces the bytes [from,to) as one step and puts the cursor behind what came in.
func (b *Buffer) splice(from, to int, in []byte) {
	b.log.note(change{at: from, before: b.at, out: secret.New(bytes.Clone(b.Bytes()[from:to])), in: secret.New(bytes.Clone(in))})
	b.replace(from, to, in)
}

// replace changes the text. Every change makes new bytes and wipes the old ones.
func (b *Buffer) replace(from, to int, in []byte) {
	old := b.Bytes()
	text := make([]byte, 0, len(old)-(to-from)+len(in))
	text = append(append(append(text, old[:from]...), in...), old[to:]...)
	b.text.Wipe()
	b.text, b.at = secret.New(text), from+len(in)
	if b.rows != nil {
		b.rows.edited(text, from, to-from, len(in))
	}
}

// Insert puts text in at the cursor.
func (b *Buffer) Insert(s []byte) { b.splice(b.at, b.at, s) }

// lineStart and lineEnd are the bounds of the line that holds offset i, without its line feed.
func (b *Buffer) lineStart(i int) int { return bytes.LastIndexByte(b.Bytes()[:i], '\n') + 1 }

func (b *Buffer) lineEnd(i int) int {
	if n := bytes.IndexByte(b.Bytes()[i:], '\n'); n >= 0 {
		if n > 0 && b.Bytes()[i+n-1] == '\r' {
			n-- // a line break of another system is one character
		}
		return i + n
	}
	return b.Len()
}

// next is the offset behind the grapheme that begins at i.
func (b *Buffer) next(i int) int {
	rest := b.Bytes()[i:]
	if len(rest) == 0 {
		return i
	}
	cluster, _, _, _ := uniseg.FirstGraphemeCluster(rest, -1)
	return i + len(cluster)
}

// maxCluster bounds how far back the start of a grapheme is looked for.
const maxCluster = 1024

// prev is the offset of the grapheme that ends at i.
func (b *Buffer) prev(i int) int {
	if i == 0 {
		return 0
	}
	from := b.lineStart(i)
	if from == i {
		if i > 1 && b.Bytes()[i-2] == '\r' {
			return i - 2 // one character with the line feed
		}
		return i - 1 // the line feed
	}
	if i-from > maxCluster {
		from = i - maxCluster
		for from < i && !utf8.RuneStart(b.Bytes()[from]) {
			from++
		}
	}
	for {
		n := b.next(from)
		if n >= i {
			return from
		}
		from = n
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func (b *Buffer) prevWord(i int) int {
	text := b.Bytes()
	for i > 0 && isSpace(text[i-1]) {
		i--
	}
	for i > 0 && !isSpace(text[i-1]) {
		i--
	}
	return i
}

func (b *Buffer) nextWord(i int) int {
	text := b.Bytes()
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	for i < len(text) && !isSpace(text[i]) {
		i++
	}
	return i
}
