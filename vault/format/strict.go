package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The strict JSON of format 1 (vault.md 5.3). encoding/json silently accepts duplicate and case-variant member names,
// invalid UTF-8, lone surrogates, any depth and any number: each is a way to make two readers see two things in one signed
// text, and each is refused here.

var (
	errJSON    = errors.New("malformed JSON")
	errMember  = errors.New("duplicate or case-variant member")
	errNumber  = errors.New("number is not an integer below 2^53")
	errDepth   = errors.New("nested too deeply")
	errMissing = errors.New("missing member")
	errType    = errors.New("member of the wrong type")
	errRange   = errors.New("value out of range")
)

// maxMembers bounds the members of one object whose names are ours, unknown ones included.
const maxMembers = 64

// member is one member of an object in the order it stands there.
type member struct {
	name string
	raw  jsontext.Value
}

// object reads the members of an object whose names are ours. Its methods note the first error and go on, so that a
// decoder reads like a list; finish returns it.
type object struct {
	list  []member
	asked []string
	err   error
}

// checkJSON walks one whole value: syntax, UTF-8 and unique names are the tokenizer's work, depth and numbers ours.
func checkJSON(text []byte) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return jsonError(err)
		}
		if dec.StackDepth() > MaxDepth {
			return errDepth
		}
		if tok.Kind() == '0' {
			if _, ok := parseInt(tok.String()); !ok {
				return errNumber
			}
		}
		if dec.StackDepth() == 0 {
			break
		}
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return errJSON
	}
	return nil
}

// jsonError drops the tokenizer's text, which may quote a secret.
func jsonError(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errMember
	}
	return errJSON
}

// parseObject checks text and takes it apart. Members are kept in order with their raw values.
func parseObject(text []byte) (*object, error) {
	if err := checkJSON(text); err != nil {
		return nil, err
	}
	list, err := members(text, maxMembers)
	if err != nil {
		return nil, err
	}
	for i, m := range list {
		for _, n := range list[:i] {
			if strings.EqualFold(m.name, n.name) {
				return nil, errMember
			}
		}
	}
	return &object{list: list}, nil
}

// members takes a checked object apart; names may be data, so case variants are the caller's business.
func members(text jsontext.Value, limit int) ([]member, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return nil, errType
	}
	var list []member
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, errJSON
		}
		key := name.String()
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, errJSON
		}
		if len(list) == limit {
			return nil, ErrTooLarge
		}
		list = append(list, member{key, raw.Clone()})
	}
	return list, nil
}

// elements takes a checked array apart.
func elements(text jsontext.Value, limit int) ([]jsontext.Value, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil, errType
	}
	list := []jsontext.Value{}
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, errJSON
		}
		if len(list) == limit {
			return nil, ErrTooLarge
		}
		list = append(list, raw.Clone())
	}
	return list, nil
}

// text reads a checked string.
func text(raw jsontext.Value) (string, bool) {
	if raw.Kind() != '"' {
		return "", false
	}
	b, err := jsontext.AppendUnquote(nil, raw)
	return string(b), err == nil
}

// parseInt reads an integer in its one spelling: no sign but '-', no leading zero, no fraction, no exponent, at most 2^53−1.
func parseInt[T string | []byte](s T) (int64, bool) {
	neg := len(s) > 1 && s[0] == '-'
	digits := s
	if neg {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > 16 || digits[0] == '0' && (len(digits) > 1 || neg) {
		return 0, false
	}
	var n int64
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if n > MaxInt {
		return 0, false
	}
	if neg {
		n = -n
	}
	return n, true
}

func (o *object) fail(name string, err error) {
	if o.err == nil {
		o.err = fmt.Errorf("member %q: %w", name, err)
	}
}

// raw returns a member's raw value and notes that its name is ours.
func (o *object) raw(name string) (jsontext.Value, bool) {
	o.asked = append(o.asked, name)
	for _, m := range o.list {
		if m.name == name {
			return m.raw, true
		}
	}
	return nil, false
}

func (o *object) need(name string) (jsontext.Value, bool) {
	raw, ok := o.raw(name)
	if !ok {
		o.fail(name, errMissing)
	}
	return raw, ok
}

// finish returns the members that nobody asked for as one compact object, nil when there are none, or the first error.
// An unknown member whose name is a case variant of ours is refused.
func (o *object) finish() ([]byte, error) {
	if o.err != nil {
		return nil, o.err
	}
	var extra []byte
	for _, m := range o.list {
		known := false
		for _, name := range o.asked {
			known = known || m.name == name
			if m.name != name && strings.EqualFold(m.name, name) {
				return nil, errMember
			}
		}
		if known {
			continue
		}
		if err := m.raw.Compact(); err != nil {
			return nil, errJSON
		}
		extra = append(extra, "{,"[min(len(extra), 1)])
		extra = appendText(extra, m.name)
		extra = append(append(extra, ':'), m.raw...)
	}
	if extra != nil {
		extra = append(extra, '}')
	}
	return extra, nil
}

// end is finish for objects that keep nothing unknown: what is not understood there is a newer version's.
func (o *object) end() error {
	extra, err := o.finish()
	if err == nil && extra != nil {
		return ErrNewer
	}
	return err
}

// kind checks the first two members, t and v, which say how to read the rest.
func (o *object) kind(types ...string) string {
	got := o.str("t", 64)
	v := o.integer("v", 0, MaxInt)
	if o.err != nil {
		return ""
	}
	if o.list[0].name != "t" || o.list[1].name != "v" {
		o.fail("t", errors.New("t and v stand first"))
		return ""
	}
	for _, t := range types {
		if got == t && v == Version {
			return got
		}
	}
	o.err = ErrNewer
	return ""
}
