package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/vault"
)

const (
	leastPrefix   = 6  // characters of an id that may stand for the whole
	maxCandidates = 20 // that an ambiguous reference lists
)

// findPasskey finds the one passkey that ref means. The first rule that any passkey fits decides: a whole id; the exact site, account@site or title; the
// beginning of an id; words; what ENTRY would be for other commands. Exit 4 for none, 5 with the candidates for several.
func (a *App) findPasskey(ctx context.Context, s session.Session, ref string, trash bool) (session.Passkey, error) {
	all, err := s.Passkeys(ctx, session.PasskeyQuery{Trash: trash})
	if err != nil {
		return session.Passkey{}, err
	}
	found := matchPasskeys(all, ref)
	if len(found) == 0 {
		if found, err = a.passkeysOfEntry(ctx, s, all, ref, trash); err != nil {
			return session.Passkey{}, err
		}
	}
	switch len(found) {
	case 0:
		return session.Passkey{}, (&Error{Exit: ExitNotFound, Code: "passkey.not_found", Msg: "no passkey matches " + ref}).
			hint("'signet passkey ls' lists them; --trash looks in the trash")
	case 1:
		return found[0], nil
	}
	return session.Passkey{}, a.severalPasskeys(ref, found)
}

func matchPasskeys(all []session.Passkey, ref string) (found []session.Passkey) {
	for _, fits := range passkeyRules(ref) {
		for _, p := range all {
			if fits(p) {
				found = append(found, p)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// passkeyRules are the ways in which ref may mean a passkey, the strictest first.
func passkeyRules(ref string) []func(session.Passkey) bool {
	if strings.TrimSpace(ref) == "" {
		return nil
	}
	return []func(session.Passkey) bool{
		func(p session.Passkey) bool {
			return ref == string(p.Entry)+"/"+p.Cred || ref == string(p.Entry) || isCredential(p, ref)
		},
		func(p session.Passkey) bool { return slices.Contains(exactNames(p), strings.ToLower(ref)) },
		func(p session.Passkey) bool { return len(ref) >= leastPrefix && beginsPasskey(p, ref) },
		passkeyWords(ref),
		passkeyAt(ref),
	}
}

// isCredential reports whether ref is the whole credential id, in base64url with or without padding, or in hexadecimal.
func isCredential(p session.Passkey, ref string) bool {
	return len(p.CredentialID) > 0 && (strings.TrimRight(ref, "=") == credentialID(p) || strings.EqualFold(ref, hex.EncodeToString(p.CredentialID)))
}

func beginsPasskey(p session.Passkey, ref string) bool {
	return strings.HasPrefix(string(p.Entry), ref) || strings.HasPrefix(credentialID(p), ref) ||
		strings.HasPrefix(hex.EncodeToString(p.CredentialID), strings.ToLower(ref))
}

// passkeyWords fits where all words are found in what a person knows a passkey by.
func passkeyWords(query string) func(session.Passkey) bool {
	words := strings.Fields(strings.ToLower(query))
	return func(p session.Passkey) bool {
		text := strings.ToLower(strings.Join([]string{p.RPID, sanitize.Domain(p.RPID), p.RPName, p.UserName, p.DisplayName, p.Title}, "\n"))
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
}

// passkeyAt fits ACCOUNT@SITE where both are parts of the real ones.
func passkeyAt(ref string) func(session.Passkey) bool {
	i := strings.LastIndexByte(ref, '@')
	if i <= 0 || i == len(ref)-1 {
		return func(session.Passkey) bool { return false }
	}
	account, site := strings.ToLower(ref[:i]), strings.ToLower(ref[i+1:])
	return func(p session.Passkey) bool {
		return strings.Contains(strings.ToLower(p.UserName+"\n"+p.DisplayName), account) && strings.Contains(strings.ToLower(p.RPID+"\n"+p.RPName+"\n"+p.Title), site)
	}
}

// passkeysOfEntry takes ref for an entry, as other commands do: its tags, folders and addresses count too.
func (a *App) passkeysOfEntry(ctx context.Context, s session.Session, all []session.Passkey, ref string, trash bool) ([]session.Passkey, error) {
	id, err := s.Resolve(ctx, ref, session.ResolveOptions{Trash: trash})
	want := map[vault.ID]bool{id: true}
	var several *session.AmbiguousError
	switch {
	case errors.As(err, &several):
		want = map[vault.ID]bool{}
		for _, r := range several.Rows {
			want[r.ID] = true
		}
	case errors.Is(err, vault.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var found []session.Passkey
	for _, p := range all {
		if want[p.Entry] {
			found = append(found, p)
		}
	}
	if len(found) == 0 && several == nil {
		return nil, (&Error{Exit: ExitNotFound, Code: "passkey.not_found", Msg: "the entry that " + ref + " names holds no passkey"}).
			hint("'signet passkey ls' lists them")
	}
	return found, nil
}

func (a *App) severalPasskeys(ref string, found []session.Passkey) error {
	for i, p := range found {
		if i == maxCandidates && !a.JSON {
			a.printErr("  … and %s more\n", plural(len(found)-i, "passkey"))
			break
		}
		if a.JSON {
			_ = a.line(lineOf(p))
			continue
		}
		a.printErr("  %s  %s  %s  %s\n", passkeyID(p), siteOf(p), accountOf(p), kindOf(p.Binding))
	}
	return (&Error{Exit: ExitAmbiguous, Code: "passkey.ambiguous", Msg: "several passkeys match " + ref}).hint("use account@site, or the id")
}

// passkeyID is how a passkey's id is shown: enough to type.
func passkeyID(p session.Passkey) string {
	if id := credentialID(p); id != "" && !strings.HasPrefix(id, "-") {
		return id[:min(12, len(id))]
	}
	return shortID(p.Entry) // a reference may not begin as an option does
}

// completePasskeys offers sites, and accounts where a site has several, or the id where a shell would obey a character.
func (a *App) completePasskeys(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var out []string
	a.quietly(cmd.Context(), func(ctx context.Context, s session.Session) error {
		all, err := s.Passkeys(ctx, session.PasskeyQuery{})
		out = passkeyCompletions(all, word)
		return err
	})
	return out, cobra.ShellCompDirectiveNoFileComp
}

func passkeyCompletions(all []session.Passkey, word string) (out []string) {
	sites, names := map[string]int{}, map[string]int{}
	for _, p := range all {
		sites[strings.ToLower(p.RPID)]++
		for _, n := range exactNames(p) {
			names[n]++
		}
	}
	for _, p := range all {
		ref, about := p.RPID, accountOf(p)
		if sites[strings.ToLower(p.RPID)] > 1 {
			ref, about = p.UserName+"@"+p.RPID, p.Title
		}
		if p.RPID == "" || shellSafe(ref) != ref || strings.HasPrefix(ref, "-") || names[strings.ToLower(ref)] != 1 {
			ref, about = passkeyID(p), named(p)
		}
		if strings.HasPrefix(strings.ToLower(ref), strings.ToLower(word)) {
			out = append(out, ref+"\t"+shellSafe(about))
		}
		if len(out) == completeLimit {
			break
		}
	}
	return out
}

// completeSites offers the sites that have passkeys.
func (a *App) completeSites(cmd *cobra.Command, _ []string, word string) (out []string, _ cobra.ShellCompDirective) {
	a.quietly(cmd.Context(), func(ctx context.Context, s session.Session) error {
		all, err := s.Passkeys(ctx, session.PasskeyQuery{})
		for _, p := range all {
			if strings.HasPrefix(p.RPID, word) && shellSafe(p.RPID) == p.RPID && !slices.Contains(out, p.RPID) && len(out) < completeLimit {
				out = append(out, p.RPID)
			}
		}
		return err
	})
	return out, cobra.ShellCompDirectiveNoFileComp
}

// exactNames are what a passkey is called exactly, in lower case, each once.
func exactNames(p session.Passkey) []string {
	names := []string{strings.ToLower(p.RPID), strings.ToLower(sanitize.Domain(p.RPID)), strings.ToLower(p.Title), strings.ToLower(p.UserName + "@" + p.RPID)}
	slices.Sort(names)
	return slices.Compact(names)
}
