//go:build !windows

package clip

import "errors"

var errWindows = errors.New("the Win32 clipboard exists on Windows only")

func setWindows([]byte, bool) error { return errWindows }

func windowsWatcher(order) (holder, error) { return nil, errWindows }
