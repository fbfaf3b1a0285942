package vault

import (
	"context"
	"fmt"
	"io"

	"signet/vault/entry"
	"signet/vault/secret"
)

// StoreFile keeps a file's bytes before any entry names them, and returns the member of a file credential that says where
// they are: an import puts it into the entry that follows. Until an edit does, the file is a left-over, which doctor names.
func (v *Vault) StoreFile(ctx context.Context, r io.Reader) (entry.Member, error) {
	if v.readOnly {
		return entry.Member{}, ErrReadOnly
	}
	b, err := v.readBlob(ctx, r)
	if err != nil {
		return entry.Member{}, fmt.Errorf("store file: %w", err)
	}
	if !b.large {
		return entry.Member{Name: "signet:data", Value: secret.FromString(b64.EncodeToString(b.data))}, nil
	}
	name := b.att.Path()
	if err := v.m.Publish(b.staged, name); err != nil {
		v.m.Discard(b.staged)
		return entry.Member{}, fmt.Errorf("store file: %w", err)
	}
	if err := v.m.SyncDirs(name); err != nil {
		return entry.Member{}, fmt.Errorf("store file: %w", err)
	}
	text, err := b.att.Encode()
	if err != nil {
		return entry.Member{}, err
	}
	return entry.Member{Name: "signet:att", Value: text}, nil
}
