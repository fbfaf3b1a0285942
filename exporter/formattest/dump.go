package formattest

import (
	"fmt"
	"slices"
	"strings"

	"signet/exporter"
	"signet/vault"
)

// Dump renders what a vault holds and what a report says, for people and for golden files. Fresh ids do not show.
func Dump(v *Vault, rep exporter.Report) string {
	var b strings.Builder
	for _, f := range v.Records(vault.RecFolder) {
		fmt.Fprintf(&b, "folder %s\n", strings.Join(v.Folder(f.ID), " > "))
		dumpSources(&b, f.Sources)
	}
	for _, e := range v.All() {
		dumpEntry(&b, v, e)
	}
	b.WriteString(DumpReport(rep))
	return b.String()
}

// DumpReport renders a report.
func DumpReport(rep exporter.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nreport: %d items, %v, %v, lossy %v\n", rep.Items, rep.Counts, rep.Kinds, rep.Lossy())
	for _, r := range rep.Rows {
		fmt.Fprintf(&b, "  %s %q (%s)\n", r.Action, r.Title, r.Place)
		for _, l := range r.Losses {
			fmt.Fprintf(&b, "    %s %s: %s\n", l.Field, l.Fate, l.Note)
		}
	}
	return b.String()
}

// DumpEntry renders one entry.
func DumpEntry(v *Vault, e vault.Entry) string {
	var b strings.Builder
	dumpEntry(&b, v, e)
	return b.String()
}

func dumpEntry(b *strings.Builder, v *Vault, e vault.Entry) {
	fmt.Fprintf(b, "\n%s %q\n", e.Kind, e.Title)
	line := func(name string, show bool, value any) {
		if show {
			fmt.Fprintf(b, "  %s: %v\n", name, value)
		}
	}
	line("subtitle", e.Subtitle != "", e.Subtitle)
	line("favorite", e.Favorite, true)
	line("created", !e.Created.IsZero(), vault.FormatTime(e.Created))
	line("modified", e.Modified.Unix() > 0, vault.FormatTime(e.Modified))
	line("expires", !e.Expires.IsZero(), vault.FormatTime(e.Expires))
	line("trashed", !e.Trashed.IsZero(), vault.FormatTime(e.Trashed))
	var folders []string
	for _, f := range e.Folders {
		folders = append(folders, strings.Join(v.Folder(f), " > "))
	}
	slices.Sort(folders)
	for _, f := range folders {
		line("folder", true, f)
	}
	line("tags", len(e.Tags) > 0, e.Tags)
	for _, u := range e.URLs {
		fmt.Fprintf(b, "  url: %s %s %s\n", u.URL, u.Match, u.Label)
	}
	for _, a := range e.Apps {
		line("app", true, a.JSON)
	}
	for _, c := range e.Credentials {
		fmt.Fprintf(b, "  %s\n", c.Type)
		dumpMembers(b, c)
	}
	for _, m := range e.Other {
		fmt.Fprintf(b, "  other %s = %q\n", m.Path, m.Value.RevealString())
	}
	for _, p := range e.History {
		fmt.Fprintf(b, "  history %s = %q %s\n", historyName(e, p.Path), p.Value.RevealString(), pastTime(p))
	}
	dumpSources(b, e.Sources)
}

func pastTime(p vault.Past) string {
	if p.Wall == 0 {
		return "unknown"
	}
	return vault.FormatTime(p.Written)
}

// historyName names the member that a history row belongs to, so that a row that belongs to none is seen.
func historyName(e vault.Entry, path string) string {
	for _, c := range e.Credentials {
		for _, m := range append(slices.Clone(c.Members), c.Fields...) {
			if m.Path == path {
				return c.Type + "." + m.Name
			}
		}
		if strings.HasPrefix(path, "cred/"+c.ID+"/") {
			return c.Type + "." + strings.TrimPrefix(path, "cred/"+c.ID+"/") + " (absent)"
		}
	}
	return path
}

func dumpMembers(b *strings.Builder, c vault.Credential) {
	for _, m := range c.Members {
		mark := ""
		if m.Concealed {
			mark = " concealed"
		}
		if m.JSON {
			mark += " json"
		}
		fmt.Fprintf(b, "    %s = %q (%s%s)\n", m.Name, m.Value.RevealString(), m.Type, mark)
	}
	for _, m := range c.Fields {
		fmt.Fprintf(b, "    field %q = %q (%s)\n", m.Label, m.Value.RevealString(), m.Type)
	}
}

func dumpSources(b *strings.Builder, sources []vault.Source) {
	for _, s := range sources {
		if s.Name == "hash" {
			continue
		}
		fmt.Fprintf(b, "  source %s/%s = %q\n", s.Format, s.Name, s.Value.RevealString())
	}
}
