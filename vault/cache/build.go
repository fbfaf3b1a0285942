package cache

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"signet/vault/seal"
)

// shape is how dense the indexes are and how large their fences in the root may get. Only the writer knows it: the root
// carries strides and fences, and readers work with any.
type shape struct {
	tokenBlock                   int   // bytes of a block of tokens
	rowStride, titleStride       int64 // entries from fence to fence, while the vault is small
	maxRowFences, maxTitleFences int64
	maxTokenFences               int // bytes
}

var usual = shape{
	tokenBlock: 16 << 10, rowStride: 1024, titleStride: 4096,
	maxRowFences: maxRowFences, maxTitleFences: maxTitleFences, maxTokenFences: maxTokenFenceLen,
}

// Build streams a new cache file: docs sorted by ID, then the context as opaque bytes. It never holds more than the indexes.
// An error of docs, of context or of w comes back wrapped.
func Build(w io.Writer, k Keys, stamp Stamp, docs iter.Seq2[Doc, error], context func() ([]byte, error)) error {
	b := &builder{shape: usual}
	return b.build(w, k, stamp, context, b.fromDocs(docs))
}

// fromDocs returns a source of documents for build.
func (b *builder) fromDocs(docs iter.Seq2[Doc, error]) func() (*tokenSource, error) {
	return func() (*tokenSource, error) {
		var index tokenIndex
		for d, err := range docs {
			if err != nil {
				return nil, err
			}
			index.add(uint32(b.root.docs), d.Tokens)
			if err := b.add(&d); err != nil {
				return nil, err
			}
		}
		return &tokenSource{each: index.sorted()}, nil
	}
}

// build writes one file: fill adds the documents and returns the tokens.
func (b *builder) build(
	w io.Writer, k Keys, stamp Stamp, context func() ([]byte, error), fill func() (*tokenSource, error),
) error {
	local := seal.NewLocal(k.Local, seal.PurposeCache)
	defer local.Wipe()
	age, err := seal.Writer(w, local)
	if err != nil {
		return fmt.Errorf("build cache: %w", err)
	}
	b.w, b.root.stamp = age, stamp
	if _, err := rand.Read(b.root.baseID[:]); err != nil {
		return fmt.Errorf("build cache: %w", err)
	}
	if _, err := rand.Read(b.root.hashKey[:]); err != nil {
		return fmt.Errorf("build cache: %w", err)
	}
	tokens, err := fill()
	if err == nil {
		err = b.finish(tokens, context)
	}
	if err == nil {
		err = age.Close()
	}
	return wrap("build cache", err)
}

// builder writes records as they come and keeps what stands behind them: column, row table, titles.
type builder struct {
	shape        shape
	w            io.Writer
	off          int64 // bytes of plaintext written
	root         root
	last         string
	buf          []byte
	column, rows spool
	titles       []titleEntry
}

var errOrder = errors.New("documents are not sorted by id")

func (b *builder) add(d *Doc) error {
	if err := checkID(d.ID); err != nil {
		return err
	}
	if d.ID <= b.last {
		return errOrder
	}
	if b.root.docs == maxDocs || len(d.Title) > maxPart/2 || len(d.Raw) > maxPart/2 || len(d.Search) > maxPart/3 || len(d.Row) > maxPart/3 {
		return errors.New("too many or too large documents")
	}
	b.last = d.ID
	if d.Title != "" {
		b.titles = append(b.titles, titleEntry{titleHash(&b.root.hashKey, d.Title), uint32(b.root.docs)})
	}
	b.buf = appendRow(b.buf[:0], d.ID, b.off, b.column.len)
	b.rows.add(b.buf)
	b.buf = appendColumn(b.buf[:0], d)
	b.column.add(b.buf)
	b.root.docs++
	b.buf = appendRecord(b.buf[:0], d)
	return b.write(b.buf)
}

func (b *builder) write(p []byte) error {
	n, err := b.w.Write(p)
	b.off += int64(n)
	return err
}

// finish writes everything behind the records, in the order of root.sections.
func (b *builder) finish(tokens *tokenSource, context func() ([]byte, error)) error {
	r := &b.root
	steps := []struct {
		sec *section
		do  func() error
	}{
		{&r.records, func() error { return nil }},
		{&r.column, func() error { return b.column.drain(b.write) }},
		{&r.rows, b.finishRows},
		{&r.tokens, func() error { return b.finishTokens(tokens) }},
		{&r.titleTable, b.finishTitles},
		{&r.context, func() error { return b.finishContext(context) }},
	}
	begin := int64(0)
	for _, s := range steps {
		if err := s.do(); err != nil {
			return err
		}
		*s.sec = section{begin, b.off - begin}
		begin = b.off
	}
	if pad := b.off % chunkSize; pad != 0 {
		if err := b.write(make([]byte, chunkSize-pad)); err != nil {
			return err
		}
	}
	out := r.append(nil)
	if len(out) > chunkSize {
		return errors.New("root does not fit into a chunk")
	}
	return b.write(out)
}

func (b *builder) finishRows() error {
	r := &b.root
	for r.rowStride = b.shape.rowStride; fences(r.docs, r.rowStride) > b.shape.maxRowFences; {
		r.rowStride *= 2
	}
	for i := int64(0); i < r.docs; i += r.rowStride {
		r.rowFences = append(r.rowFences, string(b.rows.at(i*rowSize, idLen)))
	}
	return b.rows.drain(b.write)
}

func (b *builder) finishTokens(tokens *tokenSource) error {
	w := &tokenWriter{write: b.write, size: b.shape.tokenBlock, docs: b.root.docs}
	for token, rows := range tokens.each {
		if err := w.add(token, rows); err != nil {
			return err
		}
	}
	if tokens.err != nil {
		return tokens.err
	}
	b.root.tokenFences = thin(w.fences, b.shape.maxTokenFences)
	return w.flush()
}

func (b *builder) finishTitles() error {
	r := &b.root
	sortTitles(b.titles)
	r.titles = int64(len(b.titles))
	for r.titleStride = b.shape.titleStride; fences(r.titles, r.titleStride) > b.shape.maxTitleFences; {
		r.titleStride *= 2
	}
	b.buf = b.buf[:0]
	for i, t := range b.titles {
		if int64(i)%r.titleStride == 0 {
			r.titleFences = append(r.titleFences, t.hash)
		}
		b.buf = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b.buf, t.hash), t.row)
		if len(b.buf) >= chunkSize {
			if err := b.write(b.buf); err != nil {
				return err
			}
			b.buf = b.buf[:0]
		}
	}
	return b.write(b.buf)
}

func (b *builder) finishContext(context func() ([]byte, error)) error {
	c, err := context()
	if err != nil {
		return err
	}
	if len(c) > maxPart {
		return errors.New("context too large")
	}
	return b.write(c)
}
