package screen

import (
	"context"

	"signet/vault/entry"
)

// EntryPort are the calls of Vault that only the screen of one entry needs.
type EntryPort interface {
	// Authors says which device wrote what: by the part of a dot that names the write (Dot.SID). Unknown ones are left out.
	Authors(ctx context.Context, sids []string) (map[string]Author, error)
	// SSHKey computes what may be shown of an SSH key from the key itself.
	SSHKey(ctx context.Context, id entry.ID, cred string) (SSHKey, error)
	// SaveFile writes an attachment to a file that only the user may read, as a whole or not at all. A file of that name is replaced
	// only with Replace, else it is an error for which Faults.Exists is true.
	SaveFile(ctx context.Context, o SaveFile, progress func(done, total int64)) error
	// AddFile puts a file into an entry. Memory is bounded whatever its size.
	AddFile(ctx context.Context, id entry.ID, path string, progress func(done, total int64)) (Applied, error)
}

// Author is a device that wrote a value.
type Author struct {
	Name string // as the vault's members call it
	This bool   // this very device
}

// SSHKey is what may be shown of an SSH key.
type SSHKey struct {
	Type, Fingerprint, Comment string
	Bits                       int  // 0 where the type says it
	Encrypted                  bool // the private key asks for a passphrase
}

// SaveFile says which attachment is written where.
type SaveFile struct {
	Entry   entry.ID
	Cred    string
	Path    string // as typed
	Replace bool   // the user was asked
}

// Browser opens web sites.
type Browser interface {
	// Open shows an address of http or https. It is an error for which Faults.NoBrowser is true when there is nothing here that could
	// show it, as over SSH.
	Open(ctx context.Context, url string) error
}
