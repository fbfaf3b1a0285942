package client

import (
	"context"
	"crypto/rand"
	"io"

	"signet/passkeys"
	"signet/vault/secret"
)

// Device is an authenticator: one CTAP2 request in, its answer out. *passkeys.Authenticator is one, and a hardware key can be. waiting is told when a person
// is waited for and when no longer.
type Device interface {
	Handle(ctx context.Context, request []byte, waiting func(bool)) []byte
}

// Options say what a Client stands on. Device is needed, the rest is not.
type Options struct {
	Device Device
	Fetch  Fetcher   // asks a site for its related origins; nil: nobody is asked, and there are none
	Rand   io.Reader // crypto/rand when nil

	// PIN asks a person for the PIN of the device. nil: there is nobody to ask, so the device verifies the user itself or not at all.
	PIN func(ctx context.Context, ask PINAsk) (secret.Secret, error)
	// Choose asks which account signs in when the device found several and could not ask itself. nil: the first, which is the newest.
	Choose func(ctx context.Context, rpID string, accounts []passkeys.User) (int, error)
	// Waiting is told when a person is waited for at the device, and when no longer. nil: nobody is.
	Waiting func(bool)

	// Attachment is what the device is for its sites. "" is a device that is both: it answers as the site asked, and "platform" otherwise.
	Attachment string
	// Discoverable makes every new passkey one that the device keeps, even where the site has no wish.
	Discoverable bool
}

// PINAsk is the question for a PIN.
type PINAsk struct {
	RPID    string
	Wrong   bool // the one before was wrong
	Retries int  // how many wrong ones are left before the device blocks itself; -1 unknown
}

// Caller is who asks: the page, as a browser or the user names it.
type Caller struct {
	Origin      Origin
	CrossOrigin bool   // the page is a frame inside a page of another origin
	Top         Origin // that other page's, when CrossOrigin and known
	// Checked says that a browser checked already that the origin may use the RP ID, related origins included.
	Checked bool
}

// Client does for pages and scripts what a browser does between a site's JavaScript and a security key.
type Client struct{ opt Options }

// New returns a client of a device.
func New(opt Options) *Client {
	if opt.Rand == nil {
		opt.Rand = rand.Reader
	}
	if opt.Waiting == nil {
		opt.Waiting = func(bool) {}
	}
	return &Client{opt}
}

// Create makes a passkey: PublicKeyCredentialCreationOptionsJSON in, RegistrationResponseJSON out (WebAuthn Level 3, section 5.1.3). The options may stand
// alone or as the member publicKey of an object, as servers hand them to navigator.credentials.create. Every error is an *Error.
func (c *Client) Create(ctx context.Context, from Caller, options []byte) ([]byte, error) {
	o, mediation, err := parseCreation(options)
	if err != nil {
		return nil, explain(ctx, err, "")
	}
	limited, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	rpID, err := c.entitled(limited, from, mediation, o.rpID)
	if err == nil && o.ext.AppIDExclude != nil {
		err = checkAppID(from.Origin, *o.ext.AppIDExclude)
	}
	if err != nil {
		return nil, explain(ctx, err, rpID)
	}
	answer, err := c.create(limited, o, rpID, clientData(typeCreate, o.challenge, from))
	return answer, explain(ctx, late(limited, err, o.timeout), rpID)
}

// Get signs in: PublicKeyCredentialRequestOptionsJSON in, AuthenticationResponseJSON out (WebAuthn Level 3, section 5.1.4). Every error is an *Error.
func (c *Client) Get(ctx context.Context, from Caller, options []byte) ([]byte, error) {
	o, mediation, err := parseRequest(options)
	if err != nil {
		return nil, explain(ctx, err, "")
	}
	limited, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	rpID, err := c.entitled(limited, from, mediation, o.rpID)
	if err == nil && o.ext.AppID != nil {
		err = checkAppID(from.Origin, *o.ext.AppID)
	}
	if err != nil {
		return nil, explain(ctx, err, rpID)
	}
	answer, err := c.get(limited, o, rpID, clientData(typeGet, o.challenge, from))
	return answer, explain(ctx, late(limited, err, o.timeout), rpID)
}

// entitled checks who asks, and returns the RP ID that they may ask for.
func (c *Client) entitled(ctx context.Context, from Caller, mediation string, named *string) (string, error) {
	if err := from.Origin.check(); err != nil {
		return "", err
	}
	if from.CrossOrigin {
		if from.Top != (Origin{}) {
			if err := from.Top.check(); err != nil {
				return "", err
			}
		}
		if mediation == "conditional" {
			return "", errorf(NotAllowed, "a frame of %s inside a page of another site asked without being asked for", from.Origin.Host)
		}
	}
	return c.rpID(ctx, from, named)
}
