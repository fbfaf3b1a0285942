package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/vault"
)

type lsOptions struct {
	Query  string
	Trash  bool
	Limit  int
	Sort   string
	Folder bool
}

func newLsCmd(a *App) *cobra.Command {
	var o lsOptions
	c := &cobra.Command{
		Use:   "ls [QUERY…]",
		Short: "List entries",
		Long: "List entries whose title, user name, URL host, tags or folder match all words.\n" +
			"Filters: tag:NAME folder:NAME kind:KIND user:TEXT url:TEXT has:password|totp|passkey|file|note|card|ssh|…\n" +
			"is:favorite|conflict|expired|untagged in:trash; -tag:NAME for the opposite (behind --, as options begin so too).\n" +
			"Several kinds mean one of them, all else has to hold.",
		Example: "  signet ls\n  signet ls bank\n  signet ls kind:card --json\n  signet ls tag:work has:totp",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Query = queryOf(args)
			return runLs(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVar(&o.Trash, "trash", false, "list the trash")
	c.Flags().IntVar(&o.Limit, "limit", 0, "at most `N` entries")
	c.Flags().StringVar(&o.Sort, "sort", "", "title, modified or created (default: best match first, else title)")
	c.Flags().BoolVar(&o.Folder, "folders", false, "list folders instead")
	return c
}

// queryOf joins the arguments to a search line. A filter's value that the shell kept together stays together.
func queryOf(args []string) string {
	parts := make([]string, len(args))
	for i, a := range args {
		name, value, ok := strings.Cut(a, ":")
		if ok && strings.ContainsAny(value, " \t") && !strings.ContainsAny(name, " \t") && !strings.Contains(value, `"`) {
			a = name + `:"` + value + `"`
		}
		parts[i] = a
	}
	return strings.Join(parts, " ")
}

func runLs(ctx context.Context, a *App, o lsOptions) error {
	if !slices.Contains([]string{"", "title", "modified", "created"}, o.Sort) {
		return usagef("unknown order %q", o.Sort).hint("use title, modified or created")
	}
	if o.Limit < 0 {
		return usagef("--limit is a number of entries")
	}
	return a.withSession(ctx, func(s session.Session) error {
		if o.Folder {
			return listFolders(ctx, a, s)
		}
		page, err := s.Find(ctx, session.Query{Text: o.Query, Limit: o.Limit, Trash: o.Trash})
		if err != nil {
			return err
		}
		sortRows(page.Rows, o.Sort)
		if a.JSON {
			return jsonRows(a, page.Rows)
		}
		a.printRows(page.Rows)
		a.lsSummary(ctx, o, page)
		return nil
	})
}

func (a *App) lsSummary(ctx context.Context, o lsOptions, page session.Page) {
	switch {
	case page.Total == 0 && o.Query != "":
		a.note("nothing matches %s", o.Query)
	case page.Total == 0 && o.Trash:
		a.note("the trash is empty")
	case page.Total == 0:
		a.note("the vault is empty: 'signet import FILE' brings what you have, 'signet add login TITLE' starts afresh")
	case len(page.Rows) < page.Total:
		a.note("%d of %d", len(page.Rows), page.Total)
	}
}

func sortRows(rows []vault.Row, by string) {
	switch by {
	case "title":
		slices.SortStableFunc(rows, func(x, y vault.Row) int { return strings.Compare(strings.ToLower(x.Title), strings.ToLower(y.Title)) })
	case "modified":
		slices.SortStableFunc(rows, func(x, y vault.Row) int { return y.Modified.Compare(x.Modified) })
	case "created":
		slices.SortStableFunc(rows, func(x, y vault.Row) int { return y.Created.Compare(x.Created) })
	}
}

type entryLine struct {
	Type     string   `json:"type"`
	V        int      `json:"v"`
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Subtitle string   `json:"subtitle,omitempty"`
	Kind     string   `json:"kind"`
	Username string   `json:"username"`
	URLs     []string `json:"urls"`
	Tags     []string `json:"tags"`
	Folders  []string `json:"folders,omitempty"`
	Has      hasLine  `json:"has"`
	Favorite bool     `json:"favorite,omitempty"`
	Conflict bool     `json:"conflict,omitempty"`
	Created  string   `json:"created,omitempty"`
	Modified string   `json:"modified,omitempty"`
	Expires  string   `json:"expires,omitempty"`
	Trashed  string   `json:"trashed,omitempty"`
}

type hasLine struct {
	Password    bool `json:"password"`
	TOTP        bool `json:"totp"`
	Passkeys    int  `json:"passkeys"`
	SSHKey      bool `json:"ssh_key,omitempty"`
	Note        bool `json:"note,omitempty"`
	Card        bool `json:"card,omitempty"`
	Identity    bool `json:"identity,omitempty"`
	WiFi        bool `json:"wifi,omitempty"`
	APIKey      bool `json:"api_key,omitempty"`
	Attachments int  `json:"attachments,omitempty"`
	Custom      int  `json:"custom,omitempty"`
}

func rowLine(r vault.Row) entryLine {
	l := entryLine{
		Type: "entry", V: 1, ID: string(r.ID), Title: r.Title, Subtitle: r.Subtitle, Kind: string(r.Kind), Username: r.Username,
		URLs: orEmpty(r.URLs), Tags: orEmpty(r.Tags), Favorite: r.Favorite, Conflict: r.Conflict,
		Created: stamp(r.Created), Modified: stamp(r.Modified), Expires: stamp(r.Expires), Trashed: stamp(r.Trashed),
		Has: hasLine{
			Password: r.Has.Password, TOTP: r.Has.TOTP, Passkeys: r.Has.Passkeys, SSHKey: r.Has.SSHKey, Note: r.Has.Note, Card: r.Has.Card,
			Identity: r.Has.Identity, WiFi: r.Has.WiFi, APIKey: r.Has.APIKey, Attachments: r.Has.Attachments, Custom: r.Has.CustomFields,
		},
	}
	for _, f := range r.Folders {
		l.Folders = append(l.Folders, string(f))
	}
	return l
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func jsonRows(a *App, rows []vault.Row) error {
	for _, r := range rows {
		if err := a.line(rowLine(r)); err != nil {
			return err
		}
	}
	return nil
}

// printRows prints a table: columns for people on a terminal, tab-separated in a pipe.
func (a *App) printRows(rows []vault.Row) {
	if !a.OutTTY {
		for _, r := range rows {
			a.row(shortID(r.ID), string(r.Kind), r.Title, r.Username)
		}
		return
	}
	t := newTable(a, "ID", "KIND", "TITLE", "USER", "")
	for _, r := range rows {
		t.row(shortID(r.ID), string(r.Kind), r.Title, r.Username, rowMarks(r))
	}
	t.flush()
}

func rowMarks(r vault.Row) string {
	var m []string
	for _, x := range []struct {
		on   bool
		word string
	}{
		{r.Conflict, "conflict"}, {r.Favorite, "favorite"}, {r.Has.TOTP, "code"}, {r.Has.Passkeys > 0, "passkey"}, {r.Has.Attachments > 0, "file"},
	} {
		if x.on {
			m = append(m, x.word)
		}
	}
	return strings.Join(m, " ")
}

type folderLine struct {
	Type   string   `json:"type"`
	V      int      `json:"v"`
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Path   []string `json:"path"`
	Parent string   `json:"parent,omitempty"`
}

func listFolders(ctx context.Context, a *App, s session.Session) error {
	folders, err := s.Folders(ctx)
	if err != nil {
		return err
	}
	for _, f := range folders {
		if a.JSON {
			if err := a.line(folderLine{"folder", 1, string(f.ID), f.Title, f.Path, string(f.Parent)}); err != nil {
				return err
			}
			continue
		}
		a.row(shortID(f.ID), strings.Join(f.Path, "/"))
	}
	return nil
}
