package formattest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/exporter"
)

// Suite says what Run needs to know of a format.
type Suite struct {
	Format  exporter.Format
	Samples string // folder of sample files of our own; beside each NAME a NAME.golden that says what comes of it
	// TellsEnd: a file that was cut off can be told from a whole one, wherever it was cut.
	TellsEnd bool
	// Secrets are values of the samples that no error and no report may quote.
	Secrets []string
	// Stream returns a file of n items, made as it is read.
	Stream func(n int) io.Reader
	// MoreItems: the format takes more than exporter.MaxItems.
	MoreItems bool
	// BigItem returns a file with one item of more than exporter.MaxItemBytes bytes; nil when cells bound an item.
	BigItem io.Reader
}

// Run is what every format passes.
func Run(t *testing.T, s Suite) {
	files, err := filepath.Glob(filepath.Join(s.Samples, "*"))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".golden") })
	if len(files) == 0 {
		t.Fatalf("%s holds no samples", s.Samples)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Run("detected", func(t *testing.T) { detected(t, s, data) })
			t.Run("golden", func(t *testing.T) { golden(t, s, file, data) })
			t.Run("twice", func(t *testing.T) { twice(t, s, data) })
			t.Run("cut", func(t *testing.T) { cut(t, s, data) })
			t.Run("reader fails", func(t *testing.T) { readerFails(t, s, data) })
		})
	}
	t.Run("others", func(t *testing.T) { others(t, s) })
	t.Run("cancel", func(t *testing.T) { cancelled(t, s) })
	t.Run("limits", func(t *testing.T) { limits(t, s) })
}

func detected(t *testing.T, s Suite, data []byte) {
	f, err := exporter.Detect(data[:min(len(data), exporter.DetectBytes)])
	if err != nil || f.Name != s.Format.Name {
		t.Errorf("detected as %q, %v", f.Name, err)
	}
}

// golden compares what comes of a sample with what a person has read and found right. SIGNET_UPDATE=1 writes the files anew.
func golden(t *testing.T, s Suite, file string, data []byte) {
	v := NewVault()
	rep := v.ImportString(t, s.Format, string(data))
	silent(t, s, DumpReport(rep))
	got := Dump(v, rep)
	if os.Getenv("SIGNET_UPDATE") != "" {
		if err := os.WriteFile(file+".golden", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file + ".golden")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it has become\n%s\nexpected\n%s", got, want)
	}
}

func twice(t *testing.T, s Suite, data []byte) {
	v := NewVault()
	v.ImportString(t, s.Format, string(data))
	before := Dump(v, exporter.Report{})
	rep, edits, err := v.Import(s.Format, bytes.NewReader(data))
	if err != nil || edits != 0 || rep.Counts[exporter.Duplicate] != rep.Items {
		t.Errorf("the second import wrote %d edits: %v, %s", edits, err, DumpReport(rep))
	}
	if after := Dump(v, exporter.Report{}); after != before {
		t.Errorf("the second import changed\n%s\nto\n%s", before, after)
	}
}

// cut imports every beginning of the sample. None may panic; none that lacks more than blanks may pass for whole.
func cut(t *testing.T, s Suite, data []byte) {
	whole := len(bytes.TrimRight(data, " \t\r\n"))
	step := max(1, len(data)/700)
	for n := 0; n < whole; n += step {
		rep, _, err := NewVault().Import(s.Format, bytes.NewReader(data[:n]))
		switch {
		case err == nil && s.TellsEnd:
			t.Fatalf("the first %d of %d bytes passed for a whole file: %v", n, len(data), rep.Counts)
		case err != nil && !known(err):
			t.Fatalf("the first %d bytes: %v", n, err)
		case err != nil:
			silent(t, s, err.Error())
		}
	}
}

// silent: what a program says of a file quotes none of its secrets.
func silent(t *testing.T, s Suite, text string) {
	for _, secret := range s.Secrets {
		if strings.Contains(text, secret) {
			t.Fatalf("a secret of the sample is said aloud: %s", text)
		}
	}
}

func known(err error) bool {
	return errors.Is(err, exporter.ErrDamaged) || errors.Is(err, exporter.ErrUnsupported) || errors.Is(err, exporter.ErrEncrypted)
}

var errDisk = errors.New("the disk has gone")

// readerFails: an error of the disk is that error, never the end of the file.
func readerFails(t *testing.T, s Suite, data []byte) {
	for _, n := range []int{0, 1, len(data) / 3, len(data) / 2, len(data) - 1} {
		r := io.MultiReader(bytes.NewReader(data[:n]), failing{})
		if _, _, err := NewVault().Import(s.Format, r); !errors.Is(err, errDisk) {
			t.Errorf("a disk that fails after %d bytes gave %v", n, err)
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errDisk }

// others: the samples of other formats, and files that are none, are not taken for this one.
func others(t *testing.T, s Suite) {
	folders, err := filepath.Glob(filepath.Join(filepath.Dir(s.Samples), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range folders {
		if dir == s.Samples || filepath.Base(dir) == "fuzz" {
			continue
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err == nil && s.Format.Detect(data) {
				t.Errorf("%s was taken for %s", file, s.Format.Name)
			}
		}
	}
	for _, text := range []string{"", "\n", "{}", "[]", "null", "{\"a\":", "a,b\n1,2\n", "\x00\x01", "\xff\xfe{\x00}\x00", strings.Repeat("[", 5000), strings.Repeat("{\"a\":", 5000)} {
		if s.Format.Detect([]byte(text)) {
			t.Errorf("%.20q was taken for %s", text, s.Format.Name)
		}
		if _, _, err := NewVault().Import(s.Format, strings.NewReader(text)); !known(err) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func cancelled(t *testing.T, s Suite) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := s.Format.Import(ctx, s.Stream(1000), options(), func(exporter.Item) error {
		if n++; n == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 11 {
		t.Errorf("after cancelling at the tenth item: %d items, %v", n, err)
	}
	stop := errors.New("stop")
	if err := s.Format.Import(t.Context(), s.Stream(5), options(), func(exporter.Item) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the consumer's error has become %v", err)
	}
}

func options() exporter.ReadOptions {
	return exporter.ReadOptions{Now: func() time.Time { return Now }}
}

// maxGrowth is what a reader may keep while it streams, whatever the file's length.
const maxGrowth = 24 << 20

// limits reads one item more than allowed: the last one is refused, and what the reader holds does not grow with the file.
func limits(t *testing.T, s Suite) {
	if testing.Short() {
		t.Skip("runs only on a full test run: leave out -short")
	}
	before, grown, n := heap(), uint64(0), 0
	err := s.Format.Import(t.Context(), s.Stream(exporter.MaxItems+1), options(), func(it exporter.Item) error {
		it.Entry.Wipe()
		if n++; n%20000 == 0 {
			if now := heap(); now > before {
				grown = max(grown, now-before)
			}
		}
		return nil
	})
	if s.MoreItems && (err != nil || n != exporter.MaxItems+1) {
		t.Errorf("%d of %d items were read: %v", n, exporter.MaxItems+1, err)
	}
	if !s.MoreItems && (!errors.Is(err, exporter.ErrUnsupported) || n != exporter.MaxItems) {
		t.Errorf("%d of %d items were read: %v", n, exporter.MaxItems, err)
	}
	if grown > maxGrowth {
		t.Errorf("reading %d items holds %d MiB", n, grown>>20)
	}
	if s.BigItem == nil {
		return
	}
	if err := s.Format.Import(t.Context(), s.BigItem, options(), func(exporter.Item) error { return nil }); !errors.Is(err, exporter.ErrUnsupported) {
		t.Errorf("an item beyond the limit: %v", err)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Stream makes a file of n items while it is read: head, the items, tail.
func Stream(head string, n int, item func(i int) string, tail string) io.Reader {
	return &stream{rest: []byte(head), n: n, item: item, tail: tail}
}

type stream struct {
	rest []byte
	i, n int
	item func(int) string
	tail string
	done bool
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		switch {
		case s.i < s.n:
			s.rest = []byte(s.item(s.i))
			s.i++
		case !s.done:
			s.rest, s.done = []byte(s.tail), true
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// Zeros returns a reader of n zeros between a head and a tail, for items that are too long.
func Zeros(head string, n int, tail string) io.Reader {
	return Stream(head, n>>16, func(int) string { return strings.Repeat("0", 1<<16) }, tail)
}

// Numbered is fmt.Sprintf with the item's number for every %d of a template.
func Numbered(template string) func(int) string {
	k := strings.Count(template, "%d")
	return func(i int) string {
		args := make([]any, k)
		for j := range args {
			args[j] = i
		}
		return fmt.Sprintf(template, args...)
	}
}
