package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"signet/vault/mirror/crashfs"
)

// A disk that fails while the high-water marks are written: an fdatasync may report an error after the bytes have reached the
// disk. Whatever the disk then holds, the vault opens, can be written, raises no alarm, and shows the old state; only when the
// command said that it does not know (ErrUnsure) it may show the new one.
func TestFailingHeadsNeverNameWhatIsGone(t *testing.T) {
	t.Parallel()
	acts := append(writers[:len(writers):len(writers)], struct {
		name string
		act  func(v *Vault) error
	}{"compaction", maintained}, struct {
		name string
		act  func(v *Vault) error
	}{"attachment", func(v *Vault) error {
		_, err := v.Attach(context.Background(), recID(1), "a.bin", "", bytes.NewReader(make([]byte, 40<<10)))
		return err
	}})
	for _, wr := range acts {
		for _, kind := range []string{"write", "sync"} {
			for _, lasting := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, failing %s, lasting %v", wr.name, kind, lasting), func(t *testing.T) {
					t.Parallel()
					for n := 1; failHeads(t, wr.act, kind, n, lasting); n++ {
						if n > 20 {
							t.Fatal("the heads are written without end")
						}
					}
				})
			}
		}
	}
}

// failHeads lets the n-th step of that kind on the heads fail (and all later ones, if lasting); false when there is none.
func failHeads(t *testing.T, act func(*Vault) error, kind string, n int, lasting bool) bool {
	t.Helper()
	w := settled(t)
	before := mask(state(t, w.clone().open()))
	good := w.clone().open()
	must(t, act(good))
	after := mask(attachless(state(t, good)))
	v := w.open()
	count := 0
	w.fs.Fail(func(op crashfs.Op) error {
		if op.Name != "state/heads" || op.Kind != kind {
			return nil
		}
		if count++; count == n || lasting && count > n {
			return syscall.EIO
		}
		return nil
	})
	err := act(v)
	w.fs.Fail(nil)
	if count < n {
		return false
	}
	if err == nil {
		t.Errorf("step %d: a failure of the marks is not reported", n)
	}
	for i, s := range append(w.fs.Survivors(4, uint64(n)), w.fs.Kill()) {
		got, oerr := reopened(w.on(s))
		got = attachless(got)
		switch {
		case oerr != nil:
			t.Errorf("step %d, survivor %d: %v (the command said: %v)", n, i, oerr, err)
		case got != before && !(errors.Is(err, ErrUnsure) && got == after):
			t.Errorf("step %d, survivor %d: neither old nor new (the command said: %v)\n%s", n, i, err, got)
		}
	}
	if _, err := reopened(w); err != nil {
		t.Errorf("step %d, the same disk going on: %v", n, err)
	}
	return true
}

// attachless leaves out what differs from run to run in an attachment: its id and key.
func attachless(s string) string {
	var out []byte
	for line := range bytes.Lines([]byte(s)) {
		if !bytes.Contains(line, []byte("cred/")) || bytes.Contains(line, []byte("cred/aaaaaaaa")) {
			out = append(out, line...)
		}
	}
	return string(out)
}
