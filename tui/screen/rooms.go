package screen

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
)

// room is a screen that can be opened from everywhere else: its key, what asks for it, and whether its port is there.
type room struct {
	key  key.Binding
	open any
	can  bool
}

func (e Env) rooms() []room {
	k, p := e.Keys.Do, e.Ports
	return []room{
		{k.Audit, OpenAudit{}, p.Auditor != nil},
		{k.Ways, OpenWays{}, p.Ways != nil},
		{k.Passkeys, OpenPasskeys{}, p.Passkeys != nil},
		{k.HardwareKeys, OpenHardwareKeys{}, p.HardwareKeys != nil},
		{k.Requests, OpenRequests{}, p.RequestLog != nil},
		{k.Settings, OpenSettings{}, p.Settings != nil},
	}
}

// roomKeys are the bindings of the rooms that can be opened now.
func (e Env) roomKeys() (out []key.Binding) {
	for _, r := range e.rooms() {
		if r.can {
			out = append(out, r.key)
		}
	}
	return out
}

// openRoom opens the room whose key was pressed; it reports whether there is one.
func (e Env) openRoom(p widget.Press) (tea.Cmd, bool) {
	for _, r := range e.rooms() {
		if r.can && key.Matches(p, r.key) {
			return e.say(r.open), true
		}
	}
	return nil, false
}
