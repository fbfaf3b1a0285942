package client

import (
	"context"
	"io"
	"time"

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
	Fetch  Fetcher          // asks a site for its related origins; nil: nobody is asked, and there are none
	Now    func() time.Time // time.Now when nil
	Rand   io.Reader        // crypto/rand when nil

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
	// Formats are further attestation formats to prefer over the site's own wish. Enterprise attestation is never asked for.
	Formats []string
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
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Rand == nil {
		opt.Rand = randReader
	}
	if opt.Waiting == nil {
		opt.Waiting = func(bool) {}
	}
	return &Client{opt}
}

// Create makes a passkey: PublicKeyCredentialCreationOptionsJSON in, RegistrationResponseJSON out (WebAuthn Level 3, section 5.1.3). The options may stand
// alone or as the member publicKey of an object, as servers hand them to navigator.credentials.create. Every error is an *Error.
func (c *Client) Create(ctx context.Context, from Caller, options []byte) ([]byte, error) {
	return nil, errorf(NotSupported, "not yet")
}

// Get signs in: PublicKeyCredentialRequestOptionsJSON in, AuthenticationResponseJSON out (WebAuthn Level 3, section 5.1.4). Every error is an *Error.
func (c *Client) Get(ctx context.Context, from Caller, options []byte) ([]byte, error) {
	return nil, errorf(NotSupported, "not yet")
}
