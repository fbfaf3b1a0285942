package format

import (
	"strings"
	"unicode/utf8"
)

// scanner reads lines of the two shapes that come in hundreds of thousands, ops and records, exactly as they are written
// here. Whatever looks different (another order, spaces, rare escapes, unknown members) it leaves to the strict way; it
// never decides that a line is wrong. Strings without escapes are slices of the line.
type scanner struct {
	s  string
	i  int
	ok bool
}

func newScanner(line []byte) scanner {
	return scanner{s: string(line), ok: utf8.Valid(line)}
}

// lit skips literal text.
func (c *scanner) lit(text string) {
	if c.ok && strings.HasPrefix(c.s[c.i:], text) {
		c.i += len(text)
		return
	}
	c.ok = false
}

// try skips literal text if it is next.
func (c *scanner) try(text string) bool {
	if c.ok && strings.HasPrefix(c.s[c.i:], text) {
		c.i += len(text)
		return true
	}
	return false
}

// take returns the next n bytes.
func (c *scanner) take(n int) string {
	if !c.ok || len(c.s)-c.i < n {
		c.ok = false
		return ""
	}
	c.i += n
	return c.s[c.i-n : c.i]
}

// integer reads digits.
func (c *scanner) integer(limit int64) int64 {
	start := c.i
	for c.i < len(c.s) && c.s[c.i]-'0' <= 9 {
		c.i++
	}
	if !c.ok {
		return 0
	}
	n, ok := parseInt(c.s[start:c.i])
	c.ok = ok && n <= limit
	return n
}

// dot reads <sid>.<i> up to and including the closing quote.
func (c *scanner) dot() (d Dot) {
	d.SID = SID(c.take(sidLen))
	c.lit(".")
	d.I = int(c.integer(MaxOps - 1))
	c.lit(`"`)
	c.ok = c.ok && isSID(string(d.SID))
	return d
}

// str reads the rest of a string up to and including the closing quote.
func (c *scanner) str(limit int) string {
	if !c.ok {
		return ""
	}
	for i := c.i; i < len(c.s); i++ {
		switch b := c.s[i]; {
		case b == '"':
			s := c.s[c.i:i]
			c.i, c.ok = i+1, len(s) <= limit
			return s
		case b == '\\':
			return c.escaped(limit)
		case b < 0x20:
			c.ok = false
			return ""
		}
	}
	c.ok = false
	return ""
}

// escaped is str for strings with escapes, of which it knows the short ones.
func (c *scanner) escaped(limit int) string {
	end := c.closing()
	if end < 0 {
		c.ok = false
		return ""
	}
	var b strings.Builder
	b.Grow(end - c.i)
	for c.i < end {
		next := strings.IndexByte(c.s[c.i:end], '\\')
		if next < 0 {
			b.WriteString(c.s[c.i:end])
			break
		}
		b.WriteString(c.s[c.i : c.i+next])
		c.i += next + 2
		r := shortEscape(c.s[c.i-1])
		if r == 0 {
			c.ok = false
			return ""
		}
		b.WriteByte(r)
	}
	c.i, c.ok = end+1, b.Len() <= limit
	return b.String()
}

// closing finds the closing quote of a string with escapes, or -1.
func (c *scanner) closing() int {
	for i := c.i; i < len(c.s); i++ {
		switch b := c.s[i]; {
		case b == '"':
			return i
		case b == '\\':
			i++
		case b < 0x20:
			return -1
		}
	}
	return -1
}

func shortEscape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return 0
}

// path reads the rest of a field path up to and including the closing quote.
func (c *scanner) path() string {
	start := c.i
	for c.i < len(c.s) && pathBytes[c.s[c.i]] {
		c.i++
	}
	p := c.s[start:c.i]
	c.ok = c.ok && p != "" && len(p) <= MaxPath
	c.lit(`"`)
	return p
}

// record reads a record id up to and including the closing quote.
func (c *scanner) record() RecordID {
	id := c.take(id16Len)
	c.lit(`"`)
	c.ok = c.ok && isID16(id)
	return RecordID(id)
}

// scanOp reads an op line as appendOp writes it.
func scanOp(line []byte) (op Op, ok bool) {
	c := newScanner(line)
	c.lit(`{"e":"`)
	op.Record = c.record()
	c.lit(`,"f":"`)
	op.Field = c.path()
	for sep := `,"x":["`; c.try(sep); sep = `,"` {
		op.Replaces = append(op.Replaces, c.dot())
		if len(op.Replaces) > MaxReplaces {
			return Op{}, false
		}
	}
	if op.Replaces != nil {
		c.lit(`]`)
	}
	if c.try(`,"v":"`) {
		v := c.str(valueLimit(op.Field))
		op.Value = &v
	}
	c.lit(`,"w":`)
	op.Wall = c.integer(MaxInt)
	c.lit(`}`)
	if !c.ok || c.i != len(c.s) {
		return Op{}, false
	}
	return op, true
}
