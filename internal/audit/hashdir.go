package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// HashDir is a downloaded list in the form of one file for every prefix: "00000.txt" to "FFFFF.txt", or without ".txt", each with the
// lines that the service answers for it.
type HashDir struct {
	Online
	id string
}

// Errors of such a directory.
var (
	errNoRanges = errors.New("it is a directory without range files (00000.txt to FFFFF.txt)")
	errNoRange  = errors.New("a range file is missing: the download is not complete")
)

// OpenHashDir looks whether the first and the last range are there.
func OpenHashDir(dir fs.FS, name, id string) (*HashDir, error) {
	for _, end := range []string{"00000", "FFFFF"} {
		_, err := readRange(dir, end)
		switch {
		case errors.Is(err, fs.ErrNotExist) && end == "00000":
			return nil, errNoRanges
		case errors.Is(err, fs.ErrNotExist):
			return nil, errPart
		case err != nil:
			return nil, err
		}
	}
	return &HashDir{Online{Fetch: rangeFiles{dir}, Service: name}, id}, nil
}

// ID implements Source.
func (d *HashDir) ID() string { return "directory " + d.id }

// Stage implements Source.
func (d *HashDir) Stage() Stage { return InFile }

// rangeFiles reads ranges from files.
type rangeFiles struct{ dir fs.FS }

// Fetch implements Fetcher.
func (r rangeFiles) Fetch(_ context.Context, prefix string) ([]byte, error) {
	body, err := readRange(r.dir, prefix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoRange
	}
	return body, err
}

func readRange(dir fs.FS, prefix string) ([]byte, error) {
	f, err := dir.Open(prefix + ".txt")
	if errors.Is(err, fs.ErrNotExist) {
		f, err = dir.Open(prefix)
	}
	if err != nil {
		return nil, fileError(err)
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return nil, errors.New("a range file is no regular file")
	}
	body, err := io.ReadAll(io.LimitReader(f, MaxAnswer+1))
	if err != nil {
		return nil, fileError(err)
	}
	return body, nil
}

// fileError leaves the name of the file out: it is a part of a hash.
func fileError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("read a range file: %w", p.Err)
	}
	return err
}
