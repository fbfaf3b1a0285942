package passkeys

import (
	"bytes"
	"context"

	"github.com/fxamacker/cbor/v2"
)

// Subcommands of authenticatorConfig (CTAP 2.1, section 6.11). Enterprise attestation is not offered: it would tell sites apart who is who.
const (
	configAlwaysUV = 0x02
	configMinPIN   = 0x03
)

// configNames are the settings as a person and a log are told of them.
var configNames = map[uint64]string{configAlwaysUV: "alwaysUv", configMinPIN: "minPINLength"}

type configRequest struct {
	Sub      *uint64         `cbor:"1,keyasint"`
	Params   cbor.RawMessage `cbor:"2,keyasint"`
	Protocol *uint64         `cbor:"3,keyasint"`
	Auth     *[]byte         `cbor:"4,keyasint"`
}

type minPINParams struct {
	Length     *uint64  `cbor:"1,keyasint"`
	RPIDs      []string `cbor:"2,keyasint"`
	Force      bool     `cbor:"3,keyasint"`
	Complexity bool     `cbor:"4,keyasint"`
}

// config is authenticatorConfig (CTAP 2.1, section 6.11).
func (a *Authenticator) config(ctx context.Context, c *call) (any, error) {
	var r configRequest
	if err := unmarshal(c.params, &r); err != nil {
		return nil, err
	}
	switch {
	case r.Sub == nil:
		return nil, StatusMissingParameter
	case *r.Sub != configAlwaysUV && *r.Sub != configMinPIN:
		return nil, StatusInvalidParameter
	}
	var p minPINParams
	if *r.Sub == configMinPIN && len(r.Params) != 0 {
		if err := unmarshal(r.Params, &p); err != nil {
			return nil, err
		}
	}
	c.event.Command = "config " + configNames[*r.Sub]
	if err := a.unlock(ctx, c); err != nil {
		return nil, err
	}
	if err := a.authorizeConfig(ctx, c, &r); err != nil {
		return nil, err
	}
	c.noted = true
	if *r.Sub == configAlwaysUV {
		return nil, a.opt.State.Update(ctx, func(m *Memory) error { m.AlwaysUV = !m.AlwaysUV; return nil })
	}
	return nil, a.setMinPIN(ctx, &p)
}

// authorizeConfig wants a token. Where nothing protects the authenticator the specification wants nothing; here a person is asked.
func (a *Authenticator) authorizeConfig(ctx context.Context, c *call, r *configRequest) error {
	if r.Auth == nil {
		if a.protected(c) || c.mem.AlwaysUV {
			return StatusPUATRequired
		}
		_, err := a.ask(ctx, c, Ask{Action: ActionConfigure, Setting: configNames[*r.Sub]})
		return err
	}
	message := append(bytes.Repeat([]byte{0xff}, 32), cmdConfig, byte(*r.Sub)) //nolint:gosec // a known subcommand
	return a.authorize(pinAuth{r.Auth, r.Protocol}, append(message, r.Params...), PermitConfig)
}

// setMinPIN raises the least length of a PIN, says which sites may learn it, and can force a change (section 6.11.3).
func (a *Authenticator) setMinPIN(ctx context.Context, p *minPINParams) error {
	if p.Complexity {
		return StatusInvalidParameter
	}
	if len(p.RPIDs) > maxPINLengthRPs {
		return StatusKeyStoreFull
	}
	for _, id := range p.RPIDs {
		if len(id) > maxRPID {
			return StatusInvalidLength
		}
	}
	forced := false
	err := a.opt.State.Update(ctx, func(m *Memory) error {
		least := uint64(m.minPIN()) //nolint:gosec // small
		if p.Length != nil {
			if *p.Length < least || *p.Length > mostPIN {
				return StatusPINPolicyViolation
			}
			least = *p.Length
		}
		if p.Force && !m.hasPIN() {
			return StatusPINNotSet
		}
		m.MinPINLength = int(least) //nolint:gosec // at most mostPIN
		m.ForceChangePIN = m.ForceChangePIN || p.Force || m.hasPIN() && m.PINLength < m.MinPINLength
		if p.RPIDs != nil {
			m.MinPINRPs = p.RPIDs
		}
		forced = m.ForceChangePIN
		return nil
	})
	if err == nil && forced {
		a.revoke()
	}
	return err
}
