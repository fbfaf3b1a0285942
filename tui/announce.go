package tui

import (
	"sync"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
)

// vaultIs tells the port which vault is open here.
func (r *root) vaultIs(v screen.Vault) tea.Cmd {
	if r.approvals.here == nil {
		return nil
	}
	return r.approvals.here.is(v)
}

// announcer tells the port which vault is open. Commands run beside each other: what comes late tells the newest.
type announcer struct {
	port screen.Approvals
	mu   sync.Mutex // of want
	want screen.Vault
	turn sync.Mutex // one call at a time
	said screen.Vault
}

func (o *announcer) is(v screen.Vault) tea.Cmd {
	o.mu.Lock()
	o.want = v
	o.mu.Unlock()
	return func() tea.Msg {
		o.tell()
		return nil
	}
}

// again tells what is open once more, for who asked after it was told.
func (o *announcer) again() tea.Cmd {
	return func() tea.Msg {
		o.turn.Lock()
		defer o.turn.Unlock()
		o.mu.Lock()
		v := o.want
		o.mu.Unlock()
		o.said = v
		o.port.Opened(v)
		return nil
	}
}

func (o *announcer) tell() {
	o.turn.Lock()
	defer o.turn.Unlock()
	o.mu.Lock()
	v := o.want
	o.mu.Unlock()
	if v != o.said {
		o.said = v
		o.port.Opened(v)
	}
}
