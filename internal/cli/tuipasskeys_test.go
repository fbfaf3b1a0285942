package cli

import (
	"testing"

	"signet/fido"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
)

func passkey(pairs ...string) vault.Credential {
	c := vault.Credential{Type: vault.Passkey}
	for i := 0; i < len(pairs); i += 2 {
		c.Members = append(c.Members, vault.Member{Name: pairs[i], Value: secret.FromString(pairs[i+1])})
	}
	return c
}

// add puts an entry into the vault.
func (d *desk) add(title string, creds ...vault.Credential) vault.ID {
	d.Helper()
	ids := vault.IDs{Rand: d.app.Rand}
	e := vault.Entry{ID: ids.Record(), Title: title, Credentials: creds}
	edits, err := e.Edits(ids)
	d.must(err)
	_, err = d.vault.Apply(d.Context(), nil, edits)
	d.must(err)
	return e.ID
}

func TestPasskeysOfTheVaultAreListed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add("Example", passkey("rpId", "example.com", "username", "ada", "key", "c2VjcmV0", "signet:binding", "synced", "signet:be", "0", "signet:counter", "12",
		"signet:created", "2026-01-02T03:04:05.678Z", "signet:alg", "-7", "signet:discoverable", "true"), passkey("rpId", "example.org", "signet:binding", "device", "signet:be", "0"))
	d.add("A login without", vault.Credential{Type: vault.BasicAuth})
	rows, err := tuiPasskeys{d.app}.List(t.Context(), d.vault)
	d.must(err)
	if len(rows) != 2 {
		t.Fatalf("%+v", rows)
	}
	r, dev := rows[0], rows[1]
	if r.RP != "example.com" || r.User != "ada" || r.Binding != screen.BindingSynced || r.Told != screen.BindingDevice || r.Counter != 12 || r.Created.Year() != 2026 ||
		r.Algorithm != "ES256 (P-256)" || !r.Discoverable || r.Entry != id || r.BE != "0" || !r.Here {
		t.Errorf("%+v", r)
	}
	if dev.Told != "" || dev.Binding != screen.BindingDevice || len(dev.Where) != 1 {
		t.Errorf("%+v", dev)
	}
}

// Hardware keys are offered just where this build can use them.
func TestHardwareKeysAreThereWhereLibfido2Is(t *testing.T) {
	t.Parallel()
	h := newTUIHardware()
	if linked := fido.Available().Linked; linked != (h != nil) {
		t.Fatalf("linked %v, offered %v", linked, h != nil)
	}
	if h == nil {
		return
	}
	if _, err := h.List(t.Context()); err != nil || h.Library() == "" {
		t.Errorf("%q, %v", h.Library(), err)
	}
}
