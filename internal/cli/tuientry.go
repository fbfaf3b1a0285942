package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path/filepath"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/format"
	"signet/vault/sshkey"
)

// Authors shows who wrote what to the screen of an entry. What is no sid is nobody's.
func (v *tuiVault) Authors(ctx context.Context, sids []string) (map[string]screen.Author, error) {
	asked := make([]format.SID, 0, len(sids))
	for _, s := range sids {
		if sid, err := format.ParseSID(s); err == nil {
			asked = append(asked, sid)
		}
	}
	found, err := v.s.Authors(ctx, asked)
	out := make(map[string]screen.Author, len(found))
	for sid, a := range found {
		out[string(sid)] = screen.Author{Name: a.Name, This: a.This}
	}
	return out, err
}

// SSHKey computes type, fingerprint and comment. A private key that hides its public half falls back on the stored public key.
func (v *tuiVault) SSHKey(ctx context.Context, id vault.ID, cred string) (screen.SSHKey, error) {
	e, err := v.s.Get(ctx, id, session.GetOptions{Reveal: true})
	if err != nil {
		return screen.SSHKey{}, err
	}
	defer e.Wipe()
	c := credential(e, cred)
	info, err := sshkey.Private(c.Text("privateKey"))
	if err != nil {
		locked := errors.Is(err, sshkey.ErrEncrypted)
		if info, err = sshkey.Public(c.Text("signet:publicKey")); err != nil {
			return screen.SSHKey{Encrypted: locked}, err
		}
		info.Encrypted = locked
	}
	return screen.SSHKey{Type: info.Type, Bits: info.Bits, Fingerprint: info.Fingerprint, Comment: info.Comment, Encrypted: info.Encrypted}, nil
}

// SaveFile writes an attachment to a new file, mode 0600.
func (v *tuiVault) SaveFile(ctx context.Context, o screen.SaveFile, progress func(done, total int64)) error {
	e, err := v.s.Get(ctx, o.Entry, session.GetOptions{})
	if err != nil {
		return err
	}
	c := credential(e, o.Cred)
	if c.Type != vault.File {
		return fmt.Errorf("save file: %w", vault.ErrNotFound)
	}
	ref := vault.FieldRef{Record: o.Entry, Path: vault.AttachmentPath(c)}
	return v.a.writeFile(v.a.expandHome(o.Path), o.Replace, func(w io.Writer) error {
		return v.s.Attachment(ctx, ref, &counting{ctx: ctx, w: w, total: c.Size(), progress: progress})
	})
}

// AddFile puts a regular file into an entry under its own name.
func (v *tuiVault) AddFile(ctx context.Context, id vault.ID, path string, progress func(done, total int64)) (screen.Applied, error) {
	path = v.a.expandHome(path)
	// Looked at before it is opened: opening a pipe would wait for its other end.
	if st, err := os.Stat(path); err != nil {
		return screen.Applied{}, err
	} else if !st.Mode().IsRegular() {
		return screen.Applied{}, &fs.PathError{Op: "add", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return screen.Applied{}, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return screen.Applied{}, err
	}
	r := &counting{ctx: ctx, r: f, total: st.Size(), progress: progress}
	return v.applied(v.s.Attach(ctx, id, filepath.Base(path), mime.TypeByExtension(filepath.Ext(path)), st.Size(), r))
}

// counting tells how many bytes went by, and ends a long copy when its context does.
type counting struct {
	ctx         context.Context //nolint:containedctx // of the one copy that it counts
	r           io.Reader
	w           io.Writer
	done, total int64
	progress    func(done, total int64)
}

func (c *counting) count(n int, err error) (int, error) {
	c.done += int64(n)
	c.progress(c.done, c.total)
	if err == nil {
		err = c.ctx.Err()
	}
	return n, err
}

func (c *counting) Read(p []byte) (int, error)  { return c.count(c.r.Read(p)) }
func (c *counting) Write(p []byte) (int, error) { return c.count(c.w.Write(p)) }
