package exporter

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"signet/vault"
	"signet/vault/entry"
	"signet/vault/secret"
)

// importSignet reads line by line and holds one entry: it is given out when its previous values and files have come.
func importSignet(ctx context.Context, r io.Reader, o ReadOptions, emit func(Item) error) error {
	in := &signetReader{emit: emit, o: o, folders: map[string]Folder{}}
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
	o       ReadOptions
	folders map[string]Folder
	order   []string
	item    *Item // waits for what belongs to it
	pastLen int
	files   map[string]bool // the item's, that have come
	wanted  bool
	open    *storing
	entries int
	ended   bool
	failed  error // the consumer's error, which is not the file's
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
	switch typ {
	case lineFolder:
		return decode(b, in.folder)
	case lineEntry:
		return decode(b, func(e sEntry) error { return in.entry(e, n) })
	case linePast:
		return decode(b, in.previous)
	case lineChunk:
		return decode(b, in.chunk)
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
	if in.entries > 0 {
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

// entry gives out the one before and holds this one.
func (in *signetReader) entry(s sEntry, n int) error {
	if err := in.flush(); err != nil {
		return err
	}
	if in.entries++; in.entries > MaxEntries {
		return fmt.Errorf("%w: more than %d entries", ErrUnsupported, MaxEntries)
	}
	if !goodID(s.ID) {
		return damaged("an entry without id")
	}
	it := Item{SourceID: s.ID, Place: fmt.Sprintf("line %d", n)}
	for _, id := range s.Folders {
		way, ok := in.folders[id]
		if !ok {
			return damaged("an entry in a folder that the file does not have")
		}
		it.Folders = append(it.Folders, way)
	}
	e, err := fromSignet(s)
	if err != nil {
		return err
	}
	if it.Entry = e; !e.Modified.IsZero() && !plausible(e.Modified, in.o.now()) {
		it.Entry.Modified = time.Time{}
		it.Losses = append(it.Losses, Loss{"modified", Changed, "an impossible time: taken as unknown"})
	}
	in.item, in.files, in.pastLen = &it, nil, 0
	return nil
}

func (in *signetReader) previous(p sPast) error {
	if in.item == nil || in.files != nil {
		return damaged("a previous value that does not follow its entry")
	}
	if in.pastLen += len(p.Value) + len(p.Path); in.pastLen > maxSignetPast {
		return fmt.Errorf("%w: previous values of more than %d bytes", ErrUnsupported, maxSignetPast)
	}
	past, err := fromPast(p.Path, p.Value, p.Written)
	if err == nil {
		in.item.Entry.History = append(in.item.Entry.History, past)
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

// flush gives out the entry that waits, when all that belongs to it has come.
func (in *signetReader) flush() error {
	if err := in.closeFile(); err != nil {
		return err
	}
	it := in.item
	if it == nil {
		return nil
	}
	in.item = nil
	for _, c := range it.Entry.Credentials {
		if c.Type == vault.File && !in.files[c.ID] {
			return damaged("a file of the entry before has no content")
		}
	}
	if err := in.emit(*it); err != nil {
		in.failed = err
		return err
	}
	return nil
}

func (in *signetReader) end(e sEnd) error {
	in.ended = true
	if e.Entries != in.entries || e.Folders != len(in.order) {
		return damaged("it holds %d entries and %d folders, its end line says %d and %d", in.entries, len(in.order), e.Entries, e.Folders)
	}
	return in.flush()
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
