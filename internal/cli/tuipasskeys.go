package cli

import (
	"context"
	"encoding/hex"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault/entry"
)

// tuiPasskeys lists and changes the passkeys of the vault for the screens.
type tuiPasskeys struct{ a *App }

// List implements screen.Passkeys.
func (t tuiPasskeys) List(ctx context.Context, v screen.Vault) ([]screen.PasskeyRow, error) {
	return t.rows(ctx, v, session.PasskeyQuery{})
}

// Of implements screen.Passkeys.
func (t tuiPasskeys) Of(ctx context.Context, v screen.Vault, id entry.ID) ([]screen.PasskeyRow, error) {
	return t.rows(ctx, v, session.PasskeyQuery{Entry: id})
}

func (t tuiPasskeys) rows(ctx context.Context, v screen.Vault, q session.PasskeyQuery) ([]screen.PasskeyRow, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return nil, errNotHere
	}
	list, err := tv.s.Passkeys(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]screen.PasskeyRow, 0, len(list))
	for _, p := range list {
		out = append(out, passkeyRow(p))
	}
	return out, nil
}

// Rename implements screen.Passkeys.
func (t tuiPasskeys) Rename(ctx context.Context, v screen.Vault, r screen.PasskeyRow, user, display string) (screen.Applied, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return screen.Applied{}, errNotHere
	}
	return tv.applied(tv.s.SetPasskeyUser(ctx, session.PasskeyRef{Entry: r.Entry, Cred: r.Cred}, user, display))
}

// Delete implements screen.Passkeys.
func (t tuiPasskeys) Delete(ctx context.Context, v screen.Vault, r screen.PasskeyRow) (screen.Applied, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return screen.Applied{}, errNotHere
	}
	return tv.applied(tv.s.TrashPasskey(ctx, session.PasskeyRef{Entry: r.Entry, Cred: r.Cred}))
}

// passkeyRow is a passkey as the screens show it.
func passkeyRow(p session.Passkey) screen.PasskeyRow {
	r := screen.PasskeyRow{
		Entry: p.Entry, Title: p.Title, Cred: p.Cred, RP: p.RPID, RPName: p.RPName, User: p.UserName, Display: p.DisplayName, Binding: screen.Binding(p.Binding),
		Created: p.Created, Used: p.LastUsed, Algorithm: algorithmName(algText(p.Algorithm)), Counter: uint64(p.Counter), Discoverable: p.Discoverable,
		Here: p.Here, Unusable: !p.Usable, Protect: p.Protect, Extensions: p.Extensions, CredentialID: hex.EncodeToString(p.CredentialID), BE: p.BE, BS: p.BS,
	}
	if where := whereOf(p); where != "" {
		r.Where = []string{where}
	}
	if to := map[string]screen.Binding{"1": screen.BindingSynced, "0": screen.BindingDevice}[p.BE]; to != r.Binding {
		r.Told = to
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
