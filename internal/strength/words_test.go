package strength

import (
	"bytes"
	"compress/gzip"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trustelem/zxcvbn/frequency"
)

var update = flag.Bool("update", false, "write words.gz from the library's lists")

// bestRanks is what words.gz has to say.
func bestRanks() map[string]int32 {
	best := map[string]int32{}
	for _, list := range frequency.FrequencyLists {
		for i, w := range list {
			if old, ok := best[w]; !ok || int32(i)+1 < old {
				best[w] = int32(i) + 1
			}
		}
	}
	return best
}

// The library's lists cost 1 to 2 ms of every start where they are imported, so the program has a copy in one file.
func TestTheWordListIsTheLibrarys(t *testing.T) {
	want := bestRanks()
	if *update {
		writeWords(t, want)
		return // the new file counts from the next build on
	}
	got := loaded().words
	if !maps.Equal(got, want) {
		t.Errorf("%d words, the library has %d, or ranks differ: run with -update", len(got), len(want))
	}
}

// writeWords writes one line for every rank, with the words whose best rank it is.
func writeWords(t *testing.T, best map[string]int32) {
	lines := make([][]string, slices.Max(slices.Collect(maps.Values(best))))
	for w, rank := range best {
		if w == "" || strings.ContainsAny(w, " \n") {
			t.Fatalf("%q does not fit the format", w)
		}
		lines[rank-1] = append(lines[rank-1], w)
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range lines {
		slices.Sort(words)
		if _, err := z.Write([]byte(strings.Join(words, " ") + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("words.gz", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
