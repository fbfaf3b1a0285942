package roster

import (
	"fmt"
	"maps"
	"slices"

	"signet/vault/format"
)

// maxAuth bounds the members that genesis names.
const maxAuth = 16

// link checks that a statement belongs to this vault and stands on the head. A statement that stands on an earlier one makes
// two branches, and a file holds one.
func (b *builder) link(st format.Statement) error {
	if len(b.r.Chain) == 0 {
		if st.Type != format.StGenesis || len(st.Prev) != 0 || st.Vault != (format.VaultID{}) {
			return forged("the first statement is no genesis")
		}
		return nil
	}
	switch {
	case st.Type == format.StGenesis:
		return forged("a second genesis")
	case st.Vault != b.r.Vault:
		return ErrForeign
	case len(st.Prev) != 1:
		return forged("prev holds %d hashes instead of one", len(st.Prev))
	case st.Prev[0] == b.r.Head:
		return nil
	case b.r.Extends(st.Prev[0]):
		return ErrForked
	}
	return forged("it does not stand on the statement before it")
}

// apply checks the rules of a statement's type and changes the roster by it; when it returns an error, it changed nothing.
// ErrNewer: a type that this version does not know.
func (b *builder) apply(st format.Statement) error {
	if len(b.auth) > 0 && st.Type != format.StAdd {
		return forged("genesis names a member that was not added")
	}
	switch st.Type {
	case format.StGenesis:
		return b.genesis(st)
	case format.StAdd:
		return b.add(st)
	case format.StRevoke:
		return b.revoke(st)
	case format.StEpoch:
		return b.epoch(st)
	case format.StRekey:
		return b.rekey(st)
	}
	return format.ErrNewer
}

// genesis names the first device and the members that decide for ever, such as the first recovery code. The adds that
// follow must repeat their keys.
func (b *builder) genesis(st format.Statement) error {
	if len(st.Auth) == 0 || len(st.Auth) > maxAuth {
		return forged("genesis names %d members", len(st.Auth))
	}
	auth := map[format.MemberID]format.MemberKeys{}
	for _, a := range st.Auth {
		if a.Kind != format.KindDevice && a.Kind != format.KindRecovery {
			return forged("genesis names a member of a kind that decides nothing")
		}
		a.Name = ""
		auth[a.ID] = a
	}
	if len(auth) != len(st.Auth) {
		return forged("genesis names a member twice")
	}
	if st.Auth[0].ID != st.By || st.Auth[0].Kind != format.KindDevice {
		return forged("genesis is not by its first device")
	}
	b.auth = auth
	return nil
}

func (b *builder) add(st format.Statement) error {
	m := st.Member
	promised, named := b.auth[m.ID]
	if len(b.auth) > 0 {
		m.Name = ""
		if !named || promised != m || st.By != b.r.Stmts[0].By {
			return forged("an add between genesis and its members differs from what genesis names")
		}
		m.Name = st.Member.Name
	}
	if err := b.free(m); err != nil {
		return err
	}
	if err := prove(b.r.Vault, m, st.Proof); err != nil {
		return err
	}
	by := b.r.member(st.By)
	added := Member{
		MemberKeys: m, Active: true, By: st.By, Added: st.At, Proof: st.Proof, Unproven: m.Kind == format.KindHardware,
		Authority: m.Kind == format.KindDevice ||
			m.Kind == format.KindRecovery && (named || by != nil && by.Kind == format.KindRecovery && by.Authority),
		enrolled: []int{len(b.r.Chain)},
	}
	if m.Kind == format.KindDevice {
		key, _ := m.PublicKey() // prove has read it
		added.Spans = []KeySpan{{Key: key}}
	}
	delete(b.auth, m.ID)
	b.use(m)
	b.r.index[m.ID] = len(b.r.Members)
	b.r.Members = append(b.r.Members, added)
	return nil
}

// free checks that neither the id, nor its short form, nor a key was ever in use. Keys are never used twice: a revoked
// key under a new name would sign on, and one proof must never serve two members.
func (b *builder) free(m format.MemberKeys) error {
	switch {
	case b.short[m.ID.Short()]:
		return forged("the first characters of the new member's id are taken")
	case m.Age == "" || b.keys[m.Age]:
		return forged("the new member's recipient is missing or was used before")
	case m.Sign != "" && b.keys[m.Sign]:
		return forged("the new member's signing key was used before")
	}
	return nil
}

func (b *builder) use(m format.MemberKeys) {
	b.short[m.ID.Short()], b.keys[m.Age] = true, true
	if m.Sign != "" {
		b.keys[m.Sign] = true
	}
}

func (b *builder) revoke(st format.Statement) error {
	m := b.r.member(st.Revoked)
	switch {
	case m == nil:
		return forged("it revokes an unknown member")
	case !m.Active:
		return forged("it revokes a member twice")
	case !slices.ContainsFunc(b.r.Members, func(o Member) bool { return o.ID != m.ID && o.Active && o.signs() }):
		return forged("it would leave nobody who can sign")
	}
	if err := checkCut(*m, st.Cut); err != nil {
		return err
	}
	m.Active, m.Revoked, m.Cut = false, max(st.At, 1), maps.Clone(st.Cut)
	m.end(st.Cut)
	return nil
}

// checkCut: a cut names the member's own log and no other, and only devices have a log.
func checkCut(m Member, cut map[format.MemberID]format.Mark) error {
	for log, at := range cut {
		if log != m.ID || m.Kind != format.KindDevice {
			return forged("its cut names a log that is not the member's")
		}
		if at.Seq < 1 || at.SID == "" {
			return forged("its cut names no file")
		}
	}
	return nil
}

// end closes the current key of a device at a cut; without one, not a single file of that key counts.
func (m *Member) end(cut map[format.MemberID]format.Mark) {
	if n := len(m.Spans); n > 0 {
		at := cut[m.ID]
		m.Spans = slices.Clone(m.Spans)
		m.Spans[n-1].Until = &at
	}
}

func (b *builder) rekey(st format.Statement) error {
	m, by := b.r.member(st.Member.ID), b.r.member(st.By)
	switch {
	case m == nil || by == nil:
		return forged("it rekeys an unknown member")
	case !m.Active:
		return forged("it rekeys a revoked member")
	case m.ID != by.ID && !by.Authority:
		return forged("it rekeys another member without authority")
	}
	fresh := m.MemberKeys
	fresh.Age, fresh.Sign = st.Member.Age, st.Member.Sign
	if err := b.freeKeys(fresh); err != nil {
		return err
	}
	if err := prove(b.r.Vault, fresh, st.Proof); err != nil {
		return err
	}
	if err := checkCut(*m, st.Cut); err != nil {
		return err
	}
	b.use(fresh)
	m.end(st.Cut)
	if m.Kind == format.KindDevice {
		key, _ := fresh.PublicKey() // prove has read it
		m.Spans = append(m.Spans, KeySpan{Key: key})
	}
	// A device alone cannot make a code that decides a fork, by add or by rekey (vault.md 5.9).
	m.Authority = m.Authority && (m.Kind == format.KindDevice || by.Kind == format.KindRecovery)
	m.MemberKeys, m.Proof, m.RekeyedAt = fresh, st.Proof, len(b.r.Chain)
	m.enrolled = append(slices.Clone(m.enrolled), len(b.r.Chain))
	return nil
}

// freeKeys is free for a member that keeps its id.
func (b *builder) freeKeys(m format.MemberKeys) error {
	other := m
	other.ID = ""
	return b.free(other)
}

func (b *builder) epoch(st format.Statement) error {
	rcpt := "epoch " + st.Rcpt.String()
	switch {
	case st.Epoch != b.r.Current().N+1:
		return forged("epoch %d follows epoch %d", st.Epoch, b.r.Current().N)
	case st.Rcpt.IsZero() || b.keys[rcpt]:
		return forged("its recipient is missing or was used before")
	case len(st.Members) == 0 || len(st.Members) > len(b.r.Members):
		return forged("it grants %d members of %d", len(st.Members), len(b.r.Members))
	}
	if err := b.granted(st.Members); err != nil {
		return err
	}
	b.keys[rcpt] = true
	b.r.Epochs = append(b.r.Epochs, Epoch{
		N: st.Epoch, Rcpt: st.Rcpt, Members: slices.Clone(st.Members), At: st.At, Index: len(b.r.Chain),
	})
	return nil
}

// granted checks that an epoch's members are known, active and listed once.
func (b *builder) granted(members []format.MemberID) error {
	seen := make(map[format.MemberID]bool, len(members))
	for _, id := range members {
		m := b.r.member(id)
		switch {
		case m == nil:
			return forged("it grants an unknown member")
		case !m.Active:
			return forged("it grants a revoked member")
		case seen[id]:
			return forged("it grants a member twice")
		}
		seen[id] = true
	}
	return nil
}

// prove checks what a member's introduction must carry. A hardware key's proof is kept: only the token can check it. Members
// of kinds that this version does not know are ErrNewer.
func prove(vault format.VaultID, m format.MemberKeys, proof string) error {
	switch m.Kind {
	case format.KindDevice, format.KindRecovery:
		return VerifyProof(vault, m, proof)
	case format.KindHardware:
		if _, err := format.ParseHash(proof); err != nil || m.Sign != "" {
			return forged("malformed introduction of a hardware key")
		}
		return nil
	}
	return fmt.Errorf("member of kind %q: %w", m.Kind, format.ErrNewer)
}
