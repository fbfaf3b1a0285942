package format

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Writers of JSON. Members stand in one fixed order, maps are sorted by their keys, strings are escaped as little as JSON
// allows (RFC 8785), so that equal values have equal bytes.

var errText = errors.New("text is not valid UTF-8")

// appendText appends a quoted string. Invalid UTF-8 never gets here: the check functions refuse it first.
func appendText[T string | []byte](dst []byte, s T) []byte {
	if plain(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// plain reports whether s is printable ASCII without quote and backslash: the usual case, copied without looking again.
func plain[T string | []byte](s T) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendStr[T ~string](dst []byte, name string, s T) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return appendText(dst, string(s))
}

func appendInt(dst []byte, name string, n int64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, n, 10)
}

func appendMark(dst []byte, m Mark) []byte {
	dst = strconv.AppendInt(append(dst, '['), int64(m.Seq), 10)
	return append(appendText(append(dst, ','), string(m.SID)), ']')
}

func appendMarks(dst []byte, name string, marks map[MemberID]Mark) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":{`...)
	for i, id := range slices.Sorted(maps.Keys(marks)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendMark(append(appendText(dst, string(id)), ':'), marks[id])
	}
	return append(dst, '}')
}

// appendExtra appends unknown members, kept as one compact object, before the closing brace of the object they came from.
func appendExtra(dst, extra []byte) []byte {
	if len(extra) <= 2 {
		return dst
	}
	return append(append(dst, ','), extra[1:len(extra)-1]...)
}

// checkExtra refuses unknown members that would not be read back as they are: another spelling, or names of ours.
func checkExtra(extra []byte, ours ...string) error {
	if extra == nil {
		return nil
	}
	o, err := parseObject(extra)
	if err != nil {
		return err
	}
	got, err := o.finish()
	if err != nil || string(got) != string(extra) {
		return errJSON
	}
	for _, name := range ours {
		o.asked = append(o.asked, name)
		if _, ok := o.raw(name); ok {
			return errMember
		}
	}
	_, err = o.finish()
	return err
}

func checkMarks(marks map[MemberID]Mark) error {
	if len(marks) > MaxLogs {
		return ErrTooLarge
	}
	for id, m := range marks {
		if !isID16(string(id)) || !isSID(string(m.SID)) {
			return errBadID
		}
		if m.Seq < 1 || m.Seq > MaxSeq {
			return errRange
		}
	}
	return nil
}
