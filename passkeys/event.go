package passkeys

import (
	"context"
	"time"
)

// Signet is the AAGUID of this authenticator: what every vault's passkeys name at their registration.
var Signet = AAGUID{0x5e, 0x1c, 0xe7, 0x70, 0x3d, 0x5b, 0x4f, 0x0a, 0x9c, 0x1e, 0x51, 0x67, 0x6e, 0x65, 0x74, 0x01}

// Event is a request that a person may want to know of later, with its outcome: whatever used, made, changed or removed a passkey or a setting, whatever a
// person was asked, and whatever was refused for a wrong PIN. Probes of a host that asked nobody and changed nothing are none.
type Event struct {
	Request  uint64 // RequestID of its context
	At       time.Time
	Command  string // as CTAP names it: "makeCredential", "getAssertion", "U2F authenticate" …
	RPID     string // these three come from outside and are not clean
	UserName string
	RPName   string
	ID       []byte // the credential, where there was one
	Status   Status
	UP, UV   bool // what the answer says of the user
	Asked    bool // a person was asked
}

// report tells the log of a request that is over.
func (a *Authenticator) report(ctx context.Context, c *call, status Status) {
	if a.opt.Log == nil || !c.noted {
		return
	}
	if c.event.Request == 0 {
		c.event.Request = RequestID(ctx)
	}
	c.event.At, c.event.Status = a.opt.Now(), status
	if status != StatusOK {
		c.event.UP, c.event.UV = false, false
	}
	a.opt.Log(context.WithoutCancel(ctx), c.event)
}

// about notes whom a request is about.
func (c *call) about(rpID, rpName, user string) {
	c.event.RPID, c.event.RPName, c.event.UserName = rpID, rpName, user
}

// uses notes the credential of a request and what its answer says of the user.
func (c *call) uses(cred *Credential, up, uv bool) {
	c.event.ID, c.event.UP, c.event.UV = cred.ID, up, uv
	if cred.User.Name != "" {
		c.event.UserName = cred.User.Name
	}
}

type requestKey struct{}

// withRequest numbers a request.
func withRequest(ctx context.Context, id uint64) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID returns the number of the request that ctx belongs to, for what is called on its behalf: Options.Open, the Approver and the store. It is
// never the same twice in one process; 0 where there is no request.
func RequestID(ctx context.Context) uint64 {
	id, _ := ctx.Value(requestKey{}).(uint64)
	return id
}
