package cache

import (
	"runtime"
	"sync"
)

// segmentSize is what one goroutine decrypts at a time, segmentsAhead how many may wait for their reader.
const (
	segmentSize   = 4 * chunkSize
	segmentsAhead = 6
)

// segment is a decrypted stretch of a section.
type segment struct {
	data []byte
	err  error
}

// stream reads a section from its beginning to its end and hands it to f in order, in stretches that f may keep. Larger
// sections are decrypted by several goroutines ahead of f, which itself runs on the caller's. f returns false to end it.
func (b *base) stream(sec section, f func([]byte) (bool, error)) error {
	cuts := sec.cuts()
	if len(cuts) <= 2 || runtime.GOMAXPROCS(0) == 1 {
		return serial(cuts, b.segment, f)
	}
	a := newAhead(cuts, b.segment)
	defer a.stop()
	return serial(cuts, a.get, f)
}

func serial(cuts []section, get func(section) segment, f func([]byte) (bool, error)) error {
	for _, cut := range cuts {
		s := get(cut)
		if s.err != nil {
			return s.err
		}
		if more, err := f(s.data); err != nil || !more {
			return err
		}
	}
	return nil
}

// cuts divides a section at edges of the file's chunks, so that no chunk is decrypted twice.
func (s section) cuts() []section {
	var out []section
	for off, end := s.off, s.off+s.len; off < end; {
		next := min(end, (off/segmentSize+1)*segmentSize)
		out = append(out, section{off, next - off})
		off = next
	}
	return out
}

func (b *base) segment(s section) segment {
	buf := make([]byte, s.len)
	if err := readFull(b.pages.r, buf, s.off); err != nil {
		return segment{err: err}
	}
	return segment{data: buf}
}

// ahead lets goroutines read segments before they are asked for.
type ahead struct {
	done  chan struct{}
	slots chan struct{} // one per segment that may be under way or waiting
	out   []chan segment
	given int
	wg    sync.WaitGroup
}

func newAhead(cuts []section, read func(section) segment) *ahead {
	a := &ahead{done: make(chan struct{}), slots: make(chan struct{}, segmentsAhead), out: make([]chan segment, len(cuts))}
	next := make(chan int)
	for i := range a.out {
		a.out[i] = make(chan segment, 1)
	}
	for range min(runtime.GOMAXPROCS(0), segmentsAhead) {
		a.wg.Go(func() {
			for i := range next {
				a.out[i] <- read(cuts[i])
			}
		})
	}
	a.wg.Go(func() {
		defer close(next)
		for i := range cuts {
			select {
			case a.slots <- struct{}{}:
			case <-a.done:
				return
			}
			select {
			case next <- i:
			case <-a.done:
				return
			}
		}
	})
	return a
}

// get waits for the next segment; they are asked for in the order of the cuts.
func (a *ahead) get(section) segment {
	s := <-a.out[a.given]
	a.given++
	<-a.slots
	return s
}

// stop returns when no goroutine reads from the file any more.
func (a *ahead) stop() {
	close(a.done)
	a.wg.Wait()
}
