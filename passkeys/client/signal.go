package client

import (
	"bytes"
	"context"
	"slices"

	"github.com/go-json-experiment/json"

	"signet/passkeys"
)

// Known is a discoverable passkey of a site, as a Book lists it.
type Known struct {
	ID     []byte
	User   passkeys.User
	Hidden bool // it lies in the trash because a site signalled it away
}

// Book lists all passkeys of a site, also those that a signal hid.
type Book func(ctx context.Context, rpID string) ([]Known, error)

// Action is what a signal asks for.
type Action byte

// The actions.
const (
	Hide    Action = iota + 1 // move it to the trash: the site does not know it any more
	Restore                   // take it out again: the site knows it after all
	Rename                    // the account has other names now
)

// Change is one change that a signal asks for. A signal that changes nothing yields none, and a page is never told which it was.
type Change struct {
	Action Action
	RPID   string
	ID     []byte
	Old    passkeys.User // whose it is
	New    passkeys.User // Rename: with the new names
}

// Signal is one of the three messages of a site about its passkeys (WebAuthn Level 3, section 5.1.10).
type Signal string

// The signals, named as their methods.
const (
	UnknownCredential      Signal = "signalUnknownCredential"
	AllAcceptedCredentials Signal = "signalAllAcceptedCredentials"
	CurrentUserDetails     Signal = "signalCurrentUserDetails"
)

// signalJSON are the options of all three.
type signalJSON struct {
	RPID         *string   `json:"rpId"`
	CredentialID *string   `json:"credentialId"`
	UserID       *string   `json:"userId"`
	Accepted     *[]string `json:"allAcceptedCredentialIds"`
	Name         *string   `json:"name"`
	DisplayName  *string   `json:"displayName"`
}

// signal is one, decoded.
type signal struct {
	rpID     string
	id       []byte
	user     passkeys.User
	accepted [][]byte
}

// Signal reads the options of a signal, checks that the caller may speak for the RP ID, and returns what is to change. It changes nothing itself. Every
// error is an *Error, but for those of the book.
func (c *Client) Signal(ctx context.Context, from Caller, s Signal, options []byte, book Book) ([]Change, error) {
	o, err := parseSignal(s, options)
	if err != nil {
		return nil, explain(ctx, err, "")
	}
	if _, err := c.entitled(ctx, from, "", &o.rpID); err != nil {
		return nil, explain(ctx, err, o.rpID)
	}
	known, err := book(ctx, o.rpID)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, k := range known {
		if change, ok := o.change(s, k); ok {
			change.RPID, change.ID, change.Old = o.rpID, k.ID, k.User
			changes = append(changes, change)
		}
	}
	return changes, nil
}

// change is what a signal means for one passkey.
func (o *signal) change(s Signal, k Known) (Change, bool) {
	switch s {
	case UnknownCredential:
		return Change{Action: Hide}, !k.Hidden && bytes.Equal(k.ID, o.id)
	case AllAcceptedCredentials:
		if !bytes.Equal(k.User.ID, o.user.ID) {
			return Change{}, false
		}
		accepted := slices.ContainsFunc(o.accepted, func(id []byte) bool { return bytes.Equal(id, k.ID) })
		if k.Hidden {
			return Change{Action: Restore}, accepted
		}
		return Change{Action: Hide}, !accepted
	case CurrentUserDetails:
		same := k.User.Name == o.user.Name && k.User.DisplayName == o.user.DisplayName
		return Change{Action: Rename, New: o.user}, !same && bytes.Equal(k.User.ID, o.user.ID)
	}
	return Change{}, false
}

// parseSignal decodes the options. What is no base64url is a TypeError here (WebAuthn Level 3, section 5.1.10.1).
func parseSignal(s Signal, options []byte) (*signal, error) {
	if len(options) > maxOptions {
		return nil, errorf(Type, "the options are longer than %d kB", maxOptions>>10)
	}
	var j signalJSON
	if err := json.Unmarshal(options, &j); err != nil {
		return nil, unreadable(err)
	}
	if name := j.missing(s); name != "" {
		return nil, errMissing(name)
	}
	o := &signal{rpID: *j.RPID}
	var err error
	switch s {
	case UnknownCredential:
		o.id, err = signalled("credentialId", *j.CredentialID)
	case AllAcceptedCredentials:
		o.accepted, err = signalledList(*j.Accepted)
	case CurrentUserDetails:
		o.user.Name, o.user.DisplayName = *j.Name, *j.DisplayName
	default:
		return nil, errorf(NotSupported, "there is no signal %q", clip(string(s)))
	}
	if err == nil && j.UserID != nil && s != UnknownCredential {
		o.user.ID, err = signalled("userId", *j.UserID)
		if err == nil && len(o.user.ID) == 0 {
			err = errorf(Type, "userId is empty")
		}
	}
	return o, err
}

// missing names the first member that the signal needs and that is not there.
func (j *signalJSON) missing(s Signal) string {
	switch {
	case j.RPID == nil:
		return "rpId"
	case s == UnknownCredential && j.CredentialID == nil:
		return "credentialId"
	case s != UnknownCredential && j.UserID == nil:
		return "userId"
	case s == AllAcceptedCredentials && j.Accepted == nil:
		return "allAcceptedCredentialIds"
	case s == CurrentUserDetails && j.Name == nil:
		return "name"
	case s == CurrentUserDetails && j.DisplayName == nil:
		return "displayName"
	}
	return ""
}

func signalled(member, text string) ([]byte, error) {
	b, err := decode64(member, text, maxInput)
	if err != nil {
		return nil, &Error{Name: Type, Reason: err.Error()}
	}
	return b, nil
}

func signalledList(list []string) ([][]byte, error) {
	var all [][]byte
	for _, text := range list {
		id, err := signalled("allAcceptedCredentialIds", text)
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, nil
}
