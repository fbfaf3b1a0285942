package vault

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/seal"
)

// segmentTarget is how much a segment takes before the next one begins: below MaxSegmentWrite by more than Padmé adds.
const segmentTarget = 15 << 20

// commit collects the operations of one edit into segments and makes them visible as one (vault.md 5.5). Everything is
// staged and fsynced first; one segment is committed by the heads behind its rename, several by the heads before.
type commit struct {
	v       *Vault
	t       *trust
	to      age.Recipient
	heads   format.Heads // as the edit began: v.marks are read anew by readers of this process while operations are collected
	at      format.Mark  // the own log's newest file
	tip     format.Hash  // and its hash
	ops     []format.Op
	size    int
	target  int // bytes after which a segment ends
	parts   []part
	done    bool
	saved   bool          // from the cache: nobody's edit
	quiet   bool          // housekeeping: not the last edit of a person
	written int           // records in the parts
	light   bool          // the parts hold no operations any more
	before  []format.Hash // stamps under which the cache holds what was before
}

// part is one segment, staged.
type part struct {
	mark   format.Mark
	name   format.Name
	staged mirror.Staged
	size   int64
	ops    []format.Op
}

func (v *Vault) newCommit(t *trust) (*commit, error) {
	to, err := seal.ParseRecipient(t.epoch.rcpt)
	if err != nil {
		return nil, err
	}
	tip, err := v.ownTip(t)
	if err != nil {
		return nil, err
	}
	return &commit{v: v, t: t, to: to, heads: v.marks.heads, at: v.marks.heads.Logs[t.self], tip: tip, target: v.target, before: []format.Hash{v.marks.stamp}}, nil
}

// add takes the operations of one record.
func (c *commit) add(ops []format.Op) error {
	n := 0
	for _, op := range ops {
		n += size(op)
	}
	if n > segmentTarget { // the format's limit, whatever the target
		return fmt.Errorf("write: a record of %d bytes: %w", n, ErrTooLarge)
	}
	if c.size+n > c.target || len(c.ops)+len(ops) > format.MaxOps {
		if err := c.cut(); err != nil {
			return err
		}
	}
	c.ops, c.size = append(c.ops, ops...), c.size+n
	return nil
}

// cut ends the segment that is open: build, pad, sign, encrypt, stage.
func (c *commit) cut() error {
	if len(c.ops) == 0 {
		return nil
	}
	if len(c.parts) >= format.MaxPending {
		return fmt.Errorf("write: %d segments: %w", len(c.parts), ErrTooLarge)
	}
	seg := format.Segment{Header: c.header(), Ops: c.ops}
	body, err := seg.Encode()
	if err != nil {
		return err
	}
	plain := format.Sign(format.KindSegment, c.v.id, body, c.t.sign)
	defer clear(plain)
	hash := format.Sum(plain)
	p := part{mark: format.Mark{Seq: seg.Header.Seq, SID: hash.SID()}, ops: c.ops}
	if p.name, p.size, p.staged, err = c.stage(plain, p.mark.Seq); err != nil {
		return err
	}
	c.parts = append(c.parts, p)
	c.lighten()
	c.at, c.tip, c.ops, c.size = p.mark, hash, nil, 0
	return nil
}

// lighten drops the operations of an edit of very many records: its segments stand on the disk, and are read again when the cache
// moves on.
func (c *commit) lighten() {
	last := &c.parts[len(c.parts)-1]
	if c.written += len(recordsOf(last.ops)); c.written <= c.v.room.records {
		return
	}
	c.light = true
	for i := range c.parts {
		c.parts[i].ops = nil
	}
}

func (c *commit) header() format.SegmentHeader {
	h := c.heads
	seen := map[format.MemberID]format.Mark{}
	for log, m := range h.Logs {
		if log != c.t.self {
			seen[log] = m
		}
	}
	return format.SegmentHeader{
		Vault: c.v.id, Log: c.t.self, Seq: c.at.Seq + 1, Prev: c.tip, Epoch: c.t.epoch.n, EpochK: c.t.epoch.short(),
		Roster: c.t.roster.Head, Seen: seen, Time: c.v.o.Now().UnixMilli(),
	}
}

func (c *commit) stage(plain []byte, seq int) (format.Name, int64, mirror.Staged, error) {
	sealed, err := seal.Bytes(plain, c.to)
	if err != nil {
		return format.Name{}, 0, mirror.Staged{}, err
	}
	name := format.Name{Kind: format.FileLog, Log: c.t.self.Short(), Seq: seq, H32: format.H32(sealed)}
	s, err := c.v.m.Stage(func(w io.Writer) error { _, err := w.Write(sealed); return err })
	return name, int64(len(sealed)), s, err
}

// publish makes the parts visible and the edit durable.
func (c *commit) publish() error {
	c.v.mu.Lock()
	defer c.v.mu.Unlock()
	return c.publishHeld()
}

// publishHeld is publish for callers that hold mu.
func (c *commit) publishHeld() error {
	if err := c.v.openable(); err != nil {
		return err
	}
	if err := c.stillOurs(); err != nil {
		return err
	}
	if len(c.parts) > 1 {
		return c.publishMany()
	}
	p := c.parts[0]
	name := p.name.Path()
	err := c.v.m.Publish(p.staged, name)
	if err != nil {
		return err
	}
	if err = c.v.m.SyncDirs(name); err == nil {
		err = c.advance(c.after())
	}
	if err != nil && !errors.Is(err, ErrUnsure) {
		// Not acknowledged and in no marks: nobody may have read it, so a failed command leaves nothing behind.
		_ = c.v.m.Remove(name)
	}
	c.done = true // it has its name, or is gone
	return err
}

// advance writes the heads; after a failure they are certainly those of before, or the error is ErrUnsure.
func (c *commit) advance(h format.Heads) error {
	before := c.v.marks.heads
	err := c.v.writeHeads(h)
	if err == nil {
		return nil
	}
	return c.v.unwritten(err, before)
}

// unwritten takes back heads whose write failed with err.
func (v *Vault) unwritten(err error, before format.Heads) error {
	if taken := v.retract(before); taken != nil {
		return fmt.Errorf("%w (%w)", err, taken)
	}
	return err
}

// stillOurs reads the heads once more: a reader of this process may have looked at them meanwhile, and nobody else can have
// changed them under our lock.
func (c *commit) stillOurs() error {
	stamp := c.v.marks.stamp
	if err := c.v.readHeads(); err != nil {
		return err
	}
	if c.v.marks.lost || c.v.marks.stamp != stamp && c.v.marks.stamp != c.before[0] {
		return errors.New("write: the high-water marks changed under the lock")
	}
	return nil
}

// publishMany commits several segments by the heads that name them as pending, before any of them is visible.
func (c *commit) publishMany() error {
	h := c.v.marks.heads
	c.pend(&h)
	// The staged files must be found after a power cut: their entries in state/tmp/ are made durable before the marks name them.
	if err := c.v.m.SyncTmp(); err != nil {
		return err
	}
	if err := c.advance(h); err != nil {
		c.done = errors.Is(err, ErrUnsure) // then the marks may name the staged files
		return err
	}
	c.done = true // if the process dies now, whoever takes the lock next finishes it
	c.before = append(c.before, c.v.marks.stamp)
	err := c.rename()
	if err != nil {
		err = errors.Join(err, c.takeBack())
	}
	return err
}

// pend names the parts in the heads that commit them.
func (c *commit) pend(h *format.Heads) {
	for _, p := range c.parts {
		h.Pending = append(h.Pending, format.Pending{Seq: p.mark.Seq, SID: p.mark.SID, H32: p.name.H32})
	}
	o := ownOf(*h)
	o.Saved = c.saved
	h.Extra = o.with(h.Extra)
}

func (c *commit) rename() error {
	var names []string
	for _, p := range c.parts {
		if err := c.v.m.PublishKept(p.staged, p.name.Path()); err != nil {
			return err
		}
		names = append(names, p.name.Path())
	}
	if err := c.v.m.SyncDirs(names...); err != nil {
		return err
	}
	if err := c.v.writeHeads(c.after()); err != nil {
		return err
	}
	for _, p := range c.parts {
		c.v.m.Discard(p.staged)
	}
	return nil
}

// takeBack undoes a commit of several segments whose renames failed (a full disk), so that the failed command changes nothing
// (I11): first the marks say again that nothing is pending, then the parts go.
func (c *commit) takeBack() error {
	h := c.v.marks.heads
	h.Pending = nil
	if err := c.v.retract(h); err != nil {
		return err
	}
	var names []string
	for _, p := range c.parts {
		c.v.m.Discard(p.staged)
		names = append(names, p.name.Path())
	}
	return c.v.m.RemoveAll(names...)
}

// after is the heads once the parts are visible.
func (c *commit) after() format.Heads {
	o := ownOf(c.v.marks.heads)
	for _, p := range c.parts {
		o.Open += p.size
		o.Files++
	}
	o.Tip, o.Saved = c.tip.String(), c.saved
	if !c.quiet {
		o.edited(c.sids())
	}
	return c.v.advanced(c.v.marks.heads, c.at, o)
}

func (c *commit) sids() []format.SID {
	var out []format.SID
	for _, p := range c.parts {
		out = append(out, p.mark.SID)
	}
	return out
}

// discard removes what was staged for an edit that did not come to be.
func (c *commit) discard() {
	if c.done {
		return
	}
	for _, p := range c.parts {
		c.v.m.Discard(p.staged)
	}
}
