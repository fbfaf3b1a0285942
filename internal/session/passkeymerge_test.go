package session_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"signet/internal/session"
	"signet/passkeys"
)

// bring copies the log of one copy of a vault into another, and has it fold everything anew.
func bring(t testing.TB, from, to string) {
	t.Helper()
	logs, err := os.ReadDir(filepath.Join(from, "log"))
	must(t, err)
	for _, log := range logs {
		files, err := os.ReadDir(filepath.Join(from, "log", log.Name()))
		must(t, err)
		for _, f := range files {
			at := filepath.Join("log", log.Name(), f.Name())
			if _, err := os.Stat(filepath.Join(to, at)); err == nil {
				continue
			}
			raw, err := os.ReadFile(filepath.Join(from, at))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(to, at), raw, 0o600))
		}
	}
	for _, name := range []string{"cache.age", "cache.tail"} {
		if err := os.Remove(filepath.Join(to, "state", name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

// shownOf is what a copy shows of its passkeys and its state, in one order.
func shownOf(t testing.TB, l *session.Local) (out []string) {
	t.Helper()
	for _, trash := range []bool{false, true} {
		list, err := l.Passkeys(t.Context(), session.PasskeyQuery{Trash: trash})
		must(t, err)
		for _, p := range list {
			out = append(out, fmt.Sprint(trash, p.Entry, p.Cred, p.RPID, p.UserName, p.DisplayName, p.Counter, p.CredentialID))
		}
	}
	d := session.NewDoor(session.DoorOptions{})
	d.Use(l)
	m, err := d.State().Read(t.Context())
	must(t, err)
	out = append(out, fmt.Sprint(m.AlwaysUV, m.MinPINLength, len(m.LargeBlobs)))
	for _, k := range m.SealKeys {
		out = append(out, fmt.Sprintf("%x", k.Key.Reveal()[:4]))
	}
	return out
}

// Two copies of a vault go on by themselves and come together: both then show the same, every passkey that was made is there or in the trash, a counter is the
// greatest that any of them answered, and the sealing keys of both open what they sealed.
func TestCopiesOfAVaultComeTogether(t *testing.T) {
	var runs atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		if runs.Add(1) > 8 && !t.Failed() {
			return
		}
		dirs := []string{filepath.Join(t.TempDir(), "vault"), filepath.Join(t.TempDir(), "vault")}
		l := newVault(t)
		d := session.NewDoor(session.DoorOptions{})
		d.Use(l)
		first := credential(t, "site0.example", "u0", "ada")
		first.Counter = 5
		must(t, d.Store().Put(t.Context(), first))
		addLogin(t, l, "Login", "u1", at("https://site1.example")...)
		must(t, l.Close())
		for _, to := range dirs {
			must(t, os.CopyFS(to, os.DirFS(l.Vault().Dir())))
		}
		made, counter, seals := []passkeys.Credential{first}, uint32(5), 0
		for _, dir := range dirs {
			l := reopen(t, dir)
			d := session.NewDoor(session.DoorOptions{})
			d.Use(l)
			for range rapid.IntRange(1, 5).Draw(rt, "steps") {
				c := made[rapid.IntRange(0, len(made)-1).Draw(rt, "which")]
				switch rapid.SampledFrom([]string{"put", "put", "rename", "delete", "use", "seal"}).Draw(rt, "what") {
				case "put":
					n := rapid.IntRange(0, 1).Draw(rt, "account")
					c = credential(t, fmt.Sprintf("site%d.example", n), fmt.Sprint("u", n), fmt.Sprint("u", n))
					must(t, d.Store().Put(t.Context(), c))
					made = append(made, c)
				case "rename":
					_ = d.Store().SetUser(t.Context(), c.ID, passkeys.User{ID: c.User.ID, Name: "new " + dir[len(dir)-10:]})
				case "delete":
					_ = d.Store().Delete(t.Context(), c.ID)
				case "use":
					n := counter + uint32(rapid.IntRange(1, 3).Draw(rt, "by")) //nolint:gosec // small
					if d.Store().Used(t.Context(), first.ID, passkeys.Use{Counter: n}) == nil {
						counter = n
					}
				case "seal":
					must(t, d.State().Update(t.Context(), func(m *passkeys.Memory) error {
						m.SealKeys = append(m.SealKeys, passkeys.SealKey{Binding: passkeys.Synced, Key: random32()})
						return nil
					}))
					seals++
				}
			}
			must(t, l.Close())
		}
		bring(t, dirs[0], dirs[1])
		bring(t, dirs[1], dirs[0])
		a, b := reopen(t, dirs[0]), reopen(t, dirs[1])
		x, y := shownOf(t, a), shownOf(t, b)
		if len(x) != len(y) {
			rt.Fatalf("one shows %v\nthe other %v", x, y)
		}
		have := map[string]int{}
		for _, s := range x {
			have[s]++
		}
		for _, s := range y {
			if have[s]--; have[s] < 0 {
				rt.Fatalf("one does not show %s", s)
			}
		}
		d = session.NewDoor(session.DoorOptions{})
		d.Use(a)
		m, err := d.State().Read(t.Context())
		if err != nil || len(m.SealKeys) != seals {
			rt.Fatalf("%d sealing keys of %d, %v", len(m.SealKeys), seals, err)
		}
		for _, c := range made {
			found := false
			for _, trash := range []bool{false, true} {
				list, err := a.Passkeys(t.Context(), session.PasskeyQuery{Trash: trash, RPID: c.RPID})
				must(t, err)
				for _, p := range list {
					found = found || string(p.CredentialID) == string(c.ID)
				}
			}
			if !found {
				rt.Fatalf("a passkey of %s is gone", c.RPID)
			}
		}
		if got, err := d.Store().ByID(t.Context(), first.ID); err == nil && got.Counter != counter {
			rt.Fatalf("the counter is %d, %d was answered", got.Counter, counter)
		}
	})
}
