package mirror

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// The heads file: two slots at offsets 0 and S, S a multiple of 4 KiB, so that no sector and no page holds parts of both.
// It is made at its full size, and from then on one slot is overwritten in place: one pwrite and one fdatasync (vault.md 5.5).
const (
	slotUnit = 4 << 10
	maxSlot  = 4 << 20 // bytes of one slot: far above 10,000 logs
)

// ReadHeads returns the raw heads file and the size of one slot; fs.ErrNotExist when absent. A file of impossible size is
// returned as far as it goes: whether a slot in it is valid is for its HMAC to say.
func (m *Mirror) ReadHeads() (raw []byte, slotSize int, err error) {
	raw, err = m.Read(headsName, 2*maxSlot)
	if err != nil {
		return nil, 0, err
	}
	return raw, len(raw) / 2, nil
}

// WriteHeads writes one slot of the heads file (0 or 1) in place with one pwrite and fdatasync. When the slot does not fit,
// or the file is absent, misshapen or replace is true, a new file with that slot is written beside it and renamed over.
func (m *Mirror) WriteHeads(slot int, data []byte, replace bool) error {
	if slot != 0 && slot != 1 || len(data) > maxSlot {
		return fmt.Errorf("write heads: slot %d of %d bytes", slot, len(data))
	}
	info, err := m.fs.Stat(headsName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write heads: %w", err)
	}
	half := info.Size / 2
	whole := err == nil && info.Size == 2*half && half > 0 && half%slotUnit == 0
	if replace || !whole || int64(len(data)) > half {
		return m.newHeads(slot, data, max(half, 0))
	}
	return m.overwriteHeads(int64(slot)*half, data)
}

func (m *Mirror) overwriteHeads(off int64, data []byte) error {
	f, err := m.fs.Edit(headsName)
	if err != nil {
		return fmt.Errorf("write heads: %w", err)
	}
	_, err = f.WriteAt(data, off)
	if err == nil {
		err = f.SyncData()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write heads: %w", diskErr(err))
	}
	return nil
}

// newHeads leaves room to grow: a slot at least twice as large as what it holds now.
func (m *Mirror) newHeads(slot int, data []byte, half int64) error {
	size := int64(slotUnit)
	for size < 2*int64(len(data)) || size < half && half <= maxSlot {
		size *= 2
	}
	size = min(size, maxSlot)
	file := make([]byte, 2*size)
	copy(file[int64(slot)*size:], data)
	return m.Replace(headsName, func(w io.Writer) error {
		_, err := w.Write(file)
		return err
	})
}
