package unlock

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"filippo.io/age"
	"filippo.io/age/plugin"
)

// bridge lets an age plugin talk to our Prompter. age discards the errors of its callbacks and reports the plugin's
// complaint instead, so the bridge remembers why a question was not answered.
type bridge struct {
	ctx    context.Context //nolint:containedctx // age's callbacks carry no context
	asker  Prompter
	failed atomic.Pointer[error] // a question that was not answered
	refuse atomic.Pointer[error] // what the plugin itself said
}

// watched remembers a plugin's own refusal (wrong PIN, no token), which is not damage of the file.
type watched struct {
	age.Identity
	b *bridge
}

// Unwrap implements age.Identity.
func (w watched) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	key, err := w.Identity.Unwrap(stanzas)
	if err != nil && !errors.Is(err, age.ErrIncorrectIdentity) {
		w.b.refuse.Store(&err)
	}
	return key, err
}

func newBridge(ctx context.Context, ui Prompter) *bridge {
	if ui == nil {
		ui = Nobody{}
	}
	return &bridge{ctx: ctx, asker: ui}
}

func (b *bridge) ui() *plugin.ClientUI {
	return &plugin.ClientUI{
		DisplayMessage: func(name, message string) error {
			b.asker.Message(name + " plugin: " + message)
			return nil
		},
		RequestValue: func(name, prompt string, _ bool) (string, error) {
			s, err := b.asker.Secret(b.ctx, name+" plugin: "+prompt)
			if err != nil {
				b.failed.Store(&err)
				return "", err
			}
			defer s.Wipe()
			return s.RevealString(), nil
		},
		Confirm: func(name, prompt, yes, no string) (bool, error) {
			ok, err := b.asker.Confirm(b.ctx, name+" plugin: "+prompt, yes, no)
			if err != nil {
				b.failed.Store(&err)
			}
			return ok, err
		},
		WaitTimer: func(name string) { b.asker.Message("waiting for the " + name + " plugin") },
	}
}

// explain turns age's error into ours.
func (b *bridge) explain(what string, err error) error {
	var missing *plugin.NotFoundError
	if asked := b.failed.Load(); asked != nil {
		return fmt.Errorf("%s: %w", what, *asked)
	}
	if said := b.refuse.Load(); said != nil && !errors.As(err, &missing) {
		return fmt.Errorf("%s: %v", what, *said)
	}
	switch {
	case errors.As(err, &missing):
		return fmt.Errorf("%s: %w: age-plugin-%s is not on the PATH", what, ErrPluginMissing, missing.Name)
	case errors.Is(err, ErrNotOurs), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, ErrDamaged):
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %v", what, err)
}
