package sessiontest

import (
	"errors"
	"testing"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/secret"
)

// passkey is a credential as an import brings it.
func passkey(rp, id, handle, user string) vault.Credential {
	c := vault.Credential{Type: vault.Passkey}
	for _, m := range [][2]string{
		{"credentialId", id}, {"rpId", rp}, {"username", user}, {"userDisplayName", "Ada L."}, {"userHandle", handle}, {"key", "AAAA"},
		{"signet:binding", "synced"}, {"signet:be", "0"}, {"signet:bs", "0"}, {"signet:counter", "7"}, {"signet:protect", "2"},
	} {
		c.Members = append(c.Members, vault.Member{Name: m[0], Value: secret.FromString(m[1])})
	}
	c.Members = append(c.Members, vault.Member{Name: "fido2Extensions", JSON: true, Value: secret.FromString(`{"hmacCredentials":{}}`)})
	return c
}

func addPasskeys(t *testing.T, s session.Session, title string, creds ...vault.Credential) vault.ID {
	t.Helper()
	e := vault.Entry{ID: vault.SystemIDs().Record(), Title: title, Credentials: creds}
	edits, err := e.Edits(vault.SystemIDs())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(t.Context(), nil, edits); err != nil {
		t.Fatal(err)
	}
	return e.ID
}

func list(t *testing.T, s session.Session, q session.PasskeyQuery, want int) []session.Passkey {
	t.Helper()
	all, err := s.Passkeys(t.Context(), q)
	if err != nil || len(all) != want {
		t.Fatalf("%+v: %d passkeys, %v; want %d", q, len(all), err, want)
	}
	return all
}

func testPasskeys(t *testing.T, s session.Session) {
	list(t, s, session.PasskeyQuery{}, 0)
	both := addPasskeys(t, s, "Both", passkey("b.example", "AAE", "dQ", "ada"), passkey("a.example", "AAI", "dQ", "bob"))
	addPasskeys(t, s, "Other", passkey("a.example", "AAM", "dg", "ada"))
	all := list(t, s, session.PasskeyQuery{}, 3)
	if all[0].RPID != "a.example" || all[0].UserName != "ada" || all[1].UserName != "bob" || all[2].RPID != "b.example" {
		t.Errorf("not by site and account: %+v", all)
	}
	p := all[1]
	if p.Title != "Both" || string(p.CredentialID) != "\x00\x02" || string(p.UserHandle) != "u" || p.DisplayName != "Ada L." || p.Binding != "synced" || p.BE != "0" ||
		p.BS != "0" || p.Counter != 7 || p.Protect != 2 || !p.Discoverable || len(p.Extensions) != 1 || !p.Here || p.Usable || !p.Trashed.IsZero() {
		t.Errorf("%+v", p)
	}
	list(t, s, session.PasskeyQuery{RPID: "a.example"}, 2)
	list(t, s, session.PasskeyQuery{RPID: "a.exampl"}, 0)
	list(t, s, session.PasskeyQuery{Entry: both}, 2)
	list(t, s, session.PasskeyQuery{Trash: true}, 0)

	if _, err := s.SetPasskeyUser(t.Context(), p.PasskeyRef, "carol", "Carol"); err != nil {
		t.Fatal(err)
	}
	if got := list(t, s, session.PasskeyQuery{Entry: both}, 2)[0]; got.UserName != "carol" || got.DisplayName != "Carol" {
		t.Errorf("renamed: %+v", got)
	}
	done, err := s.TrashPasskey(t.Context(), p.PasskeyRef)
	if err != nil || len(done.Records) != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
	if got := list(t, s, session.PasskeyQuery{Trash: true}, 1)[0]; got.Entry == both || got.UserName != "carol" || got.Counter != 7 || got.Trashed.IsZero() {
		t.Errorf("in the trash: %+v", got)
	}
	if _, err := s.Undo(t.Context(), done.SIDs); err != nil {
		t.Fatal(err)
	}
	list(t, s, session.PasskeyQuery{Entry: both}, 2)
	for _, ref := range []session.PasskeyRef{{}, {Entry: both, Cred: "nosuch"}, {Entry: vault.SystemIDs().Record(), Cred: p.Cred}} {
		if _, err := s.TrashPasskey(t.Context(), ref); !errors.Is(err, session.ErrUnknownPasskey) {
			t.Errorf("trash %+v: %v", ref, err)
		}
		if _, err := s.SetPasskeyUser(t.Context(), ref, "x", ""); !errors.Is(err, session.ErrUnknownPasskey) {
			t.Errorf("rename %+v: %v", ref, err)
		}
	}
	if rows, err := s.Requests(t.Context(), 0); len(rows) != 0 || err != nil {
		t.Errorf("requests %+v, %v", rows, err)
	}
}
