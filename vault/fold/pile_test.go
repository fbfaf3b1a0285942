package fold

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"signet/vault/format"
)

// shelf is a store in memory that counts and can fail.
type shelf struct {
	put, open int
	failPut   error
	spoil     func([]byte) []byte
}

func (s *shelf) Put(write func(io.Writer) error) (func() (io.ReadCloser, error), error) {
	if s.put++; s.failPut != nil {
		return nil, s.failPut
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return nil, err
	}
	whole := b.Bytes()
	if s.spoil != nil {
		whole = s.spoil(whole)
	}
	return func() (io.ReadCloser, error) {
		s.open++
		return &shelved{bytes.NewReader(whole), s}, nil
	}, nil
}

type shelved struct {
	io.Reader
	of *shelf
}

func (s *shelved) Close() error {
	s.of.open--
	return nil
}

// heaped is a delta of n records in files of ten, on a pile that stores nearly everything.
func heaped(n int, s *shelf) (*Delta, *Delta) {
	piled := NewPiledDelta(NewContext(format.Context{}), NewPile(s, Sizes{Run: 300, Memory: 600}))
	plain := NewDelta(NewContext(format.Context{}))
	for i := range n {
		f := newFile(fmt.Sprintf("A%d", i+1), nil)
		var ops []format.Op
		for j := range 10 {
			id := numbered((i*7 + j*31) % 97)
			o := op(id, fmt.Sprintf("f%d", i%3), strings.Repeat("v", i+j))
			o.Wall = int64(i - j)
			if j == 3 {
				o.Extra = []byte(`{"x":1}`)
			}
			ops = append(ops, o)
		}
		piled.Add(f.log, f.sid, ops)
		plain.Add(f.log, f.sid, ops)
	}
	return piled, plain
}

func TestPileGivesWhatMemoryGives(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	piled, plain := heaped(30, s)
	want := must(gather(plain.Stream(each(nil))))
	got := must(gather(piled.Stream(each(nil))))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("on a pile:\n%v\nin memory:\n%v", got, want)
	}
	if s.put < 5 || s.open != 0 {
		t.Errorf("%d runs stored, %d left open", s.put, s.open)
	}
}

// Whoever stops reading closes every run.
func TestPileMayBeLeft(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	piled, _ := heaped(30, s)
	for range piled.Stream(each(nil)) {
		break
	}
	if s.open != 0 {
		t.Errorf("%d runs left open", s.open)
	}
}

// A store that fails, or that gives back something else, ends the stream with an error; never with fewer values.
func TestPileSaysWhatItsStoreDoes(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	piled, _ := heaped(30, &shelf{failPut: full})
	if _, err := gather(piled.Stream(each(nil))); !errors.Is(err, full) {
		t.Errorf("a full store: %v", err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"cut":          func(b []byte) []byte { return b[:len(b)-1] },
		"a huge value": func([]byte) []byte { return []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0x7f} },
		"empty values": func([]byte) []byte { return []byte{1, 0} },
		"out of order": func(b []byte) []byte { return append(bytes.Clone(b), b...) },
	} {
		piled, _ := heaped(30, &shelf{spoil: spoil})
		if _, err := gather(piled.Stream(each(nil))); !errors.Is(err, errPile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
