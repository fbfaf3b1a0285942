package format_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"signet/vault/format"
	"signet/vault/secret"
)

func identity(n byte) secret.Secret { return secret.New(format.EncodeIdentity(fill(32, n))) }

func deviceKey(old bool) format.DeviceKey {
	k := format.DeviceKey{Vault: testVault, Sign: secret.New(fill(32, 1)), Local: secret.New(fill(32, 2)), Identity: identity(3)}
	if old {
		k.OldSign, k.OldLocal, k.OldIdentity = secret.New(fill(32, 4)), secret.New(fill(32, 5)), identity(6)
	}
	return k
}

func text(s secret.Secret, err error) string { return must(s, err).RevealString() }

func TestDeviceKeyRoundTrip(t *testing.T) {
	t.Parallel()
	for _, old := range []bool{false, true} {
		k := deviceKey(old)
		file := text(k.Encode())
		got, err := format.ParseDeviceKey([]byte(file))
		if err != nil || text(got.Encode()) != file || got.HasOld() != old {
			t.Fatalf("old %v: %v\n%s", old, err, file)
		}
		if !got.SigningKey().Equal(k.SigningKey()) || !got.Local.Equal(k.Local) || !got.OldIdentity.Equal(k.OldIdentity) || got.Vault != k.Vault {
			t.Errorf("old %v: a key changed", old)
		}
		got.Wipe()
		if !bytes.Equal(got.Sign.Reveal(), make([]byte, 32)) {
			t.Error("wiping left the key")
		}
	}
}

// Every line that is no key is a comment to age, and every line that is a key is an identity.
func TestDeviceKeyIsAnIdentityFile(t *testing.T) {
	t.Parallel()
	for _, line := range strings.Split(strings.TrimSuffix(text(deviceKey(true).Encode()), "\n"), "\n") {
		if !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "AGE-SECRET-KEY-PQ-1") {
			t.Errorf("%q", line)
		}
	}
}

func TestDeviceKeyRefusals(t *testing.T) {
	t.Parallel()
	file, two := text(deviceKey(false).Encode()), text(deviceKey(true).Encode())
	seed := base64URL(fill(32, 1))
	cases := map[string]string{
		"empty":               "",
		"no vault":            file[strings.Index(file, "# sign"):],
		"vault not first":     strings.Replace(two, "# vault "+testVault.String()+"\n", "", 1) + "# vault " + testVault.String() + "\n",
		"vault in upper case": strings.ToUpper(file[:80]) + file[80:],
		"no sign":             strings.Replace(file, "# sign "+seed+"\n", "", 1),
		"sign twice":          strings.Replace(file, "# sign ", "# sign "+seed+"\n# sign ", 1),
		"short seed":          strings.Replace(file, "# sign A", "# sign ", 1),
		"padded seed":         strings.Replace(file, seed, seed+"=", 1),
		"spare bits in seed":  strings.Replace(file, seed, seed[:42]+"F", 1),
		"no identity":         file[:strings.Index(file, "AGE-")],
		"identity changed":    strings.Replace(file, "-PQ-1QV", "-PQ-1QQ", 1),
		"identity lower case": strings.ToLower(file),
		"classic identity":    strings.Replace(file, "AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-1", 1),
		"second identity":     file + string(identity(9).Reveal()) + "\n",
		"third identity":      two + string(identity(9).Reveal()) + "\n",
		"old without its own": two[:strings.LastIndex(two, "AGE-")],
		"old half":            strings.Replace(two, "# old-sign "+base64URL(fill(32, 4))+"\n", "", 1),
		"no last line feed":   strings.TrimSuffix(file, "\n"),
		"CRLF":                strings.ReplaceAll(file, "\n", "\r\n"),
		"empty line":          file + "\n",
		"spaces":              " " + file,
		"too large":           file + strings.Repeat("#\n", format.MaxSlotFile),
	}
	for name, bad := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if bad == file || bad == two {
				t.Fatal("the case changes nothing")
			}
			if k, err := format.ParseDeviceKey([]byte(bad)); err == nil || !k.Sign.IsEmpty() {
				t.Error("accepted")
			} else if strings.Contains(err.Error(), seed) || strings.Contains(err.Error(), "AGE-") {
				t.Errorf("quotes a key: %v", err)
			}
		})
	}
	newer := strings.Replace(file, "AGE-", "# tpm x\nAGE-", 1)
	if _, err := format.ParseDeviceKey([]byte(newer)); !errors.Is(err, format.ErrNewer) {
		t.Errorf("a comment of a newer version: %v", err)
	}
	for name, change := range map[string]func(*format.DeviceKey){
		"sign": func(k *format.DeviceKey) { k.Sign = secret.New(fill(31, 1)) }, "local": func(k *format.DeviceKey) { k.Local = secret.Secret{} },
		"identity": func(k *format.DeviceKey) { k.Identity = secret.FromString("AGE-SECRET-KEY-1QQ") },
		"old half": func(k *format.DeviceKey) { k.OldSign = secret.New(fill(32, 1)) },
	} {
		k := deviceKey(false)
		change(&k)
		if _, err := k.Encode(); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func slots(epochs ...int) (list []format.SlotFile) {
	for _, n := range epochs {
		list = append(list, format.SlotFile{Vault: testVault, Epoch: n, Identity: identity(byte(n))})
	}
	return list
}

func TestSlots(t *testing.T) {
	t.Parallel()
	for _, list := range [][]format.SlotFile{nil, slots(1), slots(1, 2, 90)} {
		file := must(format.EncodeSlots(list...)).Reveal()
		got, err := format.ParseSlots(file)
		if err != nil || len(got) != len(list) || text(format.EncodeSlots(got...)) != string(file) {
			t.Fatalf("%v\n%s", err, file)
		}
		for i := range got {
			if got[i].Epoch != list[i].Epoch || got[i].Vault != testVault || !got[i].Identity.Equal(list[i].Identity) {
				t.Errorf("slot %d changed", i)
			}
		}
	}
	one, two := text(format.EncodeSlots(slots(1)...)), text(format.EncodeSlots(slots(1, 2)...))
	for name, bad := range map[string]string{
		"only a head": one[:strings.Index(one, "AGE-")], "only an identity": one[strings.Index(one, "AGE-"):], "no line feed": strings.TrimSuffix(one, "\n"),
		"epoch zero": strings.Replace(one, "epoch 1", "epoch 0", 1), "epoch spelling": strings.Replace(one, "epoch 1", "epoch 01", 1),
		"epoch large": strings.Replace(one, "epoch 1", "epoch 1000000", 1), "not oldest first": strings.Replace(two, "epoch 1", "epoch 3", 1),
		"epoch twice": one + one, "two vaults": strings.Replace(two, testVault.String(), strings.Repeat("0", 64), 1),
		"identity": strings.Replace(one, "-PQ-1", "-PQ-1Q", 1), "word": strings.Replace(one, " epoch ", " era ", 1), "comment": "#\n" + one,
		"CRLF": strings.ReplaceAll(one, "\n", "\r\n"), "vault": strings.Replace(one, testVault.String(), "x", 1), "line feed alone": "\n",
	} {
		if got, err := format.ParseSlots([]byte(bad)); err == nil || got != nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := format.EncodeSlots(slots(2, 1)...); err == nil {
		t.Error("written out of order")
	}
	if _, err := format.EncodeSlots(format.SlotFile{Vault: testVault, Epoch: 1}); err == nil {
		t.Error("written without identity")
	}
	if _, err := format.EncodeSlots(make([]format.SlotFile, 1<<20)...); !errors.Is(err, format.ErrTooLarge) {
		t.Errorf("a million epochs: %v", err)
	}
}

func TestIdentityLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		line := format.EncodeIdentity(seed)
		got, err := format.DecodeIdentity(line)
		if err != nil || !bytes.Equal(got, seed) {
			t.Fatalf("%s: %v", line, err)
		}
		i, c := rapid.IntRange(0, len(line)-1).Draw(t, "at"), rapid.Byte().Draw(t, "byte")
		if line[i] != c {
			line[i] = c
			if _, err := format.DecodeIdentity(line); err == nil {
				t.Fatalf("accepted with byte %d changed", i)
			}
		}
	})
}

func FuzzDeviceKey(f *testing.F) {
	f.Add([]byte(text(deviceKey(false).Encode())))
	f.Add([]byte(text(deviceKey(true).Encode())))
	f.Fuzz(func(t *testing.T, file []byte) {
		if k, err := format.ParseDeviceKey(file); err == nil && text(k.Encode()) != string(file) {
			t.Fatal("two files hold the same key")
		}
	})
}

func FuzzSlots(f *testing.F) {
	f.Add([]byte(text(format.EncodeSlots(slots(1, 2)...))))
	f.Fuzz(func(t *testing.T, file []byte) {
		if s, err := format.ParseSlots(file); err == nil && text(format.EncodeSlots(s...)) != string(file) {
			t.Fatal("two files hold the same slots")
		}
	})
}

func TestHints(t *testing.T) {
	t.Parallel()
	vault := format.VaultHint(testVault)
	if got, err := format.ParseVaultHint(vault); err != nil || got != testVault {
		t.Errorf("VAULT: %v", err)
	}
	for name, bad := range map[string]string{
		"empty": "", "another text": "hello\n", "no id": "signet vault, format 1\n", "bad id": "signet vault, format 1\nvault x\n",
		"too large": string(vault) + strings.Repeat(" ", format.MaxHint),
	} {
		if _, err := format.ParseVaultHint([]byte(bad)); err == nil {
			t.Errorf("VAULT, %s: accepted", name)
		}
	}
	if _, err := format.ParseVaultHint([]byte("signet vault, format 2\n")); !errors.Is(err, format.ErrNewer) {
		t.Errorf("VAULT of format 2: %v", err)
	}
}

func TestDeviceHint(t *testing.T) {
	t.Parallel()
	d := format.DeviceHint{Vault: testVault, Device: memberN(1), Recipient: testAge, Extra: []byte(`{"z":1}`)}
	file := must(d.Encode())
	want := fmt.Sprintf(`{"t":"device","v":1,"vault":"%s","device":"%s","rcpt":"%s","z":1}`+"\n", testVault, memberN(1), testAge)
	if string(file) != want {
		t.Errorf("got  %s\nwant %s", file, want)
	}
	got, err := format.ParseDeviceHint(file)
	if err != nil || string(must(got.Encode())) != want {
		t.Errorf("%v", err)
	}
	for name, c := range map[string][2]string{
		"kind": {`"device","v"`, `"way","v"`}, "version": {`"v":1`, `"v":2`}, "vault": {testVault.String(), "x"}, "device": {string(memberN(1)), "x"},
		"no recipient": {testAge, ""}, "recipient": {testAge, "a b"}, "variant": {`"z"`, `"RCPT"`}, "twice": {`"z":1`, `"v":1`},
	} {
		if _, err := format.ParseDeviceHint([]byte(strings.Replace(want, c[0], c[1], 1))); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := format.ParseDeviceHint(append(file, bytes.Repeat([]byte(" "), format.MaxHint)...)); !errors.Is(err, format.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	d.Device = "x"
	if _, err := d.Encode(); err == nil {
		t.Error("written with a bad id")
	}
}

func TestWayHint(t *testing.T) {
	t.Parallel()
	for _, w := range []format.WayHint{
		{Kind: "keyring"}, {Kind: "fido2", Credential: []byte{1, 2, 3}}, {Kind: "plugin", Identity: "AGE-PLUGIN-X-1QQ", Extra: []byte(`{"z":1}`)},
	} {
		file := must(w.Encode())
		got, err := format.ParseWayHint(file)
		if err != nil || string(must(got.Encode())) != string(file) || got.Kind != w.Kind || !bytes.Equal(got.Credential, w.Credential) {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, bad := range []string{
		``, `{}`, `{"t":"way","v":1}`, `{"t":"way","v":1,"kind":""}`, `{"t":"way","v":1,"kind":"x","cred":"A"}`,
		`{"t":"way","v":1,"kind":"x","identity":"a\nb"}`, `{"t":"way","v":1,"kind":"\u001b"}`, `{"t":"way","v":1,"kind":"x","Kind":"x"}`,
	} {
		if _, err := format.ParseWayHint([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
	for _, w := range []format.WayHint{{}, {Kind: "x", Identity: "a\nb"}, {Kind: "x", Credential: make([]byte, 2000)}, {Kind: "x", Extra: []byte(`{"t":1}`)}} {
		if _, err := w.Encode(); err == nil {
			t.Errorf("%+v: written", w)
		}
	}
}

func FuzzHints(f *testing.F) {
	f.Add(must(format.DeviceHint{Vault: testVault, Device: memberN(1), Recipient: testAge}.Encode()))
	f.Add(must(format.WayHint{Kind: "plugin", Identity: "AGE-PLUGIN-X-1QQ", Credential: []byte{1}}.Encode()))
	f.Add(format.VaultHint(testVault))
	f.Fuzz(func(t *testing.T, file []byte) {
		if d, err := format.ParseDeviceHint(file); err == nil {
			must(format.ParseDeviceHint(must(d.Encode())))
		}
		if w, err := format.ParseWayHint(file); err == nil {
			must(format.ParseWayHint(must(w.Encode())))
		}
		if id, err := format.ParseVaultHint(file); err == nil {
			must(format.ParseVaultHint(format.VaultHint(id)))
		}
	})
}

func attachment() format.Attachment {
	return format.Attachment{Identity: identity(1), Sum: format.Sum(nil), Size: 70_000, Name: "Ünïcode.pdf", Type: "application/pdf"}
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	a := attachment()
	value := text(a.Encode())
	got, err := format.ParseAttachment([]byte(value))
	if err != nil || text(got.Encode()) != value {
		t.Fatalf("%v", err)
	}
	if p := got.Path(); p != "att/e3b0c44298fc1c149afbf4c8996fb924.age" {
		t.Errorf("path %s", p)
	}
	if got.Padded() != 71_680 {
		t.Errorf("padded to %d", got.Padded())
	}
	for name, c := range map[string][2]string{
		"kind": {`"t":"att"`, `"t":"seg"`}, "key": {"-PQ-1Q", "-PQ-1P"}, "sum": {`"sum":"`, `"sum":"A`}, "size": {`"size":70000`, `"size":-1`},
		"size too large": {`"size":70000`, `"size":4294967297`}, "no name": {`"name"`, `"z"`}, "name too long": {`"name":"`, `"name":"` + strings.Repeat("x", 1024)},
		"variant": {`"type"`, `"z":1,"Type"`},
	} {
		if _, err := format.ParseAttachment([]byte(strings.Replace(value, c[0], c[1], 1))); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "AGE-") {
			t.Errorf("%s: quotes the key: %v", name, err)
		}
	}
	a.Size = -1
	if _, err := a.Encode(); err == nil {
		t.Error("written with a negative size")
	}
}

func FuzzAttachment(f *testing.F) {
	f.Add([]byte(text(attachment().Encode())))
	f.Fuzz(func(t *testing.T, value []byte) {
		a, err := format.ParseAttachment(value)
		if err != nil {
			return
		}
		out := text(a.Encode())
		if again := must(format.ParseAttachment([]byte(out))); text(again.Encode()) != out {
			t.Fatal("changed when written again")
		}
	})
}

func TestHistoryRow(t *testing.T) {
	t.Parallel()
	h := format.HistoryRow{Field: "cred/a/password", Value: "old \"one\"", Wall: 7, Extra: []byte(`{"z":1}`)}
	if got := must(h.Encode()); got != `{"f":"cred/a/password","v":"old \"one\"","w":7,"z":1}` {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		h := format.HistoryRow{Field: genPath.Draw(t, "f"), Value: genText.Draw(t, "v"), Wall: genTime.Draw(t, "w"), Extra: genExtra.Draw(t, "x")}
		got, err := format.ParseHistoryRow(must(h.Encode()))
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", h) {
			t.Fatalf("%+v: %v", got, err)
		}
	})
	for _, bad := range []string{``, `{}`, `{"f":"a b","v":"","w":1}`, `{"f":"a","v":"","w":-1}`, `{"f":"a","w":1}`, `{"f":"a","v":1,"w":1}`, `{"f":"a","v":"","w":1,"F":1}`} {
		if _, err := format.ParseHistoryRow(bad); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
	if _, err := format.ParseHistoryRow(strings.Repeat(" ", format.MaxHistValue+1)); !errors.Is(err, format.ErrTooLarge) {
		t.Error("too large accepted")
	}
	if _, err := (format.HistoryRow{Field: "a b"}).Encode(); err == nil {
		t.Error("written with a bad path")
	}
	d := format.Dot{SID: sid1, I: 12}
	if p := format.HistoryPath(d); p != "hist/"+sid1+".12" {
		t.Error(p)
	} else if got, ok := format.HistoryDot(p); !ok || got != d {
		t.Error("not read back")
	}
	if _, ok := format.HistoryDot("title"); ok {
		t.Error("a title names a dot")
	}
}

func FuzzHistoryRow(f *testing.F) {
	f.Add(`{"f":"cred/a/password","v":"old \"one\"","w":7,"z":1}`)
	f.Fuzz(func(t *testing.T, value string) {
		h, err := format.ParseHistoryRow(value)
		if err != nil {
			return
		}
		out := must(h.Encode())
		if again := must(format.ParseHistoryRow(out)); must(again.Encode()) != out {
			t.Fatal("changed when written again")
		}
	})
}
