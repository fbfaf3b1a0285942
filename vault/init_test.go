package vault

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/vault/secret"
	"signet/vault/unlock"
)

func TestInitOpensByEveryWay(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	id := v.ID()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"", "keyring", "passphrase", MethodRecovery} {
		got := h.open(method)
		if got.ID() != id {
			t.Errorf("%q: another vault", method)
		}
		if got.ReadOnly() != (method == MethodRecovery) {
			t.Errorf("%q: read only %v", method, got.ReadOnly())
		}
	}
	if len(h.notices) > 0 {
		t.Errorf("notices: %q", h.notices)
	}
}

// I13: init refuses a directory that is not empty, and what fails leaves nothing.
func TestI13InitRefusesANonEmptyDirectory(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	_ = v.Close()
	before := tree(t, h.dir)
	_, err := Init(t.Context(), h.dir, h.opt, InitOptions{Ways: []NewWay{passWay()}, Show: h.show})
	if !errors.Is(err, ErrNotEmpty) {
		t.Errorf("over a vault: %v", err)
	}
	if after := tree(t, h.dir); after != before {
		t.Error("the vault changed")
	}
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Init(t.Context(), file, h.opt, InitOptions{Ways: []NewWay{passWay()}, Show: h.show}); err == nil {
		t.Error("made a vault in place of a file")
	}
	empty := t.TempDir()
	v, err = Init(t.Context(), empty, h.opt, InitOptions{Ways: []NewWay{passWay()}, Show: h.show})
	if err != nil {
		t.Fatalf("into an empty directory: %v", err)
	}
	_ = v.Close()
}

func TestInitNeedsTheCodeConfirmed(t *testing.T) {
	t.Parallel()
	quit := errors.New("the person left")
	for name, c := range map[string]struct {
		show ShowSheet
		want error
	}{
		"nobody":  {nil, ErrNotConfirmed},
		"ignored": {func(context.Context, Sheet) error { return nil }, ErrNotConfirmed},
		"left":    {func(context.Context, Sheet) error { return quit }, quit},
		"mistyped": {func(_ context.Context, s Sheet) error {
			other, err := newRecoveryCode()
			if err != nil {
				return err
			}
			return s.Check(other.Text())
		}, ErrNotConfirmed},
	} {
		h := newHome(t)
		parent := filepath.Dir(h.dir)
		_, err := Init(t.Context(), h.dir, h.opt, InitOptions{Ways: []NewWay{{Kind: unlock.KindKeyring}}, Show: c.show})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if left := tree(t, parent); left != "" || len(h.ring.items) > 0 {
			t.Errorf("%s: left behind %q, %d items", name, left, len(h.ring.items))
		}
	}
}

func TestInitTakesEverySpellingOfTheCode(t *testing.T) {
	t.Parallel()
	for name, spell := range map[string]func(Sheet) secret.Secret{
		"text":  func(s Sheet) secret.Secret { return s.Text },
		"words": func(s Sheet) secret.Secret { return secret.FromString(strings.Join(s.Words, " ")) },
		"file":  func(s Sheet) secret.Secret { return s.File },
	} {
		h := newHome(t)
		v, err := Init(t.Context(), h.dir, h.opt, InitOptions{Ways: []NewWay{passWay()}, Show: func(_ context.Context, s Sheet) error {
			h.code = spell(s).RevealString()
			return s.Check(secret.FromString(h.code))
		}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = v.Close()
		h.open(MethodRecovery)
	}
}

func TestInitWithoutACodeOnlyOnRequest(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v, err := Init(t.Context(), h.dir, h.opt, InitOptions{Ways: []NewWay{passWay()}, NoRecovery: true})
	if err != nil {
		t.Fatal(err)
	}
	slots, err := v.Slots(t.Context())
	if err != nil || len(slots) != 1 || slots[0].Kind != "passphrase" || !slots[0].Weak || slots[0].WorkFactor != cheap {
		t.Errorf("slots %+v, %v", slots, err)
	}
}

// A way in that cannot be made leaves nothing: no directory, no keyring item.
func TestInitFailsWhole(t *testing.T) {
	t.Parallel()
	for name, ways := range map[string][]NewWay{
		"none":              {},
		"broken keyring":    {passWay(), {Kind: unlock.KindKeyring}},
		"bad work factor":   {{Kind: unlock.KindPassphrase, Passphrase: secret.FromString("x"), WorkFactor: 5}},
		"empty passphrase":  {{Kind: unlock.KindPassphrase, WorkFactor: cheap}},
		"plaintext plugin":  {{Kind: unlock.KindPlugin, Identity: secret.FromString("AGE-SECRET-KEY-1QQQ")}},
		"name that is none": {{Kind: unlock.KindPassphrase, Name: "../x", Passphrase: secret.FromString("x"), WorkFactor: cheap}},
		"two of one name": {
			{Kind: unlock.KindPassphrase, Name: "a", Passphrase: secret.FromString("x"), WorkFactor: cheap},
			{Kind: unlock.KindPassphrase, Name: "a", Passphrase: secret.FromString("y"), WorkFactor: cheap},
		},
		"two keyrings": {{Kind: unlock.KindKeyring}, {Kind: unlock.KindKeyring, Name: "other"}},
		"unknown kind": {{Kind: "tattoo"}},
	} {
		h := newHome(t)
		h.ring.broken = name == "broken keyring"
		if _, err := Init(t.Context(), h.dir, h.opt, InitOptions{Ways: ways, Show: h.show}); err == nil {
			t.Errorf("%s: a vault was made", name)
		}
		if left := tree(t, filepath.Dir(h.dir)); left != "" || len(h.ring.items) > 0 {
			t.Errorf("%s: left behind %q, %d items", name, left, len(h.ring.items))
		}
	}
}

// tree lists every file below dir with its size.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			out.WriteString(rel + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
