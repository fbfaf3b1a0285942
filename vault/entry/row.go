package entry

import (
	"encoding/binary"
	"errors"
	"time"
)

// Has counts what an entry holds, for lists: `has` of ls --json.
type Has struct {
	Password, TOTP, SSHKey, Note, Card, Identity, WiFi, APIKey bool
	Passkeys, Attachments, CustomFields                        int
}

// Row is what a list shows of one record: no secrets.
type Row struct {
	ID       ID
	Rec      Rec
	Kind     Kind
	Title    string
	Subtitle string
	Username string
	URLs     []string
	RPIDs    []string // RP IDs of its passkeys
	Tags     []string
	Folders  []ID
	Parent   ID // folder records: the folder above
	Has      Has
	Favorite bool
	Conflict bool
	Created  time.Time
	Modified time.Time
	Expires  time.Time
	Trashed  time.Time

	passkeys string // of its passkeys: see Passkeys
}

const rowVersion = 2

var errRow = errors.New("malformed row")

// Append encodes the row without its ID: the compact form that the cache keeps.
func (r Row) Append(dst []byte) []byte {
	dst = append(dst, rowVersion)
	dst = appendStr(dst, string(r.Rec), string(r.Kind), r.Title, r.Subtitle, r.Username, string(r.Parent))
	dst = appendList(dst, r.URLs)
	dst = appendList(dst, r.RPIDs)
	dst = appendList(dst, r.Tags)
	dst = binary.AppendUvarint(dst, uint64(len(r.Folders)))
	for _, f := range r.Folders {
		dst = appendStr(dst, string(f))
	}
	dst = binary.AppendUvarint(dst, r.flags())
	dst = binary.AppendUvarint(dst, uint64(r.Has.Passkeys))
	dst = binary.AppendUvarint(dst, uint64(r.Has.Attachments))
	dst = binary.AppendUvarint(dst, uint64(r.Has.CustomFields))
	for _, t := range []time.Time{r.Created, r.Modified, r.Expires, r.Trashed} {
		dst = binary.AppendVarint(dst, millis(t))
	}
	return appendStr(dst, r.passkeys)
}

func (r *Row) flagList() []*bool {
	h := &r.Has
	return []*bool{
		&r.Favorite, &r.Conflict, &h.Password, &h.TOTP, &h.SSHKey, &h.Note, &h.Card, &h.Identity, &h.WiFi, &h.APIKey,
	}
}

func (r Row) flags() (bits uint64) {
	for i, f := range r.flagList() {
		if *f {
			bits |= 1 << i
		}
	}
	return bits
}

// ParseRow decodes what Append wrote. Every text of the row is a piece of one string: a list of a hundred thousand rows would else be a million
// objects.
func ParseRow(id ID, b []byte) (Row, error) {
	text := string(id) + string(b)
	d := rowReader{b: b, text: text[len(id):]}
	if d.byte() != rowVersion {
		return Row{}, errRow
	}
	r := Row{ID: ID(text[:len(id)]), Rec: Rec(d.str()), Kind: Kind(d.str()), Title: d.str(), Subtitle: d.str(), Username: d.str(), Parent: ID(d.str())}
	r.URLs, r.RPIDs, r.Tags = readList[string](&d), readList[string](&d), readList[string](&d)
	r.Folders = readList[ID](&d)
	bits := d.uint()
	for i, f := range r.flagList() {
		*f = bits&(1<<i) != 0
	}
	r.Has.Passkeys, r.Has.Attachments, r.Has.CustomFields = int(d.uint()), int(d.uint()), int(d.uint())
	for _, t := range []*time.Time{&r.Created, &r.Modified, &r.Expires, &r.Trashed} {
		*t = fromMillis(d.int())
	}
	r.passkeys = d.str()
	if d.bad || len(d.b) != 0 {
		return Row{}, errRow
	}
	return r, nil
}

func appendStr(dst []byte, ss ...string) []byte {
	for _, s := range ss {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	return dst
}

func appendList(dst []byte, ss []string) []byte {
	return appendStr(binary.AppendUvarint(dst, uint64(len(ss))), ss...)
}

// rowReader decodes with a sticky error, so that the caller checks once.
type rowReader struct {
	b    []byte
	text string // of which b is the end
	bad  bool
}

func (d *rowReader) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *rowReader) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	return v & d.skip(n)
}

func (d *rowReader) int() int64 {
	v, n := binary.Varint(d.b)
	return v & int64(d.skip(n))
}

// skip moves on by n bytes; it returns all ones, or zero when n says that there was nothing.
func (d *rowReader) skip(n int) uint64 {
	if n <= 0 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return ^uint64(0)
}

func (d *rowReader) str() string {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return ""
	}
	at := len(d.text) - len(d.b)
	d.b = d.b[n:]
	return d.text[at : at+int(n)]
}

func readList[T ~string](d *rowReader) []T {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, nil
		return nil
	}
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = T(d.str())
	}
	return out
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
