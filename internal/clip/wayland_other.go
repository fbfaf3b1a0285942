//go:build !unix

package clip

import (
	"context"
	"errors"
)

func openWayland(context.Context, Host, order) (holder, error) {
	return nil, errors.New("Wayland is not spoken on this system")
}
