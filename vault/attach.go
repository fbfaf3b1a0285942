package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/seal"
)

// maxInline is up to which size a file's bytes stand in the log itself; larger ones go to att/ (decisions.md).
const maxInline = 32 << 10

var b64 = base64.RawURLEncoding.Strict()

// blob is a file's content on its way into the vault: small in data, large staged and sealed to an identity of its own.
type blob struct {
	sum    string // SHA-256 of the content, spelled as CXF's integrityHash
	size   int64
	data   []byte
	att    format.Attachment // its field: the only key
	staged mirror.Staged
	large  bool
}

// Attach stores a file in an entry, as a credential of type file. Memory is bounded whatever the size, and the lock is held
// only for the edit, not while the bytes are read.
func (v *Vault) Attach(ctx context.Context, id ID, name, mediaType string, r io.Reader) (Result, error) {
	if v.readOnly {
		return Result{}, ErrReadOnly
	}
	b, err := v.readBlob(ctx, r)
	if err != nil {
		return Result{}, fmt.Errorf("attach file: %w", err)
	}
	published := false
	defer func() {
		if b.large && !published {
			v.m.Discard(b.staged)
		}
	}()
	res, err := v.update(ctx, func(tx *tx) error {
		rec, err := tx.record(id)
		if err != nil {
			return err
		}
		if !rec.Exists() {
			return fmt.Errorf("attach file: %w", ErrNotFound)
		}
		edits, err := b.edits(entry.FromRecord(rec, View{}), name, mediaType, entry.IDs{Rand: v.o.Rand})
		if err != nil || !b.large {
			return errors.Join(err, tx.apply(nil, edits))
		}
		if err := v.m.Publish(b.staged, b.att.Path()); err != nil {
			return err
		}
		published = true
		if err := v.m.SyncDirs(b.att.Path()); err != nil {
			return err
		}
		return tx.apply(nil, edits)
	})
	if err != nil && published && !errors.Is(err, ErrUnsure) {
		_ = v.m.Remove(b.att.Path()) // no edit names it
	}
	return res, err
}

// readBlob reads a file to its end: into memory when it is small, else sealed into state/tmp/.
func (v *Vault) readBlob(ctx context.Context, r io.Reader) (*blob, error) {
	r = &contextReader{ctx, r}
	start := make([]byte, maxInline+1)
	n, err := io.ReadFull(r, start)
	if err == nil {
		return v.sealBlob(io.MultiReader(bytes.NewReader(start), r))
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	sum := sha256.Sum256(start[:n])
	return &blob{sum: b64.EncodeToString(sum[:]), size: int64(n), data: start[:n]}, nil
}

// sealBlob seals a stream to a fresh identity, padded with zeros by Padmé.
func (v *Vault) sealBlob(r io.Reader) (*blob, error) {
	identity, recipient, err := seal.NewIdentity()
	if err != nil {
		return nil, err
	}
	to, err := seal.ParseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	b := &blob{large: true}
	plain, sealed := sha256.New(), sha256.New()
	b.staged, err = v.m.StageLong(func(w io.Writer) error {
		age, err := seal.Writer(io.MultiWriter(w, sealed), to)
		if err != nil {
			return err
		}
		if b.size, err = io.Copy(io.MultiWriter(age, plain), io.LimitReader(r, format.MaxAttachment+1)); err != nil {
			return err
		}
		if b.size > format.MaxAttachment {
			return ErrTooLarge
		}
		if _, err := io.CopyN(age, zeros{}, padded(b.size)-b.size); err != nil {
			return err
		}
		return age.Close()
	})
	if err != nil {
		return nil, err
	}
	b.sum = b64.EncodeToString(plain.Sum(nil))
	b.att = format.Attachment{Identity: identity, Sum: format.Hash(sealed.Sum(nil)), Size: b.size}
	return b, nil
}

func padded(size int64) int64 { return int64(format.Padme(int(size), 0)) }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// contextReader ends a long read when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// edits are the fields of the new credential; it stands behind all others.
func (b *blob) edits(e Entry, name, mediaType string, ids entry.IDs) ([]Edit, error) {
	last := ""
	for _, c := range e.Credentials {
		last = max(last, c.Pos)
	}
	cred := ids.Short()
	set := func(member, value string) Edit { return entry.Set(e.ID, entry.CredPath(cred, member), value) }
	edits := []Edit{
		set("type", entry.File), set("pos", entry.PosBetween(last, "")), set("name", name),
		set("decryptedSize", strconv.FormatInt(b.size, 10)), set("integrityHash", b.sum),
	}
	if mediaType != "" {
		edits = append(edits, set("signet:type", mediaType))
	}
	if !b.large {
		return append(edits, set("signet:data", b64.EncodeToString(b.data))), nil
	}
	b.att.Name, b.att.Type = name, mediaType
	text, err := b.att.Encode()
	if err != nil {
		return nil, err
	}
	return append(edits, Edit{FieldRef: entry.FieldRef{Record: e.ID, Path: entry.CredPath(cred, "signet:att")}, Value: text}), nil
}

// ReadAttachment writes a file's bytes to w: ref is its field signet:data or signet:att. The sealed file is checked as a whole
// before the first byte is written; an error after that means that what w has must be thrown away.
func (v *Vault) ReadAttachment(ctx context.Context, ref FieldRef, w io.Writer) error {
	r, err := v.Record(ctx, ref.Record)
	if err != nil {
		return err
	}
	f, ok := r.Get(ref.Path)
	if !ok || len(f.Values) == 0 {
		return fmt.Errorf("read attachment: %w", ErrNotFound)
	}
	text := f.Values[0].Text
	switch {
	case strings.HasSuffix(ref.Path, "/signet:data"):
		return writeInline(text, w)
	case strings.HasSuffix(ref.Path, "/signet:att"):
		if err := v.openAttachment(ctx, text, w); err != nil {
			return fmt.Errorf("read attachment: %w", err)
		}
		return nil
	}
	return fmt.Errorf("read attachment: %s holds no file", ref.Path)
}

func writeInline(text string, w io.Writer) error {
	data, err := b64.DecodeString(text)
	if err != nil {
		return fmt.Errorf("read attachment: %w: not base64url", ErrCorrupt)
	}
	_, err = w.Write(data)
	return err
}

func (v *Vault) openAttachment(ctx context.Context, text string, w io.Writer) error {
	a, err := format.ParseAttachment([]byte(text))
	if err != nil {
		return fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	defer a.Identity.Wipe()
	id, err := seal.ParseIdentity(a.Identity)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	file, err := v.m.Open(a.Path())
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	if file.Size() > a.Padded()+ageOverhead(a.Padded()) {
		return fmt.Errorf("%w: %s is larger than its field says", ErrCorrupt, a.Path())
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, &contextReader{ctx, io.NewSectionReader(file, 0, file.Size())}); err != nil {
		return err
	}
	if format.Hash(sum.Sum(nil)) != a.Sum {
		return fmt.Errorf("%w: %s was changed", ErrCorrupt, a.Path())
	}
	plain, err := seal.OpenReader(&contextReader{ctx, io.NewSectionReader(file, 0, file.Size())}, seal.StanzaHybrid, id)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	if _, err := io.CopyN(w, plain, a.Size); err != nil {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: %s is shorter than its field says", ErrCorrupt, a.Path())
		}
		return err
	}
	return checkPadding(plain, a.Padded()-a.Size)
}

// checkPadding insists on zeros to the very end, so that a file has one form only.
func checkPadding(r io.Reader, want int64) error {
	c := &zeroCheck{}
	n, err := io.Copy(c, io.LimitReader(r, want+1))
	if err != nil {
		return err
	}
	if n != want || c.bad {
		return fmt.Errorf("%w: wrong padding", ErrCorrupt)
	}
	return nil
}

type zeroCheck struct{ bad bool }

func (z *zeroCheck) Write(p []byte) (int, error) {
	for _, b := range p {
		z.bad = z.bad || b != 0
	}
	return len(p), nil
}
