package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"signet/vault/entry"
)

func attachmentOf(t *testing.T, v *Vault, id ID) FieldRef {
	t.Helper()
	e, err := v.Entry(context.Background(), id, View{Reveal: true})
	must(t, err)
	c, ok := e.Credential(entry.File)
	if !ok {
		t.Fatal("no file in the entry")
	}
	return FieldRef{Record: id, Path: entry.AttachmentPath(c)}
}

func attach(t *testing.T, v *Vault, id ID, data []byte) {
	t.Helper()
	_, err := v.Attach(context.Background(), id, "key.bin", "application/octet-stream", bytes.NewReader(data))
	must(t, err)
}

func TestAttachmentsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 32 << 10, 32<<10 + 1, 200_000} {
		w := newWorld(t)
		v := w.open()
		apply(t, v, login(1, "Mail", "x")...)
		data := bytes.Repeat([]byte("0123456789abcdef!"), size/17+1)[:size]
		attach(t, v, recID(1), data)
		var got bytes.Buffer
		must(t, w.open().ReadAttachment(context.Background(), attachmentOf(t, v, recID(1)), &got))
		if !bytes.Equal(got.Bytes(), data) {
			t.Errorf("size %d: %d bytes came back", size, got.Len())
		}
		sealed := 0
		for _, name := range w.fs.Files() {
			if strings.HasPrefix(name, "att/") {
				sealed++
			}
			if bytes.Contains(w.fs.ReadFile(name), []byte("0123456789abcdef!0123")) {
				t.Errorf("size %d: the content stands in the clear in %s", size, name)
			}
		}
		if want := map[bool]int{true: 1}[size > 32<<10]; sealed != want {
			t.Errorf("size %d: %d files in att/, want %d", size, sealed, want)
		}
	}
}

func TestAttachmentThatIsDamagedIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	apply(t, v, login(1, "Mail", "x")...)
	attach(t, v, recID(1), make([]byte, 50_000))
	ref := attachmentOf(t, v, recID(1))
	name := ""
	for _, f := range w.fs.Files() {
		if strings.HasPrefix(f, "att/") {
			name = f
		}
	}
	whole := w.fs.ReadFile(name)
	for i := 0; i < len(whole); i += len(whole) / 20 {
		w.fs.WriteFile(name, flip(whole, i))
		var got bytes.Buffer
		if err := v.ReadAttachment(context.Background(), ref, &got); !errors.Is(err, ErrCorrupt) || got.Len() > 0 {
			t.Errorf("bit of byte %d flipped: %v after %d bytes", i, err, got.Len())
		}
	}
	w.fs.WriteFile(name, whole[:len(whole)-1])
	if err := v.ReadAttachment(context.Background(), ref, io.Discard); !errors.Is(err, ErrCorrupt) {
		t.Errorf("cut: %v", err)
	}
	w.fs.DeleteFile(name)
	if err := v.ReadAttachment(context.Background(), ref, io.Discard); err == nil {
		t.Error("absent: no error")
	}
}

func TestAttachThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	apply(t, v, login(1, "Mail", "x")...)
	files := len(w.fs.Files())
	boom := errors.New("boom")
	_, err := v.Attach(context.Background(), recID(1), "x", "", io.MultiReader(bytes.NewReader(make([]byte, 100_000)), iotestErr{boom}))
	if !errors.Is(err, boom) || len(w.fs.Files()) != files {
		t.Errorf("reader fails: %v, %v", err, w.fs.Files())
	}
	if _, err := v.Attach(context.Background(), recID(9), "x", "", bytes.NewReader(make([]byte, 100_000))); !errors.Is(err, ErrNotFound) || len(w.fs.Files()) != files {
		t.Errorf("no such entry: %v, %v", err, w.fs.Files())
	}
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }

// After a crash at any step, an attachment that is named is there and whole.
func TestAttachSurvivesCrashes(t *testing.T) {
	t.Parallel()
	w := settled(t)
	data := bytes.Repeat([]byte("attached "), 5000)
	act := func(v *Vault) error {
		_, err := v.Attach(context.Background(), recID(1), "f", "", bytes.NewReader(data))
		return err
	}
	crashPoints(t, w, 2, act, func(c *world, when string, done bool) {
		v, err := c.tryOpen()
		if err != nil {
			t.Errorf("%s: %v", when, err)
			return
		}
		defer v.Close()
		e, err := v.Entry(context.Background(), recID(1), View{Reveal: true})
		must(t, err)
		cred, ok := e.Credential(entry.File)
		if done && !ok {
			t.Errorf("%s: an acknowledged attachment is gone", when)
		}
		if !ok {
			return
		}
		var got bytes.Buffer
		err = v.ReadAttachment(context.Background(), FieldRef{Record: recID(1), Path: entry.AttachmentPath(cred)}, &got)
		if err != nil || !bytes.Equal(got.Bytes(), data) {
			t.Errorf("%s: %v, %d bytes", when, err, got.Len())
		}
	})
}
