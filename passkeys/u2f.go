package passkeys

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"
)

// Instructions and control bytes of U2F (U2F Raw Message Formats 1.2, sections 4 to 6).
const (
	u2fRegister     = 0x01
	u2fAuthenticate = 0x02
	u2fVersion      = 0x03

	u2fEnforce   = 0x03 // sign when somebody is there
	u2fCheckOnly = 0x07 // only say whether the key handle is ours
	u2fSilent    = 0x08 // sign whether somebody is there or not
)

const u2fName = "U2F_V2"

// U2FOffered reports whether Message answers now: the switch is on, and alwaysUv, which U2F cannot keep, is not known to be on. It never asks and never waits.
// What is not known of a locked vault is looked at again when a request has opened it.
func (a *Authenticator) U2FOffered() bool {
	if !a.opt.U2F {
		return false
	}
	m, err := a.opt.State.Read(context.Background())
	return errors.Is(err, ErrLocked) || err == nil && !m.AlwaysUV
}

func (a *Authenticator) u2f(c *call) bool { return a.opt.U2F && !c.mem.AlwaysUV }

// Message answers one CTAP1/U2F request: an APDU in, an APDU out. U2F hosts ask again and again until somebody is there. The question to a person stays up
// between two of the same request, and goes when no more come; the answer is "conditions not satisfied" until then.
func (a *Authenticator) Message(ctx context.Context, request []byte, waiting func(bool)) []byte {
	if !a.U2FOffered() {
		return answerWord(nil, wordInstructionUnknown)
	}
	defer a.begin()()
	ctx = withRequest(ctx, requests.Add(1))
	c := newCall(waiting)
	answer, err := a.message(ctx, c, request)
	w := wordOf(err)
	a.report(ctx, c, statusOfWord(ctx, err))
	if w != wordOK {
		answer = nil
	}
	return answerWord(answer, w)
}

func answerWord(answer []byte, w word) []byte {
	return binary.BigEndian.AppendUint16(answer, uint16(w))
}

// wordOf is what a U2F host is told of an error.
func wordOf(err error) word {
	var w word
	switch {
	case err == nil:
		return wordOK
	case errors.As(err, &w):
		return w
	case errors.Is(err, StatusOperationDenied), errors.Is(err, ErrLocked), errors.Is(err, context.DeadlineExceeded):
		return wordCommandNotAllowed
	}
	return wordOther
}

// statusOfWord is what a log is told of the same.
func statusOfWord(ctx context.Context, err error) Status {
	if err == nil {
		return StatusOK
	}
	return statusOf(ctx, err)
}

func (a *Authenticator) message(ctx context.Context, c *call, request []byte) ([]byte, error) {
	r, err := parseAPDU(request)
	switch {
	case err != nil:
		return nil, err
	case len(request) > MaxMsgSize:
		return nil, wordWrongLength
	case r.class != 0:
		return nil, wordClassUnknown
	}
	switch r.instruction {
	case u2fRegister:
		c.event.Command = "U2F register"
		return a.u2fRegister(ctx, c, r)
	case u2fAuthenticate:
		c.event.Command = "U2F authenticate"
		return a.u2fAuthenticate(ctx, c, r)
	case u2fVersion:
		if len(r.data) != 0 {
			return nil, wordWrongLength
		}
		return []byte(u2fName), nil
	}
	return nil, wordInstructionUnknown
}

// touchOnly is the app ID hash with which Chromium lets a person choose among keys by touch.
var touchOnly = siteHash(bytes.Repeat([]byte{'A'}, len(siteHash{})))

// u2fRegister makes a credential in its key handle (section 4).
func (a *Authenticator) u2fRegister(ctx context.Context, c *call, r apdu) ([]byte, error) {
	if len(r.data) != hashSize+len(siteHash{}) {
		return nil, wordWrongLength
	}
	challenge, site := r.data[:hashSize], siteHash(r.data[hashSize:])
	e := a.errandFor(ctx, r)
	if err := a.opens(ctx, c, e); err != nil {
		return nil, err
	}
	ask, err := a.u2fAsk(ctx, site)
	if err != nil {
		return nil, err
	}
	ask.Action = ActionRegister
	if site == touchOnly {
		ask.Action = ActionSelect
	}
	if ask.Binding, err = a.binding(ctx, ask.RPID); err != nil {
		return nil, err
	}
	c.about(ask.RPID, ask.RPName, "")
	answer, err := a.asks(ctx, c, e, ask)
	if err != nil {
		return nil, err
	}
	if answer.Binding == 0 {
		answer.Binding = ask.Binding
	}
	cred := Credential{Binding: answer.Binding, Protect: ProtectOptional, Created: a.opt.Now().Truncate(time.Second), U2F: true}
	if cred.Key, err = NewKey(ES256, a.opt.Rand); err != nil {
		return nil, err
	}
	if err := a.seal(ctx, c, site, &cred, false); err != nil {
		return nil, err
	}
	c.uses(&cred, true, false)
	return a.u2fAttest(&cred, challenge, site)
}

// u2fAuthenticate signs with a credential of its key handle, one of CTAP2 too (section 5; CTAP 2.1, section 10.3).
func (a *Authenticator) u2fAuthenticate(ctx context.Context, c *call, r apdu) ([]byte, error) {
	const fixed = hashSize + len(siteHash{}) + 1
	if len(r.data) < fixed || len(r.data) != fixed+int(r.data[fixed-1]) {
		return nil, wordWrongLength
	}
	challenge, site, handle := r.data[:hashSize], siteHash(r.data[hashSize:fixed-1]), r.data[fixed:]
	switch r.p1 {
	case u2fEnforce:
		return a.u2fEnforced(ctx, c, r, challenge, site, handle)
	case u2fCheckOnly, u2fSilent:
	default:
		return nil, wordWrongParameters
	}
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	if !a.u2f(c) {
		return nil, wordInstructionUnknown
	}
	cred, err := a.u2fCredential(ctx, c, site, handle)
	switch {
	case err != nil:
		return nil, err
	case r.p1 == u2fCheckOnly:
		return nil, wordConditionsNotSatisfied // which means that it is ours
	}
	return a.u2fSign(ctx, c, &cred, challenge, site, false)
}

func (a *Authenticator) u2fEnforced(ctx context.Context, c *call, r apdu, challenge []byte, site siteHash, handle []byte) ([]byte, error) {
	e := a.errandFor(ctx, r)
	if err := a.opens(ctx, c, e); err != nil {
		return nil, err
	}
	cred, err := a.u2fCredential(ctx, c, site, handle)
	if err != nil {
		a.dropErrand()
		return nil, err
	}
	ask, err := a.u2fAsk(ctx, site)
	if err != nil {
		return nil, err
	}
	ask.Action, ask.Users = ActionSignIn, []Account{{cred.ID, cred.User, cred.Binding}}
	c.about(ask.RPID, ask.RPName, cred.User.Name)
	if _, err := a.asks(ctx, c, e, ask); err != nil {
		return nil, err
	}
	return a.u2fSign(ctx, c, &cred, challenge, site, true)
}

// u2fAsk begins a question about a site of which only the hash is known. It has a name when the vault has a passkey of it.
func (a *Authenticator) u2fAsk(ctx context.Context, site siteHash) (Ask, error) {
	ask := Ask{U2F: true, SiteHash: site[:]}
	all, err := a.opt.Store.RPs(ctx)
	if err != nil {
		return Ask{}, err
	}
	for _, rp := range all {
		if hashOf(rp.ID) == site {
			ask.RPID, ask.RPName = rp.ID, rp.Name
		}
	}
	return ask, nil
}

// u2fCredential finds what a key handle names, unless it wants a verification that U2F does not have.
func (a *Authenticator) u2fCredential(ctx context.Context, c *call, site siteHash, handle []byte) (Credential, error) {
	cred, ok, err := a.lookup(ctx, c, site, handle)
	if err == nil && (!ok || !cred.visible(false, true) || cred.Key.Algorithm() != ES256) {
		err = wordWrongData
	}
	return cred, err
}

func (a *Authenticator) u2fSign(ctx context.Context, c *call, cred *Credential, challenge []byte, site siteHash, present bool) ([]byte, error) {
	if err := a.used(ctx, c, cred, present); err != nil {
		return nil, err
	}
	c.uses(cred, present, false)
	said := []byte{0}
	if present {
		said[0] = byte(FlagUP)
	}
	said = binary.BigEndian.AppendUint32(said, cred.Counter)
	message := append(append(append([]byte{}, site[:]...), said...), challenge...)
	sig, err := cred.Key.Sign(a.opt.Rand, message)
	return append(said, sig...), err
}

// tick is the counter of credentials that U2F hosts made. They expect one that grows, and the key handle has no room for one: seconds grow on every device.
func (a *Authenticator) tick() uint32 {
	a.counted = max(a.counted+1, uint32(a.opt.Now().Unix())) //nolint:gosec // until 2106
	return a.counted
}
