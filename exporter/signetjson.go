package exporter

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"signet/vault"
	"signet/vault/secret"
)

// Signet's own export: JSON Lines. The first line is the header, then one line per entry, before it one per chunk of its attachments,
// then the end line with the counts: a file without it was cut off. docs/EXPORT.md is the description for others.

const (
	signetName = "signet-json"
	lineHeader = "signet-export"
	lineEntry  = "entry"
	lineChunk  = "file"
	lineEnd    = "end"
	chunkSize  = 48 << 10
)

func signetJSON() Format {
	return Format{
		Name: signetName, Label: "Signet JSON", Ext: ".signet.jsonl", Plain: true,
		Detect: func(head []byte) bool { return bytes.HasPrefix(head, []byte(`{"type":"`+lineHeader+`"`)) },
		Import: importSignet, Export: exportSignet,
	}
}

type sLine struct {
	Type string `json:"type"`
	V    int    `json:"v,omitempty"`

	// header
	Exported string `json:"exported,omitempty"`

	// entry
	*sEntry

	// file
	Cred string `json:"credential,omitempty"`
	Data string `json:"data,omitempty"` // base64url

	// end
	Entries int `json:"entries,omitempty"`
}

type sEntry struct {
	ID          string        `json:"id"`
	Title       string        `json:"title"`
	Subtitle    string        `json:"subtitle,omitempty"`
	Favorite    bool          `json:"favorite,omitempty"`
	Created     string        `json:"created,omitempty"`
	Modified    string        `json:"modified,omitempty"`
	Expires     string        `json:"expires,omitempty"`
	Trashed     string        `json:"trashed,omitempty"`
	Folder      []string      `json:"folder,omitempty"`
	Tags        []string      `json:"tags,omitempty"`
	URLs        []sURL        `json:"urls,omitempty"`
	Apps        []string      `json:"apps,omitempty"`
	Credentials []sCredential `json:"credentials,omitempty"`
	Other       []sMember     `json:"other,omitempty"`
	Sources     []sSource     `json:"sources,omitempty"`
	History     []sPast       `json:"history,omitempty"`
}

type sURL struct {
	ID    string `json:"id,omitempty"`
	URL   string `json:"url"`
	Match string `json:"match,omitempty"`
	Label string `json:"label,omitempty"`
}

type sCredential struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Members []sMember `json:"members,omitempty"`
	Fields  []sMember `json:"fields,omitempty"`
}

type sMember struct {
	Name  string `json:"name,omitempty"`
	ID    string `json:"id,omitempty"`
	Label string `json:"label,omitempty"`
	Type  string `json:"fieldType,omitempty"`
	JSON  bool   `json:"json,omitempty"`
	Value string `json:"value"`
}

type sSource struct {
	Format string `json:"format"`
	Name   string `json:"name"`
	Value  string `json:"value"`
}

type sPast struct {
	Path    string `json:"path"`
	Value   string `json:"value"`
	Written string `json:"written"`
}

func exportSignet(ctx context.Context, w io.Writer, src Source, _ WriteOptions, rep *Report) error {
	bw := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(bw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(sLine{Type: lineHeader, V: 1, Exported: vault.FormatTime(time.Now())}); err != nil {
		return err
	}
	n := 0
	for e, err := range src.Entries(ctx) {
		if err != nil {
			return err
		}
		if err := writeSignetEntry(ctx, enc, src, e); err != nil {
			return err
		}
		rep.Add(string(e.Kind), Row{Title: e.Title, Action: Exported})
		e.Wipe()
		n++
	}
	if err := enc.Encode(sLine{Type: lineEnd, Entries: n}); err != nil {
		return err
	}
	return bw.Flush()
}

func writeSignetEntry(ctx context.Context, enc *json.Encoder, src Source, e vault.Entry) error {
	for _, c := range e.Credentials {
		if c.Type != vault.File {
			continue
		}
		cw := &chunkWriter{enc: enc, cred: c.ID}
		if err := src.File(ctx, vault.FieldRef{Record: e.ID, Path: vault.AttachmentPath(c)}, cw); err != nil {
			return fmt.Errorf("export attachment %s: %w", c.Text("name"), err)
		}
		if err := cw.flush(); err != nil {
			return err
		}
	}
	return enc.Encode(sLine{Type: lineEntry, sEntry: toSignet(e, src)})
}

// chunkWriter cuts an attachment into lines of chunkSize bytes.
type chunkWriter struct {
	enc  *json.Encoder
	cred string
	buf  []byte
}

func (c *chunkWriter) Write(p []byte) (int, error) {
	c.buf = append(c.buf, p...)
	for len(c.buf) >= chunkSize {
		if err := c.emit(c.buf[:chunkSize]); err != nil {
			return 0, err
		}
		c.buf = append(c.buf[:0], c.buf[chunkSize:]...)
	}
	return len(p), nil
}

func (c *chunkWriter) emit(b []byte) error {
	return c.enc.Encode(sLine{Type: lineChunk, Cred: c.cred, Data: base64.RawURLEncoding.EncodeToString(b)})
}

func (c *chunkWriter) flush() error {
	if len(c.buf) == 0 {
		return nil
	}
	return c.emit(c.buf)
}

func toSignet(e vault.Entry, src Source) *sEntry {
	s := &sEntry{
		ID: string(e.ID), Title: e.Title, Subtitle: e.Subtitle, Favorite: e.Favorite, Tags: e.Tags,
		Created: timeText(e.Created), Modified: timeText(e.Modified), Expires: timeText(e.Expires), Trashed: timeText(e.Trashed),
	}
	if len(e.Folders) > 0 {
		s.Folder = src.Folder(e.Folders[0])
	}
	for _, u := range e.URLs {
		s.URLs = append(s.URLs, sURL{u.ID, u.URL, u.Match, u.Label})
	}
	for _, a := range e.Apps {
		s.Apps = append(s.Apps, a.JSON)
	}
	for _, c := range e.Credentials {
		sc := sCredential{ID: c.ID, Type: c.Type, Fields: toMembers(c.Fields)}
		for _, m := range c.Members {
			if m.Name != "signet:att" && m.Name != "signet:data" { // the bytes follow in lines of their own
				sc.Members = append(sc.Members, toMembers([]vault.Member{m})...)
			}
		}
		s.Credentials = append(s.Credentials, sc)
	}
	for _, m := range e.Other {
		s.Other = append(s.Other, sMember{Name: m.Path, Value: m.Value.RevealString()})
	}
	for _, x := range e.Sources {
		s.Sources = append(s.Sources, sSource{x.Format, x.Name, x.Value.RevealString()})
	}
	for _, p := range e.History {
		s.History = append(s.History, sPast{p.Path, p.Value.RevealString(), timeText(p.Written)})
	}
	return s
}

func toMembers(ms []vault.Member) (out []sMember) {
	for _, m := range ms {
		out = append(out, sMember{Name: m.Name, ID: m.ID, Label: m.Label, Type: string(m.Type), JSON: m.JSON, Value: m.Value.RevealString()})
	}
	return out
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return vault.FormatTime(t)
}

// importSignet reads line by line. The chunks of attachments stand before their entry, so they can be stored as they come.
func importSignet(ctx context.Context, r io.Reader, o ReadOptions, emit func(Item) error) error {
	in := &signetReader{emit: emit, store: o.Store, files: map[string]vault.Member{}}
	defer in.cancel()
	br := bufio.NewReaderSize(r, 1<<16)
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := readLine(br, MaxItemBytes)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := in.line(line, n); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if !in.ended {
		return fmt.Errorf("%w: the end line is missing", ErrDamaged)
	}
	return nil
}

type signetReader struct {
	emit    func(Item) error
	store   func(io.Reader) (vault.Member, error)
	files   map[string]vault.Member // stored attachments of the next entry, by credential id
	open    *storing
	entries int
	ended   bool
}

// storing is one attachment on its way into the vault.
type storing struct {
	cred string
	w    *io.PipeWriter
	done chan storedFile
}

type storedFile struct {
	member vault.Member
	err    error
}

func (in *signetReader) line(b []byte, n int) error {
	var l sLine
	if err := json.Unmarshal(b, &l); err != nil {
		return fmt.Errorf("%w: %s", ErrDamaged, jsonErr(err))
	}
	if in.ended {
		return fmt.Errorf("%w: something follows the end line", ErrDamaged)
	}
	switch {
	case n == 1:
		if l.Type != lineHeader || l.V != 1 {
			return fmt.Errorf("%w: version %d of the Signet export", ErrUnsupported, l.V)
		}
		return nil
	case l.Type == lineChunk:
		return in.chunk(l)
	case l.Type == lineEntry && l.sEntry != nil:
		if err := in.closeFile(); err != nil {
			return err
		}
		return in.entry(l.sEntry, n)
	case l.Type == lineEnd:
		in.ended = true
		if l.Entries != in.entries || in.open != nil {
			return fmt.Errorf("%w: it holds %d entries, its end line says %d", ErrDamaged, in.entries, l.Entries)
		}
		return nil
	}
	return fmt.Errorf("%w: a line of type %q", ErrUnsupported, l.Type)
}

func (in *signetReader) chunk(l sLine) error {
	b, err := base64.RawURLEncoding.DecodeString(l.Data)
	if err != nil {
		return fmt.Errorf("%w: file data is not base64url", ErrDamaged)
	}
	if in.open == nil || in.open.cred != l.Cred {
		if err := in.closeFile(); err != nil {
			return err
		}
		in.begin(l.Cred)
	}
	if _, err := in.open.w.Write(b); err != nil {
		return err
	}
	return nil
}

func (in *signetReader) begin(cred string) {
	r, w := io.Pipe()
	f := &storing{cred: cred, w: w, done: make(chan storedFile, 1)}
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
	if in.open == nil {
		return nil
	}
	f := in.open
	in.open = nil
	_ = f.w.Close()
	s := <-f.done
	if s.err != nil {
		return fmt.Errorf("store attachment: %w", s.err)
	}
	in.files[f.cred] = s.member
	return nil
}

// cancel ends a file that was cut off, so that the store sees an error and keeps nothing of it.
func (in *signetReader) cancel() {
	if in.open != nil {
		_ = in.open.w.CloseWithError(ErrDamaged)
		<-in.open.done
	}
}

func (in *signetReader) entry(s *sEntry, n int) error {
	if in.entries++; in.entries > MaxItems {
		return fmt.Errorf("%w: more than %d entries", ErrUnsupported, MaxItems)
	}
	it := Item{Entry: fromSignet(s), SourceID: s.ID, Place: fmt.Sprintf("line %d", n)}
	if len(s.Folder) > 0 {
		it.Folders = []Folder{PathFolder(s.Folder...)}
	}
	for i, c := range it.Entry.Credentials {
		if m, ok := in.files[c.ID]; ok && c.Type == vault.File && m.Name != "" {
			it.Entry.Credentials[i].Members = append(c.Members, m)
		}
	}
	clear(in.files)
	return in.emit(it)
}

func fromSignet(s *sEntry) vault.Entry {
	e := vault.Entry{
		Title: s.Title, Subtitle: s.Subtitle, Favorite: s.Favorite, Tags: s.Tags,
		Created: vault.ParseTime(s.Created), Modified: vault.ParseTime(s.Modified), Expires: vault.ParseTime(s.Expires), Trashed: vault.ParseTime(s.Trashed),
	}
	for _, m := range s.Other {
		e.Other = append(e.Other, vault.Member{Path: m.Name, Value: secret.FromString(m.Value)})
	}
	for _, u := range s.URLs {
		e.URLs = append(e.URLs, vault.URL{ID: u.ID, URL: u.URL, Match: u.Match, Label: u.Label})
	}
	for _, a := range s.Apps {
		e.Apps = append(e.Apps, vault.App{JSON: a})
	}
	for _, c := range s.Credentials {
		e.Credentials = append(e.Credentials, vault.Credential{ID: c.ID, Type: c.Type, Members: fromMembers(c.Members), Fields: fromMembers(c.Fields)})
	}
	for _, x := range s.Sources {
		e.Sources = append(e.Sources, vault.Source{Format: x.Format, Name: x.Name, Value: secret.FromString(x.Value)})
	}
	for _, p := range s.History {
		t := vault.ParseTime(p.Written)
		past := vault.Past{Path: p.Path, Value: secret.FromString(p.Value), Written: t}
		if !t.IsZero() {
			past.Wall = t.UnixMilli()
		}
		e.History = append(e.History, past)
	}
	return e
}

func fromMembers(ms []sMember) (out []vault.Member) {
	for _, m := range ms {
		x := vault.Member{Name: m.Name, ID: m.ID, Label: m.Label, Type: vault.FieldType(m.Type), JSON: m.JSON, Value: secret.FromString(m.Value)}
		out = append(out, x)
	}
	return out
}

// jsonErr keeps the position of a JSON error and drops what it quotes of the file.
func jsonErr(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("no JSON at byte %d", syntax.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "it ends in the middle"
	}
	return "no JSON of the expected shape"
}

// readLine reads one line of at most max bytes, without its end.
func readLine(r *bufio.Reader, max int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > max {
			return nil, fmt.Errorf("%w: a line longer than %d bytes", ErrUnsupported, max)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return bytes.TrimRight(line, "\r\n"), err
	}
}
