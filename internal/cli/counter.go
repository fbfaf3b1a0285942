package cli

import (
	"context"
	"strconv"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/totp"
)

// counterTries bounds how often a counter is read anew because another process used it first.
const counterTries = 100

// useCounter claims the next counter of an HOTP key: it is stored as used before its code is shown, because a code that was
// seen must never come again. The key that comes back has the counter that is ours.
func useCounter(ctx context.Context, s session.Session, e vault.Entry, c vault.Credential, key totp.Key) (totp.Key, error) {
	if err := key.Supported(); err != nil {
		return key, err
	}
	for range counterTries {
		edit := vault.SetEdit(e.ID, "cred/"+c.ID+"/signet:counter", strconv.FormatUint(key.Counter+1, 10))
		done, err := s.Apply(ctx, nil, []vault.Edit{edit})
		if err != nil || len(done.SIDs) > 0 {
			return key, err
		}
		// Nothing was written: the counter joins by maximum and was there already. Somebody else has this code.
		if e, err = s.Get(ctx, e.ID, session.GetOptions{Reveal: true}); err != nil {
			return key, err
		}
		fresh, err := credential(e, c.ID).TOTPKey()
		e.Wipe()
		if err != nil {
			return key, err
		}
		key = fresh
	}
	return key, vault.ErrConflict
}

func credential(e vault.Entry, id string) vault.Credential {
	for _, c := range e.Credentials {
		if c.ID == id {
			return c
		}
	}
	return vault.Credential{}
}
