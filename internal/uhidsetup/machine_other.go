//go:build !linux

package uhidsetup

import "errors"

// OnThisMachine fills what a machine answers by itself: elsewhere there is no uhid to ask about.
func (m Machine) OnThisMachine() Machine {
	m.Access = func(string) error { return errors.ErrUnsupported }
	m.Dial = m.Access
	return m
}
