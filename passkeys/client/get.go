package client

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json"

	"signet/passkeys"
)

// getParams are the parameters of authenticatorGetAssertion (CTAP 2.1, section 6.2).
type getParams struct {
	RPID       string         `cbor:"1,keyasint"`
	Hash       []byte         `cbor:"2,keyasint"`
	Allow      []descriptor   `cbor:"3,keyasint,omitempty"`
	Extensions map[string]any `cbor:"4,keyasint,omitempty"`
	Options    *options       `cbor:"5,keyasint,omitempty"`
	Auth       []byte         `cbor:"6,keyasint,omitempty"`
	Protocol   protocol       `cbor:"7,keyasint,omitempty"`
}

// getAnswer is the answer of it and of getNextAssertion.
type getAnswer struct {
	Credential *struct {
		ID []byte `cbor:"id"`
	} `cbor:"1,keyasint"`
	AuthData  []byte `cbor:"2,keyasint"`
	Signature []byte `cbor:"3,keyasint"`
	User      *struct {
		ID          []byte `cbor:"id"`
		Name        string `cbor:"name"`
		DisplayName string `cbor:"displayName"`
	} `cbor:"4,keyasint"`
	Count        uint64 `cbor:"5,keyasint"`
	LargeBlobKey []byte `cbor:"7,keyasint"`
}

// maxAccounts bounds how many accounts are fetched for a choice.
const maxAccounts = 1000

// signed is an assertion, with what belongs to it.
type signed struct {
	attempt attempt
	answer  getAnswer
	data    *authData
	secrets *shared
}

// get is the part of Get after the options are read and the caller is known to be entitled.
func (c *Client) get(ctx context.Context, o *request, rpID string, data []byte) ([]byte, error) {
	t, err := c.begin(ctx, rpID)
	if err != nil {
		return nil, err
	}
	defer t.end()
	t.hash = hashOf(data)
	n := need{wish: o.uv, force: o.ext.wantsSecrets() && t.info.can("hmac-secret"), perm: passkeys.PermitGet}
	if o.ext.write != nil && t.info.Options["largeBlobs"] {
		n.force, n.tokens, n.perm = true, true, n.perm|passkeys.PermitBlobs
	}
	if err := t.verify(ctx, n); err != nil {
		return nil, err
	}
	all, err := t.likely(ctx, t.attempts(o))
	if err != nil {
		return nil, err
	}
	s, err := t.sign(ctx, o, all)
	if err != nil {
		more, cause := t.again(ctx, err, n)
		if cause != nil {
			return nil, cause
		}
		if more {
			s, err = t.sign(ctx, o, all)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.response(ctx, t, o, data)
}

func (x *requestExtensions) wantsSecrets() bool { return x.salts != nil || len(x.saltsOf) != 0 }

// sign goes through the attempts until the device has a credential.
func (t *talk) sign(ctx context.Context, o *request, all []attempt) (*signed, error) {
	var err error = passkeys.StatusNoCredentials
	for _, a := range all {
		var s *signed
		if s, err = t.try(ctx, o, a); !errors.Is(err, passkeys.StatusNoCredentials) {
			return s, err
		}
	}
	return nil, err
}

func (t *talk) try(ctx context.Context, o *request, a attempt) (*signed, error) {
	s := &signed{attempt: a}
	p := getParams{RPID: a.rpID, Hash: t.hash, Allow: descriptors(a.ids), Extensions: map[string]any{}}
	if t.proof == byOption {
		p.Options = &options{UV: true}
	}
	if len(a.salts) != 0 && t.proof != noProof && t.info.can("hmac-secret") {
		var err error
		if s.secrets, err = t.agree(ctx); err != nil {
			return nil, err
		}
		if p.Extensions["hmac-secret"], err = s.secrets.sealSalts(a.salts); err != nil {
			return nil, err
		}
	}
	if o.ext.GetCredBlob && t.info.can("credBlob") {
		p.Extensions["credBlob"] = true
	}
	if o.ext.usesBlob() && t.info.Options["largeBlobs"] && t.info.can("largeBlobKey") {
		p.Extensions["largeBlobKey"] = true
	}
	p.Auth, p.Protocol = t.auth(t.hash)
	if err := t.send(ctx, cmdGetAssertion, p, &s.answer); err != nil {
		return nil, err
	}
	if err := t.choose(ctx, &s.answer); err != nil {
		return nil, err
	}
	return s, s.read(o)
}

// read checks that the answer is one, so that nobody hands on what no site would take.
func (s *signed) read(o *request) (err error) {
	a := &s.answer
	if a.Credential == nil {
		if len(s.attempt.ids) != 1 {
			return errAnswer
		}
		a.Credential = &struct {
			ID []byte `cbor:"id"`
		}{s.attempt.ids[0]} // it may be left out then
	}
	if s.data, err = parseAuthData(a.AuthData); err != nil {
		return err
	}
	switch {
	case len(a.Signature) == 0, !s.attempt.names(a.Credential.ID):
		return errAnswer
	case !o.listed && (a.User == nil || len(a.User.ID) == 0):
		return errAnswer // without a list, the user handle is what tells the account
	}
	return s.data.check(s.attempt.rpID, o.uv == required)
}

// names reports whether the credential is one that was asked for.
func (a attempt) names(id []byte) bool {
	for _, want := range a.ids {
		if string(want) == string(id) {
			return true
		}
	}
	return len(a.ids) == 0 && len(id) != 0
}

// choose lets a person choose where the device found several accounts and could not ask itself (CTAP 2.1, section 6.3).
func (t *talk) choose(ctx context.Context, first *getAnswer) error {
	if first.Count < 2 || t.opt.Choose == nil {
		return nil
	}
	all := []getAnswer{*first}
	for uint64(len(all)) < min(first.Count, maxAccounts) {
		var next getAnswer
		if err := t.send(ctx, cmdGetNextAssertion, nil, &next); err != nil {
			return err
		}
		all = append(all, next)
	}
	var accounts []passkeys.User
	for _, a := range all {
		var u passkeys.User
		if a.User != nil {
			u = passkeys.User{ID: a.User.ID, Name: a.User.Name, DisplayName: a.User.DisplayName}
		}
		accounts = append(accounts, u)
	}
	n, err := t.opt.Choose(ctx, t.rpID, accounts)
	if err != nil {
		return &Error{Name: NotAllowed, Reason: "no account was chosen: " + err.Error(), Cause: err}
	}
	if n < 0 || n >= len(all) {
		return errorf(NotAllowed, "no account was chosen")
	}
	*first = all[n]
	return nil
}

// response is the JSON for the site.
func (s *signed) response(ctx context.Context, t *talk, o *request, data []byte) ([]byte, error) {
	if s.secrets != nil {
		defer s.secrets.wipe()
	}
	out, err := s.results(ctx, t, o)
	if err != nil {
		return nil, err
	}
	id := encode64(s.answer.Credential.ID)
	j := authenticationJSON{ID: id, RawID: id, Attachment: t.attachment(""), Results: out, Type: publicKeyType}
	j.Response.ClientDataJSON = encode64(data)
	j.Response.AuthenticatorData = encode64(s.answer.AuthData)
	j.Response.Signature = encode64(s.answer.Signature)
	if s.answer.User != nil {
		j.Response.UserHandle = encode64(s.answer.User.ID)
	}
	return json.Marshal(j, json.Deterministic(true))
}

func (s *signed) results(ctx context.Context, t *talk, o *request) (results, error) {
	x, out := &o.ext, results{}
	if x.AppID != nil {
		used := s.attempt.rpID == *x.AppID && s.attempt.rpID != t.rpID
		out.AppID = &used
	}
	if x.GetCredBlob {
		if blob, ok := s.data.extensions.CredBlob.([]byte); ok {
			text := encode64(blob)
			out.GetCredBlob = &text
		}
	}
	if x.PRF != nil {
		out.PRF = &prfResult{}
		if sealed, ok := s.data.extensions.HMACSecret.([]byte); ok && s.secrets != nil && s.data.flags&passkeys.FlagUV != 0 {
			values, err := s.secrets.openSecrets(sealed, len(s.attempt.salts))
			if err != nil {
				return out, err
			}
			out.PRF.Results = values
		}
	}
	if x.usesBlob() {
		out.LargeBlob = t.largeBlob(ctx, x, s.answer.LargeBlobKey)
	}
	return out, nil
}
