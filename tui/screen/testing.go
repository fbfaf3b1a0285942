package screen

import tea "charm.land/bubbletea/v2"

// RevealedBytes gives the very bytes that a message brought to a revealed row, so that a test can see them wiped later.
func RevealedBytes(m tea.Msg) ([]byte, bool) {
	r, ok := m.(revealed)
	return r.value.Reveal(), ok
}
