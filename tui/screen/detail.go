package screen

import (
	"time"

	"signet/vault/entry"
	"signet/vault/secret"
)

// detail is an entry as it is shown: in full by the entry screen, in short beside the list. What it reveals stands in shown, by the
// line's own name.
type detail struct {
	e       entry.Entry
	lines   []detailLine
	side    int // the first line of the second column: about and history
	shape   shape
	folders map[entry.ID]string
	more    extras
	shown   map[string]secret.Secret
	codes   map[string]Code       // by credential
	next    map[string]bool       // credentials whose next code is shown all the time
	zone    *time.Location        // of the clock port: the user's
	wraps   map[wrapping][]string // rows of long values
	pastKey string                // the key that shows the whole history
	brief   bool                  // no history, and codes are not computed
}

// shape says which lines a detail has, and where they stand.
type shape int

const (
	oneColumn  shape = iota // with the newest of the history at the end
	twoColumns              // fields left, about and the whole history right
	onlyPast                // the whole history and nothing else
)

// lineKind says how a line of a detail is drawn and what can be done with it.
type lineKind int

const (
	lineValue lineKind = iota
	lineHeading
	lineCode
	lineInfo      // cannot be copied
	lineFile      // an attachment
	lineComposed  // made of several fields: a name, an address
	lineHistory   // a previous value
	lineCandidate // one of the values of a conflict
)

// form is how a value is written for people.
type form int

const (
	formPlain form = iota
	formCard       // in groups; masked but for its last digits
	formBool
)

type detailLine struct {
	kind      lineKind
	label     string
	path      string // of the field
	cred      string
	text      string // foreign, not yet safe
	safe      bool   // text was made safe already
	multi     bool   // several lines are meant
	form      form
	note      string // a remark behind the value
	bad       bool   // the remark is a warning
	due       string // the date after which the value is no longer good
	concealed bool
	past      entry.Past
	conflict  int // lineCandidate: index of its conflict
	candidate int // and of the value
}

// name tells a line's revealed value from all others.
func (l detailLine) name() string {
	switch l.kind {
	case lineHistory:
		return l.past.HistPath
	case lineCandidate:
		return l.path + "@" + l.note
	}
	return l.path
}

// extras are what the vault says about an entry beyond the entry itself.
type extras struct {
	authors map[string]Author // by the part of a dot that names the write
	keys    map[string]SSHKey // by credential
	cards   map[string]cardHint
	use     Use
	// passkeys are those of the entry, by credential, with what only the whole vault knows: the device's name, whether its key is here.
	passkeys map[string]PasskeyRow
}

func newDetail(e entry.Entry, folders map[entry.ID]string, zone *time.Location, brief bool) detail {
	d := detail{e: e, folders: folders, zone: zone, shown: map[string]secret.Secret{}, codes: map[string]Code{}, next: map[string]bool{}, brief: brief}
	d.build(oneColumn)
	return d
}

// wipe overwrites everything that was revealed.
func (d *detail) wipe() {
	d.hideAll()
	for _, c := range d.codes {
		c.Wipe()
	}
	clear(d.codes)
	clear(d.wraps)
	d.e.Wipe()
}

func (d *detail) hideAll() {
	for _, s := range d.shown {
		s.Wipe()
	}
	clear(d.shown)
	clear(d.next)
}

// Wipe overwrites a code.
func (c Code) Wipe() {
	c.Value.Wipe()
	c.Next.Wipe()
}

// build lays the lines out by the schema: what needs a decision, the login, what belongs to it, the other credentials, the rest.
func (d *detail) build(s shape) {
	d.lines, d.shape = d.lines[:0], s
	if s == onlyPast {
		d.history(maxHistory)
		d.side = len(d.lines)
		return
	}
	if !d.brief {
		d.conflicts()
	}
	for i, c := range d.e.Credentials {
		main := i == 0 && (c.Type == entry.BasicAuth || len(d.e.Credentials) == 1)
		again := i > 0 && c.Type == entry.File && d.e.Credentials[i-1].Type == entry.File // files stand below each other
		d.credential(c, main || again)
		if i == 0 {
			d.urls()
		}
	}
	if len(d.e.Credentials) == 0 {
		d.urls()
	}
	d.rest()
	d.side = len(d.lines)
	d.about()
	if d.brief {
		return
	}
	if s == twoColumns {
		d.history(maxHistory)
	} else {
		d.history(fewHistory)
	}
	d.sources()
}

func (d *detail) add(l detailLine) { d.lines = append(d.lines, l) }

func (d *detail) heading(text string) { d.add(detailLine{kind: lineHeading, text: text}) }

func (d *detail) info(label, text string) {
	if text != "" {
		d.add(detailLine{kind: lineInfo, label: label, text: text})
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// day writes a time to the minute, in the user's zone.
func (d *detail) day(t time.Time) string { return day(t, d.zone) }

// timeLayout is how a time is shown: nobody asks for the seconds of an edit.
const timeLayout = "2006-01-02 15:04"

func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(timeLayout)
}
