package passkeys

import (
	"context"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// getRequest are the parameters of authenticatorGetAssertion (CTAP 2.1, section 6.2).
type getRequest struct {
	RPID       string        `cbor:"1,keyasint"`
	Hash       []byte        `cbor:"2,keyasint"`
	Allow      []descriptor  `cbor:"3,keyasint"`
	Extensions getExtensions `cbor:"4,keyasint"`
	Options    options       `cbor:"5,keyasint"`
	Auth       *[]byte       `cbor:"6,keyasint"`
	Protocol   *uint64       `cbor:"7,keyasint"`
}

// getAnswer is one assertion. The credential is always named: some hosts cannot do without (authenticator-rs issue 319).
type getAnswer struct {
	Credential   descriptor      `cbor:"1,keyasint"`
	AuthData     []byte          `cbor:"2,keyasint"`
	Signature    []byte          `cbor:"3,keyasint"`
	User         cbor.RawMessage `cbor:"4,keyasint,omitempty"`
	Count        int             `cbor:"5,keyasint,omitempty"`
	UserSelected bool            `cbor:"6,keyasint,omitempty"`
	LargeBlobKey []byte          `cbor:"7,keyasint,omitempty"`
}

func (r *getRequest) up() bool { return set(r.Options.UP, true) }

func (r *getRequest) check() error {
	x := &r.Extensions
	switch {
	case r.RPID == "", r.Hash == nil:
		return StatusMissingParameter
	case len(r.Hash) != hashSize, len(r.RPID) > maxRPID:
		return StatusInvalidLength
	case len(r.Allow) > maxList:
		return StatusLimitExceeded
	case r.Options.RK != nil:
		return StatusUnsupportedOption
	case x.LargeBlobKey != nil && !*x.LargeBlobKey:
		return StatusInvalidOption
	case x.HMACSecret != nil && !r.up():
		return StatusUnsupportedOption
	}
	return nil
}

// getAssertion is authenticatorGetAssertion (CTAP 2.1, section 6.2).
func (a *Authenticator) getAssertion(ctx context.Context, c *call) (any, error) {
	var r getRequest
	if err := unmarshal(c.params, &r); err != nil {
		return nil, err
	}
	auth := pinAuth{r.Auth, r.Protocol}
	if r.Auth != nil && !auth.probe() {
		if _, err := auth.version(); err != nil {
			return nil, err
		}
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	c.about(r.RPID, "", "")
	if auth.probe() {
		return nil, a.probePIN(ctx, c)
	}
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	v, err := a.verify(c, verifying{
		auth: auth, hash: r.Hash, uv: set(r.Options.UV, false), perm: PermitGet, rpID: r.RPID, required: c.mem.AlwaysUV && r.up(),
	})
	if err != nil {
		return nil, err
	}
	found, err := a.applicable(ctx, c, &r, v.any())
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, StatusNoCredentials
	case !r.up() && !v.ask:
		return a.chosen(ctx, c, &assertions{request: &r, left: found, verified: v.token}, Undecided)
	}
	answer, verified, err := a.consent(ctx, c, signIn(&r, found), v)
	if err != nil {
		return nil, err
	}
	if v.token && r.up() {
		a.spent()
	}
	return a.chosen(ctx, c, &assertions{request: &r, left: found, verified: verified, present: r.up()}, answer.Chosen)
}

// applicable finds the credentials that the request may learn of, the newest first or in the order of its list.
func (a *Authenticator) applicable(ctx context.Context, c *call, r *getRequest, verified bool) ([]Credential, error) {
	var all []Credential
	var err error
	if len(r.Allow) == 0 {
		all, err = a.opt.Store.Find(ctx, r.RPID)
	} else {
		all, err = a.named(ctx, c, r)
	}
	if err != nil {
		return nil, err
	}
	var found []Credential
	for i := range all {
		if all[i].visible(verified, len(r.Allow) != 0) && len(found) < maxNextAssertion {
			found = append(found, all[i])
		}
	}
	return found, nil
}

func (a *Authenticator) named(ctx context.Context, c *call, r *getRequest) ([]Credential, error) {
	var all []Credential
	seen := map[string]bool{}
	for _, d := range r.Allow {
		if d.Type != publicKeyType || seen[string(d.ID)] {
			continue
		}
		seen[string(d.ID)] = true
		cred, ok, err := a.lookup(ctx, c, hashOf(r.RPID), d.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			cred.RPID = r.RPID
			all = append(all, cred)
		}
	}
	return all, nil
}

func signIn(r *getRequest, found []Credential) Ask {
	ask := Ask{Action: ActionSignIn, RPID: r.RPID, RPName: found[0].RPName}
	for i := range found {
		ask.Users = append(ask.Users, Account{found[i].ID, found[i].User, found[i].Binding})
	}
	return ask
}

// assertions is one getAssertion with the credentials that getNextAssertion still gets.
type assertions struct {
	request  *getRequest
	left     []Credential
	verified bool
	present  bool
	several  bool      // more than one account was found and nobody chose
	selected bool      // a person chose among several
	until    time.Time // when the next one must be asked for at the latest
}

// nextWithin is how long a host may take to ask for the next assertion (CTAP 2.1, section 6.3).
const nextWithin = 30 * time.Second

// chosen answers with the account that a person chose, or begins to hand out all of them.
func (a *Authenticator) chosen(ctx context.Context, c *call, as *assertions, choice int) (any, error) {
	total, listed := len(as.left), len(as.request.Allow) != 0
	switch {
	case choice >= total || choice < Undecided:
		return nil, StatusOther
	case choice != Undecided:
		as.left, as.selected = as.left[choice:choice+1], total > 1 && !listed
	case listed:
		as.left = as.left[:1]
	}
	as.several = len(as.left) > 1
	count := 0
	if as.several {
		count = total
	}
	return a.assert(ctx, c, as, count)
}

// assert signs for the first credential that is left, and keeps the others for getNextAssertion.
func (a *Authenticator) assert(ctx context.Context, c *call, as *assertions, count int) (any, error) {
	cred := &as.left[0]
	output, err := a.getOutputs(&as.request.Extensions, cred, as.verified)
	if err != nil {
		return nil, err
	}
	if err := a.used(ctx, c, cred, as.present); err != nil {
		return nil, err
	}
	data := authData{site: hashOf(as.request.RPID), flags: cred.flags(), counter: cred.Counter, extensions: output}
	if as.present {
		data.flags |= FlagUP
	}
	if as.verified {
		data.flags |= FlagUV
	}
	answer := getAnswer{
		Credential: descriptor{cred.ID, publicKeyType}, AuthData: data.encode(), User: userOf(cred, as.verified && as.several), Count: count,
		UserSelected: as.selected,
	}
	if answer.Signature, err = cred.Key.Sign(a.opt.Rand, append(answer.AuthData[:len(answer.AuthData):len(answer.AuthData)], as.request.Hash...)); err != nil {
		return nil, StatusOther
	}
	c.noted = c.noted || as.present || as.verified
	c.about(cred.RPID, cred.RPName, "")
	c.uses(cred, as.present, as.verified)
	if as.request.Extensions.LargeBlobKey != nil {
		answer.LargeBlobKey = cred.LargeBlobKey.Reveal()
	}
	if as.several && len(as.left) > 1 {
		as.left, as.until = as.left[1:], a.opt.Now().Add(nextWithin)
		a.assertions = as
	}
	return answer, nil
}

// used raises a counter that counts, and notes when a person used the credential. A silent probe leaves no trace.
func (a *Authenticator) used(ctx context.Context, c *call, cred *Credential, present bool) error {
	if cred.U2F {
		cred.Counter = a.tick()
		return nil
	}
	if cred.Counter != 0 {
		if cred.Counter == 1<<32-1 {
			return StatusOther // a site would take the next one for a clone
		}
		cred.Counter++
		c.noted = true
	}
	if !cred.Discoverable && cred.Counter == 0 || cred.Counter == 0 && !present {
		return nil
	}
	return a.opt.Store.Used(ctx, cred.ID, Use{cred.Counter, a.opt.Now()})
}

// userOf is the account of a discoverable credential. Names are told only to a verified user's host, and only where it needs them to offer a choice.
func userOf(cred *Credential, names bool) cbor.RawMessage {
	if !cred.Discoverable {
		return nil
	}
	u := userEntity{ID: cred.User.ID}
	if names {
		u.Name, u.DisplayName = cred.User.Name, cred.User.DisplayName
	}
	return marshal(u)
}

// getNextAssertion is authenticatorGetNextAssertion (CTAP 2.1, section 6.3).
func (a *Authenticator) getNextAssertion(ctx context.Context, c *call) (any, error) {
	as := a.assertions
	a.assertions = nil
	if as == nil || a.opt.Now().After(as.until) {
		return nil, StatusNotAllowed
	}
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	return a.assert(ctx, c, as, 0)
}
