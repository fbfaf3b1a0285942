package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"signet/internal/sanitize"
	"signet/vault/entry"
)

// How many previous values are listed: all of them stay in the vault.
const (
	maxHistory = 1000
	fewHistory = 5 // at the end of one column; the whole history has its own view
)

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

// rest adds what belongs to the entry as a whole and can be copied.
func (d *detail) rest() {
	if d.e.Subtitle != "" {
		d.add(detailLine{label: "Subtitle", path: entry.PathSubtitle, text: d.e.Subtitle})
	}
	for _, m := range d.e.Other {
		d.add(detailLine{label: m.Name, path: m.Path, text: m.Value.RevealString(), concealed: m.Concealed})
	}
}

func (d *detail) about() {
	e := d.e
	d.heading("About")
	var folders []string
	for _, f := range e.Folders {
		folders = append(folders, orElse(d.folders[f], "(unknown folder)"))
	}
	d.info("Folder", strings.Join(folders, ", "))
	d.info("Tags", strings.Join(e.Tags, ", "))
	d.info("Modified", d.day(e.Modified))
	d.info("Created", d.day(e.Created))
	if !e.Expires.IsZero() {
		d.add(detailLine{kind: lineInfo, label: "Expires", text: d.day(e.Expires), due: e.Expires.In(d.zone).Format(time.DateOnly)})
	}
	d.info("In the trash since", d.day(e.Trashed))
	d.info("Last used", d.lastUse())
	for _, a := range e.Apps {
		d.info("App", a.JSON)
	}
	if n := len(e.Conflicts); n > 0 && d.brief {
		d.add(detailLine{kind: lineInfo, label: "Conflicts", text: plural(n, "field", "fields") + " changed in two places", bad: true})
	}
}

// history adds previous values, newest first.
func (d *detail) history(most int) {
	if len(d.e.History) == 0 {
		return
	}
	d.heading(fmt.Sprintf("History (%s)", thousands(len(d.e.History))))
	for i, p := range d.e.History {
		if i == most {
			more := "and " + thousands(len(d.e.History)-i) + " older: "
			if most == maxHistory {
				more += "signet history shows them"
			} else {
				more += d.pastKey + " shows them"
			}
			d.info("", more)
			return
		}
		l := detailLine{
			kind: lineHistory, label: d.day(p.Written), path: p.Path, past: p, concealed: p.Concealed,
			text: p.Value.RevealString(), multi: true, note: d.whoWrote(p),
		}
		if kind, _, _ := strings.Cut(p.Path, "/"); kind == "tag" || kind == "folder" || kind == entry.PathFavorite {
			l.form = formBool // was it in the folder, had it the tag
		}
		d.add(l)
	}
}

// whoWrote says which device wrote a previous value, and which one replaced it where that was another.
func (d *detail) whoWrote(p entry.Past) string {
	by := d.author(string(p.Dot.SID))
	var later string
	if dots := d.e.Dots[p.HistPath]; len(dots) > 0 {
		later = d.author(string(dots[0].SID))
	}
	switch {
	case by == "" && later == "":
		return ""
	case by == later || later == "":
		return by
	case by == "":
		return "replaced by " + later
	}
	return by + ", replaced by " + later
}

// author names the device of a write; "" when nobody knows it any more.
func (d *detail) author(sid string) string {
	a, ok := d.more.authors[sid]
	switch {
	case !ok:
		return ""
	case a.This:
		return "this device"
	}
	return orElse(sanitize.Line(a.Name), "another device")
}

// ownSources are what the importer keeps for itself, to know an entry again when its file is imported a second time.
var ownSources = map[string]bool{"hash": true, "id": true}

// sources adds what an import could not place. All of it may be secret. The importer's own marks are nobody's business but its own.
func (d *detail) sources() {
	kept := slices.DeleteFunc(slices.Clone(d.e.Sources), func(s entry.Source) bool { return ownSources[s.Name] })
	if len(kept) == 0 {
		return
	}
	d.heading(fmt.Sprintf("From the import (%s)", thousands(len(kept))))
	for _, s := range kept {
		d.add(detailLine{label: orElse(s.Name, "Value"), path: s.Path, text: s.Value.RevealString(), concealed: true, multi: true, note: sanitize.Line(s.Format)})
	}
}

// conflicts adds every field that has several values, with all of them: one has to be chosen.
func (d *detail) conflicts() {
	for i, c := range d.e.Conflicts {
		d.heading(fmt.Sprintf("%s: changed in %s places. Which value stays?", sanitize.Line(d.pathLabel(c.Path)), count(len(c.Candidates))))
		for j, v := range c.Candidates {
			d.add(detailLine{
				kind: lineCandidate, label: d.candidateLabel(v), path: c.Path, concealed: c.Concealed, text: v.Value.RevealString(), multi: true,
				note: v.Dot.String(), conflict: i, candidate: j,
			})
		}
	}
}

func count(n int) string {
	if n == 2 {
		return "two"
	}
	return thousands(n)
}

// candidateLabel says by which device a value was written, and when.
func (d *detail) candidateLabel(v entry.Candidate) string {
	by := orElse(d.author(string(v.Dot.SID)), "unknown device")
	if v.Wall == 0 {
		return by
	}
	return by + ", " + d.day(time.UnixMilli(v.Wall))
}

// pathLabel names the field of a path as the lines do.
func (d *detail) pathLabel(path string) string {
	for _, c := range d.e.Credentials {
		spec, _ := entry.Spec(c.Type)
		for _, m := range c.Members {
			if m.Path == path {
				ms, _ := spec.Member(m.Name)
				return orElse(m.Label, orElse(ms.Label, m.Name))
			}
		}
		for _, m := range c.Fields {
			if m.Path == path {
				return orElse(m.Label, "Field")
			}
		}
	}
	return d.entryLabel(path)
}

func (d *detail) entryLabel(path string) string {
	kind, rest, _ := strings.Cut(path, "/")
	switch kind {
	case "url":
		return "Web site"
	case "tag":
		return "Tag " + entry.UnescapeSegment(rest)
	case "folder":
		return "Folder " + orElse(d.folders[entry.ID(entry.UnescapeSegment(rest))], "that is gone")
	case "cred":
		if _, member, ok := strings.Cut(rest, "/"); ok {
			return d.goneLabel(member)
		}
	case entry.PathTitle, entry.PathSubtitle, entry.PathFavorite, entry.PathExpires, entry.PathTrashed, entry.PathCreated:
		return strings.ToUpper(kind[:1]) + kind[1:]
	}
	return path
}

// goneLabel names a member of a credential that is not there any more.
func (d *detail) goneLabel(member string) string {
	for _, spec := range entry.Specs() {
		if m, ok := spec.Member(member); ok {
			return m.Label
		}
	}
	return member
}
