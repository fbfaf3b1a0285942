package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"signet/vault/cache"
)

// frames makes a tail of n frames; each takes one document away.
func frames(t testing.TB, base []byte, n int) [][]byte {
	t.Helper()
	c := opened(t, base, nil)
	out := make([][]byte, n)
	for i := range out {
		f, _, err := c.Frame(cache.Stamp{byte(i + 2)}, nil, []string{id32(i * 3)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = f
	}
	return out
}

func TestI17ForeignCacheIsRefused(t *testing.T) {
	t.Parallel()
	docs := sample(20)
	base, other := built(t, cache.Build, docs, nil), built(t, cache.Build, docs, nil)
	mine, theirs := frames(t, base, 3), frames(t, other, 3)
	key := opened(t, base, nil).TailUnder(keysOf(2))
	foreign, _, err := key.Frame(cache.Stamp{2}, nil, []string{id32(0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]struct {
		base, tail []byte
		keys       cache.Keys
	}{
		"file of another key":    {base, nil, keysOf(2)},
		"tail of another key":    {base, foreign, keysOf(1)},
		"tail of another base":   {base, theirs[0], keysOf(1)},
		"frame of another base":  {base, slices.Concat(mine[0], theirs[1]), keysOf(1)},
		"frames swapped":         {base, slices.Concat(mine[1], mine[0]), keysOf(1)},
		"frame repeated":         {base, slices.Concat(mine[0], mine[0]), keysOf(1)},
		"frame missing":          {base, slices.Concat(mine[0], mine[2]), keysOf(1)},
		"zeros behind the tail":  {base, slices.Concat(mine[0], make([]byte, 100)), keysOf(1)},
		"no age file":            {[]byte("nothing of ours"), nil, keysOf(1)},
		"empty file":             {nil, nil, keysOf(1)},
		"another file's header":  {slices.Concat(other[:200], base[200:]), nil, keysOf(1)},
		"another file's content": {slices.Concat(base[:300], other[300:]), nil, keysOf(1)},
	} {
		if c, err := cache.Open(fileOf(f.base), f.tail, f.keys); !errors.Is(err, cache.ErrStale) || c != nil {
			t.Errorf("%s: Open = %v, %v", name, c, err)
		}
	}
}

// A flipped bit anywhere is noticed when it is read, and never yields a wrong answer.
func TestFlippedBitsInTheFile(t *testing.T) {
	t.Parallel()
	docs := sample(1500)
	for i := range docs {
		docs[i].Raw = bytes.Repeat(docs[i].Raw, 20)
	}
	base := built(t, cache.Build, docs, bytes.Repeat([]byte("context"), 9000))
	if len(base) < 6*cache.ChunkSize {
		t.Fatalf("only %d bytes: too few chunks to mean anything", len(base))
	}
	whole := answers(opened(t, base, nil), docs)
	for at := 0; at < len(base); at += next(at, len(base)) {
		bad := slices.Clone(base)
		bad[at] ^= 1 << (at % 8)
		c, err := cache.Open(fileOf(bad), nil, keysOf(1))
		if err != nil {
			if !errors.Is(err, cache.ErrStale) {
				t.Errorf("flip at %d: Open: %v", at, err)
			}
			continue
		}
		if noticed := agree(t, fmt.Sprintf("flip at %d", at), whole, answers(c, docs)); !noticed {
			t.Errorf("flip at %d: nobody noticed", at)
		}
	}
}

// next steps through every byte of the header and the file's end, and some of each chunk.
func next(at, size int) int {
	if at < 300 || at > size-20 {
		return 1
	}
	return cache.ChunkSize/3 + 1
}

// answers asks a cache for everything; an error is an answer.
func answers(c *cache.Cache, docs []cache.Doc) []string {
	var out []string
	say := func(err error, format string, args ...any) {
		if err != nil {
			if !errors.Is(err, cache.ErrStale) {
				format = "not ErrStale: " + format
			} else {
				format, args = "stale", nil
			}
		}
		out = append(out, fmt.Sprintf(format, args...))
	}
	for i := 0; i < len(docs); i += 50 {
		d, ok, err := c.ByID(docs[i].ID)
		say(err, "%v %v %s %s", ok, d.ID, d.Raw, d.Row)
		ids, err := c.ByTitle(docs[i].Title)
		say(err, "%v", ids)
		ids, err = c.Match([]string{docs[i].Tokens[1], "all"}, 5)
		say(err, "%v", ids)
		ids, err = c.Find([]string{fmt.Sprintf("user%d@", i)}, 5)
		say(err, "%v", ids)
		ids, err = c.ByPrefix(docs[i].ID[:12], 40)
		say(err, "%v", ids)
	}
	ctx, _, err := c.Context()
	say(err, "%s", ctx)
	n := 0
	err = c.Scan(func(id, search string, row []byte) bool { n += len(id) + len(search) + len(row); return true })
	say(err, "%d", n)
	n = 0
	for d, e := range c.Docs() {
		err = e
		n += len(d.Raw)
	}
	say(err, "%d", n)
	return out
}

// agree compares answers: each is right or says stale. It returns whether one said so.
func agree(t *testing.T, what string, want, got []string) (noticed bool) {
	t.Helper()
	for i := range want {
		if got[i] == "stale" {
			noticed = true
		} else if got[i] != want[i] {
			t.Errorf("%s: answer %d is %.80q, want %.80q", what, i, got[i], want[i])
		}
	}
	return noticed
}

func TestCutFile(t *testing.T) {
	t.Parallel()
	base := built(t, cache.Build, sample(1500), nil)
	for cut := 0; cut < len(base); cut += next(cut, len(base)) {
		if _, err := cache.Open(fileOf(base[:cut]), nil, keysOf(1)); !errors.Is(err, cache.ErrStale) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	if _, err := cache.Open(fileOf(append(slices.Clone(base), 0)), nil, keysOf(1)); !errors.Is(err, cache.ErrStale) {
		t.Errorf("a byte more: %v", err)
	}
}

// A flipped bit in the tail is refused; in a length it may look like a torn end: then the frames before it count, and their
// stamp says so.
func TestFlippedBitsInTheTail(t *testing.T) {
	t.Parallel()
	base := built(t, cache.Build, sample(20), nil)
	fs := frames(t, base, 3)
	tail := slices.Concat(fs...)
	for at := range tail {
		for bit := range 8 {
			bad := slices.Clone(tail)
			bad[at] ^= 1 << bit
			c, err := cache.Open(fileOf(base), bad, keysOf(1))
			if err != nil {
				if !errors.Is(err, cache.ErrStale) {
					t.Fatalf("flip at %d: %v", at, err)
				}
				continue
			}
			frame := at / len(fs[0])
			if want := (cache.Stamp{byte(frame + 1)}); !c.Torn() || c.Stamp() != want || c.Len() != 20-frame {
				t.Fatalf("flip at %d: torn %v, stamp %x, %d documents", at, c.Torn(), c.Stamp(), c.Len())
			}
		}
	}
}
