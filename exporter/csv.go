package exporter

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvReader reads RFC 4180 and keeps what encoding/csv changes: CR LF inside quotes stays, CR CR LF ends a row, a byte order
// mark is dropped (formats.md 13). Cells are text: what is not UTF-8 is an error that says so, because guessing an encoding would
// change passwords.
type csvReader struct {
	r     *bufio.Reader
	line  int // of the next byte
	comma byte
	begun bool
}

func newCSV(r io.Reader) *csvReader {
	return &csvReader{r: bufio.NewReaderSize(r, 1<<16), line: 1, comma: ','}
}

var utf16Marks = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}}

// next returns the cells of the next row and the line it begins at; io.EOF at the end.
func (c *csvReader) next() ([]string, int, error) {
	if !c.begun {
		c.begun = true
		if err := c.start(); err != nil {
			return nil, 1, err
		}
	}
	at := c.line
	if _, err := c.r.Peek(1); err != nil {
		return nil, at, err
	}
	var row []string
	for {
		cell, last, err := c.cell()
		if err != nil {
			return nil, at, err
		}
		if !utf8.ValidString(cell) {
			return nil, at, fmt.Errorf("%w: the text is not UTF-8: save the file as UTF-8", ErrUnsupported)
		}
		if row = append(row, cell); len(row) > MaxColumns {
			return nil, at, fmt.Errorf("%w: more than %d columns", ErrUnsupported, MaxColumns)
		}
		if last {
			return row, at, nil
		}
	}
}

// start drops a byte order mark and refuses UTF-16, which has a mark, or a zero byte beside every letter.
func (c *csvReader) start() error {
	head, err := c.r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, m := range utf16Marks {
		if bytes.HasPrefix(head, m) {
			return errUTF16
		}
	}
	if bytes.HasPrefix(head, utf8Mark) {
		_, _ = c.r.Discard(len(utf8Mark))
	} else if bytes.IndexByte(head, 0) >= 0 {
		return errUTF16
	}
	return nil
}

var errUTF16 = fmt.Errorf("%w: the text is UTF-16: open it in an editor and save it as UTF-8", ErrUnsupported)

// cell reads one cell and what ends it; last is true at the end of a row. The end of the file ends the row, too.
func (c *csvReader) cell() (cell string, last bool, err error) {
	b, err := c.byte()
	if b == '"' && err == nil {
		return c.quoted()
	}
	var buf []byte
	for ; ; b, err = c.byte() {
		switch {
		case errors.Is(err, io.EOF), err == nil && b == '\n':
			return string(bytes.TrimRight(buf, "\r")), true, nil
		case err != nil:
			return "", false, err
		case b == c.comma:
			return string(buf), false, nil
		}
		if buf = append(buf, b); len(buf) > MaxCell {
			return "", false, fmt.Errorf("%w: a cell longer than %d bytes", ErrUnsupported, MaxCell)
		}
	}
}

func (c *csvReader) quoted() (string, bool, error) {
	var buf []byte
	for {
		b, err := c.byte()
		switch {
		case errors.Is(err, io.EOF):
			return "", true, fmt.Errorf("%w: a quote is opened and not closed", ErrDamaged)
		case err != nil:
			return "", true, err
		}
		if b != '"' {
			if buf = append(buf, b); len(buf) > MaxCell {
				return "", false, fmt.Errorf("%w: a cell longer than %d bytes, or a quote that is not closed", ErrUnsupported, MaxCell)
			}
			continue
		}
		if next, err := c.r.Peek(1); err == nil && next[0] == '"' {
			_, _ = c.byte()
			buf = append(buf, '"')
			continue
		}
		last, err := c.afterQuote()
		return string(buf), last, err
	}
}

// afterQuote reads what may follow a closing quote: a comma, the end of the row, the end of the file.
func (c *csvReader) afterQuote() (last bool, err error) {
	for {
		b, err := c.byte()
		switch {
		case errors.Is(err, io.EOF) || b == '\n' && err == nil:
			return true, nil
		case err != nil:
			return false, err
		case b == c.comma:
			return false, nil
		case b != '\r':
			return false, fmt.Errorf("%w: text after a closing quote", ErrDamaged)
		}
	}
}

func (c *csvReader) byte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil && b == '\n' {
		c.line++
	}
	return b, err
}
