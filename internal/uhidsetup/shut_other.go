//go:build !linux

package uhidsetup

import "errors"

func shut(string) error { return errors.ErrUnsupported }
