package exporter

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"slices"

	"signet/vault"
)

// storing is one attachment on its way into the vault.
type storing struct {
	cred *vault.Credential
	w    *io.PipeWriter
	sum  hash.Hash
	size int64
	done chan storedFile
}

type storedFile struct {
	member vault.Member
	err    error
}

// chunk takes a part of one of the item's files. They come one after the other, each in one piece, and are stored only when the
// item is taken over: a second import of the file must not leave bytes behind that no entry names.
func (in *signetReader) chunk(c sChunk) error {
	b, err := base64.RawURLEncoding.DecodeString(c.Data)
	if err != nil {
		return damaged("file data that is not base64url")
	}
	if in.open == nil || in.open.cred.ID != c.Credential {
		if err := in.begin(c.Credential); err != nil {
			return err
		}
	}
	if c.Lost {
		return in.lost()
	}
	_, _ = in.open.sum.Write(b)
	in.open.size += int64(len(b))
	if _, err := in.open.w.Write(b); err != nil {
		in.failed = err
		return err
	}
	return nil
}

func (in *signetReader) begin(cred string) error {
	if err := in.closeFile(); err != nil {
		return err
	}
	if in.item == nil {
		return damaged("a file that does not follow its entry")
	}
	creds := in.item.Entry.Credentials
	i := slices.IndexFunc(creds, func(c vault.Credential) bool { return c.Type == vault.File && c.ID == cred })
	if i < 0 || in.files[cred] {
		return damaged("a file that is there twice, or that its entry does not have")
	}
	if in.files == nil {
		in.files = map[string]bool{}
		in.wanted = in.o.Store != nil && (in.o.Want == nil || in.o.Want(*in.item))
	}
	in.files[cred] = true
	r, w := io.Pipe()
	f := &storing{cred: &creds[i], w: w, sum: sha256.New(), done: make(chan storedFile, 1)}
	go in.store(f, r, in.wanted)
	in.open = f
	return nil
}

func (in *signetReader) store(f *storing, r *io.PipeReader, wanted bool) {
	var s storedFile
	if wanted {
		s.member, s.err = in.o.Store(r)
	} else {
		_, s.err = io.Copy(io.Discard, r)
	}
	_ = r.CloseWithError(s.err) // a writer that is still there learns why
	f.done <- s
}

// closeFile ends the open file, checks it, and joins it with its credential.
func (in *signetReader) closeFile() error {
	f := in.open
	if f == nil {
		return nil
	}
	c := *f.cred
	sum := base64.RawURLEncoding.EncodeToString(f.sum.Sum(nil))
	if want := c.Text("integrityHash"); want != "" && want != sum || c.Size() >= 0 && c.Size() != f.size {
		return damaged("a file of the entry before is not what its SHA-256 or its size says")
	}
	in.open = nil
	_ = f.w.Close()
	s := <-f.done
	if s.err != nil {
		in.failed = fmt.Errorf("store attachment: %w", s.err)
		return in.failed
	}
	if s.member.Name != "" {
		f.cred.Members = append(f.cred.Members, s.member)
	}
	return nil
}

// lost takes the word of the file that it does not have the content.
func (in *signetReader) lost() error {
	name := in.open.cred.Text("name")
	in.cancel()
	in.item.Losses = append(in.item.Losses, Loss{plainName("file " + name), Dropped, "its content could not be read when the export was written"})
	return nil
}

// cancel ends a file that was cut off, so that the store sees an error and keeps nothing of it.
func (in *signetReader) cancel() {
	if in.open != nil {
		_ = in.open.w.CloseWithError(ErrDamaged)
		<-in.open.done
		in.open = nil
	}
}
