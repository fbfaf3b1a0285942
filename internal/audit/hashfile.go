package audit

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"io"
	"math"
	"strconv"
)

// Bounds of a hash list. The full list of Have I Been Pwned has about 10^9 lines of 45 bytes.
const (
	hexLen   = 40
	ntlmLen  = 32
	maxCount = 10                        // digits
	maxLine  = hexLen + 1 + maxCount + 2 // with CR LF
	maxSteps = 64                        // of one binary search: more than any file has
	probes   = 64                        // looked at before the list is believed
	minFit   = 1000                      // lines from which on the ends of the list say whether it is whole
	lineBuf  = maxLine + maxLine         // holds one whole line wherever it begins
	nearby   = 32 * maxLine              // so close the lines are read one after the other
	maxFile  = int64(1) << 42            // 4 TiB
)

// Errors of a hash list, for people.
var (
	errEmpty     = errors.New("it is empty")
	errNTLM      = errors.New("it holds NTLM hashes (32 digits): the list of SHA-1 hashes is needed")
	errNoList    = errors.New("it is no list of SHA-1 hashes: each line is 40 hexadecimal digits, a colon and a number")
	errPacked    = errors.New("it is packed: unpack it first")
	errUnsorted  = errors.New("it is not sorted by hash: the list ordered by hash is needed, not the one ordered by count")
	errTruncated = errors.New("it ends in the middle of a line: the download is not complete")
	errPart      = errors.New("it holds only a part of all hashes: the download is not complete")
	errTooBig    = errors.New("it is too big for a hash list")
)

// HashFile is a downloaded list of SHA-1 hashes, ordered by hash: lines of "HEX40:COUNT" with LF or CR LF, as Have I Been Pwned
// gives it out. It is searched where it lies, by seeking.
type HashFile struct {
	r    io.ReaderAt
	size int64
	name string
	id   string
}

// row is one line of the list.
type row struct {
	hash  Hash
	seen  int
	start int64
	next  int64 // where the next line begins
}

// OpenHashFile looks at the list: its form, its order at many places, its ends. name is for people; id changes when the file does.
func OpenHashFile(r io.ReaderAt, size int64, name, id string) (*HashFile, error) {
	f := &HashFile{r: r, size: size, name: name, id: id}
	switch {
	case size == 0:
		return nil, errEmpty
	case size > maxFile:
		return nil, errTooBig
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, nil
}

// Name implements Source.
func (f *HashFile) Name() string { return f.name }

// ID implements Source.
func (f *HashFile) ID() string { return "file " + f.id }

// Stage implements Source.
func (f *HashFile) Stage() Stage { return InFile }

func (f *HashFile) check() error {
	first, err := f.lineAt(0)
	if err != nil {
		return err
	}
	if err := f.checkEnd(); err != nil {
		return err
	}
	last := first
	for i := int64(1); i <= probes; i++ {
		at := f.size / probes * i
		if i == probes {
			at = max(0, f.size-lineBuf)
		}
		l, ok, err := f.lineFrom(at)
		if err != nil {
			return err
		}
		if !ok || l.start <= last.start {
			continue
		}
		if bytes.Compare(l.hash[:], last.hash[:]) <= 0 {
			return errUnsorted
		}
		last = l
	}
	for last.next < f.size {
		if last, err = f.lineAt(last.next); err != nil {
			return err
		}
	}
	return f.checkWhole(first, last)
}

// checkEnd finds a list whose last line was cut off.
func (f *HashFile) checkEnd() error {
	tail := make([]byte, min(f.size, maxLine))
	if err := f.read(tail, f.size-int64(len(tail))); err != nil {
		return err
	}
	if tail[len(tail)-1] == '\n' {
		return nil
	}
	last := tail[bytes.LastIndexByte(tail, '\n')+1:]
	if len(last) <= hexLen+1 {
		return errTruncated
	}
	_, _, err := parseLine(last)
	return err
}

// checkWhole: hashes are evenly spread, so the first and the last one of a whole list are near the ends of what there can be. A
// list of n lines that begins or ends further off than 64 times the usual distance is a part of one: by chance that happens once in
// 10^27 lists.
func (f *HashFile) checkWhole(first, last row) error {
	lines := float64(f.size / (hexLen + 5))
	if lines < minFit {
		return nil
	}
	gap := 64 / lines
	if fraction(first.hash) > gap || 1-fraction(last.hash) > gap {
		return errPart
	}
	return nil
}

// fraction is where a hash lies between the lowest and the highest.
func fraction(h Hash) float64 { return float64(binary.BigEndian.Uint64(h[:8])) / math.MaxUint64 }

func (f *HashFile) read(b []byte, at int64) error {
	n, err := f.r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = errors.New("it became shorter while it was read")
	}
	return err
}

// lineAt reads the line that begins at an offset.
func (f *HashFile) lineAt(at int64) (row, error) {
	buf := make([]byte, min(f.size-at, maxLine))
	if err := f.read(buf, at); err != nil {
		return row{}, err
	}
	line, _, ended := bytes.Cut(buf, []byte{'\n'})
	h, n, err := parseLine(line)
	if err != nil {
		if at == 0 {
			err = headError(buf)
		}
		return row{}, err
	}
	l := row{hash: h, seen: n, start: at, next: at + int64(len(line))}
	if ended {
		l.next++
	}
	return l, nil
}

// lineFrom reads the first line that begins at or behind an offset; false at the end of the file.
func (f *HashFile) lineFrom(at int64) (row, bool, error) {
	if at <= 0 {
		l, err := f.lineAt(0)
		return l, true, err
	}
	buf := make([]byte, min(f.size-at+1, maxLine+1))
	if err := f.read(buf, at-1); err != nil {
		return row{}, false, err
	}
	eol := bytes.IndexByte(buf, '\n')
	if eol < 0 && len(buf) > maxLine {
		return row{}, false, errNoList
	}
	start := at + int64(eol)
	if eol < 0 || start >= f.size {
		return row{}, false, nil
	}
	l, err := f.lineAt(start)
	return l, true, err
}

// parseLine reads "HEX40:COUNT", without the line end.
func parseLine(line []byte) (h Hash, seen int, err error) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	name, count, ok := bytes.Cut(line, []byte{':'})
	if len(name) == ntlmLen && ok {
		return h, 0, errNTLM
	}
	if !ok || len(name) != hexLen || len(count) < 1 || len(count) > maxCount {
		return h, 0, errNoList
	}
	if _, err := hex.Decode(h[:], name); err != nil {
		return h, 0, errNoList
	}
	n, err := strconv.ParseUint(string(count), 10, 32)
	if err != nil {
		return h, 0, errNoList
	}
	return h, int(n), nil
}

// headError says what a file is whose first line is none.
func headError(head []byte) error {
	for _, magic := range []string{"\x1f\x8b", "PK\x03\x04", "7z\xbc\xaf", "\xfd7zXZ", "(\xb5/\xfd", "BZh"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return errPacked
		}
	}
	line, _, ended := bytes.Cut(head, []byte{'\n'})
	name, _, _ := bytes.Cut(bytes.TrimSuffix(line, []byte{'\r'}), []byte{':'})
	_, err := hex.Decode(make([]byte, len(name)), name)
	switch {
	case err == nil && len(name) == ntlmLen:
		return errNTLM
	case err == nil && !ended && len(head) < maxLine && len(name) <= hexLen:
		return errTruncated
	}
	return errNoList
}

// Look implements Source. The hashes come sorted, so each search begins where the one before ended.
func (f *HashFile) Look(ctx context.Context, hashes []Hash, hit func(i, seen int), progress func(done, total int)) error {
	low := int64(0)
	for i, h := range hashes {
		if err := ctx.Err(); err != nil {
			return err
		}
		seen, at, err := f.find(h, low)
		if err != nil {
			return err
		}
		hit(i, seen)
		low = at
		if i%256 == 255 {
			progress(i+1, len(hashes))
		}
	}
	progress(len(hashes), len(hashes))
	return nil
}

// find searches one hash from an offset on where a line begins that is not behind it. It returns how often it was seen, and where the search
// for a higher hash may begin.
func (f *HashFile) find(h Hash, low int64) (seen int, at int64, err error) {
	high := f.size // no line that begins here or behind is needed
	var below, above *Hash
	for step := 0; high-low > nearby && step < maxSteps; step++ {
		mid := low + (high-low)/2
		l, ok, err := f.lineFrom(mid)
		if err != nil {
			return 0, 0, err
		}
		if !ok || l.start >= high {
			high = mid
			continue
		}
		if below != nil && bytes.Compare(l.hash[:], below[:]) < 0 || above != nil && bytes.Compare(l.hash[:], above[:]) > 0 {
			return 0, 0, errUnsorted
		}
		switch c := bytes.Compare(l.hash[:], h[:]); {
		case c == 0:
			return l.seen, l.start, nil
		case c < 0:
			low, below = l.next, &l.hash
		default:
			high, above = l.start, &l.hash
		}
	}
	return f.walk(h, low, high)
}

// walk reads the last few lines one after the other.
func (f *HashFile) walk(h Hash, low, high int64) (seen int, at int64, err error) {
	var before *Hash
	for at = low; at < high; {
		l, err := f.lineAt(at)
		if err != nil {
			return 0, 0, err
		}
		if before != nil && bytes.Compare(l.hash[:], before[:]) < 0 {
			return 0, 0, errUnsorted
		}
		switch c := bytes.Compare(l.hash[:], h[:]); {
		case c == 0:
			return l.seen, at, nil
		case c > 0:
			return 0, at, nil
		}
		at, before = l.next, &l.hash
	}
	return 0, at, nil
}
