package format

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"

	"signet/vault/secret"
)

// Pending is one part of a committed but unrenamed multi-segment edit.
type Pending struct {
	Seq int
	SID SID
	H32 string
}

// Heads is the high-water mark of this mirror (vault.md 5.5), stored in two alternating authenticated slots.
type Heads struct {
	Generation int64
	Logs       map[MemberID]Mark // newest folded or written file per log; own log: own branch
	Roster     Hash              // head statement
	Epoch      int
	Pending    []Pending
	Purge      *Purge
	Extra      []byte
}

// Purge is a purge that a crash interrupted: everything below the snapshot SID goes.
type Purge struct {
	Below int
	SID   SID
}

// HeadsKey authenticates slots: HKDF-SHA256(local, "signet/v1/heads") and the 8-byte key id HKDF(local, "id").
type HeadsKey struct {
	ID  [8]byte // public
	MAC secret.Secret
}

// Wipe overwrites the key.
func (k HeadsKey) Wipe() { k.MAC.Wipe() }

// A slot is key id ‖ u32 length, big-endian ‖ JSON ‖ HMAC-SHA-256 over all before it; what follows up to the slot's size is
// not looked at. A file's other slot is zero until it is written.
const (
	headsHead    = 8 + 4
	headsMAC     = sha256.Size
	headsMinSize = headsHead + headsMAC
)

var headsMembers = []string{"t", "v", "gen", "logs", "roster", "epoch", "pending", "purge"}

// EncodeHeadsSlot returns key id ‖ u32 length ‖ JSON ‖ HMAC-SHA-256, and the HMAC (the cache's freshness stamp).
func EncodeHeadsSlot(h Heads, k HeadsKey) (slot []byte, stamp Hash, err error) {
	if err := h.check(); err != nil {
		return nil, Hash{}, fmt.Errorf("encode heads: %w", err)
	}
	if k.ID == ([8]byte{}) || k.MAC.IsEmpty() {
		return nil, Hash{}, fmt.Errorf("encode heads: %w", errBadID)
	}
	text := h.appendJSON(nil)
	if len(text) > MaxHeadsJSON {
		return nil, Hash{}, fmt.Errorf("encode heads: %w", ErrTooLarge)
	}
	slot = binary.BigEndian.AppendUint32(append(slot, k.ID[:]...), uint32(len(text)))
	slot = append(slot, text...)
	stamp = k.sum(slot)
	return append(slot, stamp[:]...), stamp, nil
}

func (k HeadsKey) sum(b []byte) Hash {
	mac := hmac.New(sha256.New, k.MAC.Reveal())
	mac.Write(b)
	return Hash(mac.Sum(nil))
}

func (h Heads) appendJSON(dst []byte) []byte {
	dst = appendInt(append(dst, `{"t":"heads"`...), "v", Version)
	dst = appendMarks(appendInt(dst, "gen", h.Generation), "logs", h.Logs)
	dst = appendInt(appendStr(dst, "roster", prevText(h.Roster)), "epoch", int64(h.Epoch))
	if len(h.Pending) > 0 {
		dst = append(dst, `,"pending":[`...)
		for i, p := range h.Pending {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendInt(append(dst, '['), int64(p.Seq), 10)
			dst = appendText(append(dst, ','), string(p.SID))
			dst = append(appendText(append(dst, ','), p.H32), ']')
		}
		dst = append(dst, ']')
	}
	if h.Purge != nil {
		dst = strconv.AppendInt(append(dst, `,"purge":{"below":`...), int64(h.Purge.Below), 10)
		dst = append(appendStr(dst, "sid", h.Purge.SID), '}')
	}
	return append(appendExtra(dst, h.Extra), '}')
}

func (h Heads) check() error {
	if h.Generation < 0 || h.Generation > MaxInt || h.Epoch < 0 || h.Epoch > MaxEpoch {
		return errRange
	}
	if len(h.Pending) > MaxPending {
		return ErrTooLarge
	}
	for _, p := range h.Pending {
		if p.Seq < 1 || p.Seq > MaxSeq || !isSID(string(p.SID)) || len(p.H32) != h32Len || !isHex(p.H32) {
			return errBadID
		}
	}
	if p := h.Purge; p != nil && (p.Below < 0 || p.Below > MaxEpoch || !isSID(string(p.SID))) {
		return errBadID
	}
	if err := checkMarks(h.Logs); err != nil {
		return err
	}
	return checkExtra(h.Extra, headsMembers...)
}

func parseHeads(text []byte) (h Heads, err error) {
	o, err := parseObject(text)
	if err != nil {
		return Heads{}, err
	}
	o.kind("heads")
	h.Generation = o.integer("gen", 0, MaxInt)
	h.Logs = o.marks("logs")
	h.Roster = o.optHash("roster")
	h.Epoch = int(o.integer("epoch", 0, MaxEpoch))
	if _, ok := o.raw("pending"); ok {
		h.Pending = o.pending()
	}
	if raw, ok := o.raw("purge"); ok && o.err == nil {
		h.Purge, o.err = purgeOf(raw)
	}
	if h.Extra, err = o.finish(); err == nil {
		err = h.check()
	}
	if err != nil {
		return Heads{}, err
	}
	return h, nil
}

func (o *object) pending() []Pending {
	var list []Pending
	for _, raw := range o.elements("pending", MaxPending) {
		part, err := elements(raw, 3)
		if err != nil || len(part) != 3 {
			o.fail("pending", errType)
			return nil
		}
		seq, ok := intOf(part[0])
		sid, _ := text(part[1])
		h32, _ := text(part[2])
		if !ok || seq < 1 || seq > MaxSeq {
			o.fail("pending", errRange)
			return nil
		}
		list = append(list, Pending{int(seq), SID(sid), h32})
	}
	return list
}

func purgeOf(raw []byte) (*Purge, error) {
	o, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	p := &Purge{int(o.integer("below", 0, MaxEpoch)), SID(o.str("sid", maxShort))}
	return p, o.end()
}

// slotState is what one slot of a heads file turned out to be.
type slotState int

const (
	slotEmpty   slotState = iota // never written, or no slot at all
	slotForeign                  // under a key that was not given
	slotBad                      // under a key that was given, and its HMAC does not match
	slotValid
)

// DecodeHeads reads the two slots of a heads file (raw may hold garbage in either) and returns the valid slot with the
// highest generation, its HMAC and which slot (0 or 1) it stands in. keys are tried by key id: during a rekey there are two.
// Errors: ErrHeadsLost (no valid slot), ErrHeadsKey (a slot carries an unknown key id: "the way in was changed"),
// ErrHeadsForged (a known key id with a bad HMAC and no other valid slot explains it as torn). ErrNewer when the slot that
// counts authenticates and a newer version wrote it.
func DecodeHeads(raw []byte, slotSize int, keys ...HeadsKey) (h Heads, stamp Hash, slot int, err error) {
	worst, newer := slotEmpty, error(nil)
	slot = -1
	for i := range 2 {
		state, text, sum := readSlot(raw, slotSize, i, keys)
		if state != slotValid {
			worst = max(worst, state)
			continue
		}
		got, e := parseHeads(text)
		if e != nil {
			newer = e // authenticated by our own key: a newer version wrote it
			continue
		}
		if slot < 0 || got.Generation > h.Generation {
			h, stamp, slot = got, sum, i
		}
	}
	switch {
	case newer != nil:
		err = newer
	case slot >= 0:
		return h, stamp, slot, nil
	case worst == slotBad:
		err = ErrHeadsForged
	case worst == slotForeign:
		err = ErrHeadsKey
	default:
		err = ErrHeadsLost
	}
	return Heads{}, Hash{}, -1, fmt.Errorf("decode heads: %w", err)
}

func readSlot(raw []byte, size, i int, keys []HeadsKey) (slotState, []byte, Hash) {
	if size < headsMinSize || size > headsMinSize+MaxHeadsJSON+padLine || len(raw) < (i+1)*size {
		return slotEmpty, nil, Hash{}
	}
	s := raw[i*size : (i+1)*size]
	n := int64(binary.BigEndian.Uint32(s[8:headsHead]))
	if n == 0 || n > int64(size-headsMinSize) || [8]byte(s[:8]) == [8]byte{} {
		return slotEmpty, nil, Hash{}
	}
	state, end := slotForeign, headsHead+int(n)
	for _, k := range keys {
		if [8]byte(s[:8]) != k.ID || k.MAC.IsEmpty() {
			continue
		}
		sum := k.sum(s[:end])
		if hmac.Equal(sum[:], s[end:end+headsMAC]) {
			return slotValid, s[headsHead:end], sum
		}
		state = slotBad
	}
	return state, nil, Hash{}
}
