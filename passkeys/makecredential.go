package passkeys

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"signet/vault/secret"
)

// makeRequest are the parameters of authenticatorMakeCredential (CTAP 2.1, section 6.1; formats of CTAP 2.2).
type makeRequest struct {
	Hash       []byte            `cbor:"1,keyasint"`
	RP         *rpEntity         `cbor:"2,keyasint"`
	User       *userEntity       `cbor:"3,keyasint"`
	Params     []credentialParam `cbor:"4,keyasint"`
	Exclude    []descriptor      `cbor:"5,keyasint"`
	Extensions makeExtensions    `cbor:"6,keyasint"`
	Options    options           `cbor:"7,keyasint"`
	Auth       *[]byte           `cbor:"8,keyasint"`
	Protocol   *uint64           `cbor:"9,keyasint"`
	Enterprise *uint64           `cbor:"10,keyasint"`
	Formats    []string          `cbor:"11,keyasint"`
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

type descriptor struct {
	ID   []byte `cbor:"id"`
	Type string `cbor:"type"`
}

type options struct {
	RK *bool `cbor:"rk"`
	UP *bool `cbor:"up"`
	UV *bool `cbor:"uv"`
}

func set(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}

// makeAnswer is an attestation object in CTAP's form.
type makeAnswer struct {
	Format       string          `cbor:"1,keyasint"`
	AuthData     []byte          `cbor:"2,keyasint"`
	Statement    cbor.RawMessage `cbor:"3,keyasint"`
	LargeBlobKey []byte          `cbor:"5,keyasint,omitempty"`
}

const hashSize = 32 // of the client data

// credentialIDSize is that of a discoverable credential's id.
const credentialIDSize = 32

// check refuses what is not a request, whatever the authenticator's state, and chooses the algorithm.
func (r *makeRequest) check(offered []Algorithm) (Algorithm, error) {
	switch {
	case r.Hash == nil, r.RP == nil, r.User == nil, r.Params == nil, r.RP.ID == "", len(r.User.ID) == 0:
		return 0, StatusMissingParameter
	case len(r.Hash) != hashSize, len(r.RP.ID) > maxRPID, len(r.User.ID) > maxUserID:
		return 0, StatusInvalidLength
	case len(r.Exclude) > maxList:
		return 0, StatusLimitExceeded
	}
	alg, err := algorithmOf(r.Params, offered)
	if err != nil {
		return 0, err
	}
	if !set(r.Options.UP, true) {
		return 0, StatusInvalidOption
	}
	if r.Enterprise != nil {
		return 0, StatusInvalidParameter
	}
	return alg, r.Extensions.check(r.rk())
}

func (r *makeRequest) rk() bool { return set(r.Options.RK, false) }

// algorithmOf takes the first pair of the request that keys can be made for.
func algorithmOf(params []credentialParam, offered []Algorithm) (Algorithm, error) {
	var asked []Algorithm
	for _, p := range params {
		if p.Alg == nil || p.Type == nil {
			return 0, StatusMissingParameter
		}
		if *p.Type == publicKeyType {
			asked = append(asked, Algorithm(*p.Alg))
		}
	}
	if alg, ok := choose(asked, offered); ok {
		return alg, nil
	}
	return 0, StatusUnsupportedAlgorithm
}

// makeCredential is authenticatorMakeCredential (CTAP 2.1, section 6.1).
func (a *Authenticator) makeCredential(ctx context.Context, c *call) (any, error) {
	var r makeRequest
	if err := unmarshal(c.params, &r); err != nil {
		return nil, err
	}
	auth := pinAuth{r.Auth, r.Protocol}
	if r.Auth != nil && !auth.probe() {
		if _, err := auth.version(); err != nil {
			return nil, err
		}
	}
	alg, err := r.check(a.offers())
	if err != nil {
		return nil, err
	}
	c.about(r.RP.ID, r.RP.Name, r.User.Name)
	if auth.probe() {
		return nil, a.probePIN(ctx, c)
	}
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	v, err := a.verify(c, verifying{
		auth: auth, hash: r.Hash, uv: set(r.Options.UV, false), perm: PermitMake, rpID: r.RP.ID,
		required: c.mem.AlwaysUV || r.rk() && a.protected(c),
	})
	if err != nil {
		return nil, err
	}
	excluded, err := a.excluded(ctx, c, &r, v.any())
	if err != nil {
		return nil, err
	}
	ask, err := a.registration(ctx, &r, excluded)
	if err != nil {
		return nil, err
	}
	answer, verified, err := a.consent(ctx, c, ask, v)
	switch {
	case err != nil:
		return nil, err
	case excluded:
		return nil, StatusCredentialExcluded
	}
	if v.token {
		a.spent()
	}
	if answer.Binding == 0 {
		answer.Binding = ask.Binding
	}
	return a.register(ctx, c, &r, alg, answer.Binding, verified)
}

// registration is what a person is asked.
func (a *Authenticator) registration(ctx context.Context, r *makeRequest, excluded bool) (Ask, error) {
	ask := Ask{
		Action: ActionRegister, RPID: r.RP.ID, RPName: r.RP.Name, User: User{r.User.ID, r.User.Name, r.User.DisplayName},
		Discoverable: r.rk(), Excluded: excluded,
	}
	if excluded {
		return ask, nil
	}
	var err error
	if ask.Binding, err = a.binding(ctx, r.RP.ID); err != nil || !r.rk() {
		return ask, err
	}
	there, err := a.opt.Store.Find(ctx, r.RP.ID)
	ask.Replaces = slices.ContainsFunc(there, func(c Credential) bool { return c.Key.Usable() && string(c.User.ID) == string(r.User.ID) })
	return ask, err
}

// binding is where the keys of a site live by default.
func (a *Authenticator) binding(ctx context.Context, rpID string) (Binding, error) {
	if a.opt.BindingFor == nil {
		return Synced, nil
	}
	b, err := a.opt.BindingFor(ctx, rpID)
	return max(b, Synced), err
}

// excluded reports whether the request names a credential that exists.
func (a *Authenticator) excluded(ctx context.Context, c *call, r *makeRequest, verified bool) (bool, error) {
	for _, d := range r.Exclude {
		if d.Type != publicKeyType {
			continue
		}
		cred, ok, err := a.lookup(ctx, c, hashOf(r.RP.ID), d.ID)
		if err != nil {
			return false, err
		}
		if ok && cred.visible(verified, true) {
			return true, nil
		}
	}
	return false, nil
}

// lookup finds a credential of a site by its id: in the store, or in the id itself, which says nothing of the site's name.
func (a *Authenticator) lookup(ctx context.Context, c *call, site siteHash, id []byte) (Credential, bool, error) {
	if len(id) == 0 || len(id) > maxCredentialID {
		return Credential{}, false, nil
	}
	cred, err := a.opt.Store.ByID(ctx, id)
	switch {
	case err == nil:
		return cred, hashOf(cred.RPID) == site, nil
	case !errors.Is(err, ErrNoCredential):
		return Credential{}, false, err
	}
	cred, ok := c.unseal(site, id)
	return cred, ok, nil
}

// register makes the credential and its attestation. The store gets it last, so that nothing stays behind when something fails.
func (a *Authenticator) register(ctx context.Context, c *call, r *makeRequest, alg Algorithm, binding Binding, verified bool) (any, error) {
	cred, err := a.newCredential(ctx, c, r, alg, binding)
	if err != nil {
		return nil, err
	}
	output, err := a.makeOutputs(c, &r.Extensions, &cred, verified)
	if err != nil {
		return nil, err
	}
	data := authData{
		site: hashOf(cred.RPID), flags: FlagUP | cred.flags(), counter: cred.Counter, extensions: output,
		credential: &attested{a.opt.AAGUID, cred.ID, cred.Key.PublicKey()},
	}
	if verified {
		data.flags |= FlagUV
	}
	answer, err := a.attest(&cred, data.encode(), r)
	if err != nil {
		return nil, err
	}
	if cred.Discoverable {
		err = a.opt.Store.Put(ctx, cred)
	}
	c.uses(&cred, true, verified)
	return answer, err
}

func (a *Authenticator) newCredential(ctx context.Context, c *call, r *makeRequest, alg Algorithm, binding Binding) (Credential, error) {
	key, err := NewKey(alg, a.opt.Rand)
	if err != nil {
		return Credential{}, err
	}
	cred := Credential{
		RPID: r.RP.ID, RPName: r.RP.Name, User: User{r.User.ID, r.User.Name, r.User.DisplayName}, Key: key, BE: binding == Synced, BS: binding == Synced,
		Binding: binding, Discoverable: r.rk(), Created: a.opt.Now().Truncate(time.Millisecond), Protect: ProtectOptional,
	}
	if p := r.Extensions.CredProtect; p != nil {
		cred.Protect = Protection(*p) //nolint:gosec // 1 to 3, checked
	}
	secrets := set(r.Extensions.HMACSecret, false)
	if !cred.Discoverable {
		return cred, a.seal(ctx, c, hashOf(cred.RPID), &cred, secrets)
	}
	if cred.ID, err = a.random(credentialIDSize); err != nil {
		return Credential{}, err
	}
	cred.ID[0] &^= sealedVersion // never to be mistaken for a sealed one
	return cred, a.addSecrets(&cred, &r.Extensions)
}

// addSecrets makes what the extensions keep in a discoverable credential.
func (a *Authenticator) addSecrets(cred *Credential, x *makeExtensions) error {
	var wanted []*secret.Secret
	if set(x.HMACSecret, false) {
		wanted = append(wanted, &cred.SecretUV, &cred.SecretNoUV)
	}
	if x.LargeBlobKey != nil {
		wanted = append(wanted, &cred.LargeBlobKey)
	}
	for _, s := range wanted {
		b, err := a.random(hashSize)
		if err != nil {
			return err
		}
		*s = secret.New(b)
	}
	if x.CredBlob != nil && len(*x.CredBlob) <= maxCredBlob {
		cred.Blob = *x.CredBlob
	}
	return nil
}
