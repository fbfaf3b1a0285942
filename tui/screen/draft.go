package screen

import (
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"signet/vault/entry"
	"signet/vault/secret"
)

// Draft is a form with unsaved changes that outlives a lock, a crash and a restart. It holds what the user did, not the form: on the way back the form
// is built anew from the entry as it is then, and the changes are put into it. Encode and DecodeDraft carry it through the device's own sealed store.
type Draft struct {
	ID    string // of the form; never used again
	Entry entry.ID
	New   bool // the entry did not exist
	Kind  entry.Kind
	Title string // as the form had it, for messages
	Saved time.Time
	Focus string // id of the field that had the focus
	Added []DraftPart
	// Fields are those that were changed. Base are the dots of what they stand for, as the form had read them: a save notices what was changed since.
	Fields []DraftField
	Base   map[string]string // path to entry.DotsText
}

// DraftPart is something that the user added to the form or took out of it, in the order in which it was done. Only the form knows what it means.
type DraftPart struct{ What, ID, Name string }

// DraftField is a changed field of the form.
type DraftField struct {
	ID    string
	Name  string // what it stands for where its id is not known any more: "basic-auth.username"; "" when it has no such name
	Label string
	Value secret.Secret
	On    bool // of a switch
}

// Wipe forgets the draft.
func (d Draft) Wipe() {
	for _, f := range d.Fields {
		f.Value.Wipe()
	}
}

// Limits of a draft that is read. The store bounds the whole.
const (
	maxDraftList = 1 << 14
	maxDraftText = 8 << 20
	draftHead    = "signet draft 1\n"
)

var errDraft = errors.New("read draft: damaged, or of a newer version")

// Encode writes the draft into one buffer, which is the caller's to wipe.
func (d Draft) Encode() secret.Secret {
	// Measured first, so that no smaller buffer with secrets is left behind by growing.
	var n draftWriter
	n.draft(d)
	w := draftWriter{out: make([]byte, 0, n.size), keep: true}
	w.draft(d)
	return secret.New(w.out)
}

// draftWriter writes texts with their length in front; without keep it only counts.
type draftWriter struct {
	out  []byte
	size int
	keep bool
}

func (w *draftWriter) draft(d Draft) {
	w.raw([]byte(draftHead))
	for _, s := range []string{d.ID, string(d.Entry), string(d.Kind), d.Title, d.Focus} {
		w.text(s)
	}
	w.flag(d.New)
	w.number(uint64(max(0, d.Saved.UnixMilli()))) //nolint:gosec // never negative
	w.number(uint64(len(d.Added)))
	for _, p := range d.Added {
		w.text(p.What)
		w.text(p.ID)
		w.text(p.Name)
	}
	w.number(uint64(len(d.Fields)))
	for _, f := range d.Fields {
		w.text(f.ID)
		w.text(f.Name)
		w.text(f.Label)
		w.bytes(f.Value.Reveal())
		w.flag(f.On)
	}
	w.number(uint64(len(d.Base)))
	for _, path := range slices.Sorted(maps.Keys(d.Base)) {
		w.text(path)
		w.text(d.Base[path])
	}
}

func (w *draftWriter) raw(b []byte) {
	w.size += len(b)
	if w.keep {
		w.out = append(w.out, b...)
	}
}

func (w *draftWriter) number(n uint64) {
	var b [10]byte
	i := 0
	for ; n >= 0x80; n >>= 7 {
		b[i] = byte(n) | 0x80
		i++
	}
	b[i] = byte(n)
	w.raw(b[:i+1])
}

func (w *draftWriter) bytes(b []byte) {
	w.number(uint64(len(b)))
	w.raw(b)
}

func (w *draftWriter) text(s string) { w.bytes([]byte(s)) }

func (w *draftWriter) flag(on bool) {
	if on {
		w.number(1)
		return
	}
	w.number(0)
}

// DecodeDraft reads what Encode wrote. Its secrets are copies: data is the caller's to wipe.
func DecodeDraft(data secret.Secret) (Draft, error) {
	r := draftReader{rest: data.Reveal()}
	d := r.draft()
	if r.err != nil || len(r.rest) > 0 {
		d.Wipe()
		return Draft{}, errDraft
	}
	return d, nil
}

// draftReader reads with an error that stays: after the first one everything is empty.
type draftReader struct {
	rest []byte
	err  error
}

func (r *draftReader) draft() (d Draft) {
	if head := r.take(uint64(len(draftHead))); string(head) != draftHead {
		r.err = errDraft
		return d
	}
	d.ID, d.Entry, d.Kind, d.Title, d.Focus = r.text(), entry.ID(r.text()), entry.Kind(r.text()), r.text(), r.text()
	d.New, d.Saved = r.flag(), r.time()
	for range r.count() {
		d.Added = append(d.Added, DraftPart{r.text(), r.text(), r.text()})
	}
	for range r.count() {
		f := DraftField{ID: r.text(), Name: r.text(), Label: r.text()}
		f.Value = secret.New(append([]byte(nil), r.bytes()...))
		f.On = r.flag()
		d.Fields = append(d.Fields, f)
	}
	d.Base = map[string]string{}
	for range r.count() {
		path := r.text()
		d.Base[path] = r.text()
	}
	return d
}

func (r *draftReader) take(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.rest)) {
		r.err, r.rest = io.ErrUnexpectedEOF, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *draftReader) number() (n uint64) {
	for shift := uint(0); shift < 63; shift += 7 {
		b := r.take(1)
		if len(b) == 0 {
			return 0
		}
		n |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			if b[0] == 0 && shift > 0 { // one number, one spelling
				r.err = errDraft
			}
			return n
		}
	}
	r.err = errDraft
	return 0
}

// count reads how many things follow; each takes a byte at least.
func (r *draftReader) count() int {
	n := r.number()
	if n > maxDraftList || n > uint64(len(r.rest)) {
		r.err = errDraft
		return 0
	}
	return int(n) //nolint:gosec // bounded above
}

func (r *draftReader) bytes() []byte {
	n := r.number()
	if n > maxDraftText {
		r.err = errDraft
		return nil
	}
	return r.take(n)
}

func (r *draftReader) text() string { return string(r.bytes()) }

func (r *draftReader) flag() bool {
	n := r.number()
	if n > 1 {
		r.err = errDraft
	}
	return n == 1
}

// maxMillis is the year 9999: times behind it are not of this program.
const maxMillis = 253402300799999

func (r *draftReader) time() time.Time {
	n := r.number()
	if n > maxMillis {
		r.err = errDraft
		return time.Time{}
	}
	return time.UnixMilli(int64(n)) //nolint:gosec // bounded above
}
