package cli

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
)

func newPasskeyCmd(a *App) *cobra.Command {
	c := &cobra.Command{
		Use:   "passkey",
		Short: "Passkeys of the vault",
		Long: "A passkey signs in to one site and to no other. A synced one is in the vault, on every device that opens it; a device-bound one has its key on\n" +
			"one device and cannot be copied. Which of the two it is, is fixed when it is made.\n\n" +
			"PASSKEY is a site (github.com), an account at a site (ada@github.com), an entry that holds one passkey, a credential id or the beginning of\n" +
			"one, or words that match exactly one passkey.",
		Example: "  signet passkey ls\n  signet passkey show github.com\n  signet passkey rm ada@github.com",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var verbs []string
			for _, sub := range cmd.Commands() {
				if !sub.Hidden {
					verbs = append(verbs, sub.Name())
				}
			}
			return usagef("passkey needs a verb").hint("%s", strings.Join(verbs, ", "))
		},
	}
	c.AddCommand(passkeyLs(a), passkeyShow(a), passkeyRm(a), passkeyRename(a), passkeyServe(a), passkeyHelper(a), passkeyCreate(a), passkeyGet(a),
		passkeySignal(a), passkeyPIN(a), passkeyLog(a))
	return c
}

// passkeyLine is a passkey as scripts see it (decisions.md). Times that are not known are null.
type passkeyLine struct {
	Type        string   `json:"type"`
	V           int      `json:"v"`
	ID          string   `json:"id"` // the credential id as WebAuthn writes it: base64url
	Entry       string   `json:"entry"`
	RPID        string   `json:"rp_id"`
	UserName    string   `json:"user_name"`
	Binding     string   `json:"binding"` // synced, device
	Where       []string `json:"where"`   // "vault", or the name of the device that has the key
	Created     *string  `json:"created"`
	LastUsed    *string  `json:"last_used"`
	Cred        string   `json:"cred"` // which credential of the entry it is: ENTRY/CRED names this one and no other
	Title       string   `json:"title"`
	RPName      string   `json:"rp_name,omitempty"`
	DisplayName string   `json:"display_name,omitempty"`
	UserHandle  string   `json:"user_handle,omitempty"` // base64url
	BE          *bool    `json:"be"`                    // what its site was told; null: not known
	BS          *bool    `json:"bs"`
	Counter     uint32   `json:"counter"`
	Alg         int64    `json:"alg,omitempty"` // COSE
	Here        bool     `json:"here"`          // its key can be used on this device
	Usable      bool     `json:"usable"`        // there is a key, and Signet can sign with it
	Found       bool     `json:"discoverable"`  // it signs in without a user name
	Protect     int      `json:"cred_protect,omitempty"`
	Extensions  []string `json:"extensions,omitempty"`
	Trashed     *string  `json:"trashed,omitempty"`
}

func lineOf(p session.Passkey) passkeyLine {
	return passkeyLine{
		Type: "passkey", V: 1, ID: credentialID(p), Entry: string(p.Entry), RPID: p.RPID, UserName: p.UserName, Binding: p.Binding, Where: orEmpty(placesOf(p)),
		Created: stampOrNull(p.Created), LastUsed: stampOrNull(p.LastUsed), Cred: p.Cred, Title: p.Title, RPName: p.RPName, DisplayName: p.DisplayName,
		UserHandle: base64.RawURLEncoding.EncodeToString(p.UserHandle), BE: flagOrNull(p.BE), BS: flagOrNull(p.BS), Counter: p.Counter, Alg: p.Algorithm,
		Here: p.Here, Usable: p.Usable, Found: p.Discoverable, Protect: p.Protect, Extensions: p.Extensions, Trashed: stampOrNull(p.Trashed),
	}
}

func credentialID(p session.Passkey) string {
	return base64.RawURLEncoding.EncodeToString(p.CredentialID)
}

func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := stamp(t)
	return &s
}

func flagOrNull(s string) *bool {
	if s != "0" && s != "1" {
		return nil
	}
	on := s == "1"
	return &on
}

// placesOf says for scripts where the key lives; nothing where that is not known.
func placesOf(p session.Passkey) []string {
	switch {
	case p.Binding == "synced":
		return []string{"vault"}
	case p.Where != "":
		return []string{p.Where}
	}
	return nil
}

// whereOf says the same for people.
func whereOf(p session.Passkey) string {
	switch {
	case p.Binding == "synced":
		return "the vault"
	case p.Binding != "device":
		return ""
	case p.Here && p.Where != "":
		return "this device (" + p.Where + ")"
	case p.Here:
		return "this device"
	case p.Where != "":
		return p.Where
	}
	return "another device"
}

// kindOf names the binding of a passkey in the words of the field.
func kindOf(binding string) string {
	switch binding {
	case "device":
		return "device-bound"
	case "":
		return "not known"
	}
	return binding
}

// siteOf is the site of a passkey for people: a look-alike never passes for the real name.
func siteOf(p session.Passkey) string {
	if p.RPID == "" {
		return "(no site)"
	}
	return sanitize.Domain(p.RPID)
}

// accountOf is what a person knows the account by.
func accountOf(p session.Passkey) string {
	return firstName(p.UserName, p.DisplayName, "(no name)")
}

// named is a passkey in a sentence.
func named(p session.Passkey) string { return sanitize.Line(accountOf(p)) + " at " + siteOf(p) }

type passkeyChangedLine struct {
	Type     string `json:"type"`
	V        int    `json:"v"`
	Action   string `json:"action"`
	ID       string `json:"id"`
	Entry    string `json:"entry"`
	RPID     string `json:"rp_id"`
	UserName string `json:"user_name"`
	Restore  string `json:"restore,omitempty"` // the entry in the trash that brings it back
}

func changedPasskey(action string, p session.Passkey) passkeyChangedLine {
	return passkeyChangedLine{Type: "passkey_changed", V: 1, Action: action, ID: credentialID(p), Entry: string(p.Entry), RPID: p.RPID, UserName: p.UserName}
}

// passkeyChanged says what became of a passkey.
func (a *App) passkeyChanged(action string, p session.Passkey) error {
	if a.JSON {
		return a.line(changedPasskey(action, p))
	}
	a.note("%s the passkey of %s", action, named(p))
	return nil
}

// withPasskey opens the vault and finds the passkey that ref means.
func (a *App) withPasskey(ctx context.Context, ref string, trash bool, f func(session.Session, session.Passkey) error) error {
	return a.withSession(ctx, func(s session.Session) error {
		p, err := a.findPasskey(ctx, s, ref, trash)
		if err != nil {
			return err
		}
		return f(s, p)
	})
}
