package passkeys

import (
	"context"
	"errors"
)

// verification is how the user of a request is verified: by a token already, or by a question that is still to be asked.
type verification struct {
	token bool
	ask   bool
}

func (v verification) any() bool { return v.token || v.ask }

// verifying is what of makeCredential and getAssertion decides about verification.
type verifying struct {
	auth     pinAuth
	hash     []byte // of the client data
	uv       bool   // the option
	perm     Permission
	rpID     string
	required bool // without verification there is no answer
}

// verify decides how the user is verified (CTAP 2.1, sections 6.1.2 and 6.2.2, steps 1 to 11).
func (a *Authenticator) verify(c *call, v verifying) (verification, error) {
	switch {
	case v.auth.param != nil:
		if err := a.authorize(v.auth, v.hash, v.perm); err != nil {
			return verification{}, err
		}
		return verification{token: true}, a.bind(v.rpID)
	case v.uv && !a.withUV():
		return verification{}, StatusInvalidOption
	case v.uv, c.mem.AlwaysUV && v.required && a.withUV():
		return verification{ask: true}, nil
	case v.required:
		return verification{}, StatusPUATRequired
	}
	return verification{}, nil
}

// probePIN answers an empty proof, with which old hosts let a person choose among authenticators by touch.
func (a *Authenticator) probePIN(ctx context.Context, c *call) error {
	if err := a.known(ctx, c); err != nil {
		return err
	}
	if _, err := a.ask(ctx, c, Ask{Action: ActionSelect}); err != nil {
		return err
	}
	if !c.mem.hasPIN() {
		return StatusPINNotSet
	}
	return StatusPINInvalid
}

// consent asks for presence, and for verification where that was left to the question. It returns whether the user is verified.
func (a *Authenticator) consent(ctx context.Context, c *call, ask Ask, v verification) (Answer, bool, error) {
	ask.Verify, ask.Recent = v.ask, v.token && a.token.present
	answer, err := a.ask(ctx, c, ask)
	if v.ask {
		a.countVerification(answer, err)
	}
	switch {
	case errors.Is(err, ErrNotVerified), errors.Is(err, ErrVerifyBlocked), err == nil && v.ask && !answer.Verified:
		return answer, false, StatusPUATRequired // a PIN may do it
	case err != nil:
		return answer, false, err
	}
	return answer, v.token || answer.Verified, nil
}

// countVerification counts failed verifications in a row. They end with the next success and with the next right PIN. A refusal, or nobody, is no failure.
func (a *Authenticator) countVerification(answer Answer, err error) {
	switch {
	case err == nil && answer.Verified:
		a.uvMisses = 0
	case err == nil, errors.Is(err, ErrNotVerified):
		a.uvMisses++
	}
}
