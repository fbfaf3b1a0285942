package passkeys

import (
	"context"
	"errors"
)

// tokenByUV gives a token for a verification that the Approver asks for (section 6.5.5.7.3). Where it fails, the host may go on with the PIN. A person who
// refuses has the last word: StatusOperationDenied ends it, and of anything else Chromium says that the key cannot be used with the site.
func (a *Authenticator) tokenByUV(ctx context.Context, c *call, r *pinRequest, p pinProtocol) (any, error) {
	if r.Key == nil {
		return nil, StatusMissingParameter
	}
	perm, err := r.permissions(grantable)
	switch {
	case err != nil:
		return nil, err
	case !a.verifies():
		return nil, StatusNotAllowed
	case a.uvMisses >= maxMisses:
		return nil, StatusUVBlocked
	}
	shared, err := p.agree(a.agreement[p], *r.Key)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	ask := Ask{Action: ActionVerify, Verify: true, Permissions: perm}
	if r.RPID != nil {
		ask.RPID = *r.RPID
	}
	answer, err := a.ask(ctx, c, ask)
	if err := a.uvStatus(answer, err); err != nil {
		return nil, err
	}
	if perm == PermitReadOnlyManage {
		return a.persistent(ctx, p, shared)
	}
	return a.give(p, shared, r, perm, true)
}

// uvStatus is what a host is told of a verification.
func (a *Authenticator) uvStatus(answer Answer, err error) error {
	a.countVerification(answer, err)
	switch {
	case err == nil && answer.Verified:
		return nil
	case errors.Is(err, StatusOperationDenied):
		return err
	case errors.Is(err, ErrVerifyBlocked):
		return StatusUVBlocked
	case err != nil && !errors.Is(err, ErrNotVerified):
		return err
	}
	if a.uvMisses >= maxMisses {
		return StatusUVBlocked
	}
	return StatusUVInvalid
}
