package vault

import (
	"cmp"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"filippo.io/age"

	"signet/vault/format"
	"signet/vault/roster"
	"signet/vault/seal"
	"signet/vault/secret"
)

// trust is who belongs to the vault and with which keys its files open. A read from a fresh cache needs none of it.
type trust struct {
	roster *roster.Roster
	path   string // of the roster file
	self   format.MemberID
	sign   ed25519.PrivateKey // nil when the vault was opened by a code
	epoch  epochKey           // the current one
	older  []epochKey         // of prev-…, newest first
	read   bool               // older was read
}

// epochKey is one epoch's identity.
type epochKey struct {
	n     int
	id    age.Identity
	rcpt  string // recipient string
	text  secret.Secret
	older bool
}

// hash is what an epoch statement commits to.
func (k epochKey) hash() format.Hash { return format.Sum([]byte(k.rcpt)) }

// short is what a segment's header says of its epoch: the first 32 hex of that hash.
func (k epochKey) short() string {
	h := k.hash()
	return hex.EncodeToString(h[:16])
}

func (t *trust) wipe() {
	t.epoch.text.Wipe()
	for _, k := range t.older {
		k.text.Wipe()
	}
	clear(t.sign)
}

// trust returns the roster and epoch that the marks pin, read once. mu is held.
func (v *Vault) trust() (*trust, error) {
	if v.trusted != nil && (v.readOnly || v.trustFits(v.trusted)) {
		return v.trusted, nil
	}
	t, err := v.loadTrust()
	if said := v.self; said != "" && (err != nil || t.self != said) { // device.json may lie: the key says which device this is
		v.self = ""
		found, ferr := v.loadTrust()
		if ferr != nil {
			v.self = said
			return nil, cmp.Or(err, ferr)
		}
		t, err = found, nil
		v.self, v.mislabelled = found.self, found.self != said
	}
	if err != nil {
		return nil, err
	}
	v.trusted = t
	return t, nil
}

func (v *Vault) trustFits(t *trust) bool {
	return !v.marks.lost && t.epoch.n == v.marks.heads.Epoch && t.roster.Extends(v.marks.heads.Roster)
}

// loadTrust opens the slot of the pinned epoch and the roster that it seals. With the marks lost, the highest epoch counts
// that has a slot for this device. mu is held.
func (v *Vault) loadTrust() (*trust, error) {
	epochs := []int{v.marks.heads.Epoch}
	if v.marks.lost {
		var err error
		if epochs, err = v.epochs(); err != nil {
			return nil, err
		}
	}
	var last error = ErrNoIdentity
	for _, n := range epochs {
		keys, err := v.openEpoch(n)
		if err != nil {
			last = err
		}
		for _, k := range keys {
			t, err := v.openRoster(k, v.marks.heads.Roster)
			if err == nil {
				return t, nil
			}
			last = err
		}
	}
	return nil, fmt.Errorf("open roster: %w", last)
}

// epochs lists the epochs that have a directory, newest first.
func (v *Vault) epochs() ([]int, error) {
	dirs, err := v.m.Dirs("epochs")
	if err != nil {
		return nil, err
	}
	var out []int
	for _, d := range dirs {
		if n, err := strconv.Atoi(d); err == nil && epochDir(n) == "epochs/"+d && n > 0 {
			out = append(out, n)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// openEpoch opens this device's slots of an epoch: by its name in device.json, or, when that is not known, any that our key
// opens. There may be several: a change of the roster that was cut off leaves slots that no roster commits to, and anybody can
// seal something to our recipient. Which one is the epoch, the roster says.
func (v *Vault) openEpoch(n int) ([]epochKey, error) {
	names, err := v.m.Names(epochDir(n))
	if err != nil {
		return nil, err
	}
	var out []epochKey
	var last error = ErrNoIdentity
	for _, base := range names {
		name := format.ParseName(epochDir(n) + "/" + base)
		mine := v.self == "" || name.Member == v.self.Short()
		if name.Kind != format.FileSlot || name.Of != format.KindDevice || !mine {
			continue
		}
		k, err := v.openSlot(name)
		if err != nil {
			last = err
			continue
		}
		if out = append(out, k); len(out) == maxSlots {
			break
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("open slot of epoch %d: %w", n, last)
	}
	return out, nil
}

// maxSlots bounds how many slots of one member and epoch are tried.
const maxSlots = 64

func (v *Vault) openSlot(name format.Name) (epochKey, error) {
	file, err := v.m.Read(name.Path(), format.MaxSlotFile+ageOverhead(format.MaxSlotFile))
	if err != nil {
		return epochKey{}, err
	}
	var last error
	for _, text := range v.identities() {
		id, err := seal.ParseIdentity(text)
		if err != nil {
			return epochKey{}, err
		}
		k, err := openSlotWith(file, id, v.id, name.Epoch)
		if err == nil {
			return k, nil
		}
		last = err
	}
	return epochKey{}, last
}

// openSlotWith opens the bytes of a slot file with a member's identity.
func openSlotWith(file []byte, id age.Identity, vault format.VaultID, epoch int) (epochKey, error) {
	plain, err := seal.Open(file, seal.StanzaHybrid, id, format.MaxSlotFile)
	if err != nil {
		return epochKey{}, err
	}
	defer clear(plain)
	slots, err := format.ParseSlots(plain)
	if err != nil {
		return epochKey{}, err
	}
	if len(slots) != 1 || slots[0].Epoch != epoch || slots[0].Vault != vault {
		return epochKey{}, fmt.Errorf("slot of another vault or epoch: %w", ErrCorrupt)
	}
	return newEpochKey(slots[0])
}

func newEpochKey(s format.SlotFile) (epochKey, error) {
	id, err := seal.ParseIdentity(s.Identity)
	if err != nil {
		return epochKey{}, err
	}
	rcpt, err := seal.RecipientOf(s.Identity)
	if err != nil {
		return epochKey{}, err
	}
	return epochKey{n: s.Epoch, id: id, rcpt: rcpt, text: s.Identity}, nil
}

// openRoster finds the longest roster sealed to k that verifies and holds the pinned statement (the zero hash pins nothing).
// Rosters sealed to an older epoch are thereby ignored (vault.md 5.9).
func (v *Vault) openRoster(k epochKey, pinned format.Hash) (*trust, error) {
	names, err := v.m.Names("roster")
	if err != nil {
		return nil, err
	}
	slices.Reverse(names)
	var last error = ErrNoIdentity
	var best *trust
	for _, base := range names {
		name := format.ParseName("roster/" + base)
		if name.Kind != format.FileRoster || best != nil && name.Count < len(best.roster.Chain) {
			continue
		}
		r, err := readRoster(v, name, k)
		if err == nil && !pinned.IsZero() && !r.Extends(pinned) {
			err = fmt.Errorf("%w: roster %s leaves the pinned branch", ErrCorrupt, base)
		}
		if err == nil && (r.Current().N != k.n || r.Current().Rcpt != k.hash()) {
			err = fmt.Errorf("%w: roster %s is of another epoch", ErrCorrupt, base)
		}
		if err != nil {
			if !errors.Is(err, seal.ErrNotForUs) || errors.Is(last, ErrNoIdentity) {
				last = err
			}
			continue
		}
		if best != nil && roster.Compare(best.roster, r).Relation == roster.Forked {
			return nil, fmt.Errorf("open roster: %w", roster.ErrForked)
		}
		if best == nil {
			best = &trust{roster: r, path: name.Path(), epoch: k}
		}
	}
	if best == nil {
		return nil, last
	}
	if v.readOnly {
		return best, nil
	}
	return best, v.findSelf(best)
}

func readRoster(v *Vault, name format.Name, k epochKey) (*roster.Roster, error) {
	file, err := v.m.Read(name.Path(), format.MaxRoster+ageOverhead(format.MaxRoster))
	if err != nil {
		return nil, err
	}
	plain, err := seal.Open(file, seal.StanzaHybrid, k.id, format.MaxRoster)
	if err != nil {
		return nil, err
	}
	return roster.Verify(plain, v.id)
}

// findSelf finds the device whose current signing key we hold; during a rekey it may still be the one before.
func (v *Vault) findSelf(t *trust) error {
	seeds := []secret.Secret{v.key.Sign, v.key.OldSign}
	for _, seed := range seeds {
		if len(seed.Reveal()) != ed25519.SeedSize {
			continue
		}
		key := ed25519.NewKeyFromSeed(seed.Reveal())
		pub, ok := key.Public().(ed25519.PublicKey)
		for _, m := range t.roster.Members {
			if ok && m.Kind == format.KindDevice && m.Sign == format.SignText(pub) {
				t.self, t.sign = m.ID, key
				return nil
			}
		}
		clear(key)
	}
	return fmt.Errorf("the roster knows no device with this key: %w", ErrRevoked)
}

// olderEpochs reads the identities of the epochs before the current one. Where a prev file was damaged when the next epoch
// began, the chain goes on through the epochs that did open, so that putting the file back mends it later.
func (v *Vault) olderEpochs(t *trust) []epochKey {
	if t.read {
		return t.older
	}
	t.read = true
	have := map[int]bool{t.epoch.n: true}
	for todo := []epochKey{t.epoch}; len(todo) > 0 && len(have) < len(t.roster.Epochs); todo = todo[1:] {
		for _, k := range v.prevOf(t, todo[0]) {
			if !have[k.n] {
				have[k.n] = true
				t.older, todo = append(t.older, k), append(todo, k)
			}
		}
	}
	slices.SortStableFunc(t.older, func(a, b epochKey) int { return b.n - a.n })
	return t.older
}

// prevOf opens the prev files of one epoch. Only identities that the roster committed count.
func (v *Vault) prevOf(t *trust, of epochKey) (out []epochKey) {
	names, err := v.m.Names(epochDir(of.n))
	if err != nil {
		return nil
	}
	for _, base := range names {
		name := format.ParseName(epochDir(of.n) + "/" + base)
		if name.Kind != format.FilePrev {
			continue
		}
		keys, err := v.openPrev(name, of)
		if errors.Is(err, seal.ErrNotForUs) {
			continue // of a change of the roster that was cut off
		}
		if err != nil {
			v.notice("damaged", "%s does not open: files of older epochs stay closed", name.Path())
			continue
		}
		for _, k := range keys {
			if slices.ContainsFunc(t.roster.Epochs, func(e roster.Epoch) bool { return e.N == k.n && e.Rcpt == k.hash() }) {
				out = append(out, k)
			}
		}
	}
	return out
}

func (v *Vault) openPrev(name format.Name, k epochKey) ([]epochKey, error) {
	file, err := v.m.Read(name.Path(), format.MaxPrevFile+ageOverhead(format.MaxPrevFile))
	if err != nil {
		return nil, err
	}
	plain, err := seal.Open(file, seal.StanzaHybrid, k.id, format.MaxPrevFile)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	slots, err := format.ParseSlots(plain)
	if err != nil {
		return nil, err
	}
	var out []epochKey
	for _, s := range slots {
		if s.Vault != v.id || s.Epoch >= k.n {
			return nil, ErrCorrupt
		}
		key, err := newEpochKey(s)
		if err != nil {
			return nil, err
		}
		key.older = true
		out = append(out, key)
	}
	return out, nil
}

// guard is what stands between an edit and the disk (vault.md 5.5, I9): this device is active, the epoch at hand is the one that
// the roster commits, and exactly those hold a slot who should.
func (v *Vault) guard(t *trust) error {
	beyond, err := longerRoster(v, t)
	if err != nil {
		return err
	}
	if beyond != "" {
		return fmt.Errorf("%w: %s does not open with this device's key (if that file does not belong to this vault, move it away)", ErrWayChanged, beyond)
	}
	names, err := v.m.Names(epochDir(t.epoch.n))
	if err != nil {
		return err
	}
	granted := map[format.MemberID]bool{}
	for _, base := range names {
		name := format.ParseName(epochDir(t.epoch.n) + "/" + base)
		if m, ok := t.roster.ByShort(name.Member); ok && name.Kind == format.FileSlot && m.Kind == name.Of {
			granted[m.ID] = true
		}
	}
	err = t.roster.MayWrite(t.self, t.epoch.hash(), granted)
	switch {
	case errors.Is(err, roster.ErrRotate):
		return fmt.Errorf("%w: %v", ErrRotate, err)
	case errors.Is(err, roster.ErrRevoked):
		return fmt.Errorf("%w: %v", ErrRevoked, err)
	case errors.Is(err, format.ErrNewer):
		return fmt.Errorf("%w: %v", ErrNewerFormat, err)
	}
	return err
}

// locals are the device's local secrets, newest first: two while a rekey is under way.
func (v *Vault) locals() []secret.Secret { return nonEmpty(v.key.Local, v.key.OldLocal) }

func (v *Vault) identities() []secret.Secret { return nonEmpty(v.key.Identity, v.key.OldIdentity) }

func nonEmpty(list ...secret.Secret) []secret.Secret {
	return slices.DeleteFunc(list, secret.Secret.IsEmpty)
}
