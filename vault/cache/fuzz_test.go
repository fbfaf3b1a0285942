package cache_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"signet/vault/cache"
	"signet/vault/seal"
)

// plainOf decrypts a cache file.
func plainOf(t testing.TB, base []byte) []byte {
	t.Helper()
	r, size, err := seal.OpenAt(bytes.NewReader(base), int64(len(base)), seal.StanzaLocal, seal.NewLocal(keysOf(1).Local, seal.PurposeCache))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sealed(t testing.TB, plain []byte) []byte {
	t.Helper()
	var w bytes.Buffer
	age, err := seal.Writer(&w, seal.NewLocal(keysOf(1).Local, seal.PurposeCache))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := age.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := age.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

func FuzzRoot(f *testing.F) {
	for _, n := range []int{0, 1, 50} {
		plain := plainOf(f, built(f, cache.BuildTiny, sample(n), nil))
		end := (len(plain) - 1) / cache.ChunkSize * cache.ChunkSize
		f.Add(plain[end:], int64(end))
	}
	f.Fuzz(func(t *testing.T, b []byte, end int64) {
		if end < 0 {
			return
		}
		if err := cache.CheckRoot(b, end); err != nil && !errors.Is(err, cache.ErrStale) {
			t.Errorf("CheckRoot: %v", err)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte{})
	f.Add(append(make([]byte, 32), 1, 0, 0, 'n'))
	one := append(make([]byte, 32), 1, 1)
	one = append(append(one, id32(1)...), 1)
	f.Add(append(append(one, id32(2)...), 1, 2, 1, 1, 1, 't', 1, 'w', 's', 'r', 'x', 'n'))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := cache.CheckFrame(b); err != nil && !errors.Is(err, cache.ErrStale) {
			t.Errorf("CheckFrame: %v", err)
		}
	})
}

// A tail from a stranger: no panic, and nothing of it is believed.
func FuzzTail(f *testing.F) {
	base := built(f, cache.Build, sample(5), nil)
	f.Add([]byte{0, 0, 0, 0})
	f.Add(append([]byte{0, 0, 0, 41}, make([]byte, 41)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := cache.Open(fileOf(base), b, keysOf(1))
		if err == nil && (c.Stamp() != cache.Stamp{1}) || err != nil && !errors.Is(err, cache.ErrStale) {
			t.Errorf("Open: %v", err)
		}
	})
}

// A file with our seal on nonsense, as a bug of ours would write it: errors, never a panic or an endless loop. The input is a list
// of edits: four bytes of place (counted from the end when odd), one byte of content.
func FuzzPlain(f *testing.F) {
	docs := sample(40)
	plain := plainOf(f, built(f, cache.BuildTiny, docs, []byte("context")))
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 0, 255})
	for at := range 300 {
		f.Add(append(binary.BigEndian.AppendUint16([]byte{0, 0}, uint16(at*2+1)), 255))
		f.Add(append(binary.BigEndian.AppendUint16([]byte{0, 0}, uint16(at*2+1)), 1))
	}
	f.Fuzz(func(t *testing.T, edits []byte) {
		p := bytes.Clone(plain)
		for ; len(edits) >= 5; edits = edits[5:] {
			at := binary.BigEndian.Uint32(edits)
			if at%2 == 1 {
				at = uint32(len(p)) - 1 - at/2%uint32(len(p))
			}
			p[at%uint32(len(p))] = edits[4]
		}
		c, err := cache.Open(fileOf(sealed(t, p)), nil, keysOf(1))
		if err != nil {
			if !errors.Is(err, cache.ErrStale) {
				t.Errorf("Open: %v", err)
			}
			return
		}
		answers(c, docs)
		_ = c.Merge(io.Discard, keysOf(1), func() ([]byte, error) { return nil, nil })
		_, _, _ = c.Frame(cache.Stamp{}, docs[:2], []string{docs[3].ID}, nil)
	})
}
