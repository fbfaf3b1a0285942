package session_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/secret"
)

func reopen(t testing.TB, dir string) *session.Local {
	t.Helper()
	at, err := vault.At(dir, vault.Options{})
	must(t, err)
	v, err := at.Unlock(t.Context(), vault.UnlockOptions{Secret: secret.FromString(testPass)})
	must(t, err)
	l := session.NewLocal(v, time.Now)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// What comes while the vault is locked is kept, and marked as what it is; a stranger's file beside it is no row.
func TestRequestsWhileLocked(t *testing.T) {
	l := newVault(t)
	dir := l.Vault().Dir()
	d := session.NewDoor(session.DoorOptions{Dir: dir})
	d.Use(l)
	must(t, d.Record(t.Context(), session.Request{At: time.UnixMilli(1), Command: "open"}))
	must(t, l.Close())
	must(t, d.Record(t.Context(), session.Request{At: time.UnixMilli(2), Command: "locked", RPID: strings.Repeat("é", 999)}))
	waiting := filepath.Join(dir, "state", "local", "req")
	must(t, os.WriteFile(filepath.Join(waiting, "0000000000003-ff.age"), []byte("age-encryption.org/v1\nnonsense"), 0o600))
	for _, text := range []string{"locked", "getAssertion"} {
		names, err := os.ReadDir(waiting)
		must(t, err)
		for _, n := range names {
			if b, _ := os.ReadFile(filepath.Join(waiting, n.Name())); strings.Contains(string(b), text) {
				t.Errorf("%s can be read in %s", text, n.Name())
			}
		}
	}
	l = reopen(t, dir)
	rows, err := l.Requests(t.Context(), 0)
	if err != nil || len(rows) != 2 || rows[0].Command != "locked" || rows[0].Trusted || !rows[1].Trusted || len(rows[0].RPID) != 256 {
		t.Fatalf("rows %+v, %v", rows, err)
	}
	left, err := os.ReadDir(waiting)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	warned := false
	for _, p := range doctor(t, l).Problems {
		warned = warned || p.Code == "requests"
	}
	if !warned {
		t.Error("doctor does not name the file that cannot be read")
	}
}

// Whoever asks without end fills neither the disk nor the log.
func TestRequestsWhileLockedAreBounded(t *testing.T) {
	l := newVault(t)
	dir := l.Vault().Dir()
	must(t, l.Close())
	waiting := filepath.Join(dir, "state", "local", "req")
	must(t, os.MkdirAll(waiting, 0o700))
	for i := range 1000 {
		must(t, os.WriteFile(filepath.Join(waiting, "x"+string(rune('0'+i%10))+strings.Repeat("y", i/10)), nil, 0o600))
	}
	d := session.NewDoor(session.DoorOptions{Dir: dir})
	for range 3 {
		must(t, d.Record(t.Context(), session.Request{At: time.UnixMilli(2), Command: "locked"}))
	}
	if all, err := os.ReadDir(waiting); err != nil || len(all) != 1001 {
		t.Errorf("%d files, %v", len(all), err)
	}
	rows, err := reopen(t, dir).Requests(t.Context(), 0)
	if err != nil || len(rows) != 1 || !strings.HasPrefix(rows[0].Answer, "3 more") {
		t.Errorf("rows %+v, %v", rows, err)
	}
}

// Nobody makes a request too long to be recorded, whatever it is made of, and a piece full of the longest ones still fits.
func TestTheLongestRequestsAreKept(t *testing.T) {
	d, l := newDoor(t)
	for _, c := range []string{"\x00", "\"", "<", "\u2028", "\xff", "é", "\U0001F600", "\\"} {
		s := strings.Repeat(c, 1000)
		must(t, d.Record(t.Context(), session.Request{At: time.UnixMilli(1), Command: s, Requester: s, Route: s, RPID: s, UserName: s, Answer: s}))
	}
	rows, err := l.Requests(t.Context(), 0)
	if err != nil || len(rows) != 8 || len(rows[0].RPID) != 256 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
