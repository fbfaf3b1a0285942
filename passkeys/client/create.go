package client

import (
	"context"
	"errors"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
)

// makeParams are the parameters of authenticatorMakeCredential (CTAP 2.1, section 6.1).
type makeParams struct {
	Hash       []byte         `cbor:"1,keyasint"`
	RP         rpEntity       `cbor:"2,keyasint"`
	User       userEntity     `cbor:"3,keyasint"`
	Params     []param        `cbor:"4,keyasint"`
	Exclude    []descriptor   `cbor:"5,keyasint,omitempty"`
	Extensions map[string]any `cbor:"6,keyasint,omitempty"`
	Options    *options       `cbor:"7,keyasint,omitempty"`
	Auth       []byte         `cbor:"8,keyasint,omitempty"`
	Protocol   protocol       `cbor:"9,keyasint,omitempty"`
	Formats    []string       `cbor:"11,keyasint,omitempty"`
}

type rpEntity struct {
	ID   string `cbor:"id"`
	Name string `cbor:"name,omitempty"`
}

type userEntity struct {
	ID          []byte `cbor:"id"`
	DisplayName string `cbor:"displayName,omitempty"`
	Name        string `cbor:"name,omitempty"`
}

type param struct {
	Alg  int64  `cbor:"alg"`
	Type string `cbor:"type"`
}

type options struct {
	RK bool  `cbor:"rk,omitempty"`
	UP *bool `cbor:"up,omitempty"`
	UV bool  `cbor:"uv,omitempty"`
}

// makeAnswer is the answer.
type makeAnswer struct {
	Format       string          `cbor:"1,keyasint"`
	AuthData     []byte          `cbor:"2,keyasint"`
	Statement    cbor.RawMessage `cbor:"3,keyasint"`
	LargeBlobKey []byte          `cbor:"5,keyasint"`
}

// create is the part of Create after the options are read and the caller is known to be entitled.
func (c *Client) create(ctx context.Context, o *creation, rpID string, data []byte) ([]byte, error) {
	t, err := c.begin(ctx, rpID)
	if err != nil {
		return nil, err
	}
	defer t.end()
	t.hash = hashOf(data)
	rk, err := t.keeps(o)
	if err != nil {
		return nil, err
	}
	if o.attachment != "" && t.opt.Attachment != "" && o.attachment != t.opt.Attachment && known(o.attachment) {
		return nil, errorf(NotAllowed, "%s wants a %s authenticator, and this one is %s", clip(rpID), o.attachment, t.opt.Attachment)
	}
	if err := t.promises(o, rk); err != nil {
		return nil, err
	}
	n := need{wish: o.uv, force: o.ext.PRF != nil && t.info.can("hmac-secret"), make: true, rk: rk, perm: passkeys.PermitMake}
	if len(t.batches(o.exclude)) > 1 { // they are looked for beforehand, and some show themselves to a verified user only
		n.perm |= passkeys.PermitGet
	}
	if err := t.verify(ctx, n); err != nil {
		return nil, err
	}
	made, err := t.make(ctx, o, rk)
	if err != nil {
		more, cause := t.again(ctx, err, n)
		if cause != nil {
			return nil, cause
		}
		if more {
			made, err = t.make(ctx, o, rk)
		}
	}
	if err != nil {
		return nil, err
	}
	return made.response(t, o, data, rk)
}

func known(attachment string) bool { return attachment == "platform" || attachment == "cross-platform" }

// keeps decides whether the device keeps the passkey (WebAuthn Level 3, section 5.4.6).
func (t *talk) keeps(o *creation) (bool, error) {
	can := t.info.Options["rk"]
	if o.rk == required && !can {
		return false, errorf(Constraint, "%s wants a passkey that is found without a user name, and the device keeps none", clip(t.rpID))
	}
	return can && (o.rk != discouraged || t.opt.Discoverable), nil
}

// promises refuses what the site insists on and the device cannot do.
func (t *talk) promises(o *creation, rk bool) error {
	if p := protections(o.ext.Protect); o.ext.Enforce && p > passkeys.ProtectOptional && !t.info.can("credProtect") {
		return errorf(NotAllowed, "%s insists on a protection (credProtect) that the device does not know", clip(t.rpID))
	}
	if b := o.ext.LargeBlob; b != nil && b.Support != nil && *b.Support == required && !t.blobs(rk) {
		return errorf(NotAllowed, "%s insists on room for a large blob, which there is only beside a discoverable passkey on a device with such room", clip(t.rpID))
	}
	return nil
}

func (t *talk) blobs(rk bool) bool {
	return rk && t.info.Options["largeBlobs"] && t.info.can("largeBlobKey")
}

// made is a passkey that the device just made, with what belongs to it.
type made struct {
	answer  makeAnswer
	data    *authData
	secrets *shared // of hmac-secret-mc
	exclude bool    // appidExclude was looked at
}

// make asks the device for the passkey.
func (t *talk) make(ctx context.Context, o *creation, rk bool) (*made, error) {
	m := &made{}
	exclude, err := t.excluded(ctx, o.exclude)
	if err != nil {
		return nil, err
	}
	if o.ext.AppIDExclude != nil {
		m.exclude = true
		if err := t.notByAppID(ctx, o); err != nil {
			return nil, err
		}
	}
	p := makeParams{
		Hash: t.hash, RP: rpEntity{t.rpID, cut(o.rpName)}, User: userEntity{o.user.ID, cut(o.user.DisplayName), cut(o.user.Name)},
		Exclude: descriptors(exclude), Formats: t.formats(o),
	}
	if rk || t.proof == byOption {
		p.Options = &options{RK: rk, UV: t.proof == byOption}
	}
	for _, a := range o.algorithms {
		p.Params = append(p.Params, param{a, publicKeyType})
	}
	if p.Extensions, m.secrets, err = t.makeExtensions(ctx, o, rk); err != nil {
		return nil, err
	}
	if m.secrets != nil {
		defer func() {
			if err != nil {
				m.secrets.wipe()
			}
		}()
	}
	p.Auth, p.Protocol = t.auth(t.hash)
	if err = t.send(ctx, cmdMakeCredential, p, &m.answer); err != nil {
		return nil, err
	}
	if m.data, err = parseAuthData(m.answer.AuthData); err != nil {
		return nil, err
	}
	if m.data.id == nil {
		err = errAnswer
		return nil, err
	}
	err = m.data.check(t.rpID, o.uv == required)
	return m, err
}

// notByAppID looks for a credential of the site's time with U2F (WebAuthn Level 3, section 10.1.2). As with every excluded one, the site learns of it only
// after somebody consented.
func (t *talk) notByAppID(ctx context.Context, o *creation) error {
	for _, batch := range t.batches(o.exclude) {
		id, err := t.present(ctx, *o.ext.AppIDExclude, batch)
		if err != nil {
			return err
		}
		if id != nil {
			return t.consent(ctx, *o.ext.AppIDExclude, id)
		}
	}
	return nil
}

// consent lets somebody show that they are there, by the command for that or, at devices without it, by a signature that nobody gets.
func (t *talk) consent(ctx context.Context, rpID string, id []byte) error {
	err := t.send(ctx, cmdSelection, nil, nil)
	if deviceStatus(err) == passkeys.StatusInvalidCommand {
		r := getParams{RPID: rpID, Hash: make([]byte, len(t.hash)), Allow: descriptors([][]byte{id})}
		r.Auth, r.Protocol = t.auth(r.Hash)
		err = t.send(ctx, cmdGetAssertion, r, nil)
	}
	if err == nil {
		err = passkeys.StatusCredentialExcluded
	}
	return err
}

// formats tells the device what statement is wanted, where it listens (CTAP 2.2): none, if the site wants to know nothing.
func (t *talk) formats(o *creation) []string {
	switch {
	case len(t.info.Formats) == 0:
		return nil
	case !attested(o.attest):
		return []string{formatNone}
	}
	if len(o.formats) > maxListed {
		return nil
	}
	return o.formats
}

// attested says whether the site wants to know what made the passkey. What nobody knows counts as none.
func attested(conveyance string) bool {
	return conveyance == "direct" || conveyance == "indirect" || conveyance == "enterprise"
}

// makeExtensions are the device's inputs.
func (t *talk) makeExtensions(ctx context.Context, o *creation, rk bool) (map[string]any, *shared, error) {
	x, in := &o.ext, map[string]any{}
	var secrets *shared
	if p := protections(x.Protect); p != 0 && t.info.can("credProtect") {
		in["credProtect"] = uint64(p)
	}
	if x.PRF != nil && t.info.can("hmac-secret") {
		in["hmac-secret"] = true
		if x.salts != nil && t.info.can("hmac-secret-mc") && t.proof != noProof {
			s, err := t.agree(ctx)
			if err != nil {
				return nil, nil, err
			}
			if in["hmac-secret-mc"], err = s.sealSalts(x.salts); err != nil {
				return nil, nil, err
			}
			secrets = s
		}
	}
	if x.CredBlob != nil && t.info.can("credBlob") && uint64(len(x.blob)) <= t.info.MaxCredBlob {
		in["credBlob"] = x.blob
	}
	if x.LargeBlob != nil && t.blobs(rk) { // whatever is not "required" counts as "preferred"
		in["largeBlobKey"] = true
	}
	if x.MinPINLength && t.info.can("minPinLength") {
		in["minPinLength"] = true
	}
	return in, secrets, nil
}

// results are what the site is told beside the passkey.
func (m *made) results(o *creation, rk bool) (results, error) {
	x, out := &o.ext, results{}
	if x.CredProps {
		out.CredProps = &credProps{rk}
	}
	if m.exclude {
		out.AppIDExclude = &m.exclude
	}
	if x.CredBlob != nil {
		stored, _ := m.data.extensions.CredBlob.(bool)
		out.CredBlob = &stored
	}
	if x.LargeBlob != nil {
		supported := len(m.answer.LargeBlobKey) != 0
		out.LargeBlob = &blobResult{Supported: &supported}
	}
	if x.PRF != nil {
		enabled, _ := m.data.extensions.HMACSecret.(bool)
		out.PRF = &prfResult{Enabled: &enabled}
		if m.secrets != nil && enabled && len(m.data.extensions.HMACSecretMC) != 0 && m.data.flags&passkeys.FlagUV != 0 {
			values, err := m.secrets.openSecrets(m.data.extensions.HMACSecretMC, len(x.salts))
			if err != nil {
				return out, err
			}
			out.PRF.Results = values
		}
	}
	return out, nil
}

// deviceStatus is the status that the device said no with, 0 where it did not.
func deviceStatus(err error) passkeys.Status {
	var s passkeys.Status
	if errors.As(err, &s) {
		return s
	}
	return 0
}
