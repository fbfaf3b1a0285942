package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/passkeys/client"
)

// shownRequests is how many rows of the log are shown unless told.
const shownRequests = 50

func passkeyLog(a *App) *cobra.Command {
	limit := shownRequests
	c := &cobra.Command{
		Use: "log", Short: "List what programs asked of the passkeys", Args: cobra.NoArgs,
		Long: "Every request that used, made, changed or removed a passkey on this device, that somebody was asked about, or that was refused, the newest\n" +
			"first: who asked, over which route, for which site and account, the answer, and what the site learned of you (UP: somebody was there, UV: it was\n" +
			"you). While the vault is locked, requests are recorded without proof of where they come from, and marked so.",
		Example: "  signet passkey log\n  signet passkey log -n 200 --json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runPasskeyLog(cmd.Context(), a, limit) },
	}
	c.Flags().IntVarP(&limit, "number", "n", shownRequests, "the newest `N`; 0 for all that are kept")
	return c
}

type requestLine struct {
	Type      string `json:"type"`
	V         int    `json:"v"`
	At        string `json:"at"`
	Command   string `json:"command"`
	Requester string `json:"requester,omitempty"`
	Route     string `json:"route,omitempty"`
	RPID      string `json:"rp_id,omitempty"`
	UserName  string `json:"user_name,omitempty"`
	Answer    string `json:"answer"`
	Status    int    `json:"status"` // CTAP
	UP        bool   `json:"up"`
	UV        bool   `json:"uv"`
	Asked     bool   `json:"asked"`
	Trusted   bool   `json:"authenticated"` // false: recorded while locked
}

func runPasskeyLog(ctx context.Context, a *App, limit int) error {
	if limit < 0 {
		return usagef("-n is a number of rows")
	}
	return a.withSession(ctx, func(s session.Session) error {
		rows, err := s.Requests(ctx, limit)
		if err != nil {
			return err
		}
		if a.JSON {
			return a.requestLines(rows)
		}
		a.printRequests(rows)
		return nil
	})
}

func (a *App) requestLines(rows []session.Request) error {
	for _, r := range rows {
		l := requestLine{
			"request", 1, stamp(r.At), r.Command, r.Requester, r.Route, r.RPID, r.UserName, r.Answer, int(r.Status), r.UP, r.UV, r.Asked, r.Trusted,
		}
		if err := a.line(l); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) printRequests(rows []session.Request) {
	if len(rows) == 0 {
		a.note("no program asked for anything on this device yet")
		return
	}
	if !a.OutTTY {
		for _, r := range rows {
			a.row(stamp(r.At), commandWords(r.Command), requestSite(r), r.UserName, r.Answer, proofs(r), r.Requester, r.Route, untrusted(r))
		}
		return
	}
	t := newTable(a, "WHEN", "WHAT", "SITE", "ACCOUNT", "ANSWER", "SAID", "WHO ASKED", "")
	for _, r := range rows {
		t.row(r.At.Local().Format("2006-01-02 15:04"), commandWords(r.Command), requestSite(r), r.UserName, r.Answer, proofs(r), whoAsked(r), untrusted(r))
	}
	t.flush()
}

func requestSite(r session.Request) string { return sanitize.Domain(r.RPID) }

func whoAsked(r session.Request) string {
	return firstName(r.Requester, routeWords(r.Route))
}

// proofs are what the answer said of the person.
func proofs(r session.Request) string {
	var m []string
	if r.UP {
		m = append(m, "UP")
	}
	if r.UV {
		m = append(m, "UV")
	}
	return strings.Join(m, " ")
}

func untrusted(r session.Request) string {
	if r.Trusted {
		return ""
	}
	return "recorded while locked, not authenticated"
}

// commandWords names a command of the log to a person; one without words here stands as it is.
func commandWords(command string) string {
	words := map[string]string{
		"makeCredential": "new passkey", "getAssertion": "sign in", "getNextAssertion": "sign in, next account", "U2F register": "new passkey (U2F)",
		"U2F authenticate": "sign in (U2F)", "reset": "reset", "selection": "choose a key", "largeBlobs": "data of sites", "largeBlobs set": "write data of sites",
		"config": "settings", "config alwaysUv": "always verify", "config minPINLength": "length of the PIN",
		"credentialManagement": "manage passkeys", "credentialManagement deleteCredential": "remove a passkey", "credentialManagement updateUserInformation": "rename a passkey",
		"clientPIN": "PIN", "clientPIN setPIN": "set the PIN", "clientPIN changePIN": "change the PIN",
		"clientPIN getPinToken": "check the PIN", "clientPIN getPinUvAuthTokenUsingPinWithPermissions": "check the PIN",
		"clientPIN getPinUvAuthTokenUsingUvWithPermissions": "check who it is",
		string(client.UnknownCredential):                    "site forgot a passkey", string(client.AllAcceptedCredentials): "site lists passkeys",
		string(client.CurrentUserDetails): "site renames",
	}
	if w, ok := words[command]; ok {
		return w
	}
	return command
}
