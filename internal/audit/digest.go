package audit

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the breach lists are lists of SHA-1: nothing is protected by it here
	"crypto/sha256"
	"hash"

	"signet/internal/strength"
)

const keySize = 32

// digest is a keyed hash of a secret: it says whether two are equal, and nothing to who does not have the key.
type digest [16]byte

// judged is what is remembered of a password.
type judged struct {
	guesses float64
	score   int
}

// Hash is the SHA-1 of a password, by which breach lists name it.
type Hash [sha1.Size]byte

// hasher makes digests; every worker has one.
type hasher struct{ mac hash.Hash }

func newHasher(key [keySize]byte) hasher { return hasher{hmac.New(sha256.New, key[:])} }

// of hashes a secret; what says what it is, so that a card's number and an equal password differ.
func (h hasher) of(what string, b []byte) (d digest) {
	h.mac.Reset()
	_, _ = h.mac.Write([]byte(what))
	_, _ = h.mac.Write([]byte{0})
	_, _ = h.mac.Write(b)
	copy(d[:], h.mac.Sum(nil))
	return d
}

func breachHash(b []byte) Hash { return sha1.Sum(b) } //nolint:gosec // see above

// judge estimates a password, or remembers the estimate.
func (a *Auditor) judge(d digest, password func() strength.Strength) judged {
	a.mu.Lock()
	j, ok := a.scores[d]
	a.mu.Unlock()
	if ok {
		return j
	}
	s := password()
	j = judged{s.Guesses, s.Score}
	a.mu.Lock()
	if !a.closed {
		a.scores[d] = j
	}
	a.mu.Unlock()
	return j
}

// forget drops what is remembered of passwords that are in no entry any more.
func (a *Auditor) forget(all *collection) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for d := range a.scores {
		if _, ok := all.passwords[d]; !ok {
			delete(a.scores, d)
		}
	}
	for _, m := range a.known {
		for d := range m {
			if _, ok := all.passwords[d]; !ok {
				delete(m, d)
			}
		}
	}
}
