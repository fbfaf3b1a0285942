package vault

import (
	"encoding/json"
	"fmt"
	"strings"

	"signet/vault/format"
)

// seen is what the cache's content has seen: how far each log was folded, and the causal context. It stands in the cache
// file as opaque bytes, and every frame of the tail moves it on by a note. It is read only when something must be folded.
type seen struct {
	marks map[format.MemberID]format.Mark
	ctx   format.Context
}

const sidLen = 16

type seenJSON struct {
	Marks map[format.MemberID]markJSON `json:"m"`
	Have  map[format.MemberID]string   `json:"h"` // sids joined
	Cloud []string                     `json:"c,omitempty"`
}

type markJSON struct {
	Seq int        `json:"q"`
	SID format.SID `json:"s"`
}

// note is what one frame adds: files folded, in order, and dots replaced ahead of their segment.
type note struct {
	Folded []foldedJSON `json:"f,omitempty"`
	Cloud  []string     `json:"c,omitempty"`
}

type foldedJSON struct {
	Log format.MemberID `json:"l"`
	Seq int             `json:"q"`
	SID format.SID      `json:"s"`
}

func (n *note) fold(log format.MemberID, m format.Mark) {
	n.Folded = append(n.Folded, foldedJSON{log, m.Seq, m.SID})
}

func (n note) encode() ([]byte, error) { return json.Marshal(n) }

func (s seen) encode() ([]byte, error) {
	out := seenJSON{Marks: map[format.MemberID]markJSON{}, Have: map[format.MemberID]string{}}
	for log, m := range s.marks {
		out.Marks[log] = markJSON(m)
	}
	for log, sids := range s.ctx.Have {
		var b strings.Builder
		for _, sid := range sids {
			b.WriteString(string(sid))
		}
		out.Have[log] = b.String()
	}
	for _, d := range s.ctx.Cloud {
		out.Cloud = append(out.Cloud, d.String())
	}
	return json.Marshal(out)
}

// parseSeen reads the context of a cache with the notes of its tail applied.
func parseSeen(base []byte, notes [][]byte) (seen, error) {
	var in seenJSON
	if err := json.Unmarshal(base, &in); err != nil {
		return seen{}, fmt.Errorf("read cache context: %v", err)
	}
	s := seen{marks: map[format.MemberID]format.Mark{}, ctx: format.Context{Have: map[format.MemberID][]format.SID{}}}
	for log, m := range in.Marks {
		s.marks[log] = format.Mark(m)
	}
	for log, joined := range in.Have {
		for ; len(joined) >= sidLen; joined = joined[sidLen:] {
			s.ctx.Have[log] = append(s.ctx.Have[log], format.SID(joined[:sidLen]))
		}
	}
	if err := s.remember(in.Cloud); err != nil {
		return seen{}, err
	}
	for _, raw := range notes {
		var n note
		if err := json.Unmarshal(raw, &n); err != nil {
			return seen{}, fmt.Errorf("read cache note: %v", err)
		}
		for _, f := range n.Folded {
			s.ctx.Have[f.Log] = append(s.ctx.Have[f.Log], f.SID)
			s.marks[f.Log] = format.Mark{Seq: f.Seq, SID: f.SID}
		}
		if err := s.remember(n.Cloud); err != nil {
			return seen{}, err
		}
	}
	return s, nil
}

func (s *seen) remember(dots []string) error {
	for _, text := range dots {
		d, err := format.ParseDot(text)
		if err != nil {
			return err
		}
		s.ctx.Cloud = append(s.ctx.Cloud, d)
	}
	return nil
}
