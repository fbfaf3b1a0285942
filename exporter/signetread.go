package exporter

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"signet/vault"
	"signet/vault/entry"
	"signet/vault/secret"
)

// importSignet reads line by line. Attachments stand before their entry, so they can be stored as they come.
func importSignet(ctx context.Context, r io.Reader, o ReadOptions, emit func(Item) error) error {
	in := &signetReader{emit: emit, store: o.Store, now: o.now(), folders: map[string]Folder{}, files: map[string]signetFile{}}
	defer in.cancel()
	br := bufio.NewReaderSize(skipMark(r), 1<<16)
	for n := 1; !in.ended; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := readLine(br, maxSignetLine)
		if err == nil {
			err = in.line(line, n)
		}
		clear(line)
		switch {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("line %d: %w: it ends before its end line", n, ErrDamaged)
		case err != nil && errors.Is(err, in.failed):
			return err
		case err != nil:
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if rest, err := io.ReadAll(io.LimitReader(br, 1)); err != nil || len(rest) > 0 {
		return errors.Join(err, fmt.Errorf("%w: something follows the end line", ErrDamaged))
	}
	return in.finish()
}

type signetReader struct {
	emit    func(Item) error
	store   func(io.Reader) (vault.Member, error)
	now     time.Time
	folders map[string]Folder
	order   []string
	files   map[string]signetFile // the next entry's, by credential
	past    []vault.Past          // the next entry's
	pastLen int
	open    *storing
	entries int
	ended   bool
	failed  error // the consumer's error, which is not the file's
}

type signetFile struct {
	member vault.Member
	size   int64
	sum    string
	lost   bool
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// lineType reads the type, which stands first.
func lineType(b []byte) string {
	rest, ok := bytes.CutPrefix(b, []byte(`{"type":"`))
	if end := bytes.IndexByte(rest, '"'); ok && end >= 0 && end < 32 {
		return string(rest[:end])
	}
	return ""
}

func (in *signetReader) line(b []byte, n int) error {
	typ := lineType(b)
	if n == 1 {
		return in.header(typ, b)
	}
	if typ != lineChunk {
		if err := in.closeFile(); err != nil {
			return err
		}
	}
	switch typ {
	case lineFolder:
		return decode(b, in.folder)
	case lineChunk:
		return decode(b, in.chunk)
	case linePast:
		return decode(b, in.previous)
	case lineEntry:
		return decode(b, func(e sEntry) error { return in.entry(e, n) })
	case lineEnd:
		return decode(b, in.end)
	}
	if !jsontext.Value(b).IsValid() {
		return damaged("no JSON")
	}
	return fmt.Errorf("%w: a line of type %q", ErrUnsupported, plainName(typ))
}

func (in *signetReader) header(typ string, b []byte) error {
	if typ != lineHeader {
		return damaged("the header is missing")
	}
	var v struct {
		V int `json:"v"`
	}
	if json.Unmarshal(b, &v) == nil && v.V != signetVersion {
		return fmt.Errorf("%w: version %d of the export; this Signet reads version %d", ErrUnsupported, v.V, signetVersion)
	}
	return decode(b, func(sHeader) error { return nil })
}

// decode reads a line strictly. What is valid JSON and yet does not fit is of another version, or of another hand.
func decode[T any](b []byte, use func(T) error) error {
	var v T
	if err := json.Unmarshal(b, &v, json.JoinOptions(strictJSON...)); err != nil {
		var semantic *json.SemanticError
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return fmt.Errorf("%w: a member that version %d does not have", ErrUnsupported, signetVersion)
		case errors.As(err, &semantic):
			return damaged("a value of the wrong kind")
		}
		return damaged("no JSON")
	}
	return use(v)
}

func (in *signetReader) folder(f sFolder) error {
	if in.entries > 0 || len(in.files)+len(in.past) > 0 {
		return damaged("a folder behind the entries")
	}
	if _, twice := in.folders[f.ID]; twice || !goodID(f.ID) {
		return damaged("a folder's id is missing or occurs twice")
	}
	if len(in.order) >= MaxFolders {
		return fmt.Errorf("%w: more than %d folders", ErrUnsupported, MaxFolders)
	}
	var way Folder
	if f.Parent != "" {
		above, ok := in.folders[f.Parent]
		if !ok || len(above) >= MaxFolderDeep {
			return damaged("a folder's parent does not come before it, or it lies too deep")
		}
		way = append(way, above...)
	}
	sources, err := fromSources(f.Sources)
	if err != nil {
		return err
	}
	in.folders[f.ID] = append(way, FolderStep{ID: f.ID, Title: f.Title, Sources: sources})
	in.order = append(in.order, f.ID)
	return nil
}

func (in *signetReader) previous(p sPast) error {
	if in.pastLen += len(p.Value) + len(p.Path); in.pastLen > maxSignetPast {
		return fmt.Errorf("%w: previous values of more than %d bytes", ErrUnsupported, maxSignetPast)
	}
	past, err := fromPast(p.Path, p.Value, p.Written)
	if err == nil {
		in.past = append(in.past, past)
	}
	return err
}

func fromPast(path, value, written string) (past vault.Past, err error) {
	if entry.CheckPath(path) != nil || strings.HasPrefix(path, "hist/") || strings.HasPrefix(path, "src/") {
		return past, damaged("a previous value of no field")
	}
	past = vault.Past{Path: path, Value: secret.FromString(value)}
	if t := vault.ParseTime(written); !t.IsZero() {
		past.Written, past.Wall = t, max(t.UnixMilli(), 0)
	}
	return past, nil
}

func (in *signetReader) end(e sEnd) error {
	in.ended = true
	if len(in.files)+len(in.past) > 0 || e.Entries != in.entries || e.Folders != len(in.order) {
		return damaged("it holds %d entries and %d folders, its end line says %d and %d", in.entries, len(in.order), e.Entries, e.Folders)
	}
	return nil
}

// finish tells of every folder, so that an empty one is kept.
func (in *signetReader) finish() error {
	for _, id := range in.order {
		it := Item{Entry: vault.Entry{Rec: vault.RecFolder}, Folders: []Folder{in.folders[id]}, Place: "folder"}
		if err := in.emit(it); err != nil {
			return err
		}
	}
	return nil
}

// storing is one attachment on its way into the vault.
type storing struct {
	cred string
	w    *io.PipeWriter
	sum  hash.Hash
	size int64
	done chan storedFile
}

type storedFile struct {
	member vault.Member
	err    error
}

func (in *signetReader) chunk(c sChunk) error {
	if c.Lost {
		return in.lost(c.Credential)
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Data)
	if err != nil {
		return damaged("file data that is not base64url")
	}
	if in.open == nil || in.open.cred != c.Credential {
		if err := in.closeFile(); err != nil {
			return err
		}
		if _, twice := in.files[c.Credential]; twice || !goodID(c.Credential) || len(in.files) >= maxFields {
			return damaged("a file that is there twice, or without credential")
		}
		in.begin(c.Credential)
	}
	_, _ = in.open.sum.Write(b)
	in.open.size += int64(len(b))
	if _, err := in.open.w.Write(b); err != nil {
		in.failed = err
		return err
	}
	return nil
}

func (in *signetReader) lost(cred string) error {
	if in.open != nil && in.open.cred == cred {
		in.cancel()
	} else if err := in.closeFile(); err != nil {
		return err
	}
	if !goodID(cred) || len(in.files) >= maxFields {
		return damaged("a file without credential")
	}
	in.files[cred] = signetFile{lost: true}
	return nil
}

func (in *signetReader) begin(cred string) {
	r, w := io.Pipe()
	f := &storing{cred: cred, w: w, sum: sha256.New(), done: make(chan storedFile, 1)}
	go func() {
		var s storedFile
		if in.store == nil {
			_, s.err = io.Copy(io.Discard, r)
		} else {
			s.member, s.err = in.store(r)
		}
		_ = r.CloseWithError(s.err) // a writer that is still there learns why
		f.done <- s
	}()
	in.open = f
}

func (in *signetReader) closeFile() error {
	f := in.open
	if f == nil {
		return nil
	}
	in.open = nil
	_ = f.w.Close()
	s := <-f.done
	if s.err != nil {
		in.failed = fmt.Errorf("store attachment: %w", s.err)
		return in.failed
	}
	in.files[f.cred] = signetFile{member: s.member, size: f.size, sum: base64.RawURLEncoding.EncodeToString(f.sum.Sum(nil))}
	return nil
}

// cancel ends a file that was cut off, so that the store sees an error and keeps nothing of it.
func (in *signetReader) cancel() {
	if in.open != nil {
		_ = in.open.w.CloseWithError(ErrDamaged)
		<-in.open.done
		in.open = nil
	}
}

// readLine reads one line of at most max bytes, without its LF. io.EOF where there is none, or none that ends.
func readLine(r *bufio.Reader, max int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > max {
			return nil, fmt.Errorf("%w: a line longer than %d bytes", ErrUnsupported, max)
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}
