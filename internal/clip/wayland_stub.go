package clip

import (
	"context"
	"errors"
)

func openWayland(ctx context.Context, h Host, ord order) (holder, error) {
	return nil, errors.New("not yet")
}
