package cli

import (
	"bytes"
	"context"
	"testing"

	"signet/passkeys"
)

// asked is a person who takes whatever is shown and remembers it.
type asked struct{ last passkeys.Ask }

func (a *asked) Approve(_ context.Context, ask passkeys.Ask) (passkeys.Answer, error) {
	a.last = ask
	return passkeys.Answer{Allowed: true}, nil
}

// --account narrows the question to one account; a name that does not fit one asks nobody and refuses.
func TestAccountOfTheCommandLine(t *testing.T) {
	t.Parallel()
	accounts := []passkeys.Account{
		{CredentialID: []byte{1, 2, 3}, User: passkeys.User{Name: "ada@example.org", DisplayName: "Ada"}},
		{CredentialID: []byte{4, 5, 6}, User: passkeys.User{Name: "ada@example.org.evil", DisplayName: "Bob"}},
		{CredentialID: []byte{7, 8, 9}, User: passkeys.User{Name: "grace", DisplayName: "Grace"}},
		{CredentialID: []byte{7, 8, 8}, User: passkeys.User{Name: "Grace2", DisplayName: "Grace"}},
	}
	for name, want := range map[string]int{
		"ADA@example.org": 0, "ada": 0, "Bob": 1, "evil": 1, "grace": 2, "BAUG": 1, "race2": 3,
		"example": -5, "nobody": -4, "\x00": -4,
	} {
		person := &asked{}
		c := &chosenAccount{Approver: person, account: name}
		answer, err := c.Approve(t.Context(), passkeys.Ask{Action: passkeys.ActionSignIn, RPID: "example.org", Users: accounts})
		if err != nil {
			t.Fatal(err)
		}
		if want < 0 {
			if answer.Allowed || c.failed == nil || int(classify(c.failed).Exit) != -want || person.last.Action != 0 {
				t.Errorf("%q: %+v, %v, asked %v", name, answer, c.failed, person.last.Action)
			}
			continue
		}
		if !answer.Allowed || answer.Chosen != want || len(person.last.Users) != 1 || !bytes.Equal(person.last.Users[0].CredentialID, accounts[want].CredentialID) {
			t.Errorf("%q: account %d of %+v, asked about %+v", name, answer.Chosen, answer, person.last.Users)
		}
	}
}
