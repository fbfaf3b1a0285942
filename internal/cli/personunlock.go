package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signet/internal/sanitize"
	"signet/passkeys"
	"signet/vault"
	"signet/vault/secret"
)

// unlock opens a locked vault on behalf of a request: by what needs nobody, else by asking at the terminal. waiting is told while somebody is asked.
func (p *terminalPerson) unlock(ctx context.Context, waiting func(bool)) (*vault.Vault, error) {
	d, err := p.a.dir()
	if err != nil {
		return nil, err
	}
	silent := vault.UnlockOptions{Method: p.a.Unlock}
	if p.a.Unlock == "" {
		if v, err := d.Unlock(ctx, silent); err == nil || !p.a.interactive() {
			return v, lockedError(err)
		}
	}
	if !p.a.interactive() {
		return nil, errLockedNobody
	}
	waiting(true)
	defer waiting(false)
	var v *vault.Vault
	err = p.atTerminal(ctx, func(k keyboard) error {
		var err error
		v, err = p.unlockAt(ctx, k, d)
		return err
	})
	return v, err
}

// errLockedNobody says that the vault stays locked because nobody can be asked.
var errLockedNobody = fmt.Errorf("%w: %w", vault.ErrLocked, errNobody)

func lockedError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", vault.ErrLocked, err)
}

// unlockAt asks for the passphrase, or whatever opens the vault, in the course of a request. Who opened it by a secret has proved who they are.
func (p *terminalPerson) unlockAt(ctx context.Context, k keyboard, d *vault.Dir) (*vault.Vault, error) {
	q := &question{p: p}
	width := max(k.width(), leastWidth)
	text := "\a" + eraseLine + "\nUnlock the vault?\n"
	if who := p.who(); who != "" {
		text += q.row("asked by", who, width)
	}
	p.say(text + wrapped("  ", "A program asks for a passkey, and the vault is locked. What it asks comes next.", width))
	if err := settle(ctx, k); err != nil {
		p.say(eraseLine + "  No longer asked for.\n")
		return nil, err
	}
	ask := &keyPrompter{p: p, k: k, until: time.Now().Add(proveWithin)}
	v, err := d.Unlock(ctx, vault.UnlockOptions{Method: p.a.Unlock, Interactive: true, Prompter: ask})
	p.say(eraseLine + "  " + ask.outcome(ctx, p.a, err) + "\n")
	switch {
	case err == nil && ask.typed:
		p.provedFor.Store(passkeys.RequestID(ctx))
		p.provedAt.Store(time.Now().UnixMilli())
		return v, nil
	case err == nil:
		return v, nil
	case ask.over != nil && !errors.Is(ask.over, errEscaped):
		return nil, ask.over
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, lockedError(err)
}

// keyPrompter asks the questions of a vault's ways in at a keyboard.
type keyPrompter struct {
	p     *terminalPerson
	k     keyboard
	until time.Time
	typed bool  // a secret was typed
	over  error // why nobody is asked any more
}

func (a *keyPrompter) outcome(ctx context.Context, app *App, err error) string {
	switch {
	case err == nil:
		return "Unlocked."
	case ctx.Err() != nil:
		return "No longer asked for."
	case errors.Is(a.over, errNobodyNow):
		return "Nobody answered in time: it stays locked."
	case errors.Is(a.over, errEscaped):
		return "Refused: it stays locked."
	}
	return "It stays locked: " + app.cleanf("%s", unlockError(err))
}

// Secret implements unlock.Prompter.
func (a *keyPrompter) Secret(ctx context.Context, prompt string) (secret.Secret, error) {
	if a.over != nil {
		return secret.Secret{}, a.over
	}
	text := strings.TrimSuffix(sanitize.Line(prompt), ":") + " (Esc: refuse):"
	s, err := secretLine(ctx, a.k, a.until, func(left time.Duration) { a.p.status(a.k, text, left) })
	if err != nil {
		a.over = err
		return secret.Secret{}, err
	}
	a.typed = true
	a.p.say(eraseLine + "  checking …")
	return s, nil
}

// Message implements unlock.Prompter.
func (a *keyPrompter) Message(text string) {
	a.p.say(eraseLine + "  " + sanitize.Line(strings.TrimSpace(text)) + "\n")
}

// Confirm implements unlock.Prompter.
func (a *keyPrompter) Confirm(ctx context.Context, prompt, yes, no string) (bool, error) {
	if no == "" || a.over != nil {
		return no == "", a.over
	}
	keys := fmt.Sprintf("%s (y: %s, n: %s)", sanitize.Line(prompt), sanitize.Line(yes), sanitize.Line(no))
	for {
		typed, err := awaitKey(ctx, a.k, a.until, func(left time.Duration) { a.p.status(a.k, keys, left) })
		if err != nil {
			a.over = err
			return false, err
		}
		switch onePress(typed) {
		case 'y', 'Y', '\n':
			return true, nil
		case 'n', 'N', keyEscape:
			return false, nil
		}
	}
}
