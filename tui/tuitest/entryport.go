package tuitest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"signet/tui/screen"
	"signet/vault/entry"
	"signet/vault/format"
)

// Errors of the entry's ports.
var (
	ErrExists      = errors.New("file exists")
	ErrNoClipboard = errors.New("there is no clipboard here")
	ErrNoBrowser   = errors.New("no browser can be opened here: there is no display")
	errNotKey      = errors.New("not a key of a known form")
)

// Authors implements screen.EntryPort: what the fake wrote itself is of this device, what came from elsewhere of the phone.
func (v *Vault) Authors(ctx context.Context, sids []string) (map[string]screen.Author, error) {
	done, err := v.enter(ctx, "Authors")
	if err != nil {
		return nil, err
	}
	defer done()
	out := map[string]screen.Author{}
	for _, s := range sids {
		switch {
		case strings.HasPrefix(s, "fake"):
			out[s] = screen.Author{Name: v.About.Device, This: true}
		case strings.HasPrefix(s, "away"):
			out[s] = screen.Author{Name: "phone"}
		}
	}
	return out, nil
}

// SSHKey implements screen.EntryPort: the key of the samples has one fingerprint, everything else is none.
func (v *Vault) SSHKey(ctx context.Context, id entry.ID, cred string) (screen.SSHKey, error) {
	e, err := v.get(ctx, "SSHKey", id, entry.View{Reveal: true})
	if err != nil {
		return screen.SSHKey{}, err
	}
	defer e.Wipe()
	for _, c := range e.Credentials {
		if c.ID == cred && strings.HasPrefix(c.Text("privateKey"), "-----BEGIN OPENSSH") {
			return screen.SSHKey{Type: "ssh-ed25519", Fingerprint: "SHA256:ZJ8ucXjAbJfDHlVVFvDj05EG4punY99dvYBd/xfjtcU", Comment: "ada@laptop"}, nil
		}
	}
	return screen.SSHKey{}, errNotKey
}

// SaveFile implements screen.EntryPort: files are written to Files, in two steps.
func (v *Vault) SaveFile(ctx context.Context, o screen.SaveFile, progress func(done, total int64)) error {
	done, err := v.enter(ctx, "SaveFile")
	if err != nil {
		return err
	}
	_, there := v.Files[o.Path]
	done()
	if there && !o.Replace {
		return fmt.Errorf("write %s: %w", o.Path, ErrExists)
	}
	progress(1<<19, 1<<20)
	if err := v.block(ctx); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.Files == nil {
		v.Files = map[string]string{}
	}
	v.Files[o.Path] = o.Cred
	return nil
}

func (v *Vault) block(ctx context.Context) error {
	if v.Block == nil {
		return nil
	}
	select {
	case <-v.Block:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// AddFile implements screen.EntryPort.
func (v *Vault) AddFile(ctx context.Context, id entry.ID, path string, progress func(done, total int64)) (screen.Applied, error) {
	if strings.Contains(path, "missing") {
		return screen.Applied{}, errors.New("no such file")
	}
	progress(1<<19, 1<<20)
	if err := v.block(ctx); err != nil {
		return screen.Applied{}, err
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	cred := entry.IDs{Rand: &Randomness{n: uint32(len(path))}}.Short()
	set := func(member, value string) entry.Edit { return entry.Set(id, entry.CredPath(cred, member), value) }
	return v.Apply(ctx, nil, []entry.Edit{set("type", entry.File), set("pos", "z"), set("name", name), set("decryptedSize", strconv.Itoa(1<<20)), set("signet:data", "AAAA")})
}

// Conflict gives a field a second value, as if another device had written it at the same time.
func (v *Vault) Conflict(id entry.ID, path, value string, wall int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.fields[id][path]
	v.counter++
	c.more = append(c.more, cell{text: value, wall: wall, dot: format.Dot{SID: format.SID(fmt.Sprintf("away%012d", v.counter))}})
	v.fields[id][path] = c
}

// Browser remembers what was opened.
type Browser struct {
	Opened []string
	Err    error
}

// Open implements screen.Browser.
func (b *Browser) Open(_ context.Context, url string) error {
	if b.Err != nil {
		return b.Err
	}
	b.Opened = append(b.Opened, url)
	return nil
}
