package format

import (
	"fmt"
	"strconv"
)

// HistoryRow is the value of a history field hist/<dot>: what that dot had written.
type HistoryRow struct {
	Field string
	Value string
	Wall  int64
	Extra []byte
}

// Encode returns the row as {"f","v","w"}.
func (h HistoryRow) Encode() (string, error) {
	if err := h.check(); err != nil {
		return "", fmt.Errorf("encode history row: %w", err)
	}
	out := appendText([]byte(`{"f":`), h.Field)
	out = strconv.AppendInt(append(appendStr(out, "v", h.Value), `,"w":`...), h.Wall, 10)
	out = append(appendExtra(out, h.Extra), '}')
	if len(out) > MaxHistValue {
		return "", fmt.Errorf("encode history row: %w", ErrTooLarge)
	}
	return string(out), nil
}

func (h HistoryRow) check() error {
	if !validPath(h.Field) {
		return errPath
	}
	if h.Wall < 0 || h.Wall > MaxInt {
		return errRange
	}
	if err := checkValue(h.Field, h.Value); err != nil {
		return err
	}
	return checkExtra(h.Extra, "f", "v", "w")
}

// ParseHistoryRow reads what Encode wrote.
func ParseHistoryRow(value string) (h HistoryRow, err error) {
	if len(value) > MaxHistValue {
		return HistoryRow{}, fmt.Errorf("parse history row: %w", ErrTooLarge)
	}
	o, err := parseObject([]byte(value))
	if err != nil {
		return HistoryRow{}, fmt.Errorf("parse history row: %w", err)
	}
	h.Field = o.str("f", MaxPath)
	h.Value = o.str("v", valueLimit(h.Field))
	h.Wall = o.integer("w", 0, MaxInt)
	if h.Extra, err = o.finish(); err == nil {
		err = h.check()
	}
	if err != nil {
		return HistoryRow{}, fmt.Errorf("parse history row: %w", err)
	}
	return h, nil
}
