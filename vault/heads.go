package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"

	"signet/vault/format"
	"signet/vault/seal"
)

// readHeads reads the high-water marks into v.marks. No valid slot sets lost and is no error; marks under another key mean
// that the way in was changed while this process had the vault open: it locks. mu is held.
func (v *Vault) readHeads() error {
	raw, size, err := v.m.ReadHeads()
	if errors.Is(err, fs.ErrNotExist) {
		v.marks = marks{lost: true, key: seal.HeadsKey(v.key.Local)}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read heads: %w", err)
	}
	if v.marks.raw != nil && !v.marks.lost && bytes.Equal(raw, v.marks.raw) {
		return nil
	}
	for _, local := range v.locals() {
		k := seal.HeadsKey(local)
		h, stamp, slot, err := format.DecodeHeads(raw, size, k)
		switch {
		case err == nil:
			v.marks = marks{heads: h, stamp: stamp, slot: slot, key: k, raw: raw}
			return nil
		case errors.Is(err, format.ErrHeadsLost):
			v.marks = marks{lost: true, key: seal.HeadsKey(v.key.Local)}
			return nil
		case errors.Is(err, format.ErrHeadsKey):
			continue
		case errors.Is(err, format.ErrNewer):
			return fmt.Errorf("read heads: %w", ErrNewerFormat)
		default:
			return fmt.Errorf("read heads: %w: %v", ErrCorrupt, err)
		}
	}
	v.wipe()
	return ErrWayChanged
}

// writeHeads writes the next generation into the slot that does not count now. Its return is the commit of what h says. mu is
// held, and the file lock.
func (v *Vault) writeHeads(h format.Heads) error {
	h.Generation = v.marks.heads.Generation + 1
	data, stamp, err := format.EncodeHeadsSlot(h, v.marks.key)
	if err != nil {
		return err
	}
	slot := 1 - v.marks.slot
	if err := v.m.WriteHeads(slot, data, v.marks.lost); err != nil {
		return err
	}
	v.marks = marks{heads: h, stamp: stamp, slot: slot, key: v.marks.key}
	return nil
}

// retract makes h the heads again after a write of others failed. Such a failure proves nothing: fdatasync can fail after the
// bytes have reached the disk. nil says that the disk holds h for certain, so that what the failed marks name may be taken away;
// ErrUnsure that it may hold the others, so that everything that they name must stay. mu is held, and the file lock.
func (v *Vault) retract(h format.Heads) error {
	was := v.marks
	h.Generation = was.heads.Generation + 2 // above what the failed write may have left
	data, stamp, err := format.EncodeHeadsSlot(h, was.key)
	if err != nil {
		return err
	}
	if err = v.m.WriteHeads(1-was.slot, data, !v.stands(was)); err == nil {
		v.marks = marks{heads: h, stamp: stamp, slot: 1 - was.slot, key: was.key}
		return nil
	}
	if rerr := v.readHeads(); rerr == nil && !v.marks.lost && v.marks.stamp == was.stamp && sameHeads(h, was.heads) {
		return nil // not a byte of it was taken
	}
	return fmt.Errorf("%w: %v", ErrUnsure, err)
}

// stands reports whether the slot that counted before is still there, so that the other one may be overwritten in place.
func (v *Vault) stands(m marks) bool {
	raw, size, err := v.m.ReadHeads()
	return err == nil && m.slot >= 0 && len(raw) >= (m.slot+1)*size && bytes.Contains(raw[m.slot*size:(m.slot+1)*size], m.stamp[:])
}

// sameHeads reports whether two heads differ in their generation at most.
func sameHeads(a, b format.Heads) bool {
	a.Generation = b.Generation
	return reflect.DeepEqual(a, b)
}

// own is what the heads keep of this device's log beyond [seq, sid], as members of its own: derived, and found again by
// reading the log when absent.
type own struct {
	Tip   string       `json:"tip,omitempty"`   // full hash of the newest own plaintext: the next file's prev
	Files int          `json:"files,omitempty"` // how many own files those are
	Open  int64        `json:"open,omitempty"`  // bytes of own files behind the newest own snapshot
	Snap  int64        `json:"snap,omitempty"`  // bytes of that snapshot
	Last  []format.SID `json:"last,omitempty"`  // sids of the newest own edit
	Lost  []format.SID `json:"lost,omitempty"`  // files that are gone and that the person has given up
	Saved bool         `json:"saved,omitempty"` // what is pending was saved from the cache: it is nobody's edit
}

func ownOf(h format.Heads) own {
	var o own
	if len(h.Extra) > 0 && json.Unmarshal(h.Extra, &o) != nil {
		return own{}
	}
	return o
}

// with puts o back among the members that a newer version may have added.
func (o own) with(extra []byte) []byte {
	all := map[string]any{}
	if len(extra) > 0 && json.Unmarshal(extra, &all) != nil {
		all = map[string]any{}
	}
	delete(all, "tip")
	delete(all, "open")
	delete(all, "files")
	delete(all, "snap")
	delete(all, "last")
	delete(all, "lost")
	delete(all, "saved")
	if o.Tip != "" {
		all["tip"] = o.Tip
	}
	if o.Files > 0 {
		all["files"] = o.Files
	}
	if o.Open > 0 {
		all["open"] = o.Open
	}
	if o.Snap > 0 {
		all["snap"] = o.Snap
	}
	if len(o.Last) > 0 {
		all["last"] = o.Last
	}
	if len(o.Lost) > 0 {
		all["lost"] = o.Lost
	}
	if o.Saved {
		all["saved"] = true
	}
	if len(all) == 0 {
		return nil
	}
	b, err := json.Marshal(all)
	if err != nil {
		return nil // unreachable: it came from JSON
	}
	return b
}

// edited notes the newest own edit. Of an edit in very many segments (an import) the last one is enough: it names the others.
// What doctor saved from the cache is no edit that anybody would take back.
func (o *own) edited(sids []format.SID) {
	if o.Saved {
		o.Saved = false
		return
	}
	o.Last = sids
	if len(sids) > maxLast {
		o.Last = sids[len(sids)-1:]
	}
}

const maxLast = 16

// tip returns the full hash of the newest own plaintext.
func (o own) tip() (format.Hash, bool) {
	h, err := format.ParseHash(o.Tip)
	return h, err == nil
}
