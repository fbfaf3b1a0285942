package cli

import (
	"context"
	"io"
	"strings"
	"time"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/vault"
)

type fullLine struct {
	entryLine
	URLDetails  []urlLine        `json:"url_details,omitempty"`
	Credentials []credentialLine `json:"credentials"`
	Conflicts   []string         `json:"conflicts,omitempty"`
}

type urlLine struct {
	URL   string `json:"url"`
	Match string `json:"match,omitempty"`
	Label string `json:"label,omitempty"`
}

type credentialLine struct {
	ID      string       `json:"id"`
	Type    string       `json:"type"`
	Members []memberLine `json:"members,omitempty"`
	Fields  []memberLine `json:"fields,omitempty"`
}

type memberLine struct {
	Name      string  `json:"name,omitempty"`
	Label     string  `json:"label,omitempty"`
	FieldType string  `json:"field_type,omitempty"`
	Concealed bool    `json:"concealed,omitempty"`
	Value     *string `json:"value"` // null when withheld
}

func showEntry(ctx context.Context, a *App, s session.Session, id vault.ID, reveal bool) error {
	e, err := s.Get(ctx, id, session.GetOptions{Reveal: reveal})
	if err != nil {
		return err
	}
	if a.JSON {
		return a.line(entryJSON(e))
	}
	a.printEntry(e)
	return nil
}

func entryJSON(e vault.Entry) fullLine {
	l := fullLine{entryLine: rowLine(e.Row()), Credentials: []credentialLine{}}
	for _, u := range e.URLs {
		l.URLDetails = append(l.URLDetails, urlLine{u.URL, u.Match, u.Label})
	}
	for _, c := range e.Credentials {
		l.Credentials = append(l.Credentials, credentialLine{c.ID, c.Type, memberLines(c.Members), memberLines(c.Fields)})
	}
	for _, c := range e.Conflicts {
		l.Conflicts = append(l.Conflicts, c.Path)
	}
	return l
}

func memberLines(ms []vault.Member) []memberLine {
	var out []memberLine
	for _, m := range ms {
		l := memberLine{Name: m.Name, Label: m.Label, FieldType: string(m.Type), Concealed: m.Concealed}
		if !m.Withheld {
			v := m.Value.RevealString()
			l.Value = &v
		}
		out = append(out, l)
	}
	return out
}

func (a *App) printEntry(e vault.Entry) {
	a.row(e.Title)
	row := func(label, value string) {
		// The value may hold line ends that shown has indented; everything in it was sanitised there or is cleaned here.
		a.printf("  %s%s  ", label, pad(label, labelWidth))
		_, _ = io.WriteString(a.Out, sanitize.Text(value)+"\n")
	}
	row("id", string(e.ID))
	if e.Subtitle != "" {
		row("subtitle", e.Subtitle)
	}
	for _, u := range e.URLs {
		row("url", u.URL)
	}
	if len(e.Tags) > 0 {
		row("tags", strings.Join(e.Tags, ", "))
	}
	for _, c := range e.Credentials {
		a.printCredential(c, row)
	}
	row("modified", a.ago(e.Modified))
	if !e.Expires.IsZero() {
		row("expires", e.Expires.Format(time.DateOnly))
	}
	if !e.Trashed.IsZero() {
		row("in the trash", a.ago(e.Trashed))
	}
	for _, c := range e.Conflicts {
		row("CONFLICT", c.Path+" has "+plural(len(c.Candidates), "value"))
	}
}

func (a *App) printCredential(c vault.Credential, row func(label, value string)) {
	spec, known := vault.Spec(c.Type)
	if !known || spec.Kind != vault.KindLogin {
		a.printf("\n")
		name := c.Type
		if known {
			name = spec.Label
		}
		a.row("  [" + name + "]")
	}
	if c.Type == vault.Passkey {
		c = passkeyInWords(c, row)
	}
	for _, m := range c.Members {
		if strings.HasPrefix(m.Name, "signet:att") || m.Name == "signet:data" {
			continue
		}
		row(strings.ToLower(sanitize.Line(m.Label)), a.shown(m))
	}
	for _, m := range c.Fields {
		row(sanitize.Line(m.Label), a.shown(m))
	}
}

// labelWidth is that of the column of labels.
const labelWidth = 16

// shown is a member's value for people; several lines are indented below each other.
func (a *App) shown(m vault.Member) string {
	if m.Withheld {
		return "••••••••"
	}
	text := sanitize.Text(m.Value.RevealString())
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+strings.Repeat(" ", labelWidth+4))
}

func pad(s string, width int) string { return strings.Repeat(" ", max(0, width-len([]rune(s)))) }
