package vault

import (
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/mirror/crashfs"
	"signet/vault/seal"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// FuzzWays puts anything into unlock/ and device.json: what a locked vault shows of it is bounded and named by names of ours, and
// asking it for a key never panics.
func FuzzWays(f *testing.F) {
	hint, err := format.WayHint{Kind: "plugin", Identity: "AGE-PLUGIN-X-1", Extra: []byte(`{"name":"tpm"}`)}.Encode()
	must(f, err)
	f.Add("plugin-tpm", hint, []byte("age-encryption.org/v1\n-> scrypt AAAA 10\n"), []byte("{}"))
	f.Add("passphrase", []byte(`{"t":"way","v":1,"kind":"passphrase","name":"../../x"}`), []byte(nil), []byte(nil))
	f.Add("keyring", []byte(`{"t":"way","v":9,"kind":"keyring"}`), []byte("x"), []byte("x"))
	f.Fuzz(func(t *testing.T, id string, hint, file, device []byte) {
		if id == "" || strings.ContainsAny(id, "/\x00") || len(id) > 200 {
			return
		}
		fs := crashfs.New()
		m := mirror.New(fs)
		must(t, m.Replace(vaultName, bytesWriter(nil)))
		for name, data := range map[string][]byte{hintFile(id): hint, scryptFile(id): file, unlockDir + "/" + id + "-key.age": file, deviceName: device} {
			must(t, m.Replace(name, bytesWriter(data)))
		}
		d := dirOn(m, Options{Keyring: unlock.Keyring{Items: newFakeRing()}})
		ways, err := d.Ways()
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range ways {
			if !wayID.MatchString(w.ID) || !wayName.MatchString(w.Name) && w.Name != w.ID {
				t.Errorf("a way %q called %q", w.ID, w.Name)
			}
			if w.Plugin != "" {
				return // would start a program
			}
		}
		if v, err := d.Unlock(t.Context(), UnlockOptions{Secret: secret.FromString("x")}); err == nil || v != nil {
			t.Error("opened")
		}
		if _, err := d.Doctor(t.Context()); err != nil {
			t.Errorf("doctor: %v", err)
		}
	})
}

// The trusted list is read back as it was written, and no other file of this device passes for it.
func TestWayList(t *testing.T) {
	t.Parallel()
	m := mirror.New(crashfs.New())
	local := secret.New([]byte(strings.Repeat("k", 32)))
	id := format.VaultID{1}
	l := wayList{
		Vault: id.String(), Device: format.NewMemberID([16]byte{2}), Rekey: "x",
		Ways: []wayRow{{ID: "passphrase", Kind: unlock.KindPassphrase, Name: "a", Recipient: "age1", Added: 1, New: true}},
		Kept: []keptKey{{"b", unlock.KindKeyring, 2}}, Names: map[format.MemberID]string{"m": "n"},
	}
	must(t, l.write(m, local))
	got, err := readWays(m, id, secret.New([]byte(strings.Repeat("o", 32))), local)
	must(t, err)
	if len(got.Ways) != 1 || got.Ways[0] != l.Ways[0] || got.Kept[0] != l.Kept[0] || got.Rekey != "x" || got.Names["m"] != "n" {
		t.Errorf("got %+v", got)
	}
	if _, err := readWays(m, format.VaultID{2}, local); err == nil {
		t.Error("a list of another vault")
	}
	for name, text := range map[string]string{
		"another file": `{"v":1,"file":"state/local/other","vault":"` + id.String() + `"}`,
		"newer":        `{"v":2,"file":"state/local/ways","vault":"` + id.String() + `"}`,
		"no JSON":      "x",
	} {
		data, err := seal.Bytes([]byte(text), seal.NewLocal(local, seal.PurposeLocal))
		must(t, err)
		must(t, m.Replace(waysName, bytesWriter(data)))
		if got, err := readWays(m, id, local); err == nil || got.Vault != "" {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSettledList(t *testing.T) {
	t.Parallel()
	l := wayList{Ways: []wayRow{{ID: "stays"}, {ID: "new", New: true}, {ID: "gone", Gone: true}}}
	ids := func(rows []wayRow) (out string) {
		for _, w := range rows {
			out += w.ID + " "
		}
		return out
	}
	if keep, drop := l.settled(true); ids(keep) != "stays new " || ids(drop) != "gone " || keep[1].New {
		t.Errorf("committed: %v %v", keep, drop)
	}
	if keep, drop := l.settled(false); ids(keep) != "stays gone " || ids(drop) != "new " || keep[1].Gone {
		t.Errorf("not committed: %v %v", keep, drop)
	}
}

func TestFindWay(t *testing.T) {
	t.Parallel()
	l := wayList{Ways: []wayRow{{ID: "a", Kind: "passphrase", Name: "one"}, {ID: "b", Kind: "passphrase", Name: "two"}, {ID: "c", Kind: "keyring", Name: "keyring"}}}
	if w, err := l.find("two"); err != nil || w.ID != "b" {
		t.Errorf("by name: %+v %v", w, err)
	}
	if w, err := l.find("keyring"); err != nil || w.ID != "c" {
		t.Errorf("by kind: %+v %v", w, err)
	}
	if _, err := l.find("passphrase"); err == nil {
		t.Error("two of a kind: one was chosen")
	}
}
