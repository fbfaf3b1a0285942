package cli

import (
	"context"

	"signet/internal/session"
	"signet/passkeys"
	"signet/tui/screen"
)

// tuiRequests shows the request log.
type tuiRequests struct{}

// Requests implements screen.RequestLog.
func (tuiRequests) Requests(ctx context.Context, v screen.Vault) ([]screen.RequestRow, error) {
	tv, ok := v.(*tuiVault)
	if !ok {
		return nil, errNotHere
	}
	rows, err := tv.s.Requests(ctx, 0)
	out := make([]screen.RequestRow, 0, len(rows))
	for _, r := range rows {
		out = append(out, requestRow(r))
	}
	return out, err
}

func requestRow(r session.Request) screen.RequestRow {
	return screen.RequestRow{
		At: r.At, What: commandWords(r.Command), Requester: r.Requester, Route: routeWords(r.Route), Site: r.RPID, Account: r.UserName, Answer: r.Answer,
		Good: r.Status == byte(passkeys.StatusOK), UP: r.UP, UV: r.UV, Trusted: r.Trusted,
	}
}
