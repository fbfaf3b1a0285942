package fold

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"signet/vault/format"
)

// The drawing language. A drawing is a text of lines; a line says who knew what when it wrote:
//
//	A1 -> A2 -> B1       B1 was written by device B, who had folded A2 and so A1
//	A2, B1 -> A3(g)      A3 writes field g, knowing A2 and B1
//	A2'                  another file with A2's number: device A was cloned or restored
//	A2(-f)               deletes f;  A2(f, g) writes both;  A2(f=x@7) writes "x" with the clock at 7
//	A2(r2/f)             field f of record r2 (r without it)
//	A2(f+)               replaces nothing;  A2(f!A1.0!B1.0) replaces exactly these dots
//	snap S A1 A2         a snapshot by somebody who had folded A1 and A2
//	lost A2              nobody gets this file
//
// A write without more replaces what its writer saw in that field, its value is the file's name, and the clock shows the
// order of the drawing. The same language is printed when a random schedule fails.

// file is one segment of a world.
type file struct {
	name  string
	log   format.MemberID
	seq   int
	sid   format.SID
	ops   []format.Op
	knows files // folded by its writer, itself not included
}

// files is a set of files by sid.
type files map[format.SID]*file

func (f files) with(more ...*file) files {
	out := maps.Clone(f)
	if out == nil {
		out = files{}
	}
	for _, m := range more {
		out[m.sid] = m
		maps.Copy(out, m.knows)
	}
	return out
}

// heads are the files that no other file of the set knows.
func (f files) heads() []string {
	var out []string
	for sid, m := range f {
		known := false
		for _, o := range f {
			_, k := o.knows[sid]
			known = known || k
		}
		if !known {
			out = append(out, m.name)
		}
	}
	slices.Sort(out)
	return out
}

// newFile names a file; sids are made from names, so that a drawing always folds the same way.
func newFile(name string, knows files) *file {
	letter, rest := name[:1], strings.TrimRight(name[1:], "'")
	seq, err := strconv.Atoi(rest)
	if err != nil {
		panic("drawing: bad name " + name)
	}
	return &file{name: name, log: logOf(letter), seq: seq, sid: format.Sum([]byte(name)).SID(), knows: knows}
}

func logOf(letter string) format.MemberID {
	var raw [16]byte
	copy(raw[:], letter)
	return format.NewMemberID(raw)
}

func recordOf(name string) format.RecordID {
	var raw [16]byte
	copy(raw[:], name)
	return format.NewRecordID(raw)
}

// drawing is what a text draws.
type drawing struct {
	byName map[string]*file
	order  []*file
	snaps  map[string]files
	lost   map[string]bool
}

func parse(text string) *drawing {
	d := &drawing{byName: map[string]*file{}, snaps: map[string]files{}, lost: map[string]bool{}}
	for line := range strings.Lines(text) {
		switch words := strings.Fields(line); {
		case len(words) == 0:
		case words[0] == "snap":
			d.snaps[words[1]] = files{}.with(d.find(words[2:])...)
		case words[0] == "lost":
			for _, f := range d.find(words[1:]) {
				d.lost[f.name] = true
			}
		default:
			d.line(line)
		}
	}
	return d
}

func (d *drawing) find(names []string) []*file {
	var out []*file
	for _, n := range names {
		if d.byName[n] == nil {
			panic("drawing: nobody wrote " + n)
		}
		out = append(out, d.byName[n])
	}
	return out
}

func (d *drawing) line(line string) {
	var known []*file
	for group := range strings.SplitSeq(line, "->") {
		var next []*file
		for _, text := range splitOutside(group) {
			next = append(next, d.node(strings.TrimSpace(text), known))
		}
		known = next
	}
}

// splitOutside cuts at commas that stand in no parentheses.
func splitOutside(s string) []string {
	depth, start := 0, 0
	var out []string
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, start = append(out, s[start:i]), i+1
			}
		}
	}
	return append(out, s[start:])
}

func (d *drawing) node(text string, known []*file) *file {
	name, spec, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if f := d.byName[name]; f != nil {
		return f
	}
	if spec == "" {
		spec = "f"
	}
	f := newFile(name, files{}.with(known...))
	for part := range strings.SplitSeq(spec, ",") {
		f.ops = append(f.ops, d.op(strings.TrimSpace(part), f))
	}
	d.byName[name], d.order = f, append(d.order, f)
	return f
}

func (d *drawing) op(spec string, f *file) format.Op {
	op, value := format.Op{Record: recordOf("r"), Wall: int64(100 + len(d.order))}, f.name
	spec, exact, _ := strings.Cut(spec, "!")
	if head, clock, ok := strings.Cut(spec, "@"); ok {
		spec = head
		op.Wall, _ = strconv.ParseInt(clock, 10, 64)
	}
	spec, blind := strings.CutSuffix(spec, "+")
	if head, v, ok := strings.Cut(spec, "="); ok {
		spec, value = head, v
	}
	spec, deletes := strings.CutPrefix(spec, "-")
	if !deletes {
		op.Value = &value
	}
	if r, field, ok := strings.Cut(spec, "/"); ok {
		op.Record, spec = recordOf(r), field
	}
	op.Field = spec
	switch {
	case exact != "":
		for dot := range strings.SplitSeq(exact, "!") {
			name, i, _ := strings.Cut(dot, ".")
			n, _ := strconv.Atoi(i)
			op.Replaces = append(op.Replaces, format.Dot{SID: format.Sum([]byte(name)).SID(), I: n})
		}
	case !blind:
		op.Replaces = seen(f.knows, op.Record, op.Field)
	}
	return op
}

// seen are the dots that somebody who folded these files sees in a field.
func seen(known files, id format.RecordID, path string) []format.Dot {
	var out []format.Dot
	for d, l := range live(known) {
		if l.at == (place{id, path}) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, format.Dot.Compare)
	return out
}

// draw prints files so that parse reads them again, with every replaced dot spelled out.
func draw(all []*file) string {
	names := map[format.SID]string{}
	for _, f := range all {
		names[f.sid] = f.name
	}
	var b strings.Builder
	for _, f := range all {
		if h := f.knows.heads(); len(h) > 0 {
			fmt.Fprintf(&b, "%s -> ", strings.Join(h, ", "))
		}
		var ops []string
		for _, op := range f.ops {
			ops = append(ops, drawOp(op, names))
		}
		fmt.Fprintf(&b, "%s(%s)\n", f.name, strings.Join(ops, ", "))
	}
	return b.String()
}

func drawOp(op format.Op, names map[format.SID]string) string {
	raw := string(must(decodeRecord(op.Record)))
	s := strings.TrimRight(raw, "\x00") + "/" + op.Field
	if op.Value == nil {
		s = "-" + s
	} else {
		s += "=" + *op.Value
	}
	s += "@" + strconv.FormatInt(op.Wall, 10)
	if len(op.Replaces) == 0 && op.Value != nil {
		s = strings.Replace(s, "@", "+@", 1)
	}
	for _, x := range op.Replaces {
		s += "!" + names[x.SID] + "." + strconv.Itoa(x.I)
	}
	return s
}
