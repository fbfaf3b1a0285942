package exporter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A jsonObject is one JSON object of a foreign file with its members in the file's order. A mapping takes the members that it
// knows; what is left was not understood and becomes provenance, so that nothing is lost by not being known.
type jsonObject struct {
	members []jsonMember
	repeats []jsonMember   // earlier members of a name that occurs again: the last one counts, these are reported
	index   map[string]int // beyond manyMembers; nil before
}

// manyMembers is from when on looking through all members would take too long: a stranger's object may have a million.
const manyMembers = 24

type jsonMember struct {
	name  string
	raw   jsontext.Value
	taken bool
}

// lenient reads what programs really write: invalid surrogates and repeated names are noticed and reported, not fatal.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

var errNoObject = errors.New("an object is expected")

// parseObject takes a JSON object apart; its values stay raw and alias raw.
func parseObject(raw jsontext.Value) (*jsonObject, error) {
	if raw.Kind() != '{' {
		return nil, errNoObject
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), lenient...)
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	o := &jsonObject{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		end := d.InputOffset()
		o.add(key, raw[end-int64(len(value)):end])
	}
	return o, nil
}

func (o *jsonObject) add(name string, raw jsontext.Value) {
	if i := o.find(name); i >= 0 {
		o.repeats = append(o.repeats, o.members[i])
		o.members[i].raw = raw
		return
	}
	o.members = append(o.members, jsonMember{name: name, raw: raw})
	if o.index != nil {
		o.index[name] = len(o.members) - 1
	} else if len(o.members) == manyMembers {
		o.index = make(map[string]int, 2*manyMembers)
		for i, m := range o.members {
			o.index[m.name] = i
		}
	}
}

// find returns where a member stands, -1 where it does not.
func (o *jsonObject) find(name string) int {
	if o.index != nil {
		if i, ok := o.index[name]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(o.members, func(m jsonMember) bool { return m.name == name })
}

// take returns a member's value and marks it as understood; null and absent are the same nil.
func (o *jsonObject) take(name string) jsontext.Value {
	raw := o.peek(name)
	if i := o.find(name); i >= 0 {
		o.members[i].taken = true
	}
	return raw
}

// peek returns a member's value without taking it.
func (o *jsonObject) peek(name string) jsontext.Value {
	if i := o.find(name); i >= 0 && !o.members[i].taken && o.members[i].raw.Kind() != 'n' {
		return o.members[i].raw
	}
	return nil
}

// text takes a string, number or boolean as text. A value of another kind is left where it is: it becomes provenance.
func (o *jsonObject) text(name string) (s string, ok bool) {
	raw := o.peek(name)
	if raw == nil {
		o.take(name)
		return "", false
	}
	if s, ok = scalar(raw); ok {
		o.take(name)
	}
	return s, ok
}

// scalar renders a JSON string, number or boolean as text. A string with broken surrogates is none: taking it over would change it.
func scalar(raw jsontext.Value) (string, bool) {
	switch raw.Kind() {
	case '"':
		b, err := jsontext.AppendUnquote(nil, raw)
		return string(b), err == nil && utf8.Valid(b)
	case '0', 't', 'f':
		return string(raw), true
	}
	return "", false
}

// object takes a member that is an object; nil when it is absent or something else.
func (o *jsonObject) object(name string) *jsonObject {
	raw := o.peek(name)
	if raw == nil || raw.Kind() != '{' {
		return nil
	}
	sub, err := parseObject(raw)
	if err != nil {
		return nil
	}
	o.take(name)
	return sub
}

// list takes a member that is an array; nil when it is absent or something else. One that is longer than an entry can have fields
// stays as it is.
func (o *jsonObject) list(name string) []jsontext.Value {
	raw := o.peek(name)
	if raw == nil || raw.Kind() != '[' {
		return nil
	}
	items, err := parseList(raw)
	if err != nil {
		return nil
	}
	o.take(name)
	return items
}

var errLongList = errors.New("more elements than an entry has fields")

func parseList(raw jsontext.Value) (items []jsontext.Value, err error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), lenient...)
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	for d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		if len(items) >= maxFields {
			return nil, errLongList
		}
		end := d.InputOffset()
		items = append(items, raw[end-int64(len(value)):end])
	}
	return items, nil
}

// rest yields the members that nobody took and that say something, with the reason: null, "", [] and {} say nothing.
func (o *jsonObject) rest(each func(name string, raw jsontext.Value, why string)) {
	for _, m := range o.members {
		if m.taken || saysNothing(m.raw) {
			continue
		}
		why := whyUnknown
		if _, ok := scalar(m.raw); !ok && m.raw.Kind() == '"' {
			why = "a text with broken characters: kept as it came"
		}
		each(m.name, m.raw, why)
	}
	for i, m := range o.repeats {
		if !saysNothing(m.raw) {
			each(m.name+"#"+strconv.Itoa(i+1), m.raw, "the member occurs again later, and the last one counts: kept as it came")
		}
	}
}

const whyUnknown = "unknown to Signet: kept as it came"

func saysNothing(raw jsontext.Value) bool {
	if len(raw) > 256 {
		return false // nobody writes so many blanks
	}
	switch compact(raw) {
	case "null", `""`, "[]", "{}", "[null]":
		return true
	}
	return false
}

// compact renders a value without blanks, its texts as they were written.
func compact(raw jsontext.Value) string {
	v := raw.Clone()
	if err := v.Compact(lenient...); err != nil {
		return string(raw)
	}
	return string(v)
}

// tooDeep reports nesting beyond MaxDepth, by brackets outside strings.
func tooDeep(raw []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// jsonStream reads a JSON file value by value, bounded: before every value it allows so many bytes and no more.
type jsonStream struct {
	*jsontext.Decoder
	budget *budgetReader
}

func newJSONStream(r io.Reader) *jsonStream {
	b := &budgetReader{r: r, left: MaxItemBytes}
	return &jsonStream{jsontext.NewDecoder(b, lenient...), b}
}

// value reads the next value, which may have max bytes and MaxDepth levels.
func (s *jsonStream) value(max int) (jsontext.Value, error) {
	s.budget.left = max
	v, err := s.ReadValue()
	if err != nil {
		return nil, s.failure(err)
	}
	if tooDeep(v) {
		return nil, fmt.Errorf("%w: nested deeper than %d levels", ErrUnsupported, MaxDepth)
	}
	return v, nil
}

// token reads the next token.
func (s *jsonStream) token() (jsontext.Token, error) {
	s.budget.left = max(s.budget.left, MaxCell)
	t, err := s.ReadToken()
	return t, s.failure(err)
}

// end checks that nothing follows the document.
func (s *jsonStream) end() error {
	s.budget.left = MaxCell
	switch _, err := s.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return s.failure(err)
	}
	return fmt.Errorf("%w: something follows its end", ErrDamaged)
}

var errBudget = errors.New("too long")

// budgetReader gives out so many bytes and then fails.
type budgetReader struct {
	r    io.Reader
	left int
	err  error // what ended reading, other than the end of the file
}

func (b *budgetReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.err = errBudget
		return 0, errBudget
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// failure says what is wrong with a JSON file without quoting it.
func (s *jsonStream) failure(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil:
		return nil
	case errors.Is(s.budget.err, errBudget):
		return fmt.Errorf("%w: one item has more than %d bytes", ErrUnsupported, MaxItemBytes)
	case s.budget.err != nil:
		return s.budget.err // the disk's, not the file's
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it ends in the middle", ErrDamaged)
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: no JSON at byte %d", ErrDamaged, syntax.ByteOffset)
	}
	return err
}

// maxFieldName bounds a member's name in paths and reports.
const maxFieldName = 120

// plainName makes a foreign name fit for a report: bounded, without control characters.
func plainName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError || r >= 0x80 && !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
	for i := range s {
		if i >= maxFieldName {
			return s[:i] + "…"
		}
	}
	return s
}
