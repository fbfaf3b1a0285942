package cli

import (
	"bytes"
	"context"
	"strings"

	"signet/internal/sanitize"
	"signet/passkeys"
)

// chosenAccount hands on to a person what is left when the command line named the account already.
type chosenAccount struct {
	passkeys.Approver
	account string
	alone   bool  // nobody can choose among several
	failed  error // why the name does not fit; the request is then refused
}

// Approve implements passkeys.Approver.
func (c *chosenAccount) Approve(ctx context.Context, ask passkeys.Ask) (passkeys.Answer, error) {
	if ask.Action != passkeys.ActionSignIn || c.account == "" && !(c.alone && len(ask.Users) > 1) {
		return c.Approver.Approve(ctx, ask)
	}
	users := make([]passkeys.User, len(ask.Users))
	for i, u := range ask.Users {
		users[i] = u.User
		if isCredentialID(u.CredentialID, c.account) {
			return c.only(ctx, ask, i)
		}
	}
	i, err := pickAccount(ask.RPID, users, c.account)
	if err != nil {
		c.failed = err
		return passkeys.Answer{}, nil
	}
	return c.only(ctx, ask, i)
}

func (c *chosenAccount) only(ctx context.Context, ask passkeys.Ask, i int) (passkeys.Answer, error) {
	ask.Users = ask.Users[i : i+1]
	answer, err := c.Approver.Approve(ctx, ask)
	answer.Chosen = i
	return answer, err
}

// pickAccount finds the one account that is called so: exactly, or else in part; every one is called "" in part.
func pickAccount(rpID string, users []passkeys.User, name string) (int, error) {
	folded := strings.ToLower(name)
	for _, fits := range []func(passkeys.User) bool{
		func(u passkeys.User) bool { return strings.EqualFold(u.Name, name) },
		func(u passkeys.User) bool { return strings.EqualFold(u.DisplayName, name) },
		func(u passkeys.User) bool {
			return strings.Contains(strings.ToLower(u.Name+"\n"+u.DisplayName), folded)
		},
	} {
		var found []int
		for i, u := range users {
			if fits(u) {
				found = append(found, i)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return 0, severalAccounts(rpID, users, found)
		}
	}
	return 0, (&Error{Exit: ExitNotFound, Code: "passkey.not_found", Msg: "no passkey of " + sanitize.Domain(rpID) + " that it takes is of the account " + name}).
		hint("'signet passkey ls --site %s' lists them", rpID)
}

// mostNamed is how many accounts a message names.
const mostNamed = 8

func severalAccounts(rpID string, users []passkeys.User, which []int) error {
	var names []string
	for _, i := range which[:min(mostNamed, len(which))] {
		names = append(names, firstName(users[i].Name, users[i].DisplayName, "(no name)"))
	}
	if len(which) > mostNamed {
		names = append(names, "…")
	}
	return (&Error{Exit: ExitAmbiguous, Code: "passkey.ambiguous", Msg: "several passkeys of " + sanitize.Domain(rpID) + " fit: " + strings.Join(names, ", ")}).
		hint("--account NAME says which")
}

func isCredentialID(id []byte, ref string) bool {
	got, err := bytesOf(ref)
	return err == nil && len(id) > 0 && bytes.Equal(got, id)
}
