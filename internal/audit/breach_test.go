package audit_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"signet/internal/audit"
)

func sum(s string) audit.Hash { return sha1.Sum([]byte(s)) }

func upper(h audit.Hash) string { return strings.ToUpper(hex.EncodeToString(h[:])) }

// hashList makes a list like the real one: n random hashes and those of the passwords, sorted.
func hashList(n int, eol string, passwords ...string) []byte {
	r := mrand.New(mrand.NewPCG(1, 2))
	rows := make([]string, 0, n)
	for range n {
		var h audit.Hash
		for i := range h {
			h[i] = byte(r.Uint32())
		}
		rows = append(rows, fmt.Sprintf("%s:%d", upper(h), 1+r.IntN(100000)))
	}
	for i, p := range passwords {
		rows = append(rows, fmt.Sprintf("%s:%d", upper(sum(p)), 1000+i))
	}
	slices.Sort(rows)
	return []byte(strings.Join(rows, eol) + eol)
}

func openList(list []byte) (*audit.HashFile, error) {
	return audit.OpenHashFile(bytes.NewReader(list), int64(len(list)), "the list", "1")
}

func TestHashFileFindsWhatIsInIt(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10, 70, 5000} {
		for _, eol := range []string{"\n", "\r\n"} {
			in := []string{"password", "letmein", "hunter2", "first", "last"}
			list := hashList(n, eol, in...)
			for _, cut := range []bool{false, true} {
				if cut {
					list = bytes.TrimRight(list, "\r\n") // the last line may end without a line end
				}
				f, err := openList(list)
				if err != nil {
					t.Fatalf("%d lines, %q: %v", n, eol, err)
				}
				checkLook(t, f, list, append(in, "not there", "nor this", "x", "y", "z"))
			}
		}
	}
}

// checkLook compares with reading the whole list.
func checkLook(t *testing.T, f *audit.HashFile, list []byte, passwords []string) {
	t.Helper()
	var hashes []audit.Hash
	for _, p := range passwords {
		hashes = append(hashes, sum(p))
	}
	slices.SortFunc(hashes, func(a, b audit.Hash) int { return bytes.Compare(a[:], b[:]) })
	answers := 0
	err := f.Look(t.Context(), hashes, func(i, seen int) {
		answers++
		want := 0
		if _, rest, ok := strings.Cut(string(list), upper(hashes[i])+":"); ok {
			_, _ = fmt.Sscan(rest, &want)
		}
		if seen != want {
			t.Errorf("%s was seen %d times, the list says %d", upper(hashes[i]), seen, want)
		}
	}, func(int, int) {})
	if err != nil || answers != len(hashes) {
		t.Errorf("%d answers, %v", answers, err)
	}
}

func TestEveryLineOfAHashFileIsFound(t *testing.T) {
	list := hashList(3000, "\r\n")
	f, err := openList(list)
	if err != nil {
		t.Fatal(err)
	}
	var hashes []audit.Hash
	for line := range bytes.Lines(list) {
		var h audit.Hash
		if _, err := hex.Decode(h[:], line[:40]); err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h)
	}
	found := 0
	if err := f.Look(t.Context(), hashes, func(_, seen int) { found += min(seen, 1) }, func(int, int) {}); err != nil || found != len(hashes) {
		t.Errorf("%d of %d found, %v", found, len(hashes), err)
	}
}

func TestBadHashFilesAreNamed(t *testing.T) {
	good := hashList(5000, "\r\n")
	rows := strings.SplitAfter(string(good), "\n")
	byCount := slices.Clone(rows[:5000])
	mrand.New(mrand.NewPCG(3, 4)).Shuffle(len(byCount), func(i, j int) { byCount[i], byCount[j] = byCount[j], byCount[i] })
	ntlm := strings.Repeat("0123456789ABCDEF0123456789ABCDEF:5\r\n", 50)
	for name, c := range map[string]struct {
		list []byte
		want string
	}{
		"empty":                   {nil, "empty"},
		"NTLM":                    {[]byte(ntlm), "NTLM"},
		"cut in a hash":           {good[:len(good)-30], "middle of a line"},
		"cut behind the colon":    {bytes.TrimRight(good, "0123456789\r\n"), "middle of a line"},
		"cut in the first line":   {good[:20], "middle of a line"},
		"half":                    {[]byte(strings.Join(rows[:2500], "")), "only a part"},
		"beginning missing":       {[]byte(strings.Join(rows[2500:], "")), "only a part"},
		"ordered by count":        {[]byte(strings.Join(byCount, "")), "not sorted"},
		"gzip":                    {[]byte("\x1f\x8b\x08\x00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "packed"},
		"a text":                  {[]byte("These are my passwords:\nhunter2\n"), "no list"},
		"one endless line":        {bytes.Repeat([]byte("A"), 1<<20), "no list"},
		"hashes without counts":   {[]byte(strings.Repeat(upper(sum("x"))+"\n", 9)), "no list"},
		"a count that is none":    {[]byte(upper(sum("x")) + ":many\n"), "no list"},
		"a count that is endless": {[]byte(upper(sum("x")) + ":" + strings.Repeat("9", 500) + "\n"), "no list"},
		"zeros":                   {make([]byte, 1<<16), "no list"},
	} {
		_, err := openList(c.list)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the file", name)
		}
	}
}

// A list that is out of order where the first look did not fall is refused when the search meets it, or searched as it is; it never
// makes the search hang or panic.
func TestAnyFileEnds(t *testing.T) {
	good := hashList(400, "\n", "password")
	rapid.Check(t, func(t *rapid.T) {
		list := bytes.Clone(good)
		for range rapid.IntRange(0, 8).Draw(t, "faults") {
			at := rapid.IntRange(0, len(list)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "fault") {
			case 0:
				list[at] = rapid.Byte().Draw(t, "byte")
			case 1:
				list = list[:max(at, 1)]
			default:
				list = append(list[:at:at], list[at/2:]...)
			}
		}
		f, err := openList(list)
		if err != nil {
			return
		}
		hashes := []audit.Hash{sum("a"), sum("password"), sum("b")}
		slices.SortFunc(hashes, func(a, b audit.Hash) int { return bytes.Compare(a[:], b[:]) })
		_ = f.Look(context.Background(), hashes, func(int, int) {}, func(int, int) {})
	})
}

// service answers like the real one, with padding, in lower or upper case.
type service struct {
	mu    sync.Mutex
	known map[string]int // password → seen
	asked []string
	fail  func(n int) error // nth question
	body  []byte
}

func (s *service) Fetch(_ context.Context, prefix string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, prefix)
	if s.fail != nil {
		if err := s.fail(len(s.asked)); err != nil {
			return nil, err
		}
	}
	if s.body != nil {
		return s.body, nil
	}
	var out strings.Builder
	out.WriteString(strings.Repeat("0", 35) + ":0\r\n") // padding
	for p, n := range s.known {
		if h := upper(sum(p)); h[:5] == prefix {
			fmt.Fprintf(&out, "%s:%d\r\n", h[5:], n)
		}
	}
	return []byte(out.String()), nil
}

func TestOnlineAsksEachPrefixOnceAndFindsWhatIsKnown(t *testing.T) {
	s := &service{known: map[string]int{"password": 7, strong[1]: 0}}
	rep := run(t, audit.Options{Kinds: []audit.Kind{audit.Breached}, Sources: []audit.Source{audit.Online{Fetch: s, Service: "test"}}},
		item{title: "A", pass: "password"}, item{title: "B", pass: "password"}, item{title: "C", pass: strong[0]}, item{title: "D", pass: strong[1]})
	expect(t, rep, "breached high A: seen 7 times in known breaches", "breached high B: seen 7 times in known breaches")
	slices.Sort(s.asked)
	want := []string{upper(sum("password"))[:5], upper(sum(strong[0]))[:5], upper(sum(strong[1]))[:5]}
	slices.Sort(want)
	if !slices.Equal(s.asked, want) {
		t.Errorf("asked %v, expected %v", s.asked, want)
	}
}

func TestAServiceThatFailsLeavesTheRestComplete(t *testing.T) {
	broken := errors.New("connection refused")
	var items []item
	for i := range 40 {
		items = append(items, item{title: fmt.Sprintf("Site %02d", i), user: "ada", pass: fmt.Sprintf("%s%d", strong[0], i)})
	}
	items = append(items, item{title: "Weak", pass: "password"})
	for name, c := range map[string]struct {
		s    *service
		why  string
		most int // questions
	}{
		"never answers": {&service{fail: func(int) error { return broken }}, "no answer: connection refused", 10},
		"stops":         {&service{fail: func(n int) error { return map[bool]error{true: broken}[n > 20] }}, "answered 20 of 41 questions: connection refused", 30},
		"babbles":       {&service{body: []byte("<html>sign in to the hotel's network</html>")}, "no answer: the answer is no list of hashes", 10},
		"is too long":   {&service{body: make([]byte, audit.MaxAnswer+1)}, "no answer: the answer is no list of hashes", 10},
	} {
		rep := run(t, audit.Options{Sources: []audit.Source{audit.Online{Fetch: c.s, Service: "test"}}}, items...)
		if len(rep.Gaps) != 1 || !rep.Failed() || rep.Gaps[0].Why != "test: "+c.why {
			t.Errorf("%s: gaps %+v", name, rep.Gaps)
		}
		if len(rep.Findings) != 1 || rep.Findings[0].Kind != audit.Weak {
			t.Errorf("%s: %v", name, lines(rep))
		}
		if len(c.s.asked) > c.most {
			t.Errorf("%s: asked %d times", name, len(c.s.asked))
		}
	}
}

// The second run asks only for what is new, and forgets what is gone.
func TestASecondRunAsksOnlyForWhatIsNew(t *testing.T) {
	s := &service{known: map[string]int{"password": 7, "letmein": 3}}
	a, _ := audit.New(rand.Reader)
	defer a.Close()
	runs := func(items ...item) []string {
		s.asked = nil
		rep, err := a.Run(t.Context(), stream(items...), audit.Options{Now: now, Kinds: []audit.Kind{audit.Breached}, Sources: []audit.Source{audit.Online{Fetch: s, Service: "test"}}})
		if err != nil {
			t.Fatal(err)
		}
		return lines(rep)
	}
	one, two := item{title: "A", pass: "password"}, item{title: "B", pass: "letmein"}
	if got := runs(one); len(got) != 1 || len(s.asked) != 1 {
		t.Fatalf("first run: %v, asked %v", got, s.asked)
	}
	if got := runs(one, two); len(got) != 2 || !slices.Equal(s.asked, []string{upper(sum("letmein"))[:5]}) {
		t.Errorf("second run: %v, asked %v", got, s.asked)
	}
	if got := runs(two); len(got) != 1 || len(s.asked) != 0 {
		t.Errorf("third run: %v, asked %v", got, s.asked)
	}
	if got := runs(one); len(got) != 1 || len(s.asked) != 1 {
		t.Errorf("after it was gone: %v, asked %v", got, s.asked)
	}
}

func TestTheServiceIsAskedOnlyForWhatTheListDoesNotKnow(t *testing.T) {
	f, err := openList(hashList(100, "\n", "password"))
	if err != nil {
		t.Fatal(err)
	}
	s := &service{known: map[string]int{"letmein": 3}}
	rep := run(t, audit.Options{Kinds: []audit.Kind{audit.Breached}, Sources: []audit.Source{f, audit.Online{Fetch: s, Service: "test"}}},
		item{title: "A", pass: "password"}, item{title: "B", pass: "letmein"})
	expect(t, rep, "breached high A: seen 1000 times in known breaches", "breached high B: seen 3 times in known breaches")
	if len(s.asked) != 1 {
		t.Errorf("asked %v", s.asked)
	}
}

func TestADirectoryOfRangeFiles(t *testing.T) {
	h := upper(sum("password"))
	dir := fstest.MapFS{
		"00000.txt": {Data: []byte(strings.Repeat("0", 35) + ":3\r\n")}, "FFFFF.txt": {Data: []byte(strings.Repeat("F", 35) + ":1\r\n")},
		h[:5]: {Data: []byte(h[5:] + ":99\n")},
	}
	d, err := audit.OpenHashDir(dir, "the ranges", "1")
	if err != nil {
		t.Fatal(err)
	}
	o := audit.Options{Kinds: []audit.Kind{audit.Breached}, Sources: []audit.Source{d}}
	rep := run(t, o, item{title: "A", pass: "password"})
	expect(t, rep, "breached high A: seen 99 times in known breaches")
	rep = run(t, o, item{title: "B", pass: "letmein"})
	if len(rep.Gaps) != 1 || !strings.Contains(rep.Gaps[0].Why, "a range file is missing") || strings.Contains(rep.Gaps[0].Why, upper(sum("letmein"))[:5]) {
		t.Errorf("gaps %+v", rep.Gaps)
	}
	for name, dir := range map[string]fstest.MapFS{
		"only a part": {"00000": {Data: []byte("x")}}, "without range files": {"notes.txt": {}}, "no regular file": {"00000/x": {}},
	} {
		if _, err := audit.OpenHashDir(dir, "x", "1"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Big vaults: time goes with the number of entries, and cores share it.
func BenchmarkRun(b *testing.B) {
	items := make([]item, 10_000)
	r := mrand.New(mrand.NewPCG(5, 6))
	for i := range items {
		pass := make([]byte, 18)
		for j := range pass {
			pass[j] = byte('!' + r.IntN(90))
		}
		items[i] = item{title: fmt.Sprintf("Site %d", i), user: "ada", pass: string(pass), urls: []string{fmt.Sprintf("https://site%d.example", i)}}
	}
	for b.Loop() {
		a, _ := audit.New(rand.Reader)
		if _, err := a.Run(b.Context(), stream(items...), audit.Options{Now: now}); err != nil {
			b.Fatal(err)
		}
		a.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(items)), "µs/entry")
}
