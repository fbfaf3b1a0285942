package cli

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/vault"
)

func passkeyShow(a *App) *cobra.Command {
	var trash bool
	c := &cobra.Command{
		Use: "show PASSKEY", Short: "Show all of a passkey but its key", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completePasskeys,
		Long:    "Shows where its key lives and what that means, what its site was told, and what it can do. The private key is never printed.",
		Example: "  signet passkey show github.com\n  signet passkey show ada@github.com --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withPasskey(cmd.Context(), args[0], trash, func(_ session.Session, p session.Passkey) error {
				if a.JSON {
					return a.line(lineOf(p))
				}
				a.printPasskey(p)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&trash, "trash", false, "look in the trash")
	return c
}

// printPasskey shows a passkey in words. Every text of it comes from a site.
func (a *App) printPasskey(p session.Passkey) {
	a.row(siteOf(p))
	for _, r := range passkeyRows(a, p) {
		for i, line := range strings.Split(r.text, "\n") {
			label := r.label
			if i > 0 {
				label = ""
			}
			_, _ = io.WriteString(a.Out, "  "+label+pad(label, labelWidth)+"  "+sanitize.Line(line)+"\n")
		}
	}
}

type passkeyFact struct{ label, text string }

func passkeyRows(a *App, p session.Passkey) (rows []passkeyFact) {
	add := func(label, text string) {
		if text != "" {
			rows = append(rows, passkeyFact{label, text})
		}
	}
	add("account", accountOf(p))
	if p.UserName != "" && p.DisplayName != p.UserName {
		add("shown as", p.DisplayName)
	}
	if p.RPName != p.RPID {
		add("site name", p.RPName)
	}
	add("entry", p.Title+" ("+shortID(p.Entry)+")")
	add("kind", kindOf(p.Binding)+"\n"+bindingMeaning(p))
	add("lives", livesWords(p))
	add("site was told", toldFlags(p))
	add("usable", usableHere(p))
	add("sign-in", signInWords(p))
	add("protection", protectWords(p.Protect))
	add("extensions", extensionWords(p.Extensions))
	add("signs with", algorithmName(algText(p.Algorithm)))
	add("counter", counterWords(p))
	add("created", a.day(p.Created))
	add("last used", a.ago(p.LastUsed)+lastUsedWhere(p))
	if !p.Trashed.IsZero() {
		add("in the trash", a.ago(p.Trashed))
	}
	add("credential id", credentialID(p))
	add("user handle", base64.RawURLEncoding.EncodeToString(p.UserHandle))
	return rows
}

// bindingMeaning says what follows for the person.
func bindingMeaning(p session.Passkey) string {
	switch p.Binding {
	case "synced":
		return "its key is in the vault, on every device that opens it:\na lost device takes nothing along; whoever opens the vault\ncan use it"
	case "device":
		return "its key never leaves the one device that made it: when\nthat is lost, this passkey is lost; keep another way into\nthe account"
	}
	return "nothing says where its key lives"
}

func livesWords(p session.Passkey) string {
	where := whereOf(p)
	if p.Binding == "device" && p.Here {
		return where + ", sealed to it in software"
	}
	return where
}

// extensionWords names what a passkey can do besides signing in.
func extensionWords(names []string) string {
	words := map[string]string{
		"hmac-secret": "secrets for its site (hmac-secret, PRF)", "credBlob": "a few bytes of its site (credBlob)", "largeBlob": "a large blob of its site",
		"largeBlobKey": "large blobs of its site",
	}
	var out []string
	for _, n := range names {
		out = append(out, firstName(words[n], n))
	}
	return strings.Join(out, "\n")
}

func toldFlags(p session.Passkey) string {
	words := ""
	switch p.BE + p.BS {
	case "00", "0":
		words = "device-bound (BE 0, BS 0)"
	case "11":
		words = "synced and backed up (BE 1, BS 1)"
	case "10", "1":
		words = "synced, not yet backed up (BE 1, BS 0)"
	default:
		return "not known"
	}
	if told(p) != "" {
		words += "\nwhich is not what it is: an imported passkey goes on saying\nwhat its site was told"
	}
	return words
}

func usableHere(p session.Passkey) string {
	switch {
	case !p.Usable:
		return "no: there is no key, or one that Signet cannot sign with"
	case !p.Here:
		return "not on this device"
	}
	return "yes, on this device"
}

func signInWords(p session.Passkey) string {
	if p.Discoverable {
		return "works without a user name (discoverable)"
	}
	return "only when the site names it (not discoverable)"
}

// protectWords explains credProtect (CTAP 2.1, section 12.1).
func protectWords(level int) string {
	switch level {
	case 2:
		return "without verification only who names it finds it\n(credProtect 2)"
	case 3:
		return "nobody finds it without verification (credProtect 3)"
	}
	return ""
}

func algText(alg int64) string {
	if alg == 0 {
		return ""
	}
	return fmt.Sprint(alg)
}

func counterWords(p session.Passkey) string {
	switch {
	case p.Counter > 0:
		return fmt.Sprintf("%d, raised with each sign-in", p.Counter)
	case p.Binding == "synced":
		return "0: it does not count, so that several devices can use it"
	}
	return "0: it does not count"
}

func lastUsedWhere(p session.Passkey) string {
	if p.LastUsed.IsZero() {
		return " on this device"
	}
	return ", on this device"
}

// passkeyInWords shows of a passkey among the other credentials of its entry what a number or a flag says to nobody, and returns the rest.
func passkeyInWords(c vault.Credential, row func(label, value string)) vault.Credential {
	p := session.Passkey{RPID: c.Text("rpId"), Binding: c.Text("signet:binding"), BE: c.Text("signet:be"), BS: c.Text("signet:bs")}
	row("site", siteOf(p))
	row("kind", kindOf(p.Binding))
	row("site was told", strings.ReplaceAll(toldFlags(p), "\n", ", "))
	if alg := algorithmName(c.Text("signet:alg")); alg != "" {
		row("signs with", alg)
	}
	said := []string{"rpId", "signet:binding", "signet:be", "signet:bs", "signet:alg"}
	rest := c
	rest.Members = slices.DeleteFunc(slices.Clone(c.Members), func(m vault.Member) bool { return slices.Contains(said, m.Name) })
	return rest
}
