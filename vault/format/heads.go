package format

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
	ID  [8]byte
	MAC [32]byte
}

// EncodeHeadsSlot returns key id ‖ u32 length ‖ JSON ‖ HMAC-SHA-256, and the HMAC (the cache's freshness stamp).
func EncodeHeadsSlot(h Heads, k HeadsKey) (slot []byte, stamp Hash, err error) {
	panic("contract: format.EncodeHeadsSlot")
}

// DecodeHeads reads the two slots of a heads file (raw may hold garbage in either) and returns the valid slot with the
// highest generation, its HMAC and which slot (0 or 1) it stands in. keys are tried by key id: during a rekey there are two.
// Errors: ErrHeadsLost (no valid slot), ErrHeadsKey (a slot carries an unknown key id: "the way in was changed"),
// ErrHeadsForged (a known key id with a bad HMAC and no other valid slot explains it as torn).
func DecodeHeads(raw []byte, slotSize int, keys ...HeadsKey) (h Heads, stamp Hash, slot int, err error) {
	panic("contract: format.DecodeHeads")
}
