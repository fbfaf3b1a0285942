package format

import "github.com/go-json-experiment/json/jsontext"

// Typed readers of an object's members. Each notes the first error in o.err and returns the zero value from then on.

func (o *object) str(name string, limit int) string {
	raw, ok := o.need(name)
	if !ok {
		return ""
	}
	s, ok := text(raw)
	switch {
	case !ok:
		o.fail(name, errType)
	case len(s) > limit:
		o.fail(name, ErrTooLarge)
	default:
		return s
	}
	return ""
}

func (o *object) optStr(name string, limit int) string {
	if _, ok := o.raw(name); !ok {
		return ""
	}
	return o.str(name, limit)
}

func (o *object) integer(name string, lo, hi int64) int64 {
	raw, ok := o.need(name)
	if !ok {
		return 0
	}
	n, ok := intOf(raw)
	switch {
	case !ok:
		o.fail(name, errType)
	case n < lo || n > hi:
		o.fail(name, errRange)
	default:
		return n
	}
	return 0
}

func intOf(raw jsontext.Value) (int64, bool) {
	if raw.Kind() != '0' {
		return 0, false
	}
	return parseInt([]byte(raw))
}

func (o *object) elements(name string, limit int) []jsontext.Value {
	raw, ok := o.need(name)
	if !ok {
		return nil
	}
	list, err := elements(raw, limit)
	if err != nil {
		o.fail(name, err)
	}
	return list
}

func (o *object) hash(name string) Hash {
	h, err := ParseHash(o.str(name, maxShort))
	if err != nil {
		o.fail(name, err)
	}
	return h
}

func (o *object) vault(name string) VaultID {
	v, err := ParseVaultID(o.str(name, maxShort))
	if err != nil {
		o.fail(name, err)
	}
	return v
}

func (o *object) memberID(name string) MemberID {
	m, err := ParseMemberID(o.str(name, maxShort))
	if err != nil {
		o.fail(name, err)
	}
	return m
}

// mark reads [seq,sid].
func mark(raw jsontext.Value) (Mark, error) {
	pair, err := elements(raw, 2)
	if err != nil || len(pair) != 2 {
		return Mark{}, errType
	}
	seq, ok := intOf(pair[0])
	if !ok || seq < 1 || seq > MaxSeq {
		return Mark{}, errRange
	}
	s, _ := text(pair[1])
	sid, err := ParseSID(s)
	if err != nil {
		return Mark{}, err
	}
	return Mark{int(seq), sid}, nil
}

// marks reads {log:[seq,sid],…}. An absent or empty map is nil.
func (o *object) marks(name string) map[MemberID]Mark {
	raw, ok := o.need(name)
	if !ok {
		return nil
	}
	list, err := members(raw, MaxLogs)
	if err != nil {
		o.fail(name, err)
		return nil
	}
	var out map[MemberID]Mark
	for _, m := range list {
		id, err := ParseMemberID(m.name)
		if err != nil {
			o.fail(name, err)
			return nil
		}
		at, err := mark(m.raw)
		if err != nil {
			o.fail(name, err)
			return nil
		}
		if out == nil {
			out = make(map[MemberID]Mark, len(list))
		}
		out[id] = at
	}
	return out
}
