package passkeys

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// Subcommands of authenticatorCredentialManagement (CTAP 2.1, section 6.8).
const (
	manageMetadata   = 0x01
	manageRPs        = 0x02
	manageNextRP     = 0x03
	manageCreds      = 0x04
	manageNextCred   = 0x05
	manageDelete     = 0x06
	manageUpdateUser = 0x07
)

type manageRequest struct {
	Sub      *uint64         `cbor:"1,keyasint"`
	Params   cbor.RawMessage `cbor:"2,keyasint"`
	Protocol *uint64         `cbor:"3,keyasint"`
	Auth     *[]byte         `cbor:"4,keyasint"`
}

type manageParams struct {
	RPIDHash   []byte      `cbor:"1,keyasint"`
	Credential *descriptor `cbor:"2,keyasint"`
	User       *userEntity `cbor:"3,keyasint"`
}

// manageAnswer is the answer of authenticatorCredentialManagement.
type manageAnswer struct {
	Count        *int            `cbor:"1,keyasint,omitempty"`
	Room         *int            `cbor:"2,keyasint,omitempty"`
	RP           *rpEntity       `cbor:"3,keyasint,omitempty"`
	RPIDHash     []byte          `cbor:"4,keyasint,omitempty"`
	RPs          int             `cbor:"5,keyasint,omitempty"`
	User         *userEntity     `cbor:"6,keyasint,omitempty"`
	Credential   *descriptor     `cbor:"7,keyasint,omitempty"`
	PublicKey    cbor.RawMessage `cbor:"8,keyasint,omitempty"`
	Credentials  int             `cbor:"9,keyasint,omitempty"`
	Protect      Protection      `cbor:"10,keyasint,omitempty"`
	LargeBlobKey []byte          `cbor:"11,keyasint,omitempty"`
}

// credentialManagement is authenticatorCredentialManagement (CTAP 2.1, section 6.8). What it deletes goes to the trash.
func (a *Authenticator) credentialManagement(ctx context.Context, c *call) (any, error) {
	var r manageRequest
	if err := unmarshal(c.params, &r); err != nil {
		return nil, err
	}
	if r.Sub == nil {
		return nil, StatusMissingParameter
	}
	switch *r.Sub {
	case manageNextRP:
		return a.nextRP()
	case manageNextCred:
		return a.nextListed()
	}
	a.listedRPs, a.listed = nil, nil
	run, ok := map[uint64]func(*Authenticator, context.Context, *managing) (any, error){
		manageMetadata: (*Authenticator).metadata, manageRPs: (*Authenticator).enumerateRPs, manageCreds: (*Authenticator).enumerateCredentials,
		manageDelete: (*Authenticator).deleteCredential, manageUpdateUser: (*Authenticator).updateUser,
	}[*r.Sub]
	if !ok {
		return nil, StatusInvalidSubcommand
	}
	m := &managing{call: c}
	if len(r.Params) != 0 {
		if err := unmarshal(r.Params, &m.manageParams); err != nil {
			return nil, err
		}
	}
	if r.Auth == nil {
		return nil, StatusPUATRequired
	}
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	if err := a.authorizeManaging(m, &r); err != nil {
		return nil, err
	}
	return run(a, ctx, m)
}

// managing is one authorized subcommand.
type managing struct {
	manageParams
	call    *call
	byToken bool // the short-lived token authorized it, which may be bound to a site
}

// authorizeManaging takes the token, or for what only reads, the persistent one.
func (a *Authenticator) authorizeManaging(m *managing, r *manageRequest) error {
	auth := pinAuth{r.Auth, r.Protocol}
	p, err := auth.version()
	if err != nil {
		return err
	}
	message := append([]byte{byte(*r.Sub)}, r.Params...) //nolint:gosec // a known subcommand
	reading := *r.Sub == manageMetadata || *r.Sub == manageRPs || *r.Sub == manageCreds
	if t := m.call.mem.PersistentToken; reading && !t.IsEmpty() && p.verify(t.Reveal(), message, *r.Auth) {
		return nil
	}
	m.byToken = true
	return a.authorize(auth, message, PermitManage)
}

// changes notes which credential is changed, and how.
func (m *managing) changes(how string, cred *Credential) {
	m.call.noted, m.call.event.Command = true, "credentialManagement "+how
	m.call.about(cred.RPID, cred.RPName, cred.User.Name)
	m.call.uses(cred, false, true)
}

// within refuses when the token is bound to another site than this, or to any when the subcommand is about none.
func (a *Authenticator) within(m *managing, rpID string) error {
	if m.byToken && a.token.rpID != "" && a.token.rpID != rpID {
		return StatusPINAuthInvalid
	}
	return nil
}

func (a *Authenticator) metadata(ctx context.Context, m *managing) (any, error) {
	if err := a.within(m, ""); err != nil {
		return nil, err
	}
	count, err := a.opt.Store.Count(ctx)
	room := max(0, maxCredentials-count)
	return manageAnswer{Count: &count, Room: &room}, err
}

func (a *Authenticator) enumerateRPs(ctx context.Context, m *managing) (any, error) {
	if err := a.within(m, ""); err != nil {
		return nil, err
	}
	all, err := a.opt.Store.RPs(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, StatusNoCredentials
	}
	a.listedRPs = all
	answer, err := a.nextRP()
	answer.RPs = len(all)
	return answer, err
}

func (a *Authenticator) nextRP() (manageAnswer, error) {
	a.listed = nil
	if len(a.listedRPs) == 0 {
		return manageAnswer{}, StatusNotAllowed
	}
	rp := a.listedRPs[0]
	a.listedRPs = a.listedRPs[1:]
	sum := sha256.Sum256([]byte(rp.ID))
	return manageAnswer{RP: &rpEntity{rp.ID, rp.Name}, RPIDHash: sum[:]}, nil
}

func (a *Authenticator) enumerateCredentials(ctx context.Context, m *managing) (any, error) {
	if m.RPIDHash == nil {
		return nil, StatusMissingParameter
	}
	rpID, err := a.siteOf(ctx, m.RPIDHash)
	if err != nil {
		return nil, err
	}
	if err := a.within(m, rpID); err != nil {
		return nil, err
	}
	all, err := a.opt.Store.Find(ctx, rpID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c Credential) bool { return !c.Key.Usable() }) // a host wants a public key of each
	if len(all) == 0 {
		return nil, StatusNoCredentials
	}
	a.listed = all
	answer, err := a.nextListed()
	answer.Credentials = len(all)
	return answer, err
}

// siteOf finds the site of a hash.
func (a *Authenticator) siteOf(ctx context.Context, hash []byte) (string, error) {
	all, err := a.opt.Store.RPs(ctx)
	if err != nil {
		return "", err
	}
	for _, rp := range all {
		if sum := sha256.Sum256([]byte(rp.ID)); string(sum[:]) == string(hash) {
			return rp.ID, nil
		}
	}
	return "", StatusNoCredentials
}

func (a *Authenticator) nextListed() (manageAnswer, error) {
	a.listedRPs = nil
	if len(a.listed) == 0 {
		return manageAnswer{}, StatusNotAllowed
	}
	cred := a.listed[0]
	a.listed = a.listed[1:]
	return manageAnswer{
		User: &userEntity{cred.User.ID, cred.User.DisplayName, cred.User.Name}, Credential: &descriptor{cred.ID, publicKeyType},
		PublicKey: cred.Key.PublicKey(), Protect: max(cred.Protect, ProtectOptional), LargeBlobKey: cred.LargeBlobKey.Reveal(),
	}, nil
}

// manageable finds the discoverable credential that a subcommand names.
func (a *Authenticator) manageable(ctx context.Context, m *managing) (Credential, error) {
	if m.Credential == nil || m.Credential.ID == nil {
		return Credential{}, StatusMissingParameter
	}
	cred, err := a.opt.Store.ByID(ctx, m.Credential.ID)
	if errors.Is(err, ErrNoCredential) || err == nil && !cred.Discoverable {
		return Credential{}, StatusNoCredentials
	}
	if err != nil {
		return Credential{}, err
	}
	return cred, a.within(m, cred.RPID)
}

func (a *Authenticator) deleteCredential(ctx context.Context, m *managing) (any, error) {
	cred, err := a.manageable(ctx, m)
	if err != nil {
		return nil, err
	}
	m.changes("deleteCredential", &cred)
	return nil, gone(a.opt.Store.Delete(ctx, cred.ID))
}

func (a *Authenticator) updateUser(ctx context.Context, m *managing) (any, error) {
	if m.User == nil || m.User.ID == nil {
		return nil, StatusMissingParameter
	}
	cred, err := a.manageable(ctx, m)
	if err != nil {
		return nil, err
	}
	if string(cred.User.ID) != string(m.User.ID) {
		return nil, StatusInvalidParameter
	}
	m.changes("updateUserInformation", &cred)
	return nil, gone(a.opt.Store.SetUser(ctx, cred.ID, User{m.User.ID, m.User.Name, m.User.DisplayName}))
}

// gone tells that a credential vanished meanwhile as if it had never been there.
func gone(err error) error {
	if errors.Is(err, ErrNoCredential) {
		return StatusNoCredentials
	}
	return err
}
