package vault

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/roster"
	"signet/vault/seal"
)

// FileState is what a file of the vault turned out to be (vault.md 5.7, 5.8). Nothing in any state but StateOK is folded, and
// nothing in any state is deleted for it (I14).
type FileState string

// The states.
const (
	StateOK          FileState = "ok"
	StateWaiting     FileState = "waiting"     // sealed to an epoch whose key is not here, or written by a newer version
	StateGap         FileState = "gap"         // a file that it builds on is missing; its own writes are folded
	StateQuarantined FileState = "quarantined" // opens, but must not be believed
	StateDamaged     FileState = "damaged"     // does not open, or is not what its name says
)

// logFile is one file of a log, opened and judged.
type logFile struct {
	name  format.Name
	size  int64
	state FileState
	why   string

	log    format.MemberID
	kind   format.Kind
	header format.SegmentHeader
	sid    format.SID
	hash   format.Hash
	key    int         // index of the log's key that signed it
	epoch  int         // of the key that opened it
	ops    []format.Op // of a segment, unless it is read again
	again  func() (*logFile, error)
	snap   format.VerifiedSnapshot // of a snapshot
	ctx    format.Context          // of a snapshot
	heads  map[format.MemberID]format.Mark
}

func (f *logFile) path() string { return f.name.Path() }

func (f *logFile) prev() format.SID {
	if f.header.Prev.IsZero() {
		return ""
	}
	return f.header.Prev.SID()
}

func (f *logFile) mark() format.Mark { return format.Mark{Seq: f.header.Seq, SID: f.sid} }

func (f *logFile) judge(s FileState, why string) {
	f.state, f.why = s, why
}

var errTorn = errors.New("content does not match the name")

// wholeLimit is up to which size a file is read into memory at once; larger ones are streamed.
const wholeLimit = 4 << 20

// openLog opens and verifies one file of a log. What is wrong with the file becomes its state; an error means that reading
// itself failed. fs.ErrNotExist: it was collected meanwhile.
func (v *Vault) openLog(ctx context.Context, t *trust, name format.Name, m roster.Member) (*logFile, error) {
	f := &logFile{name: name, log: m.ID, state: StateOK}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := v.m.Open(name.Path())
	if err != nil {
		if errors.Is(err, mirror.ErrNotRegular) {
			f.judge(StateDamaged, err.Error())
			return f, nil
		}
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	if f.size = file.Size(); f.size > maxFile(name.Kind) {
		f.judge(StateDamaged, "larger than any file of its kind may be")
		return f, nil
	}
	var source io.ReaderAt = file
	if f.size <= wholeLimit {
		whole := make([]byte, f.size)
		if _, err := io.ReadFull(io.NewSectionReader(file, 0, f.size), whole); err != nil {
			return nil, fmt.Errorf("read %s: %w", name.Path(), err)
		}
		source = bytes.NewReader(whole)
	}
	if err := v.verifyLog(f, t, source, m); err != nil {
		f.fail(err)
	}
	return f, nil
}

// fail turns an error of opening into the file's state.
func (f *logFile) fail(err error) {
	f.ops = nil
	switch {
	case errors.Is(err, seal.ErrNotForUs):
		f.judge(StateWaiting, "sealed to an epoch whose key is not here")
	case errors.Is(err, format.ErrNewer):
		f.judge(StateWaiting, "written by a newer version of Signet")
	case errors.Is(err, errTorn), errors.Is(err, seal.ErrDamaged), errors.Is(err, fs.ErrNotExist):
		f.judge(StateDamaged, err.Error())
	default:
		f.judge(StateQuarantined, err.Error())
	}
}

func (v *Vault) verifyLog(f *logFile, t *trust, source io.ReaderAt, m roster.Member) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(source, 0, f.size)); err != nil {
		return fmt.Errorf("%w: %v", seal.ErrDamaged, err)
	}
	if format.Hash(sum.Sum(nil)).H32() != f.name.H32 {
		return errTorn
	}
	k, plain, err := v.whichEpoch(t, source, f.size)
	if err != nil {
		return err
	}
	f.epoch = k.n
	start, err := plain.Peek(16)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %v", seal.ErrDamaged, err)
	}
	switch format.LogKind(start) {
	case format.KindSegment:
		err = v.verifySegment(f, plain, m)
	case format.KindSnapshot:
		err = v.verifySnapshot(f, k, m)
	default:
		return errors.New("neither segment nor snapshot")
	}
	if err == nil {
		err = f.fits(v.id, k)
	}
	return err
}

// fits compares the header with the file's name and with the key that opened it (a swapped name, a foreign epoch).
func (f *logFile) fits(id format.VaultID, k epochKey) error {
	switch {
	case f.header.Vault != id:
		return errors.New("belongs to another vault")
	case f.header.Log != f.log || f.header.Seq != f.name.Seq:
		return errors.New("stands under the name of another file")
	case f.header.Epoch != k.n || f.header.EpochK != k.short():
		return errors.New("sealed to another epoch than it says")
	}
	return nil
}

// whichEpoch finds the epoch key that opens a file, and returns its plaintext.
func (v *Vault) whichEpoch(t *trust, source io.ReaderAt, size int64) (epochKey, *bufio.Reader, error) {
	keys := []epochKey{t.epoch}
	for i := 0; i < len(keys); i++ {
		r, err := seal.OpenReader(io.NewSectionReader(source, 0, size), seal.StanzaHybrid, keys[i].id)
		if err == nil {
			return keys[i], bufio.NewReader(r), nil
		}
		if !errors.Is(err, seal.ErrNotForUs) {
			return epochKey{}, nil, err
		}
		if i == 0 {
			keys = append(keys, v.olderEpochs(t)...)
		}
	}
	return epochKey{}, nil, seal.ErrNotForUs
}

func (v *Vault) verifySegment(f *logFile, r io.Reader, m roster.Member) error {
	plain, err := io.ReadAll(io.LimitReader(r, format.MaxSegment+1))
	if err != nil {
		return fmt.Errorf("%w: %v", seal.ErrDamaged, err)
	}
	if len(plain) > format.MaxSegment {
		return format.ErrTooLarge
	}
	ok, err := format.Verify(format.KindSegment, v.id, plain, m.Keys()...)
	if err != nil {
		return err
	}
	seg, err := format.DecodeSegment(ok)
	if err != nil {
		return err
	}
	f.kind, f.header, f.ops = format.KindSegment, seg.Header, seg.Ops
	f.hash, f.sid, f.key = ok.Hash(), ok.Hash().SID(), ok.Key()
	return nil
}

var errEnough = errors.New("enough was read")

// verifySnapshot checks the signature over all bytes in one pass, and reads header and context in the beginning of a second.
func (v *Vault) verifySnapshot(f *logFile, k epochKey, m roster.Member) error {
	path := f.path()
	open := func() (io.ReadCloser, error) {
		file, err := v.m.Open(path)
		if err != nil {
			return nil, err
		}
		r, err := seal.OpenReader(file, seal.StanzaHybrid, k.id)
		if err != nil {
			_ = file.Close()
			return nil, err
		}
		return readCloser{r, file}, nil
	}
	snap, err := format.VerifySnapshot(v.id, open, m.Keys()...)
	if err != nil {
		return err
	}
	err = snap.Read(func(h format.SnapshotHeader, c format.Context) error {
		f.header, f.heads, f.ctx = h.SegmentHeader, h.Heads, c
		return errEnough
	}, nil)
	if !errors.Is(err, errEnough) {
		return fmt.Errorf("snapshot without a context: %w", err)
	}
	f.kind, f.snap, f.hash, f.sid, f.key = format.KindSnapshot, snap, snap.Hash(), snap.Hash().SID(), snap.Key()
	if why := v.liars[f.sid]; why != "" {
		return errors.New(why)
	}
	return nil
}

type readCloser struct {
	io.Reader
	io.Closer
}
