package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/session"
)

type passkeyLsOptions struct {
	Query   string
	Site    string
	Binding string
	Sort    string
	Trash   bool
	Limit   int
}

func passkeyLs(a *App) *cobra.Command {
	var o passkeyLsOptions
	c := &cobra.Command{
		Use: "ls [QUERY…]", Short: "List passkeys by site and account",
		Long: "Lists passkeys whose site, account or entry match all words. Last used is on this device. A site name with letters that can pass for others is\n" +
			"shown as it goes over the wire, and in its own letters behind it.",
		Example: "  signet passkey ls\n  signet passkey ls ada\n  signet passkey ls --site github.com --json\n  signet passkey ls --binding device --sort used",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Query = strings.Join(args, " ")
			return runPasskeyLs(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Site, "site", "", "only those of the site `RPID`, exactly")
	f.StringVar(&o.Binding, "binding", "", "only those that are synced, or bound to a device: `KIND` is synced or device")
	f.StringVar(&o.Sort, "sort", "", "site, created or used (default: site, then account)")
	f.BoolVar(&o.Trash, "trash", false, "list those in the trash")
	f.IntVar(&o.Limit, "limit", 0, "at most `N` passkeys")
	_ = c.RegisterFlagCompletionFunc("site", a.completeSites)
	_ = c.RegisterFlagCompletionFunc("binding", cobra.FixedCompletions([]string{"synced", "device"}, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions([]string{"site", "created", "used"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (o passkeyLsOptions) check() error {
	switch {
	case !slices.Contains([]string{"", "synced", "device"}, o.Binding):
		return usagef("unknown binding %q", o.Binding).hint("use synced or device")
	case !slices.Contains([]string{"", "site", "created", "used"}, o.Sort):
		return usagef("unknown order %q", o.Sort).hint("use site, created or used")
	case o.Limit < 0:
		return usagef("--limit is a number of passkeys")
	}
	return nil
}

func runPasskeyLs(ctx context.Context, a *App, o passkeyLsOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		all, err := s.Passkeys(ctx, session.PasskeyQuery{RPID: o.Site, Trash: o.Trash})
		if err != nil {
			return err
		}
		fits := passkeyWords(o.Query)
		found := slices.DeleteFunc(slices.Clone(all), func(p session.Passkey) bool { return !fits(p) || o.Binding != "" && p.Binding != o.Binding })
		sortPasskeys(found, o.Sort)
		shown := found
		if o.Limit > 0 {
			shown = found[:min(o.Limit, len(found))]
		}
		if a.JSON {
			return a.passkeyLines(shown)
		}
		a.printPasskeys(shown)
		a.passkeySummary(o, len(all), len(found), len(shown))
		return nil
	})
}

func sortPasskeys(ps []session.Passkey, by string) {
	var at func(session.Passkey) time.Time
	switch by {
	case "created":
		at = func(p session.Passkey) time.Time { return p.Created }
	case "used":
		at = func(p session.Passkey) time.Time { return p.LastUsed }
	default:
		return // the vault gives them by site, then account
	}
	slices.SortStableFunc(ps, func(x, y session.Passkey) int { return at(y).Compare(at(x)) })
}

func (a *App) passkeyLines(ps []session.Passkey) error {
	for _, p := range ps {
		if err := a.line(lineOf(p)); err != nil {
			return err
		}
	}
	return nil
}

// printPasskeys prints a table: columns for people on a terminal, tab-separated in a pipe.
func (a *App) printPasskeys(ps []session.Passkey) {
	if !a.OutTTY {
		for _, p := range ps {
			a.row(siteOf(p), p.UserName, p.Binding, whereOf(p), stamp(p.Created), stamp(p.LastUsed))
		}
		return
	}
	if len(ps) == 0 {
		return
	}
	t := newTable(a, "SITE", "ACCOUNT", "KIND", "WHERE", "CREATED", "LAST USED", "")
	for _, p := range ps {
		t.row(siteOf(p), accountOf(p), kindOf(p.Binding), whereOf(p), a.day(p.Created), a.ago(p.LastUsed), passkeyMarks(p))
	}
	t.flush()
}

// day is a date for people; nothing where it is not known.
func (a *App) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateOnly)
}

// passkeyMarks say what keeps a passkey from doing what one expects of it.
func passkeyMarks(p session.Passkey) string {
	var m []string
	for _, x := range []struct {
		on   bool
		word string
	}{
		{!p.Usable, "cannot sign: no usable key"}, {p.Usable && !p.Here, "not on this device"}, {told(p) != "", told(p)},
	} {
		if x.on {
			m = append(m, x.word)
		}
	}
	return strings.Join(m, "; ")
}

// told says what the site was told where that is not what the passkey is (decisions.md); "" where it is.
func told(p session.Passkey) string {
	switch {
	case p.BE == "0" && p.Binding == "synced":
		return "this site was told: device-bound"
	case p.BE == "1" && p.Binding == "device":
		return "this site was told: synced"
	}
	return ""
}

func (a *App) passkeySummary(o passkeyLsOptions, all, found, shown int) {
	switch {
	case shown < found:
		a.note("%d of %d", shown, found)
	case found > 0:
	case o.Query != "" || o.Site != "" || o.Binding != "":
		a.note("no passkey matches")
	case o.Trash:
		a.note("there is no passkey in the trash")
	case all == 0:
		a.note("the vault holds no passkey yet: 'signet passkey --help' says how one is made")
	}
}
