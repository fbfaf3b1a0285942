package format

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A record as one line: {"e":id,"f":{"<field>":[["<sid>.<i>",w,value,{unknown op members}]]}}. Fields are sorted by path,
// values by displayed rank.

var (
	errNoValue = errors.New("field without values")
	errTwice   = errors.New("one dot twice in a field")
)

// rank orders values as they are displayed: highest (wall, dot) first.
func rank(a, b Value) int {
	if c := cmp.Compare(b.Wall, a.Wall); c != 0 {
		return c
	}
	return b.Dot.Compare(a.Dot)
}

// AppendRecord appends the record as one line without LF, whatever its length. ParseRecord is its inverse. Fields must be
// sorted by path and values by rank, as the fold yields them.
func AppendRecord(dst []byte, r Record) []byte {
	dst = append(append(append(dst, `{"e":"`...), r.ID...), `","f":{`...)
	first := true
	for _, f := range r.Fields {
		for j, v := range f.Values {
			if j == 0 {
				dst = appendPath(dst, f.Path, first)
				first = false
			} else {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, v)
		}
		if len(f.Values) > 0 {
			dst = append(dst, ']')
		}
	}
	return append(dst, "}}"...)
}

func appendPath(dst []byte, path string, first bool) []byte {
	if !first {
		dst = append(dst, ',')
	}
	return append(append(append(dst, '"'), path...), `":[`...)
}

func appendValue(dst []byte, v Value) []byte {
	dst = append(appendDot(append(dst, '['), v.Dot), ',')
	dst = append(strconv.AppendInt(dst, v.Wall, 10), ',')
	dst = appendText(dst, v.Text)
	if len(v.Extra) > 0 {
		dst = append(append(dst, ','), v.Extra...)
	}
	return append(dst, ']')
}

// recordLines writes one record as one line or several, each of about splitLine or of one value.
type recordLines struct {
	id    RecordID
	buf   []byte
	path  string // the field that the line is in, "" at the start of a line
	write func([]byte) error
}

func (l *recordLines) value(path string, v Value) error {
	if len(l.buf) > 0 && len(l.buf)+len(v.Text)+len(v.Extra) > splitLine {
		if err := l.end(); err != nil {
			return err
		}
	}
	switch {
	case len(l.buf) == 0:
		l.buf = append(append(append(l.buf, `{"e":"`...), l.id...), `","f":{`...)
		l.buf = appendPath(l.buf, path, true)
	case l.path != path:
		l.buf = appendPath(append(l.buf, ']'), path, false)
	default:
		l.buf = append(l.buf, ',')
	}
	l.path = path
	l.buf = appendValue(l.buf, v)
	return nil
}

func (l *recordLines) end() error {
	if len(l.buf) == 0 {
		return nil
	}
	l.buf = append(l.buf, "]}}\n"...)
	if len(l.buf) > MaxLine {
		return ErrTooLarge
	}
	err := l.write(l.buf)
	l.buf, l.path = l.buf[:0], ""
	return err
}

// checkRecord refuses what ParseRecord would refuse.
func checkRecord(r Record) error {
	if !isID16(string(r.ID)) {
		return errBadID
	}
	if len(r.Fields) == 0 {
		return errNoValue
	}
	for i, f := range r.Fields {
		if !validPath(f.Path) {
			return errPath
		}
		if i > 0 && r.Fields[i-1].Path >= f.Path {
			return errOrder
		}
		if err := checkField(f); err != nil {
			return err
		}
	}
	return nil
}

func checkField(f Field) error {
	if len(f.Values) == 0 {
		return errNoValue
	}
	for i, v := range f.Values {
		if !validDot(v.Dot) {
			return errBadID
		}
		if v.Wall < 0 || v.Wall > MaxInt {
			return errRange
		}
		if i > 0 && rank(f.Values[i-1], v) >= 0 {
			return errOrder
		}
		if err := checkValue(f.Path, v.Text); err != nil {
			return err
		}
		if err := checkExtra(v.Extra, opMembers...); err != nil {
			return err
		}
	}
	return nil
}

// ParseRecord reads what AppendRecord wrote; an LF at the end may stand or not.
func ParseRecord(line []byte) (Record, error) {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if len(line) > MaxRecord {
		return Record{}, ErrTooLarge
	}
	return parseRecordLine(line)
}

// parseRecordLine takes the fast way for lines as AppendRecord writes them, else the strict way. FuzzRecord proves that the
// two agree.
func parseRecordLine(line []byte) (Record, error) {
	if r, ok := scanRecord(line); ok {
		return r, nil
	}
	return parseRecordStrict(line)
}

func scanRecord(line []byte) (Record, bool) {
	c := newScanner(line)
	c.lit(`{"e":"`)
	r := Record{ID: c.record()}
	c.lit(`,"f":{`)
	if !c.ok || c.try(`}}`) {
		return r, c.ok && c.i == len(c.s)
	}
	n := strings.Count(c.s, `":[["`) // no more fields than that
	r.Fields = make([]Field, 0, n)
	values := make([]Value, 0, n)
	for sep := `"`; c.try(sep); sep = `,"` {
		var f Field
		f, values = c.field(values)
		if last := len(r.Fields) - 1; !c.ok || last >= 0 && r.Fields[last].Path >= f.Path {
			return Record{}, false
		}
		r.Fields = append(r.Fields, f)
	}
	c.lit(`}}`)
	if !c.ok || c.i != len(c.s) {
		return Record{}, false
	}
	return r, true
}

// field reads one field; its values are cut from the shared slice.
func (c *scanner) field(values []Value) (f Field, rest []Value) {
	f.Path = c.path()
	limit, start := valueLimit(f.Path), len(values)
	for sep := `:[["`; c.try(sep); sep = `,["` {
		var v Value
		v.Dot = c.dot()
		c.lit(`,`)
		v.Wall = c.integer(MaxInt)
		c.lit(`,"`)
		v.Text = c.str(limit)
		c.lit(`]`)
		if last := len(values) - 1; last >= start && rank(values[last], v) >= 0 {
			c.ok = false
		}
		values = append(values, v)
	}
	c.lit(`]`)
	c.ok = c.ok && len(values) > start
	f.Values = values[start:len(values):len(values)]
	return f, values
}

func parseRecordStrict(line []byte) (Record, error) {
	o, err := parseObject(line)
	if err != nil {
		return Record{}, err
	}
	var r Record
	if r.ID, err = ParseRecordID(o.str("e", maxShort)); err != nil {
		o.fail("e", err)
	}
	raw, _ := o.need("f")
	if err := o.end(); err != nil {
		return Record{}, err
	}
	list, err := members(raw, len(line))
	if err != nil {
		return Record{}, err
	}
	for _, m := range list {
		f, err := fieldOf(m)
		if err != nil {
			return Record{}, err
		}
		r.Fields = append(r.Fields, f)
	}
	slices.SortFunc(r.Fields, func(a, b Field) int { return cmp.Compare(a.Path, b.Path) })
	return r, nil
}

func fieldOf(m member) (Field, error) {
	if !validPath(m.name) {
		return Field{}, errPath
	}
	list, err := elements(m.raw, len(m.raw))
	if err != nil {
		return Field{}, err
	}
	f := Field{Path: m.name}
	for _, raw := range list {
		v, err := valueOf(m.name, raw)
		if err != nil {
			return Field{}, err
		}
		f.Values = append(f.Values, v)
	}
	return f, f.settle()
}

// settle sorts the values and refuses a dot that stands twice.
func (f *Field) settle() error {
	if len(f.Values) == 0 {
		return errNoValue
	}
	slices.SortFunc(f.Values, rank)
	seen := make(map[Dot]struct{}, len(f.Values))
	for _, v := range f.Values {
		if _, twice := seen[v.Dot]; twice {
			return errTwice
		}
		seen[v.Dot] = struct{}{}
	}
	return nil
}

func valueOf(path string, raw jsontext.Value) (v Value, err error) {
	list, err := elements(raw, 4)
	if err != nil {
		return Value{}, err
	}
	if len(list) < 3 {
		return Value{}, errType
	}
	if v.Dot, err = dotOf(list[0]); err != nil {
		return Value{}, err
	}
	w, okWall := intOf(list[1])
	s, okText := text(list[2])
	switch {
	case !okWall || !okText:
		return Value{}, errType
	case w < 0:
		return Value{}, errRange
	case len(s) > valueLimit(path):
		return Value{}, ErrTooLarge
	}
	v.Wall, v.Text = w, s
	if len(list) == 4 {
		v.Extra, err = extraOf(list[3])
	}
	return v, err
}

// extraOf reads the unknown members of an op as they stand in a record.
func extraOf(raw jsontext.Value) ([]byte, error) {
	o, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	extra, err := o.finish()
	if err == nil && extra == nil {
		return nil, errType // no members are written as no object
	}
	if err == nil {
		err = checkExtra(extra, opMembers...)
	}
	return extra, err
}

// extend appends the fields of a later line of the same record. A field may be continued.
func (r *Record) extend(more Record) error {
	for _, f := range more.Fields {
		last := len(r.Fields) - 1
		switch {
		case last < 0 || r.Fields[last].Path < f.Path:
			r.Fields = append(r.Fields, f)
		case r.Fields[last].Path > f.Path:
			return errOrder
		default:
			if err := r.Fields[last].extend(f.Values); err != nil {
				return err
			}
		}
	}
	return nil
}

// extend appends values of a later line, which stand behind those before: a field of any number of lines costs one look each.
func (f *Field) extend(more []Value) error {
	if rank(f.Values[len(f.Values)-1], more[0]) >= 0 {
		return errOrder
	}
	f.Values = append(f.Values, more...)
	return nil
}
