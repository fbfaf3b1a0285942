package exporter

// Limits of what an import reads (formats.md 14.5). They bound memory and time before anything is believed.
const (
	MaxFile       = 1 << 36 // bytes of a file in clear: nothing holds it, and an export of our own has all attachments
	MaxItems      = 100_000
	MaxEntries    = 1_000_000 // of an export of our own, which has to be readable whatever the vault has grown to
	MaxItemBytes  = 8 << 20   // one item, attachments apart
	MaxDepth      = 64        // JSON nesting
	MaxFolders    = 100_000
	MaxFolderDeep = 64
	MaxCell       = 1 << 20 // bytes of one CSV cell
	MaxColumns    = 1024
	MaxWorkFactor = 22 // scrypt log2(N) of an encrypted file

	// What the vault takes of one entry (decisions.md "Compaction and limits"): an item above it is skipped, not the import.
	maxFields  = 4096
	maxHistory = 7 << 20 // bytes of one previous value with its path
)
