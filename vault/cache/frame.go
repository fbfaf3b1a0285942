package cache

import (
	"encoding/binary"
	"errors"
)

// A frame's plaintext: stamp (32) | live documents after it | number of ids gone, the ids | number of documents, each: id (26) |
// lengths of title, tokens, text, row, raw | these | the note to the end. Tokens are length and bytes, repeated.
type frame struct {
	stamp Stamp
	live  int
	gone  []string
	docs  []frameDoc
	note  []byte
}

type frameDoc struct {
	id string
	tailDoc
}

// tailDoc is a document in the tail; its parts are pieces of a decrypted frame.
type tailDoc struct {
	frame                           uint64 // that brought it
	gone                            bool
	title, tokens, search, row, raw []byte
}

func appendFrame(b []byte, stamp Stamp, live int, changed []Doc, gone []string, note []byte) ([]byte, error) {
	b = append(b, stamp[:]...)
	b = binary.AppendUvarint(b, uint64(live))
	b = binary.AppendUvarint(b, uint64(len(gone)))
	for _, id := range gone {
		b = append(b, id...)
	}
	b = binary.AppendUvarint(b, uint64(len(changed)))
	for i := range changed {
		b = appendFrameDoc(b, &changed[i])
		if len(b) > maxFrame {
			return nil, errors.New("too much for one frame")
		}
	}
	return append(b, note...), nil
}

func appendFrameDoc(b []byte, d *Doc) []byte {
	var tokens []byte
	for _, t := range d.Tokens {
		tokens = appendPart(tokens, cutToken(t))
	}
	b = append(b, d.ID...)
	for _, n := range []int{len(d.Title), len(tokens), len(d.Search), len(d.Row), len(d.Raw)} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = append(append(append(b, d.Title...), tokens...), d.Search...)
	return append(append(b, d.Row...), d.Raw...)
}

// parseFrame reads what appendFrame wrote. It looks at ids and lengths only; the parts stay where they are.
func parseFrame(b []byte) (frame, error) {
	var f frame
	r := &reader{b: b}
	copy(f.stamp[:], r.take(uint64(len(f.stamp))))
	live := r.uvarint()
	if live > 2*maxDocs {
		r.bad = true
	}
	f.live = int(live)
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		f.gone = append(f.gone, takeID(r))
	}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		f.docs = append(f.docs, takeFrameDoc(r))
	}
	if r.bad {
		return frame{}, stale("malformed frame")
	}
	f.note = r.b
	return f, nil
}

func takeID(r *reader) string {
	id := string(r.take(idLen))
	if checkID(id) != nil {
		r.bad = true
	}
	return id
}

func takeFrameDoc(r *reader) frameDoc {
	d := frameDoc{id: takeID(r)}
	var n [5]uint64
	for i := range n {
		n[i] = r.uvarint()
	}
	d.title, d.tokens, d.search = r.take(n[0]), r.take(n[1]), r.take(n[2])
	d.row, d.raw = r.take(n[3]), r.take(n[4])
	return d
}
