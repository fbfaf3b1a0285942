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

// commandWords names a command of the log to a person; one without words here stands as it is.
func commandWords(command string) string {
	words := map[string]string{
		"makeCredential": "new passkey", "getAssertion": "sign in", "getNextAssertion": "sign in, next account", "U2F register": "new passkey (U2F)",
		"U2F authenticate": "sign in (U2F)", "reset": "reset", "selection": "choose a key", "largeBlobs": "data of sites", "config": "settings",
		"credentialManagement": "manage passkeys", "clientPIN setPIN": "set the PIN", "clientPIN changePIN": "change the PIN",
		"clientPIN getPinToken": "check the PIN", "clientPIN getPinUvAuthTokenUsingPinWithPermissions": "check the PIN",
		"clientPIN getPinUvAuthTokenUsingUvWithPermissions": "check who it is",
	}
	if w, ok := words[command]; ok {
		return w
	}
	return command
}
