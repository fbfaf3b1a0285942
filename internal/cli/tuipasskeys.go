package cli

import (
	"context"
	"errors"
	"strconv"
	"time"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
)

// tuiPasskeys lists the passkeys of the vault for the screens.
type tuiPasskeys struct{ a *App }

func (t tuiPasskeys) List(ctx context.Context, v screen.Vault) ([]screen.PasskeyRow, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return nil, errNotHere
	}
	page, err := tv.s.Find(ctx, session.Query{})
	if err != nil {
		return nil, err
	}
	use, err := tv.s.Usage(ctx)
	if err != nil {
		return nil, err
	}
	var out []screen.PasskeyRow
	for _, r := range page.Rows {
		if r.Has.Passkeys == 0 {
			continue
		}
		e, err := tv.s.Get(ctx, r.ID, session.GetOptions{})
		if errors.Is(err, vault.ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		for _, c := range e.Credentials {
			if c.Type == vault.Passkey {
				row := passkeyRow(e, c)
				row.Used = use[e.ID].Last
				out = append(out, row)
			}
		}
		e.Wipe()
	}
	return out, nil
}

func (t tuiPasskeys) Rename(context.Context, screen.Vault, screen.PasskeyRow, string, string) (screen.Applied, error) {
	return screen.Applied{}, errNotHere
}

func (t tuiPasskeys) Delete(context.Context, screen.Vault, screen.PasskeyRow) (screen.Applied, error) {
	return screen.Applied{}, errNotHere
}

// passkeyRow reads what a credential says of itself. What it was made for stands before what the entry is called.
func passkeyRow(e vault.Entry, c vault.Credential) screen.PasskeyRow {
	r := screen.PasskeyRow{
		Entry: e.ID, Title: e.Title, Cred: c.ID, RP: c.Text("rpId"), RPName: c.Text("signet:rpName"), User: c.Text("username"), Display: c.Text("userDisplayName"),
		Binding: screen.Binding(c.Text("signet:binding")), Algorithm: algorithmName(c.Text("signet:alg")), Discoverable: c.Text("signet:discoverable") == "true",
	}
	switch r.Binding {
	case screen.BindingSynced:
		r.Where = []string{"this vault"}
	case screen.BindingDevice:
		r.Where = []string{"the device that made it"}
	}
	if at, err := time.Parse(time.RFC3339Nano, c.Text("signet:created")); err == nil {
		r.Created = at
	}
	if n, err := strconv.ParseUint(c.Text("signet:counter"), 10, 32); err == nil {
		r.Counter = n
	}
	told := map[string]screen.Binding{"1": screen.BindingSynced, "0": screen.BindingDevice}[c.Text("signet:be")]
	if told != r.Binding {
		r.Told = told
	}
	return r
}

// algorithmName is a COSE algorithm in words; an unknown one as its number, "" for none.
func algorithmName(alg string) string {
	names := map[string]string{"-7": "ES256 (P-256)", "-8": "EdDSA (Ed25519)", "-35": "ES384 (P-384)", "-36": "ES512 (P-521)", "-257": "RS256 (RSA)", "-48": "ML-DSA-44", "-49": "ML-DSA-65"}
	if n, ok := names[alg]; ok {
		return n
	}
	if alg == "" {
		return ""
	}
	return "COSE algorithm " + alg
}
