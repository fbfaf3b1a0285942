package format_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
)

func decodeBody(t testing.TB, body []byte) (format.Segment, error) {
	return format.DecodeSegment(signed(t, format.KindSegment, body))
}

func distinctOps(ops []format.Op) []format.Op {
	seen := map[string]bool{}
	var out []format.Op
	for _, op := range ops {
		if at := string(op.Record) + op.Field; !seen[at] {
			seen[at] = true
			out = append(out, op)
		}
	}
	return out
}

func TestSegmentRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := format.Segment{Header: genHeader.Draw(rt, "header"), Ops: distinctOps(rapid.SliceOfN(genOp, 0, 6).Draw(rt, "ops"))}
		body, err := s.Encode()
		if err != nil {
			rt.Fatal(err)
		}
		plain := format.Sign(format.KindSegment, testVault, body, testKey)
		if len(plain) != format.Padme(len(plain), format.PadFloor) {
			rt.Fatalf("%d bytes are no padded length", len(plain))
		}
		v, err := format.Verify(format.KindSegment, testVault, plain, otherPub, testPub)
		if err != nil || v.Key() != 1 || v.Hash() != format.Sum(plain) {
			rt.Fatalf("verify: key %d, %v", v.Key(), err)
		}
		got, err := format.DecodeSegment(v)
		if err != nil {
			rt.Fatalf("%v\n%s", err, body)
		}
		if len(got.Ops) == 0 {
			got.Ops = nil
		}
		if !reflect.DeepEqual(got, s) {
			rt.Fatalf("got  %+v\nwant %+v", got, s)
		}
		if again := must(got.Encode()); !bytes.Equal(again, body) {
			rt.Fatal("encoding is not deterministic")
		}
	})
}

const opTitle = `{"e":"` + rid + `","f":"title","v":"x","w":1}` + "\n"

// segmentWith is a valid body with one thing replaced.
func segmentWith(old, repl string) string {
	s := format.Segment{Header: header(2), Ops: []format.Op{{Record: rid, Field: "title", Value: ptr("x"), Wall: 1}}}
	body := string(must(s.Encode()))
	if !strings.Contains(body, old) {
		panic("the valid segment does not hold " + old)
	}
	return strings.Replace(body, old, repl, 1)
}

func TestSegmentRefusals(t *testing.T) {
	t.Parallel()
	if _, err := decodeBody(t, []byte(segmentWith("", ""))); err != nil {
		t.Fatalf("the valid segment: %v", err)
	}
	cases := map[string][2]string{
		"another vault":          {testVault.String(), strings.Repeat("0", 64)},
		"vault in upper case":    {`"vault":"` + testVault.String(), `"vault":"` + strings.ToUpper(testVault.String())},
		"log no id":              {`"log":"`, `"log":"0`},
		"seq zero":               {`"seq":2`, `"seq":0`},
		"seq one with prev":      {`"seq":2`, `"seq":1`},
		"seq fraction":           {`"seq":2`, `"seq":2.0`},
		"seq twice":              {`"seq":2`, `"seq":2,"seq":2`},
		"seq case variant":       {`"seq":2`, `"seq":2,"Seq":2`},
		"no seq":                 {`"seq":2,`, ``},
		"no prev":                {`"prev":"` + format.Sum([]byte("prev")).String(), `"prev":"`},
		"prev is zero":           {`"prev":"` + format.Sum([]byte("prev")).String(), `"prev":"` + format.Hash{}.String()},
		"prev with line break":   {`"prev":"`, `"prev":"\n`},
		"epoch not a pair":       {`"epoch":[1,`, `"epoch":[1,2,`},
		"epoch zero":             {`"epoch":[1,`, `"epoch":[0,`},
		"epoch key in upper":     {strings.Repeat("0f", 16), strings.Repeat("0F", 16)},
		"seen not an id":         {`"seen":{`, `"seen":{"x":[1,"` + sid1 + `"]`},
		"seen seq zero":          {`"seen":{`, `"seen":{"` + rid + `":[0,"` + sid1 + `"]`},
		"seen bad sid":           {`"seen":{`, `"seen":{"` + rid + `":[1,"A"]`},
		"time negative":          {`"time":1700000000000`, `"time":-1`},
		"fewer ops than said":    {`"ops":1`, `"ops":2`},
		"more ops than said":     {`"ops":1`, `"ops":0`},
		"ops above the limit":    {`"ops":1`, `"ops":9999999`},
		"header not first":       {`{"t":"seg"`, opTitle + `{"t":"seg"`},
		"t not first":            {`{"t":"seg","v":1,"vault"`, `{"v":1,"t":"seg","vault"`},
		"op without record":      {`{"e":"` + rid + `",`, `{`},
		"op bad record":          {rid, "b" + rid},
		"op bad path":            {`"f":"title"`, `"f":"ti tle"`},
		"op value a number":      {`"v":"x"`, `"v":1`},
		"op value null":          {`"v":"x"`, `"v":null`},
		"op without w":           {`,"w":1}`, `}`},
		"op w too large":         {`"w":1}`, `"w":9007199254740992}`},
		"op case variant":        {`"w":1}`, `"w":1,"X":[]}`},
		"op x bad dot":           {`"w":1}`, `"w":1,"x":["` + sid1 + `"]}`},
		"op x not a list":        {`"w":1}`, `"w":1,"x":{}}`},
		"op line too long":       {`"v":"x"`, `"v":"x","zz":"` + strings.Repeat("y", format.MaxLine) + `"`},
		"two ops for one field":  {`"ops":1`, `"ops":2`},
		"padding before ops":     {`{"e":"`, `{"pad":""}` + "\n" + `{"e":"`},
		"padding with content":   {`{"pad":" `, `{"pad":"x`},
		"padding another member": {`{"pad":" `, `{"z":1,"pad":" `},
		"empty line":             {`{"pad":" `, "\n" + `{"pad":" `},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := segmentWith(c[0], c[1])
			if name == "two ops for one field" {
				body = strings.Replace(body, opTitle, opTitle+opTitle, 1)
			}
			if s, err := decodeBody(t, []byte(body)); err == nil || !reflect.DeepEqual(s, format.Segment{}) {
				t.Errorf("accepted: %v", err)
			}
		})
	}
}

// What a newer version wrote is named as such, so that a caller reads what it understands and refuses to write.
func TestSegmentOfANewerVersion(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{`"t":"seg"`, `"t":"pack"`}, {`"v":1,"vault"`, `"v":2,"vault"`}} {
		if _, err := decodeBody(t, []byte(segmentWith(c[0], c[1]))); !errors.Is(err, format.ErrNewer) {
			t.Errorf("%s: %v", c[1], err)
		}
	}
}

func TestSegmentKeepsUnknownMembers(t *testing.T) {
	t.Parallel()
	body := segmentWith(`"w":1}`, `"w":1,"zz":{"a":[1,null,true,"\u00e9"]}}`)
	body = strings.Replace(body, `,"ops":1}`, `,"ops":1,"new":"member"}`, 1)
	s, err := decodeBody(t, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(s.Ops[0].Extra); got != `{"zz":{"a":[1,null,true,"\u00e9"]}}` {
		t.Errorf("op: %s", got)
	}
	out := string(must(s.Encode()))
	if !strings.Contains(out, `,"ops":1,"new":"member"}`) || !strings.Contains(out, `"w":1,"zz":{"a":[1,null,true,"\u00e9"]}}`) {
		t.Errorf("written again: %s", out[:400])
	}
}

// Encode never writes what Decode would refuse.
func TestSegmentEncodeRefusals(t *testing.T) {
	t.Parallel()
	ok := format.Op{Record: rid, Field: "title", Value: ptr("x"), Wall: 1}
	many := func(n int) []format.Op {
		ops := make([]format.Op, n)
		for i := range ops {
			ops[i] = format.Op{Record: recordN(i), Field: "notes", Value: ptr(strings.Repeat("x", format.MaxValue)), Wall: 1}
		}
		return ops
	}
	cases := map[string]struct {
		change func(*format.Segment)
		want   error
	}{
		"log":             {func(s *format.Segment) { s.Header.Log = "x" }, nil},
		"seq":             {func(s *format.Segment) { s.Header.Seq = 0 }, nil},
		"prev":            {func(s *format.Segment) { s.Header.Prev = format.Hash{} }, nil},
		"epoch":           {func(s *format.Segment) { s.Header.Epoch = 0 }, nil},
		"epoch key":       {func(s *format.Segment) { s.Header.EpochK = "zz" }, nil},
		"time":            {func(s *format.Segment) { s.Header.Time = -1 }, nil},
		"seen":            {func(s *format.Segment) { s.Header.Seen = map[format.MemberID]format.Mark{"x": {}} }, nil},
		"header extra":    {func(s *format.Segment) { s.Header.Extra = []byte(`{"seq":1}`) }, nil},
		"record":          {func(s *format.Segment) { s.Ops[0].Record = "x" }, nil},
		"path":            {func(s *format.Segment) { s.Ops[0].Field = "a b" }, nil},
		"wall":            {func(s *format.Segment) { s.Ops[0].Wall = -1 }, nil},
		"utf-8":           {func(s *format.Segment) { s.Ops[0].Value = ptr("\xff") }, nil},
		"dot":             {func(s *format.Segment) { s.Ops[0].Replaces = []format.Dot{{SID: "x"}} }, nil},
		"extra":           {func(s *format.Segment) { s.Ops[0].Extra = []byte(`{ "z":1}`) }, nil},
		"extra ours":      {func(s *format.Segment) { s.Ops[0].Extra = []byte(`{"V":1}`) }, nil},
		"twice":           {func(s *format.Segment) { s.Ops = append(s.Ops, s.Ops[0]) }, nil},
		"value too large": {func(s *format.Segment) { s.Ops[0].Value = ptr(strings.Repeat("x", format.MaxValue+1)) }, format.ErrTooLarge},
		"too many dots":   {func(s *format.Segment) { s.Ops[0].Replaces = make([]format.Dot, format.MaxReplaces+1) }, format.ErrTooLarge},
		"too large":       {func(s *format.Segment) { s.Ops = many(16) }, format.ErrTooLarge},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := format.Segment{Header: header(2), Ops: []format.Op{ok}}
			c.change(&s)
			out, err := s.Encode()
			if err == nil || out != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%d bytes, %v", len(out), err)
			}
		})
	}
}

// The largest value of all escapes to six bytes each, and its history row once more: both must fit a line.
func TestLargestValuesFitALine(t *testing.T) {
	t.Parallel()
	worst := strings.Repeat("\x00", format.MaxValue)
	row := must(format.HistoryRow{Field: strings.Repeat("p", format.MaxPath), Value: worst, Wall: format.MaxInt}.Encode())
	s := format.Segment{Header: header(1), Ops: []format.Op{
		{Record: rid, Field: "hist/" + sid1 + ".0", Value: &row, Wall: 1},
		{Record: rid, Field: strings.Repeat("p", format.MaxPath), Value: &worst, Wall: 1},
	}}
	body, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeBody(t, body)
	if err != nil || *got.Ops[1].Value != worst {
		t.Fatalf("%v", err)
	}
	if back := must(format.ParseHistoryRow(*got.Ops[0].Value)); back.Value != worst {
		t.Error("the history row changed")
	}
}

func TestVerifyRefusals(t *testing.T) {
	t.Parallel()
	body := []byte(segmentWith("", ""))
	plain := format.Sign(format.KindSegment, testVault, body, testKey)
	flip := func(i int) []byte {
		b := bytes.Clone(plain)
		b[i] ^= 1
		return b
	}
	cases := map[string]struct {
		plain []byte
		sig   bool // the shape holds, the signature does not
	}{
		"empty":              {nil, false},
		"only a signature":   {plain[len(body):], false},
		"no signature":       {body, false},
		"bytes after sig":    {append(bytes.Clone(plain), '\n'), false},
		"line after sig":     {append(bytes.Clone(plain), opTitle...), false},
		"no last line feed":  {plain[:len(plain)-1], false},
		"first byte changed": {flip(0), true},
		"last byte of body":  {flip(len(body) - 3), true},
		"body not ended":     {append(bytes.Clone(body[:len(body)-1]), plain[len(body):]...), false},
		"signature changed":  {flip(len(body) + 20), true},
		"signature spelling": {flip(len(plain) - 4), false}, // the last character has spare bits
		"signed as snapshot": {format.Sign(format.KindSnapshot, testVault, body, testKey), true},
		"signed for another": {format.Sign(format.KindSegment, format.VaultID{}, body, testKey), true},
		"signed by another":  {format.Sign(format.KindSegment, testVault, body, otherKey), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := format.Verify(format.KindSegment, testVault, c.plain, testPub)
			if err == nil || errors.Is(err, format.ErrBadSignature) != c.sig || v.Body() != nil {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := format.Verify(format.KindSegment, testVault, plain); !errors.Is(err, format.ErrBadSignature) {
		t.Errorf("no key: %v", err)
	}
	if _, err := format.Verify(format.KindSegment, testVault, plain, nil, testPub[:31]); !errors.Is(err, format.ErrBadSignature) {
		t.Errorf("malformed keys: %v", err)
	}
}

func TestDecodersTakeTheirKindOnly(t *testing.T) {
	t.Parallel()
	body := []byte(segmentWith("", ""))
	if _, err := format.DecodeSegment(signed(t, format.KindSnapshot, body)); err == nil {
		t.Error("a text signed as snapshot was read as a segment")
	}
	if _, err := format.DecodeStatement(signed(t, format.KindSegment, body)); err == nil {
		t.Error("a text signed as segment was read as a statement")
	}
	if _, err := format.DecodeSegment(format.Verified{}); err == nil {
		t.Error("the zero Verified was read")
	}
}

func TestLogKind(t *testing.T) {
	t.Parallel()
	for start, want := range map[string]format.Kind{
		`{"t":"seg","v":1`: format.KindSegment, `{"t":"snap","v":1`: format.KindSnapshot, `{"t":"segment"`: "", `{"v":1`: "", ``: "",
	} {
		if got := format.LogKind([]byte(start)); got != want {
			t.Errorf("%s: %q", start, got)
		}
	}
}

// unpadded cuts the padding off a body: a fuzzer would spend its time in the spaces.
func unpadded(body []byte) []byte {
	if i := bytes.Index(body, []byte(`{"pad":`)); i >= 0 {
		return body[:i]
	}
	return body
}

func FuzzSegment(f *testing.F) {
	f.Add(unpadded([]byte(segmentWith("", ""))))
	f.Add(unpadded([]byte(segmentWith(`"w":1}`, `"w":1,"zz":null,"x":["`+sid1+`.7"]}`))))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) == 0 || body[len(body)-1] != '\n' {
			return
		}
		s, err := decodeBody(t, body)
		if err != nil {
			if !reflect.DeepEqual(s, format.Segment{}) {
				t.Fatal("a failed parse returned a value")
			}
			return
		}
		out, err := s.Encode()
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		again, err := decodeBody(t, out)
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%v\n%+v\n%+v", err, again, s)
		}
	})
}

func FuzzVerify(f *testing.F) {
	f.Add(format.Sign(format.KindSegment, testVault, unpadded([]byte(segmentWith("", ""))), testKey))
	f.Fuzz(func(t *testing.T, plain []byte) {
		v, err := format.Verify(format.KindSegment, testVault, plain, testPub)
		if err == nil && !bytes.Equal(format.Sign(format.KindSegment, testVault, v.Body(), testKey), plain) {
			t.Fatal("two plaintexts verify with one body")
		}
	})
}

// FuzzOp proves that the fast way agrees with the strict one.
func FuzzOp(f *testing.F) {
	f.Add([]byte(strings.TrimSuffix(opTitle, "\n")))
	f.Add([]byte(`{"e":"` + rid + `","f":"a/b","x":["` + sid1 + `.0","` + sid2 + `.12"],"v":"a\\\n\"é","w":0}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		fast, ok := format.ScanOp(line)
		if !ok {
			return
		}
		strict, err := format.ParseOpStrict(line)
		if err != nil || !reflect.DeepEqual(fast, strict) {
			t.Fatalf("fast %+v, strict %+v, %v", fast, strict, err)
		}
		if out := format.AppendOp(nil, fast); !bytes.Equal(out, line) {
			t.Fatalf("the fast way accepts a second spelling: %s for %s", line, out)
		}
	})
}

func benchSegment(entries int) format.Segment {
	s := format.Segment{Header: header(1)}
	for n := range entries {
		r := benchRecord(n)
		for _, f := range r.Fields {
			s.Ops = append(s.Ops, format.Op{Record: r.ID, Field: f.Path, Value: &f.Values[0].Text, Wall: f.Values[0].Wall})
		}
	}
	return s
}

func BenchmarkDecodeSegment(b *testing.B) {
	for name, n := range map[string]int{"one entry": 1, "10000 entries": 10000} {
		b.Run(name, func(b *testing.B) {
			body := must(benchSegment(n).Encode())
			v := signed(b, format.KindSegment, body)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				must(format.DecodeSegment(v))
			}
		})
	}
}

func BenchmarkEncodeSegment(b *testing.B) {
	for name, n := range map[string]int{"one entry": 1, "10000 entries": 10000} {
		b.Run(name, func(b *testing.B) {
			s := benchSegment(n)
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(int64(len(must(s.Encode()))))
			}
		})
	}
}
