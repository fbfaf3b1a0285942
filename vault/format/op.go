package format

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// One op of a segment: {"e":record,"f":field,"x":["<sid>.<i>",…],"v":"…","w":ms}. x is left out when it is empty, v when the
// op deletes.

// opMembers are the names in an op; unknown members stand behind them.
var opMembers = []string{"e", "f", "x", "v", "w"}

// minOpLine is the shortest op line with LF, for bounds on allocations.
const minOpLine = len(`{"e":"","f":"f","w":0}`) + id16Len + 1

func checkOp(op Op) error {
	switch {
	case !isID16(string(op.Record)):
		return errBadID
	case !validPath(op.Field):
		return errPath
	case op.Wall < 0 || op.Wall > MaxInt:
		return errRange
	case len(op.Replaces) > MaxReplaces:
		return ErrTooLarge
	}
	for _, d := range op.Replaces {
		if !validDot(d) {
			return errBadID
		}
	}
	if op.Value != nil {
		if err := checkValue(op.Field, *op.Value); err != nil {
			return err
		}
	}
	return checkExtra(op.Extra, opMembers...)
}

func validDot(d Dot) bool { return isSID(string(d.SID)) && d.I >= 0 && d.I < MaxOps }

func checkValue(field, value string) error {
	if len(value) > valueLimit(field) {
		return ErrTooLarge
	}
	if !utf8.ValidString(value) {
		return errText
	}
	return nil
}

func appendOp(dst []byte, op Op) []byte {
	dst = append(append(append(dst, `{"e":"`...), op.Record...), `","f":"`...)
	dst = append(append(dst, op.Field...), '"')
	for i, d := range op.Replaces {
		if i == 0 {
			dst = append(dst, `,"x":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = appendDot(dst, d)
	}
	if len(op.Replaces) > 0 {
		dst = append(dst, ']')
	}
	if op.Value != nil {
		dst = appendText(append(dst, `,"v":`...), *op.Value)
	}
	dst = strconv.AppendInt(append(dst, `,"w":`...), op.Wall, 10)
	return append(appendExtra(dst, op.Extra), '}')
}

func appendDot(dst []byte, d Dot) []byte {
	dst = append(append(append(dst, '"'), d.SID...), '.')
	return append(strconv.AppendInt(dst, int64(d.I), 10), '"')
}

// parseOp reads a line without LF: the fast way for lines as appendOp writes them, else the strict way. FuzzOp proves that
// the two agree.
func parseOp(line []byte) (Op, error) {
	if op, ok := scanOp(line); ok {
		return op, nil
	}
	return parseOpStrict(line)
}

func parseOpStrict(line []byte) (op Op, err error) {
	o, err := parseObject(line)
	if err != nil {
		return Op{}, err
	}
	id, err := ParseRecordID(o.str("e", maxShort))
	if err != nil {
		o.fail("e", err)
	}
	op.Record = id
	op.Field = o.str("f", MaxPath)
	if o.err == nil && !validPath(op.Field) {
		o.fail("f", errPath)
	}
	if _, ok := o.raw("x"); ok {
		op.Replaces = o.dots("x", MaxReplaces)
	}
	if _, ok := o.raw("v"); ok {
		v := o.str("v", valueLimit(op.Field))
		op.Value = &v
	}
	op.Wall = o.integer("w", 0, MaxInt)
	if op.Extra, err = o.finish(); err != nil {
		return Op{}, err
	}
	return op, nil
}

func (o *object) dots(name string, limit int) []Dot {
	list := o.elements(name, limit)
	if len(list) == 0 {
		return nil
	}
	dots := make([]Dot, len(list))
	for i, raw := range list {
		d, err := dotOf(raw)
		if err != nil {
			o.fail(name, err)
			return nil
		}
		dots[i] = d
	}
	return dots
}

func dotOf(raw jsontext.Value) (Dot, error) {
	s, ok := text(raw)
	if !ok {
		return Dot{}, fmt.Errorf("dot: %w", errType)
	}
	return ParseDot(s)
}
