package cache

const spoolBlock = 256 << 10

// spool is a growing run of bytes in memory: blocks of a fixed size, so that growth copies nothing. There is no spooling to
// disk: nothing but ciphertext ever stands there.
type spool struct {
	blocks [][]byte
	len    int64
}

func (s *spool) add(p []byte) {
	s.len += int64(len(p))
	for len(p) > 0 {
		n := len(s.blocks)
		if n == 0 || len(s.blocks[n-1]) == spoolBlock {
			s.blocks = append(s.blocks, make([]byte, 0, spoolBlock))
			continue
		}
		last := s.blocks[n-1]
		k := min(len(p), spoolBlock-len(last))
		s.blocks[n-1] = append(last, p[:k]...)
		p = p[k:]
	}
}

// at copies n bytes at off, which must be there.
func (s *spool) at(off int64, n int) []byte {
	out := make([]byte, 0, n)
	for len(out) < n {
		b := s.blocks[off/spoolBlock][off%spoolBlock:]
		b = b[:min(len(b), n-len(out))]
		out, off = append(out, b...), off+int64(len(b))
	}
	return out
}

// drain writes everything, and clears and frees it as it goes.
func (s *spool) drain(write func([]byte) error) error {
	for i, b := range s.blocks {
		if err := write(b); err != nil {
			return err
		}
		clear(b)
		s.blocks[i] = nil
	}
	*s = spool{}
	return nil
}
