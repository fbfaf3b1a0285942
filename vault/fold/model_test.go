package fold

import (
	"encoding/base32"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"signet/vault/format"
)

// The model: what vault.md 5.4 means, said without an order. A value is live iff its segment was folded and no folded
// segment lists its dot in an x. The context is the set of folded segments, plus the listed dots of all others. Everything
// in this package must come out as the model says, whatever the order, the snapshots and the doubles were.

// alive is one live value of the model.
type alive struct {
	at    place
	value format.Value
}

func live(folded files) map[format.Dot]alive {
	out := map[format.Dot]alive{}
	for sid, f := range folded {
		for i, op := range f.ops {
			if d := (format.Dot{SID: sid, I: i}); op.Value != nil {
				out[d] = alive{place{op.Record, op.Field}, format.Value{Dot: d, Wall: op.Wall, Text: *op.Value, Extra: op.Extra}}
			}
		}
	}
	for _, f := range folded {
		for _, op := range f.ops {
			for _, x := range op.Replaces {
				delete(out, x)
			}
		}
	}
	return out
}

// expected is the model's state as text.
func expected(folded files) string {
	records := map[format.RecordID]fields{}
	for _, l := range live(folded) {
		if records[l.at.record] == nil {
			records[l.at.record] = fields{}
		}
		records[l.at.record].put(l.at.field, cell{value: l.value})
	}
	var out []format.Record
	for _, id := range slices.Sorted(maps.Keys(records)) {
		out = append(out, records[id].record(id))
	}
	ctx := format.Context{Have: map[format.MemberID][]format.SID{}}
	cloud := map[format.Dot]bool{}
	for sid, f := range folded {
		ctx.Have[f.log] = append(ctx.Have[f.log], sid)
		for _, op := range f.ops {
			for _, x := range op.Replaces {
				if folded[x.SID] == nil {
					cloud[x] = true
				}
			}
		}
	}
	ctx.Cloud = slices.SortedFunc(maps.Keys(cloud), format.Dot.Compare)
	return show(slices.Values(out), ctx)
}

func shown(s *State) string { return show(s.Records(), s.Context().Format()) }

// show prints a state for comparison: everything that must not depend on the order of folding.
func show(records iter.Seq[format.Record], ctx format.Context) string {
	var b strings.Builder
	for r := range records {
		if len(r.Fields) == 0 {
			fmt.Fprintf(&b, "%s is empty\n", r.ID)
		}
		for _, f := range r.Fields {
			fmt.Fprintf(&b, "%s/%s:", r.ID, f.Path)
			for _, v := range f.Values {
				fmt.Fprintf(&b, " %s=%q@%d%s", v.Dot, v.Text, v.Wall, v.Extra)
			}
			b.WriteByte('\n')
		}
	}
	for _, log := range slices.Sorted(maps.Keys(ctx.Have)) {
		fmt.Fprintf(&b, "have %s %v\n", log, slices.Sorted(slices.Values(ctx.Have[log])))
	}
	fmt.Fprintf(&b, "cloud %v\n", ctx.Cloud)
	return b.String()
}

// snapshot is a state as it stands in a file: nothing of the writer's memory is shared.
type snapshot struct {
	name    string
	ctx     format.Context
	records []format.Record
	covers  files
}

func take(name string, s *State, covers files) snapshot {
	return snapshot{name, s.Context().Format(), slices.Collect(s.Records()), maps.Clone(covers)}
}

func (s snapshot) load(law *rules) *State {
	return must(loadState(law, NewContext(s.ctx), each(s.records)))
}

// each is a stream without errors.
func each(records []format.Record) iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// gather collects a stream.
func gather(records iter.Seq2[format.Record, error]) ([]format.Record, error) {
	var out []format.Record
	for r, err := range records {
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

func decodeRecord(id format.RecordID) ([]byte, error) {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).DecodeString(string(id))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
