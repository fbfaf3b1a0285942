package format_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
)

type snapshot struct {
	Header  format.SnapshotHeader
	Context format.Context
	Records []format.Record
}

func (s snapshot) records() iter.Seq2[format.Record, error] {
	return func(yield func(format.Record, error) bool) {
		for _, r := range s.Records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s snapshot) write() ([]byte, error) {
	var out bytes.Buffer
	hash, err := format.WriteSnapshot(&out, s.Header, s.Context, s.records(), testKey)
	if err == nil && hash != format.Sum(out.Bytes()) {
		return nil, errors.New("hash is not that of the plaintext")
	}
	return out.Bytes(), err
}

func opener(plain []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(plain)), nil }
}

func readSnapshot(plain []byte) (s snapshot, err error) {
	v, err := format.VerifySnapshot(testVault, opener(plain), testPub)
	if err != nil {
		return snapshot{}, err
	}
	err = v.Read(
		func(h format.SnapshotHeader, c format.Context) error { s.Header, s.Context = h, c; return nil },
		func(r format.Record) error { s.Records = append(s.Records, r); return nil },
	)
	return s, err
}

var genSnapshot = rapid.Custom(func(t *rapid.T) snapshot {
	s := snapshot{Header: format.SnapshotHeader{SegmentHeader: genHeader.Draw(t, "header"), Heads: genMarks.Draw(t, "heads")}}
	if have := rapid.MapOfN(genMember, rapid.SliceOfN(genSID, 1, 3), 0, 3).Draw(t, "have"); len(have) > 0 {
		s.Context.Have = have
	}
	dots := rapid.SliceOfNDistinct(genDot, 0, 4, rapid.ID[format.Dot]).Draw(t, "cloud")
	slices.SortFunc(dots, format.Dot.Compare)
	if len(dots) > 0 {
		s.Context.Cloud = dots
	}
	records := rapid.SliceOfNDistinct(genRecordValue, 0, 4, func(r format.Record) format.RecordID { return r.ID }).Draw(t, "records")
	slices.SortFunc(records, func(a, b format.Record) int { return cmp.Compare(a.ID, b.ID) })
	if len(records) > 0 {
		s.Records = records
	}
	return s
})

func TestSnapshotRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := genSnapshot.Draw(t, "snapshot")
		plain, err := s.write()
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) != format.Padme(len(plain), format.PadFloor) {
			t.Fatalf("%d bytes are no padded length", len(plain))
		}
		got, err := readSnapshot(plain)
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Fatalf("%v\ngot  %+v\nwant %+v", err, got, s)
		}
		if again := must(got.write()); !bytes.Equal(again, plain) {
			t.Fatal("encoding is not deterministic")
		}
	})
}

// A context and a record that need several lines arrive as one.
func TestSnapshotSplitsLongLists(t *testing.T) {
	t.Parallel()
	s := snapshot{Header: format.SnapshotHeader{SegmentHeader: header(3)}}
	s.Context.Have = map[format.MemberID][]format.SID{}
	for i := range format.MaxListItems + 10 {
		s.Context.Have[memberN(1)] = append(s.Context.Have[memberN(1)], sidN(i))
		s.Context.Cloud = append(s.Context.Cloud, format.Dot{SID: sid1, I: i})
	}
	r := format.Record{ID: rid}
	for i := range 3 {
		f := format.Field{Path: fmt.Sprintf("notes%d", i)}
		for j := range 3 {
			f.Values = append(f.Values, format.Value{Dot: format.Dot{SID: sidN(j), I: i}, Wall: int64(3 - j), Text: strings.Repeat("\x01é", 300_000)})
		}
		r.Fields = append(r.Fields, f)
	}
	s.Records = []format.Record{r, {ID: format.RecordID("b" + rid[1:]), Fields: r.Fields[:1]}}
	plain := must(s.write())
	if len(plain) != format.Padme(len(plain), 0) {
		t.Errorf("%d bytes are no padded length", len(plain))
	}
	for line := range bytes.Lines(plain) {
		if len(line) > format.MaxLine {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	if n := bytes.Count(plain, []byte(`{"h":`)) + bytes.Count(plain, []byte(`{"c":`)); n != 4 {
		t.Errorf("%d context lines", n)
	}
	if n := bytes.Count(plain, []byte(`{"e":`)); n < 9 {
		t.Errorf("%d record lines", n)
	}
	got, err := readSnapshot(plain)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Fatalf("%v; %d records", err, len(got.Records))
	}
}

// resign replaces text in a snapshot and signs the result: what only the decoder can catch.
func resign(plain []byte, old, repl string) []byte {
	body := plain[:len(plain)-format.SigLineLen]
	if !bytes.Contains(body, []byte(old)) {
		panic("the valid snapshot does not hold " + old)
	}
	return format.Sign(format.KindSnapshot, testVault, bytes.Replace(body, []byte(old), []byte(repl), 1), testKey)
}

func smallSnapshot() snapshot {
	value := []format.Value{{Dot: format.Dot{SID: sid1, I: 0}, Wall: 1, Text: "x"}}
	return snapshot{
		Header: format.SnapshotHeader{SegmentHeader: header(2), Heads: map[format.MemberID]format.Mark{memberN(1): {Seq: 1, SID: sid1}}},
		Context: format.Context{
			Have:  map[format.MemberID][]format.SID{memberN(1): {sid1}, memberN(2): {sid2}},
			Cloud: []format.Dot{{SID: "CCCCCCCCCCCCCCCC", I: 1}},
		},
		Records: []format.Record{
			{ID: rid, Fields: []format.Field{{Path: "title", Values: value}}},
			{ID: format.RecordID("b" + rid[1:]), Fields: []format.Field{{Path: "title", Values: value}}},
		},
	}
}

func TestSnapshotRefusals(t *testing.T) {
	t.Parallel()
	plain := must(smallSnapshot().write())
	if _, err := readSnapshot(plain); err != nil {
		t.Fatalf("the valid snapshot: %v", err)
	}
	logs := slices.Sorted(maps.Keys(smallSnapshot().Context.Have))
	first, second := string(logs[0]), string(logs[1])
	lineA := `{"e":"` + rid + `","f":{"title":[["` + sid1 + `.0",1,"x"]]}}` + "\n"
	lineB := strings.Replace(lineA, rid, "b"+rid[1:], 1)
	cases := map[string][2]string{
		"another vault":          {testVault.String(), strings.Repeat("0", 64)},
		"header missing":         {`{"t":"snap"`, lineA + `{"t":"snap"`},
		"no heads":               {`"heads":`, `"headz":`},
		"records out of order":   {lineA + lineB, lineB + lineA},
		"record comes back":      {lineB, lineB + lineA},
		"field out of order":     {lineA, lineA + strings.Replace(lineA, "title", "a", 1)},
		"dot twice over lines":   {lineA, lineA + lineA},
		"have after record":      {lineB, `{"h":"` + first + `","s":"` + sid1 + `"}` + "\n"},
		"have out of order":      {`{"h":"` + first, `{"h":"zz` + first[2:]},
		"have after cloud":       {`{"e":"` + rid, `{"h":"` + second + `","s":"` + sid1 + `"}` + "\n" + `{"e":"` + rid},
		"have empty":             {`"s":"` + sid1 + `"`, `"s":""`},
		"have half a sid":        {`"s":"` + sid1 + `"`, `"s":"` + sid1 + `AAAA"`},
		"have bad sid":           {`"s":"` + sid1 + `"`, `"s":"` + sid1[1:] + `="`},
		"have unknown member":    {`"s":"` + sid1 + `"`, `"s":"` + sid1 + `","z":1`},
		"have no log":            {`{"h":"`, `{"h":"1`},
		"cloud empty":            {`{"c":["CCCCCCCCCCCCCCCC.1"]}`, `{"c":[]}`},
		"cloud out of order":     {`"CCCCCCCCCCCCCCCC.1"]`, `"CCCCCCCCCCCCCCCC.1","CCCCCCCCCCCCCCCC.0"]`},
		"cloud twice":            {`"CCCCCCCCCCCCCCCC.1"]`, `"CCCCCCCCCCCCCCCC.1","CCCCCCCCCCCCCCCC.1"]`},
		"cloud bad dot":          {`"CCCCCCCCCCCCCCCC.1"]`, `"CCCCCCCCCCCCCCCC"]`},
		"record malformed":       {`1,"x"]]}}`, `1,"x"]]}`},
		"unknown line":           {lineB, lineB + `{"z":1}` + "\n"},
		"record after padding":   {lineB, `{"pad":""}` + "\n" + lineB},
		"signature in the midst": {lineB, `{"sig":"` + strings.Repeat("A", 86) + `"}` + "\n" + lineB},
		"empty line":             {lineB, lineB + "\n"},
		"line too long":          {`{"pad":"`, `{"pad":"` + strings.Repeat(" ", format.MaxLine)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readSnapshot(resign(plain, c[0], c[1])); err == nil {
				t.Error("accepted")
			}
		})
	}
	t.Run("newer", func(t *testing.T) {
		t.Parallel()
		if _, err := readSnapshot(resign(plain, `"v":1`, `"v":2`)); !errors.Is(err, format.ErrNewer) {
			t.Errorf("%v", err)
		}
	})
}

func TestVerifySnapshotRefusals(t *testing.T) {
	t.Parallel()
	plain := must(smallSnapshot().write())
	flip := func(i int) []byte {
		b := bytes.Clone(plain)
		b[i] ^= 1
		return b
	}
	for name, p := range map[string][]byte{
		"empty": nil, "cut": plain[:len(plain)-1], "no signature": plain[:len(plain)-format.SigLineLen], "bytes after": append(bytes.Clone(plain), 'x'),
		"only a signature": plain[len(plain)-format.SigLineLen:], "first byte": flip(0), "middle": flip(len(plain) / 2),
		"segment": format.Sign(format.KindSegment, testVault, plain[:len(plain)-format.SigLineLen], testKey),
		"other":   format.Sign(format.KindSnapshot, testVault, plain[:len(plain)-format.SigLineLen], otherKey),
	} {
		if v, err := format.VerifySnapshot(testVault, opener(p), testPub); err == nil || !v.Hash().IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	v, err := format.VerifySnapshot(testVault, opener(plain), otherPub, testPub)
	if err != nil || v.Key() != 1 || v.Hash() != format.Sum(plain) {
		t.Errorf("key %d, %v", v.Key(), err)
	}
}

// The second reading is the one that is parsed: it must be of the bytes that were verified.
func TestSnapshotChangedBetweenReadings(t *testing.T) {
	t.Parallel()
	plain := must(smallSnapshot().write())
	now := plain
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(now)), nil }
	none := func(format.SnapshotHeader, format.Context) error { return nil }
	v := must(format.VerifySnapshot(testVault, open, testPub))
	now = resign(plain, `1,"x"`, `1,"y"`)
	if err := v.Read(none, func(format.Record) error { return nil }); err == nil {
		t.Error("other bytes were read")
	}
	now = append(bytes.Clone(plain), plain...)
	if err := v.Read(none, func(format.Record) error { return nil }); err == nil {
		t.Error("more bytes were read")
	}
	now = plain[:len(plain)-10]
	if err := v.Read(none, func(format.Record) error { return nil }); err == nil {
		t.Error("fewer bytes were read")
	}
}

func TestSnapshotStopsWhenTold(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	v := must(format.VerifySnapshot(testVault, opener(must(smallSnapshot().write())), testPub))
	if err := v.Read(func(format.SnapshotHeader, format.Context) error { return stop }, nil); !errors.Is(err, stop) {
		t.Errorf("head: %v", err)
	}
	err := v.Read(func(format.SnapshotHeader, format.Context) error { return nil }, func(format.Record) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("record: %v", err)
	}
}

func TestWriteSnapshotRefusals(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*snapshot){
		"header":       func(s *snapshot) { s.Header.Seq = 0 },
		"heads":        func(s *snapshot) { s.Header.Heads = map[format.MemberID]format.Mark{"x": {}} },
		"extra ours":   func(s *snapshot) { s.Header.Extra = []byte(`{"heads":1}`) },
		"have log":     func(s *snapshot) { s.Context.Have["x"] = []format.SID{sid1} },
		"have sid":     func(s *snapshot) { s.Context.Have[memberN(1)] = []format.SID{"x"} },
		"cloud dot":    func(s *snapshot) { s.Context.Cloud[0].SID = "x" },
		"cloud order":  func(s *snapshot) { s.Context.Cloud = append(s.Context.Cloud, s.Context.Cloud[0]) },
		"record order": func(s *snapshot) { s.Records[0], s.Records[1] = s.Records[1], s.Records[0] },
		"record twice": func(s *snapshot) { s.Records[1].ID = s.Records[0].ID },
		"record id":    func(s *snapshot) { s.Records[0].ID = "x" },
		"record empty": func(s *snapshot) { s.Records[0].Fields = nil },
		"field empty":  func(s *snapshot) { s.Records[0].Fields[0].Values = nil },
		"field path":   func(s *snapshot) { s.Records[0].Fields[0].Path = "é" },
		"field order":  func(s *snapshot) { f := &s.Records[0].Fields; *f = append(*f, (*f)[0]) },
		"value dot":    func(s *snapshot) { s.Records[0].Fields[0].Values = []format.Value{{Text: "x"}} },
		"value order":  func(s *snapshot) { f := &s.Records[0].Fields[0]; f.Values = append(f.Values, f.Values[0]) },
		"value not UTF-8": func(s *snapshot) {
			s.Records[0].Fields[0].Values = []format.Value{{Dot: format.Dot{SID: sid1}, Text: "\xff"}}
		},
		"value extra":       func(s *snapshot) { s.Records[0].Fields[0].Values[0].Extra = []byte(`{"f":1}`) },
		"value wall":        func(s *snapshot) { s.Records[0].Fields[0].Values[0].Wall = -1 },
		"value too large":   func(s *snapshot) { s.Records[0].Fields[0].Values[0].Text = strings.Repeat("x", format.MaxValue+1) },
		"header of 8 MiB":   func(s *snapshot) { s.Header.Extra = []byte(`{"z":"` + strings.Repeat("x", format.MaxLine) + `"}`) },
		"extra not as read": func(s *snapshot) { s.Header.Extra = []byte(`{"z": 1}`) },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smallSnapshot()
			change(&s)
			if _, err := s.write(); err == nil {
				t.Error("written")
			}
		})
	}
	t.Run("source fails", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		_, err := format.WriteSnapshot(io.Discard, smallSnapshot().Header, format.Context{}, func(yield func(format.Record, error) bool) {
			yield(format.Record{}, broken)
		}, testKey)
		if !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
	})
}

func FuzzSnapshot(f *testing.F) {
	plain := must(smallSnapshot().write())
	f.Add(unpadded(plain[:len(plain)-format.SigLineLen]))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) == 0 || body[len(body)-1] != '\n' {
			return
		}
		s, err := readSnapshot(format.Sign(format.KindSnapshot, testVault, body, testKey))
		if err != nil {
			return
		}
		for _, r := range s.Records {
			if len(r.Fields) == 0 {
				return // a record without fields is read, and never written
			}
		}
		out, err := s.write()
		if err != nil {
			t.Fatalf("read but not written: %v", err)
		}
		again, err := readSnapshot(out)
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%v\n%+v\n%+v", err, again, s)
		}
	})
}

func benchSnapshot(entries int) snapshot {
	s := snapshot{Header: format.SnapshotHeader{SegmentHeader: header(2)}}
	for n := range entries {
		s.Records = append(s.Records, benchRecord(n))
	}
	slices.SortFunc(s.Records, func(a, b format.Record) int { return cmp.Compare(a.ID, b.ID) })
	return s
}

func BenchmarkWriteSnapshot(b *testing.B) {
	s := benchSnapshot(10000)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(must(s.write()))))
	}
}

func BenchmarkReadSnapshot(b *testing.B) {
	plain := must(benchSnapshot(10000).write())
	v := must(format.VerifySnapshot(testVault, opener(plain), testPub))
	b.SetBytes(int64(len(plain)))
	b.ReportAllocs()
	for b.Loop() {
		err := v.Read(func(format.SnapshotHeader, format.Context) error { return nil }, func(format.Record) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifySnapshot(b *testing.B) {
	plain := must(benchSnapshot(10000).write())
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		must(format.VerifySnapshot(testVault, opener(plain), testPub))
	}
}
