package vault

import (
	"context"
	"fmt"

	"signet/vault/format"
	"signet/vault/mirror"
)

// settle is what everybody does first who takes the lock (vault.md 5.5): finish a commit that a crash cut off, empty
// state/tmp/, adopt a roster and own files that were written just before a crash. mu is held, and the file lock.
func (v *Vault) settle() error {
	if err := v.readHeads(); err != nil {
		return err
	}
	if v.marks.lost {
		return fmt.Errorf("%w: run doctor", ErrHeadsLost)
	}
	if len(v.marks.heads.Pending) > 0 {
		if _, err := v.trust(); err != nil { // whose log it is, device.json alone may not say
			return err
		}
		if err := v.finishPending(); err != nil {
			return err
		}
	}
	if err := v.m.EmptyTmp(v.o.Now()); err != nil {
		return err
	}
	if err := v.adoptRoster(); err != nil {
		return err
	}
	if err := v.adoptOwn(); err != nil {
		return err
	}
	return v.finishPurge()
}

// finishPending gives the parts of a committed edit their names: the heads that name them were the commit.
func (v *Vault) finishPending() error {
	h := v.marks.heads
	staged, err := v.m.PendingTmp()
	if err != nil {
		return err
	}
	byHash := map[string]mirror.Staged{}
	for _, info := range staged {
		s := mirror.TmpFile(info)
		data, err := v.m.Read(s.Path(), format.MaxSegment+ageOverhead(format.MaxSegment))
		if err != nil {
			continue // a long write of somebody else
		}
		byHash[format.H32(data)] = s
	}
	var names []string
	for _, p := range h.Pending {
		name := format.Name{Kind: format.FileLog, Log: v.self.Short(), Seq: p.Seq, H32: p.H32}.Path()
		if tmp, ok := byHash[p.H32]; ok {
			if err := v.m.PublishKept(tmp, name); err != nil {
				return err
			}
		}
		names = append(names, name)
	}
	size := int64(0)
	for i, name := range names { // when one is gone, the others have their names all the same
		info, err := v.m.Stat(name)
		if err != nil {
			return fmt.Errorf("finish import: %w: part %d is gone", ErrCorrupt, h.Pending[i].Seq)
		}
		size += info.Size
	}
	if err := v.m.SyncDirs(names...); err != nil {
		return err
	}
	last := h.Pending[len(h.Pending)-1]
	o := ownOf(h)
	var sids []format.SID
	for _, p := range h.Pending {
		sids = append(sids, p.SID)
	}
	o.edited(sids)
	o.Files += len(names)
	o.Tip, o.Open = "", o.Open+size // the next writer reads the tip from the file
	return v.writeHeads(v.advanced(h, format.Mark{Seq: last.Seq, SID: last.SID}, o))
}

// advanced is h with the own log moved on and nothing pending.
func (v *Vault) advanced(h format.Heads, m format.Mark, o own) format.Heads {
	logs := make(map[format.MemberID]format.Mark, len(h.Logs)+1)
	for log, at := range h.Logs {
		logs[log] = at
	}
	logs[v.self] = m
	h.Logs, h.Pending, h.Extra = logs, nil, o.with(h.Extra)
	return h
}

// adoptRoster moves the pin on to a roster that extends it: a ceremony's commit, cut off before the heads (vault.md 5.11).
func (v *Vault) adoptRoster() error {
	h := v.marks.heads
	epochs, err := v.epochs()
	if err != nil {
		return err
	}
	for _, n := range epochs {
		if n <= h.Epoch {
			break
		}
		keys, err := v.openEpoch(n)
		if err != nil {
			continue // not for us, or a left-over
		}
		for _, k := range keys {
			if t, err := v.openRoster(k, h.Roster); err == nil {
				return v.pinRoster(t)
			}
		}
	}
	if v.trusted != nil && v.trustFits(v.trusted) && v.trusted.roster.Head == h.Roster {
		if newest, err := v.newestRoster(); err != nil || newest == v.trusted.path {
			return err
		}
	}
	t, err := v.loadTrust()
	if err != nil {
		return err
	}
	if v.trusted == nil || t.roster.Head != v.trusted.roster.Head {
		v.trusted = t
	}
	if t.roster.Head == h.Roster {
		return nil
	}
	return v.pinRoster(t)
}

func (v *Vault) newestRoster() (string, error) {
	names, err := v.m.Names("roster")
	if err != nil || len(names) == 0 {
		return "", err
	}
	return "roster/" + names[len(names)-1], nil
}

func (v *Vault) pinRoster(t *trust) error {
	h := v.marks.heads
	h.Roster, h.Epoch = t.roster.Head, t.epoch.n
	if err := v.writeHeads(h); err != nil {
		return err
	}
	v.trusted = t
	return nil
}

// adoptOwn moves the own mark on to files at heads+1 whose prev begins with the sid of our head and whose signature is ours:
// they are our own writes, cut off before the heads. What else stands there is a fork, and stays one.
func (v *Vault) adoptOwn() error {
	t, err := v.trust()
	if err != nil {
		return err
	}
	names, err := v.m.Names(logDir(t.self))
	if err != nil {
		return err
	}
	m, ok := t.roster.Member(t.self)
	if !ok {
		return ErrRevoked
	}
	h := v.marks.heads
	at, o, moved := h.Logs[t.self], ownOf(h), false
	for _, base := range names {
		name := format.ParseName(logDir(t.self) + "/" + base)
		if name.Kind != format.FileLog || name.Seq != at.Seq+1 {
			continue
		}
		f, err := v.openLog(context.Background(), t, name, m)
		if err != nil {
			return err
		}
		if f.state != StateOK || f.prev() != at.SID || f.key != len(m.Keys())-1 {
			continue
		}
		if f.kind == format.KindSnapshot {
			lib, err := v.provenLibrary(context.Background(), t)
			if err != nil {
				return err
			}
			if lib.bySID[f.sid] == nil {
				continue // signed by us, and not true
			}
		}
		at, moved = f.mark(), true
		o.add(f)
		v.notice("adopted", "a write that was cut off before it was acknowledged is complete and was taken in")
	}
	if !moved {
		return nil
	}
	return v.writeHeads(v.advanced(h, at, o))
}

// add accounts for one more own file.
func (o *own) add(f *logFile) {
	o.Tip = f.hash.String()
	if f.kind == format.KindSnapshot {
		o.Open, o.Files, o.Snap = 0, 0, f.size
	} else {
		o.Open += f.size
		o.Files++
		o.edited([]format.SID{f.sid})
	}
}

// ownTip returns the full hash of the newest own plaintext: the next file's prev.
func (v *Vault) ownTip(t *trust) (format.Hash, error) {
	at := v.marks.heads.Logs[t.self]
	if at.Seq == 0 {
		return format.Hash{}, nil
	}
	if h, ok := ownOf(v.marks.heads).tip(); ok && h.SID() == at.SID {
		return h, nil
	}
	names, err := v.m.Names(logDir(t.self))
	if err != nil {
		return format.Hash{}, err
	}
	m, _ := t.roster.Member(t.self)
	for _, base := range names {
		name := format.ParseName(logDir(t.self) + "/" + base)
		if name.Kind != format.FileLog || name.Seq != at.Seq {
			continue
		}
		f, err := v.openLog(context.Background(), t, name, m)
		if err == nil && f.sid == at.SID {
			return f.hash, nil
		}
	}
	return format.Hash{}, fmt.Errorf("find the newest own file: %w: file %d of the own log is gone", ErrCorrupt, at.Seq)
}
