package roster

import (
	"fmt"
	"slices"

	"signet/vault/format"
)

// MayWrite is the guard of vault.md 5.5: self is active; the epoch identity at hand hashes to the current epoch's rcpt; nobody
// who was granted it is revoked or was rekeyed after that; granted names who holds a slot in the mirror, and every active dev
// and rec must. ErrRotate when a new epoch must begin first, ErrRevoked when self is out, ErrForged when the epoch identity is
// not the committed one, format.ErrNewer when the roster holds what this version does not understand.
func (r *Roster) MayWrite(self format.MemberID, rcpt format.Hash, granted map[format.MemberID]bool) error {
	me, ok := r.Member(self)
	switch {
	case r.Newer:
		return fmt.Errorf("write: roster: %w", format.ErrNewer)
	case !ok || !me.Active:
		return fmt.Errorf("write: %w", ErrRevoked)
	case me.Kind != format.KindDevice:
		return fmt.Errorf("write: only a device writes")
	case len(r.Epochs) == 0:
		return fmt.Errorf("write: no epoch yet: %w", ErrRotate)
	case rcpt != r.Current().Rcpt:
		return fmt.Errorf("write: this epoch key is not the one that the roster commits: %w", ErrForged)
	}
	for _, m := range r.Members {
		if r.compromised(m) {
			return fmt.Errorf("write: a key that opens this epoch was revoked or replaced: %w", ErrRotate)
		}
		if m.Active && m.signs() && !granted[m.ID] {
			return fmt.Errorf("write: a member holds no slot of this epoch: %w", ErrRotate)
		}
	}
	return nil
}

// Granted reports whether the roster grants the current epoch to a member: it was listed when the epoch began, or was added
// or re-enrolled after that (vault.md 5.5). A hardware key that is active but not granted is stale: its secret is static, so it
// waits for its re-enrolment (5.9).
func (r *Roster) Granted(id format.MemberID) bool {
	m, ok := r.Member(id)
	return ok && m.Active && len(r.Epochs) > 0 && r.grants(m) > 0
}

// grants counts the key pairs of a member that were given the current epoch.
func (r *Roster) grants(m Member) int {
	epoch, n := r.Current(), 0
	if slices.Contains(epoch.Members, m.ID) {
		n = 1
	}
	for _, at := range m.enrolled {
		if at > epoch.Index {
			n++
		}
	}
	return n
}

// compromised reports whether somebody may open the current epoch with a key that is no longer the member's: it was granted
// and the member is revoked, or was granted and then rekeyed, so that two of its key pairs were granted. Members added after
// the epoch began count like those listed at its beginning.
func (r *Roster) compromised(m Member) bool {
	n := r.grants(m)
	return n > 0 && !m.Active || n > 1
}
