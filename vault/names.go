package vault

import (
	"fmt"
	"io"

	"signet/vault/format"
)

// Files of the vault directory that are not synced (vault.md 5.2).
const (
	deviceName = "device.json"
	cacheName  = "state/cache.age"
	tailName   = "state/cache.tail"
	localDir   = "state/local"
)

// maxFile is how large a synced file may be: anything larger is not looked into.
func maxFile(kind format.FileKind) int64 {
	plain := int64(0)
	switch kind {
	case format.FileSlot:
		plain = format.MaxSlotFile
	case format.FilePrev:
		plain = format.MaxPrevFile
	case format.FileRoster:
		plain = format.MaxRoster
	case format.FileLog:
		plain = format.MaxSnapshot
	case format.FileAtt:
		plain = padded(format.MaxAttachment)
	case format.FileUnknown:
	}
	return plain + ageOverhead(plain)
}

// ageOverhead bounds what age adds to a plaintext: the header, and 16 bytes per 64 KiB.
func ageOverhead(plain int64) int64 { return 16<<10 + plain/4000 }

func epochDir(n int) string { return fmt.Sprintf("epochs/%06d", n) }

func logDir(log format.MemberID) string { return "log/" + log.Short() }

func bytesWriter(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}
