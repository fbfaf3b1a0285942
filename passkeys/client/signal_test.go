package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"signet/passkeys"
	"signet/passkeys/client"
)

// book is what a vault has of example.com.
func book() client.Book {
	user := func(id, name string) passkeys.User {
		return passkeys.User{ID: []byte(id), Name: name, DisplayName: name + " L."}
	}
	all := map[string][]client.Known{"example.com": {
		{ID: []byte("k1"), User: user("ada", "ada")}, {ID: []byte("k2"), User: user("ada", "ada")}, {ID: []byte("k3"), User: user("bob", "bob")},
		{ID: []byte("k4"), User: user("ada", "ada"), Hidden: true},
	}}
	return func(_ context.Context, rpID string) ([]client.Known, error) { return all[rpID], nil }
}

func id64(s string) string { return b64([]byte(s)) }

func TestSignals(t *testing.T) {
	for name, c := range map[string]struct {
		signal  client.Signal
		options object
		want    string
	}{
		"an unknown passkey":            {client.UnknownCredential, object{"credentialId": id64("k1")}, "hide k1"},
		"one that we do not know":       {client.UnknownCredential, object{"credentialId": id64("k9")}, ""},
		"one that is hidden already":    {client.UnknownCredential, object{"credentialId": id64("k4")}, ""},
		"one with an empty id":          {client.UnknownCredential, object{"credentialId": ""}, ""},
		"one of two accepted":           {client.AllAcceptedCredentials, object{"userId": id64("ada"), "allAcceptedCredentialIds": []string{id64("k1")}}, "hide k2"},
		"none accepted":                 {client.AllAcceptedCredentials, object{"userId": id64("ada"), "allAcceptedCredentialIds": []string{}}, "hide k1, hide k2"},
		"all accepted":                  {client.AllAcceptedCredentials, object{"userId": id64("ada"), "allAcceptedCredentialIds": []string{id64("k1"), id64("k2"), id64("k9")}}, ""},
		"a hidden one accepted":         {client.AllAcceptedCredentials, object{"userId": id64("ada"), "allAcceptedCredentialIds": []string{id64("k1"), id64("k2"), id64("k4")}}, "restore k4"},
		"accepted of a stranger":        {client.AllAcceptedCredentials, object{"userId": id64("eve"), "allAcceptedCredentialIds": []string{}}, ""},
		"other names":                   {client.CurrentUserDetails, object{"userId": id64("ada"), "name": "ada@example.com", "displayName": "Ada"}, "rename k1 ada@example.com Ada, rename k2 ada@example.com Ada, rename k4 ada@example.com Ada"},
		"the same names":                {client.CurrentUserDetails, object{"userId": id64("bob"), "name": "bob", "displayName": "bob L."}, ""},
		"names of a stranger":           {client.CurrentUserDetails, object{"userId": id64("eve"), "name": "e", "displayName": "E"}, ""},
		"a signal of a known subdomain": {client.UnknownCredential, object{"rpId": "login.example.com", "credentialId": id64("k1")}, ""},
	} {
		changes, err := signal(t, c.signal, with(object{"rpId": "example.com"}, c.options))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, change := range changes {
			verb := map[client.Action]string{client.Hide: "hide", client.Restore: "restore", client.Rename: "rename"}[change.Action]
			line := verb + " " + string(change.ID)
			if change.Action == client.Rename {
				line += fmt.Sprintf(" %s %s", change.New.Name, change.New.DisplayName)
			}
			if change.RPID != "example.com" || len(change.Old.ID) == 0 {
				t.Errorf("%s: %+v", name, change)
			}
			got = append(got, line)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func signal(t *testing.T, s client.Signal, o object) ([]client.Change, error) {
	t.Helper()
	p := open(t)
	return client.New(p.opt).Signal(context.Background(), p.from, s, must[[]byte](t)(json.Marshal(o)), book())
}

func TestSignalsThatAreNone(t *testing.T) {
	good := object{"rpId": "example.com", "userId": id64("ada"), "credentialId": id64("k1"), "allAcceptedCredentialIds": []string{}, "name": "a", "displayName": "A"}
	for name, c := range map[string]struct {
		signal client.Signal
		more   object
		error  string
		words  string
	}{
		"no RP ID":             {client.UnknownCredential, object{"rpId": nil}, client.Type, "lack rpId"},
		"another site":         {client.UnknownCredential, object{"rpId": "bank.example"}, client.Security, "asked for a passkey of bank.example"},
		"no credential":        {client.UnknownCredential, object{"credentialId": nil}, client.Type, "lack credentialId"},
		"a bad credential":     {client.UnknownCredential, object{"credentialId": "a b"}, client.Type, "credentialId is not base64url"},
		"no user":              {client.AllAcceptedCredentials, object{"userId": nil}, client.Type, "lack userId"},
		"a bad user":           {client.AllAcceptedCredentials, object{"userId": "="}, client.Type, "userId is not base64url"},
		"no list":              {client.AllAcceptedCredentials, object{"allAcceptedCredentialIds": nil}, client.Type, "lack allAccepted"},
		"a bad list":           {client.AllAcceptedCredentials, object{"allAcceptedCredentialIds": []string{"="}}, client.Type, "not base64url"},
		"a list of numbers":    {client.AllAcceptedCredentials, object{"allAcceptedCredentialIds": []int{1}}, client.Type, "wrong kind"},
		"no name":              {client.CurrentUserDetails, object{"name": nil}, client.Type, "lack name"},
		"no display name":      {client.CurrentUserDetails, object{"displayName": nil}, client.Type, "lack displayName"},
		"no such signal":       {"signalSmoke", nil, client.NotSupported, "no signal"},
		"an empty user":        {client.AllAcceptedCredentials, object{"userId": ""}, client.Type, "userId"},
		"an empty user's name": {client.CurrentUserDetails, object{"userId": ""}, client.Type, "userId"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signal(t, c.signal, with(with(object{}, good), c.more))
			fails(t, err, c.error, c.words)
		})
	}
}

// An error of the book is the caller's own, not one for a page.
func TestABookThatCannotBeRead(t *testing.T) {
	p := open(t)
	broken := errors.New("the vault is locked")
	_, err := client.New(p.opt).Signal(context.Background(), p.from, client.UnknownCredential, []byte(`{"rpId":"example.com","credentialId":"AA"}`),
		func(context.Context, string) ([]client.Known, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}
