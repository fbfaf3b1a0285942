package exporter

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"signet/vault"
)

func exportSignet(ctx context.Context, w io.Writer, src Source, o WriteOptions, rep *Report) error {
	now := time.Now
	if o.Now != nil {
		now = o.Now
	}
	out := &signetWriter{w: bufio.NewWriterSize(w, 1<<16), src: src}
	if err := out.line(sHeader{lineHeader, signetVersion, vault.FormatTime(now())}); err != nil {
		return err
	}
	folders, err := out.folders(ctx)
	if err != nil {
		return err
	}
	n := 0
	for e, err := range src.Entries(ctx) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		row, err := out.entry(ctx, e)
		if err != nil {
			return err
		}
		rep.Add(string(e.Kind), row)
		e.Wipe()
		n++
	}
	if err := out.line(sEnd{lineEnd, folders, n}); err != nil {
		return err
	}
	return out.w.Flush()
}

type signetWriter struct {
	w    *bufio.Writer
	src  Source
	told map[vault.ID]int // folders that the file has, and how deep they lie
}

func (s *signetWriter) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	_, err = s.w.Write(append(b, '\n'))
	clear(b)
	return err
}

// folders writes them parents first. One whose parent is missing, or that lies in a circle or deeper than a reader follows, becomes a root.
func (s *signetWriter) folders(ctx context.Context) (int, error) {
	list, err := s.src.Folders(ctx)
	if err != nil {
		return 0, err
	}
	s.told = make(map[vault.ID]int, len(list))
	byID := make(map[vault.ID]SourceFolder, len(list))
	for _, f := range list {
		byID[f.ID] = f
	}
	for _, f := range list {
		var way []SourceFolder // from f up to a root, or to one that the file has
		for at, ok := f, true; ok && s.told[at.ID] == 0 && len(way) < MaxFolderDeep; at, ok = byID[at.Parent] {
			if slices.ContainsFunc(way, func(w SourceFolder) bool { return w.ID == at.ID }) {
				break
			}
			way = append(way, at)
		}
		for _, at := range slices.Backward(way) {
			if err := s.folder(at); err != nil {
				return 0, err
			}
		}
	}
	return len(s.told), nil
}

func (s *signetWriter) folder(f SourceFolder) error {
	line := sFolder{Type: lineFolder, ID: string(f.ID), Title: f.Title, Sources: toSources(f.Sources)}
	depth := s.told[f.Parent]
	if depth > 0 && depth < MaxFolderDeep {
		line.Parent = string(f.Parent)
	} else {
		depth = 0
	}
	s.told[f.ID] = depth + 1
	return s.line(line)
}

// entry writes an entry, then its previous values, then its files.
func (s *signetWriter) entry(ctx context.Context, e vault.Entry) (row Row, err error) {
	line, losses := s.toEntry(e)
	row = Row{Title: e.Title, Action: Exported, Losses: losses}
	if err := s.line(line); err != nil {
		return row, err
	}
	for _, p := range e.History {
		if err := s.line(sPast{linePast, p.Path, p.Value.RevealString(), wallText(p.Wall)}); err != nil {
			return row, err
		}
	}
	for _, c := range e.Credentials {
		switch c.Type {
		case vault.File:
			loss, err := s.file(ctx, e.ID, c)
			if err != nil {
				return row, err
			}
			row.Losses = append(row.Losses, loss...)
		case vault.Passkey:
			row.Losses = append(row.Losses, keyStays(c)...)
		}
	}
	return row, nil
}

// keyStays names a passkey whose private key no export holds.
func keyStays(c vault.Credential) []Loss {
	if _, ok := c.Member("key"); ok {
		return nil
	}
	why := "the vault has no private key of it"
	if c.Text("signet:binding") == "device" {
		why = "device-bound: its private key never leaves the device that holds it"
	}
	what := "passkey"
	if site := c.Text("rpId"); site != "" {
		what += " of " + site
	}
	return []Loss{{what, Dropped, why}}
}

// file writes an attachment in lines of chunkSize bytes, at least one. One that cannot be read must not keep the rest from being saved.
func (s *signetWriter) file(ctx context.Context, id vault.ID, c vault.Credential) ([]Loss, error) {
	cw := &chunkWriter{out: s, cred: c.ID}
	err := s.src.File(ctx, vault.FieldRef{Record: id, Path: vault.AttachmentPath(c)}, cw)
	if err == nil && (len(cw.buf) > 0 || !cw.begun) {
		err = cw.emit(cw.buf)
	}
	switch {
	case err == nil:
		return nil, nil
	case cw.err != nil:
		return nil, cw.err
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	loss := Loss{plainName("file " + c.Text("name")), Dropped, "its content cannot be read: " + err.Error()}
	return []Loss{loss}, s.line(sChunk{Type: lineChunk, Credential: c.ID, Lost: true})
}

// chunkWriter cuts what is written to it into lines.
type chunkWriter struct {
	out   *signetWriter
	cred  string
	buf   []byte
	begun bool
	err   error // of the export, not of the attachment
}

func (c *chunkWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(len(p), chunkSize-len(c.buf))
		c.buf, p = append(c.buf, p[:k]...), p[k:]
		if len(c.buf) == chunkSize {
			if err := c.emit(c.buf); err != nil {
				return 0, err
			}
			c.buf = c.buf[:0]
		}
	}
	return n, nil
}

func (c *chunkWriter) emit(b []byte) error {
	c.begun = true
	c.err = c.out.line(sChunk{Type: lineChunk, Credential: c.cred, Data: base64.RawURLEncoding.EncodeToString(b)})
	return c.err
}

func (s *signetWriter) toEntry(e vault.Entry) (sEntry, []Loss) {
	var losses []Loss
	out := sEntry{
		Type: lineEntry, ID: string(e.ID), Title: e.Title, Subtitle: e.Subtitle, Favorite: e.Favorite, Tags: e.Tags, Sources: toSources(e.Sources),
		Created: timeText(e.Created), Modified: timeText(e.Modified), Expires: timeText(e.Expires), Trashed: timeText(e.Trashed),
	}
	for _, f := range e.Folders {
		if s.told[f] > 0 {
			out.Folders = append(out.Folders, string(f))
		} else {
			losses = append(losses, Loss{"folder", Dropped, "the entry lies in a folder that is not there"})
		}
	}
	for _, u := range e.URLs {
		out.URLs = append(out.URLs, sURL{u.ID, u.URL, u.Match, u.Label})
	}
	for _, a := range e.Apps {
		out.Apps = append(out.Apps, sApp{a.ID, a.JSON})
	}
	for _, c := range e.Credentials {
		out.Credentials = append(out.Credentials, toCredential(c))
	}
	for _, m := range e.Other {
		out.Other = append(out.Other, sOther{m.Path, m.Value.RevealString()})
	}
	for _, c := range e.Conflicts {
		conflict := sConflict{Path: c.Path}
		for _, v := range c.Candidates {
			conflict.Values = append(conflict.Values, sValue{v.Value.RevealString(), wallText(v.Wall)})
		}
		out.Conflicts = append(out.Conflicts, conflict)
		losses = append(losses, Loss{c.Path, Changed, "in conflict: the file has every value; an import shows the first and keeps the others as previous ones"})
	}
	return out, losses
}

func toCredential(c vault.Credential) sCredential {
	out := sCredential{ID: c.ID, Type: c.Type}
	spec, _ := vault.Spec(c.Type)
	for _, m := range c.Members {
		if m.Name == "signet:att" || m.Name == "signet:data" {
			continue // the bytes stand in lines of their own
		}
		x := sMember{Name: m.Name, Type: string(m.Type), JSON: m.JSON, Value: m.Value.RevealString()}
		if ms, _ := spec.Member(m.Name); m.Label != ms.Label && m.Label != m.Name {
			x.Label = m.Label
		}
		out.Members = append(out.Members, x)
	}
	for _, m := range c.Fields {
		out.Fields = append(out.Fields, sField{ID: m.ID, Label: m.Label, Type: string(m.Type), Value: m.Value.RevealString()})
	}
	return out
}

func toSources(sources []vault.Source) (out []sSource) {
	for _, x := range sources {
		out = append(out, sSource{x.Format, x.Name, x.Value.RevealString()})
	}
	return out
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return vault.FormatTime(t)
}

func wallText(ms int64) string {
	if ms <= 0 {
		return ""
	}
	return vault.FormatTime(time.UnixMilli(ms))
}
