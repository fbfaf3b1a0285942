package passkeys

import "context"

// selection is authenticatorSelection (CTAP 2.1, section 6.9): a host asks which of several authenticators is meant.
func (a *Authenticator) selection(ctx context.Context, c *call) (any, error) {
	_, err := a.ask(ctx, c, Ask{Action: ActionSelect})
	return nil, err
}
