package main

import (
	"time"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// askDelay is how long the demo lets one look around before a program asks.
const askDelay = 3 * time.Second

// askFor lets programs ask, and tells what became of each answer.
func askFor(a *tuitest.Approvals, names []string) {
	time.Sleep(askDelay)
	for _, n := range names {
		if r, ok := asks[n]; ok {
			r.Requester, r.Route, r.Until = "firefox (4242)", "the virtual security key", time.Now().Add(time.Minute)
			a.Ask(r)
		}
	}
	for told := 0; ; time.Sleep(200 * time.Millisecond) {
		for _, got := range a.Answers()[told:] {
			told++
			if got.Decision.Allow {
				a.Tell("done: what was asked for under number "+string(rune('0'+got.ID%10)), "", true)
			}
		}
	}
}

var accounts = []screen.ApprovalAccount{
	{Name: "octocat", Display: "The Octocat", Binding: screen.BindingSynced, Entry: tuitest.ID(1), Title: "GitHub", LastUsed: tuitest.Start},
	{Name: "work@example.com", Binding: screen.BindingDevice, Entry: tuitest.ID(10), Title: "GitLab"},
	{Name: tuitest.Hostile, Display: tuitest.Hostile, Binding: screen.BindingSynced},
}

// asks are the questions by their names.
var asks = map[string]screen.ApprovalRequest{
	"signin": {Action: screen.ApproveSignIn, Site: "github.com", SiteName: "GitHub", Accounts: accounts[:1]},
	"choose": {Action: screen.ApproveSignIn, Site: "xn--pple-43d.com", SiteName: "Apple", Accounts: accounts},
	"verify": {
		Action: screen.ApproveSignIn, Site: "github.com", Accounts: accounts[:2], Verify: []screen.VerifyWay{screen.VerifyPassphrase, screen.VerifyPIN},
	},
	"new":      {Action: screen.ApproveRegister, Site: "github.com", SiteName: "GitHub", Account: "octocat", Binding: screen.BindingSynced, Choosable: true, Stays: true},
	"excluded": {Action: screen.ApproveRegister, Site: "github.com", Account: "octocat", Excluded: true},
	"select":   {Action: screen.ApproveSelect},
	"reset":    {Action: screen.ApproveReset, Passkeys: 12},
	"unlock":   {Action: screen.ApproveUnlock, Site: "github.com"},
}
