package tui

import (
	"sync"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
)

// announcer tells the port of approvals which vault is open. Commands run beside each other: what comes late tells the newest.
type announcer struct {
	port screen.Approvals
	mu   sync.Mutex // of want
	want screen.Vault
	turn sync.Mutex // one call at a time
	said screen.Vault
}

// announce makes the function that tells. It is a closure, because what it remembers belongs to its commands and not to the model.
func announce(port screen.Approvals) func(v screen.Vault) tea.Cmd {
	o := &announcer{port: port}
	return func(v screen.Vault) tea.Cmd {
		o.mu.Lock()
		again := v != nil && v == o.want
		o.want = v
		o.mu.Unlock()
		return func() tea.Msg {
			o.tell(again)
			return nil
		}
	}
}

// tell tells what is open when that is news, or again: for who asked for it after it was told.
func (o *announcer) tell(again bool) {
	o.turn.Lock()
	defer o.turn.Unlock()
	o.mu.Lock()
	v := o.want
	o.mu.Unlock()
	if v != o.said || again {
		o.said = v
		o.port.Opened(v)
	}
}

// vaultIs tells the port which vault is open here.
func (r *root) vaultIs(v screen.Vault) tea.Cmd {
	if r.approvals.announce == nil {
		return nil
	}
	return r.approvals.announce(v)
}
