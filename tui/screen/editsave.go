package screen

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// title is what the title field says.
func (s *Edit) title() string {
	if d := s.form.Field(fieldTitle); d != nil {
		return strings.TrimSpace(d.Line.Text())
	}
	return ""
}

// completeTitle names a new entry after what is known of it when it has no title: its site, the issuer of its code.
func (s *Edit) completeTitle() {
	d := s.form.Field(fieldTitle)
	if d == nil || s.title() != "" {
		return
	}
	name := ""
	for _, u := range s.form.Fields {
		switch {
		case name != "":
		case strings.HasPrefix(u.ID, "url/") && u.Kind == widget.TextField && u.Line.Len() > 0 && validURL(u.Line.Bytes()) == "":
			name = entry.Host(withScheme(u.Line.Text()))
		case strings.HasPrefix(u.ID, otpPrefix):
			name = s.codes[u.ID].Issuer
		case strings.HasSuffix(u.ID, "/ssid"):
			name = u.Text()
		}
	}
	if name != "" {
		d.Put([]byte(name))
	}
}

// edits turns the changed fields of the form into edits. Values are copies: they are wiped once written.
func (s *Edit) edits() ([]entry.Edit, error) {
	w := formWriter{s: s, e: s.e, gone: map[string]bool{}, begun: map[string]bool{}}
	if s.isNew {
		w.set(entry.PathCreated, entry.FormatTime(s.env.Now()))
	}
	for _, d := range s.dropped {
		w.removeAll(d.prefix)
	}
	for _, c := range s.creds {
		if c.main && c.fresh && !w.gone[entry.CredPath(c.id)] {
			w.begin(c)
		}
	}
	for _, d := range s.form.Fields {
		if d.Kind != widget.ButtonField && d.Changed() {
			if err := w.field(d); err != nil {
				w.wipe()
				return nil, err
			}
		}
	}
	w.order()
	w.empty()
	return w.edits, w.err
}

// formWriter collects edits.
type formWriter struct {
	s     *Edit
	e     entry.Entry
	edits []entry.Edit
	gone  map[string]bool // prefixes that were removed
	begun map[string]bool // what was new and is written now: its type, place and so on are there already
	last  string          // the place of the last credential that was begun
	err   error
}

func (w *formWriter) wipe() {
	for _, e := range w.edits {
		e.Value.Wipe()
	}
}

func (w *formWriter) set(path, value string) { w.value(path, secret.FromString(value)) }

func (w *formWriter) value(path string, v secret.Secret) {
	if err := entry.CheckPath(path); err != nil && w.err == nil {
		w.err = err
	}
	w.edits = append(w.edits, entry.Edit{FieldRef: entry.FieldRef{Record: w.s.id, Path: path}, Value: v})
}

func (w *formWriter) removeAll(prefix string) {
	w.gone[prefix] = true
	w.edits = append(w.edits, w.e.RemoveAll(prefix)...)
}

// text sets a value or, when it is empty, removes it with everything below it.
func (w *formWriter) text(path, value string) {
	if value == "" {
		w.removeAll(path)
		return
	}
	w.set(path, value)
}

func (w *formWriter) field(d *widget.Field) error {
	switch {
	case d.ID == fieldTitle, d.ID == fieldSubtitle:
		w.text(d.ID, strings.TrimSpace(d.Text()))
	case d.ID == fieldTags:
		w.tags(d.Text())
	case d.ID == fieldFolder:
		w.folder(d.Text())
	case d.ID == fieldExpires:
		w.expires(d.Text())
	case d.ID == fieldFavorite:
		w.flag(d.ID, d.On)
	case strings.HasPrefix(d.ID, otpPrefix):
		return w.oneTime(d)
	case strings.HasPrefix(d.ID, "url/"):
		w.url(d)
	default:
		w.member(d)
	}
	return nil
}

func (w *formWriter) expires(text string) {
	clear, wrong := readDate(text, w.s.env.Now())
	t, err := time.Parse(dateForms[0], clear)
	if text == "" || wrong != "" || err != nil {
		w.removeAll(fieldExpires)
		return
	}
	w.set(fieldExpires, entry.FormatTime(t))
}

// flag writes what is either "true" or not there.
func (w *formWriter) flag(path string, on bool) {
	if on {
		w.set(path, strconv.FormatBool(on))
		return
	}
	w.removeAll(path)
}

// splitTags reads tags with commas between.
func splitTags(text string) (tags []string) {
	for _, t := range strings.Split(text, ",") {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	return tags
}

func (w *formWriter) tags(text string) {
	tags := splitTags(text)
	for _, t := range tags {
		if !slices.Contains(w.e.Tags, t) {
			w.set(entry.TagPath(t), "true")
		}
	}
	for _, t := range w.e.Tags {
		if !slices.Contains(tags, t) {
			w.edits = append(w.edits, entry.Remove(w.s.id, entry.TagPath(t)))
		}
	}
}

func (w *formWriter) url(d *widget.Field) {
	prefix := prefixOf(d.ID)
	switch {
	case w.gone[prefix]:
	case d.ID == prefix && strings.TrimSpace(d.Text()) == "":
		w.removeAll(prefix)
	case d.ID == prefix:
		w.set(prefix, withScheme(d.Text()))
	case w.s.form.Field(prefix) != nil && !w.s.form.Field(prefix).Empty(): // its label, its match
		w.text(d.ID, strings.TrimSpace(d.Text()))
	}
}

// member writes a member of a credential or a custom field; whatever is new gets what belongs to it first.
func (w *formWriter) member(d *widget.Field) {
	c, _ := w.s.placeOf(d.ID)
	prefix := prefixOf(d.ID)
	f, isNew := w.s.freshField(prefix)
	switch value := d.Value(); {
	case isNew && !strings.HasSuffix(d.ID, "/value"): // its label is written with its value
		value.Wipe()
	case value.IsEmpty() && prefix != "" && strings.HasSuffix(d.ID, "/value"):
		w.removeAll(prefix)
	case value.IsEmpty():
		w.removeAll(d.ID)
	default:
		w.begin(c)
		if isNew {
			w.beginField(f)
		}
		if c.typ == entry.SSHKey && w.s.makesKeys(d) {
			w.follow(c, value.RevealString())
		}
		w.value(d.ID, value)
	}
}

func (s *Edit) freshField(prefix string) (formField, bool) {
	for _, f := range s.fields {
		if f.prefix == prefix {
			return f, true
		}
	}
	return formField{}, false
}

// begin writes what makes a credential, behind those that are there.
func (w *formWriter) begin(c formCred) {
	if !c.fresh || w.begun[c.id] {
		return
	}
	w.begun[c.id] = true
	if n := len(w.e.Credentials); n > 0 && w.last == "" {
		w.last = w.e.Credentials[n-1].Pos
	}
	w.last = entry.PosBetween(w.last, "")
	w.set(entry.CredPath(c.id, "type"), c.typ)
	w.set(entry.CredPath(c.id, "pos"), w.last)
}

func (w *formWriter) beginField(f formField) {
	if w.begun[f.prefix] {
		return
	}
	w.begun[f.prefix] = true
	label := f.label
	if d := w.s.form.Field(f.prefix + "/label"); d != nil {
		label = strings.TrimSpace(d.Text())
	}
	if label != "" {
		w.set(f.prefix+"/label", label)
	}
	if f.typ != "" && f.typ != entry.TypeString {
		w.set(f.prefix+"/type", string(f.typ))
	}
}

// order gives what is new or was moved its place among its siblings.
func (w *formWriter) order() {
	done := map[string]bool{}
	for _, d := range w.s.form.Fields {
		prefix := prefixOf(d.ID)
		if prefix == "" || done[parentOf(prefix)] {
			continue
		}
		done[parentOf(prefix)] = true
		places := w.s.places(prefix)
		for _, p := range w.s.siblings(prefix) {
			if pos, ok := places[p]; ok && (w.writes(p) || w.s.moved[p] && !w.s.isNewPart(p)) {
				w.set(p+"/pos", pos)
			}
		}
	}
}

// writes reports whether the value of a web site or a custom field that is new is among the edits.
func (w *formWriter) writes(prefix string) bool {
	if !w.s.isNewPart(prefix) {
		return false
	}
	for _, e := range w.edits {
		if !e.Delete && (e.Path == prefix || e.Path == prefix+"/value") {
			return true
		}
	}
	return false
}

// empty removes credentials of which nothing is left, the first one excepted: it makes the entry what it is.
func (w *formWriter) empty() {
	for i, c := range w.e.Credentials {
		prefix := entry.CredPath(c.ID)
		left := len(c.Members) + len(c.Fields)
		for _, m := range append(slices.Clone(c.Members), c.Fields...) {
			if w.gone[m.Path] || w.gone[strings.TrimSuffix(m.Path, "/value")] {
				left--
			}
		}
		for _, e := range w.edits {
			if !e.Delete && strings.HasPrefix(e.Path, prefix+"/") {
				left++
			}
		}
		if i > 0 && left == 0 && len(c.Members)+len(c.Fields) > 0 && !w.gone[prefix] {
			w.edits = slices.DeleteFunc(w.edits, func(e entry.Edit) bool { return strings.HasPrefix(e.Path, prefix+"/") })
			w.removeAll(prefix)
		}
	}
}

// isDirty reports whether saving would write something.
func (s *Edit) isDirty() bool {
	for _, d := range s.dropped {
		if !s.isNewPart(d.prefix) {
			return true
		}
		if slices.ContainsFunc(d.fields, func(f *widget.Field) bool { return f.Changed() }) {
			return true
		}
	}
	for p := range s.moved {
		if !s.isNewPart(p) {
			return true
		}
	}
	return s.form.Dirty()
}

// save validates and writes what was changed.
func (s *Edit) save() tea.Cmd {
	s.form.Leave()
	s.completeTitle()
	if !s.form.Check() {
		s.resize()
		return s.env.say(Notify{Level: Bad, Text: "Not saved: " + s.form.Focused().Err})
	}
	if !s.isDirty() && !s.isNew {
		return s.env.say(Back{})
	}
	edits, err := s.edits()
	if err != nil {
		return s.env.say(Notify{Level: Bad, Text: "Not saved: " + err.Error()})
	}
	if len(edits) == 0 {
		return s.env.say(Back{})
	}
	s.saving = true
	base := s.base(edits)
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		a, err := s.env.Vault.Apply(ctx, base, edits)
		for _, e := range edits {
			e.Value.Wipe()
		}
		return editSaved{a, err}
	})
}

// base names the dots of the fields that are written, so that what was changed elsewhere is noticed.
func (s *Edit) base(edits []entry.Edit) entry.Base {
	if s.isNew {
		return nil
	}
	base := entry.Base{}
	for _, e := range edits {
		if e.Record != s.id {
			continue
		}
		if dots, ok := s.seen[e.FieldRef]; ok {
			base[e.FieldRef] = dots
		} else if dots, ok := s.e.Dots[e.Path]; ok {
			base[e.FieldRef] = dots
		}
	}
	return base
}

func (s *Edit) saved(m editSaved) tea.Cmd {
	s.saving = false
	if m.err != nil {
		if f := s.env.Ports.Faults.Changed; f != nil {
			if paths := f(m.err); len(paths) > 0 {
				return s.cmdClashes(paths)
			}
		}
		return s.env.fail("Not saved", m.err)
	}
	title, name := s.title(), "the edit of "
	if s.isNew {
		name = "adding "
	}
	s.env.say(Back{})
	if s.isNew {
		s.env.say(OpenEntry{s.id})
	}
	s.discard()
	return s.env.say(Stepped{Step: m.applied.Step, Done: "“" + title + "” is saved", Name: name + "“" + title + "”"})
}

// discard forgets everything that was typed.
func (s *Edit) discard() {
	s.form.Wipe()
	for _, d := range s.dropped {
		for _, f := range d.fields {
			f.Wipe()
		}
	}
	for id := range s.codes {
		s.dropCode(id)
	}
	s.form, s.dropped, s.moved = widget.Form{}, nil, nil
}
