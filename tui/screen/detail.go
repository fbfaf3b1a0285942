package screen

import (
	"fmt"
	"strings"
	"time"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// detail is an entry as it is shown: in full by the entry screen, in short beside the list. What it reveals stands in shown, by path.
type detail struct {
	e       entry.Entry
	lines   []detailLine
	folders map[entry.ID]string
	shown   map[string]secret.Secret
	codes   map[string]Code // by credential
	zone    *time.Location  // of the clock port: the user's
	brief   bool            // no history, and codes are not computed
}

// lineKind says how a line of a detail is drawn and what can be done with it.
type lineKind int

const (
	lineValue lineKind = iota
	lineHeading
	lineCode
	lineInfo    // cannot be copied
	lineHistory // a previous value
)

type detailLine struct {
	kind      lineKind
	label     string
	path      string // of the field
	cred      string
	text      string // foreign, not yet safe
	safe      bool   // text was made safe already
	multi     bool   // several lines are meant
	concealed bool
	past      entry.Past
}

func newDetail(e entry.Entry, folders map[entry.ID]string, zone *time.Location, brief bool) detail {
	d := detail{e: e, folders: folders, zone: zone, shown: map[string]secret.Secret{}, codes: map[string]Code{}, brief: brief}
	d.build()
	return d
}

// wipe overwrites everything that was revealed.
func (d *detail) wipe() {
	d.hideAll()
	for _, c := range d.codes {
		c.Wipe()
	}
	clear(d.codes)
	d.e.Wipe()
}

func (d *detail) hideAll() {
	for _, s := range d.shown {
		s.Wipe()
	}
	clear(d.shown)
}

// Wipe overwrites a code.
func (c Code) Wipe() {
	c.Value.Wipe()
	c.Next.Wipe()
}

// build lays the lines out by the schema: the login first, then what belongs to it, then the other credentials.
func (d *detail) build() {
	d.lines = d.lines[:0]
	for i, c := range d.e.Credentials {
		d.credential(c, i == 0 && (c.Type == entry.BasicAuth || len(d.e.Credentials) == 1))
		if i == 0 {
			d.urls()
		}
	}
	if len(d.e.Credentials) == 0 {
		d.urls()
	}
	d.about()
	if !d.brief {
		d.history()
	}
}

func (d *detail) add(l detailLine) { d.lines = append(d.lines, l) }

func (d *detail) credential(c entry.Credential, main bool) {
	spec, known := entry.Spec(c.Type)
	heading := spec.Label
	if !known {
		heading = c.Type
	}
	if !main || !known {
		d.add(detailLine{kind: lineHeading, text: heading})
	}
	switch c.Type {
	case entry.File:
		d.file(c)
	case entry.TOTP:
		d.add(detailLine{kind: lineCode, label: "Code", cred: c.ID, concealed: true})
	}
	if c.Type != entry.File { // the line above says what a person wants to know of a file
		for _, m := range c.Members {
			ms, _ := spec.Member(m.Name)
			d.member(c, m, ms)
		}
	}
	for _, m := range c.Fields {
		d.add(detailLine{label: orElse(m.Label, "Field"), path: m.Path, cred: c.ID, text: m.Value.RevealString(), concealed: m.Concealed})
	}
}

// usual are members that say nothing when they have their usual value, and members that are no news to a person.
var usual = map[string]string{"period": "30", "digits": "6", "algorithm": "sha1", "signet:kind": "totp", "userHandle": "*", "credentialId": "*"}

func (d *detail) member(c entry.Credential, m entry.Member, spec entry.MemberSpec) {
	text := m.Value.RevealString()
	if u := usual[m.Name]; u == "*" || u != "" && strings.EqualFold(u, text) || text == "" && !m.Withheld {
		return
	}
	l := detailLine{label: orElse(m.Label, orElse(spec.Label, m.Name)), path: m.Path, cred: c.ID, text: text, concealed: m.Concealed, multi: spec.Multi}
	if m.Name == "rpId" {
		l.text, l.safe = sanitize.Domain(text), true
	}
	d.add(l)
}

func (d *detail) file(c entry.Credential) {
	size := ""
	if n := c.Size(); n >= 0 {
		size = "  " + bytesText(n)
	}
	d.add(detailLine{kind: lineInfo, label: "File", cred: c.ID, text: orElse(c.Text("name"), "(no name)") + size})
}

func bytesText(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}

func (d *detail) urls() {
	for _, u := range d.e.URLs {
		l := detailLine{label: orElse(u.Label, "Web site"), path: entry.JoinPath("url", u.ID), text: u.URL}
		// A name that is not plain ASCII is shown in punycode too, so that no look-alike passes for the real one.
		if host := entry.Host(u.URL); sanitize.Domain(host) != host {
			l.text, l.safe = sanitize.Line(u.URL)+"  ["+sanitize.Domain(host)+"]", true
		}
		d.add(l)
	}
}

func (d *detail) about() {
	e := d.e
	info := func(label, text string) {
		if text != "" {
			d.add(detailLine{kind: lineInfo, label: label, text: text})
		}
	}
	if e.Subtitle != "" {
		d.add(detailLine{label: "Subtitle", path: entry.PathSubtitle, text: e.Subtitle})
	}
	for _, m := range e.Other {
		d.add(detailLine{label: m.Name, path: m.Path, text: m.Value.RevealString(), concealed: m.Concealed})
	}
	d.add(detailLine{kind: lineHeading, text: "About"})
	var folders []string
	for _, f := range e.Folders {
		folders = append(folders, orElse(d.folders[f], "(unknown folder)"))
	}
	info("Folder", strings.Join(folders, ", "))
	info("Tags", strings.Join(e.Tags, ", "))
	info("Modified", d.day(e.Modified))
	info("Created", d.day(e.Created))
	info("Expires", d.day(e.Expires))
	info("In the trash since", d.day(e.Trashed))
	if n := len(e.Conflicts); n > 0 {
		info("Conflicts", fmt.Sprintf("%d field(s) were changed in two places; the newest value is shown", n))
	}
	if len(e.Sources) > 0 {
		info("From the import", fmt.Sprintf("%d value(s) that found no other place", len(e.Sources)))
	}
}

// maxHistory is how many previous values the screen lists; all of them stay in the vault.
const maxHistory = 200

func (d *detail) history() {
	if len(d.e.History) == 0 {
		return
	}
	d.add(detailLine{kind: lineHeading, text: fmt.Sprintf("History (%d)", len(d.e.History))})
	for i, p := range d.e.History {
		if i == maxHistory {
			d.add(detailLine{kind: lineInfo, label: "", text: fmt.Sprintf("and %d older ones: signet history shows them", len(d.e.History)-i)})
			return
		}
		d.add(detailLine{
			kind: lineHistory, label: d.day(p.Written), path: p.HistPath, past: p, concealed: p.Concealed,
			text: p.Value.RevealString(), multi: true,
		})
	}
}

// pathLabel names the field of a previous value.
func (d *detail) pathLabel(path string) string {
	for _, l := range d.lines {
		if l.path == path && l.kind == lineValue {
			return l.label
		}
	}
	if _, member, ok := strings.Cut(strings.TrimPrefix(path, "cred/"), "/"); ok {
		return member
	}
	return path
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// day writes a time to the minute, in the user's zone.
func (d *detail) day(t time.Time) string { return day(t, d.zone) }

func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// mask hides a value whose length is nobody's business.
func mask(f widget.Frame) string { return strings.Repeat(f.Theme.Dot, 8) }
