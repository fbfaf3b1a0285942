package screen

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// A field that was changed elsewhere while the form was open. The user sees both values, field by field, and chooses.
type clash struct {
	field  string // of the form
	paths  []string
	label  string
	mine   secret.Secret
	theirs secret.Secret
	gone   bool // removed there
	known  bool // there is one value to show
}

// clashes are what a save ran into.
type clashes struct {
	entry entry.Entry
	list  []clash
	err   error
}

// Wipe implements Wiper.
func (m clashes) Wipe() {
	m.entry.Wipe()
	for _, c := range m.list {
		c.wipe()
	}
}

func (c clash) wipe() {
	c.mine.Wipe()
	c.theirs.Wipe()
}

// fieldOf is the field of the form that a path belongs to.
func (s *Edit) fieldOf(path string) *widget.Field {
	for _, d := range s.form.Fields {
		if d.ID == path || strings.HasPrefix(d.ID, otpPrefix) && s.under(d.ID, strings.Join(strings.SplitN(path, "/", 3)[:min(2, strings.Count(path, "/")+1)], "/")) {
			return d
		}
	}
	switch {
	case strings.HasPrefix(path, "tag/"):
		return s.form.Field(fieldTags)
	case strings.HasPrefix(path, "folder/"):
		return s.form.Field(fieldFolder)
	}
	return nil
}

// cmdClashes reads the entry as it is now, and the values that are there in place of those that the form had read.
func (s *Edit) cmdClashes(paths []string) tea.Cmd {
	byField := map[string]int{}
	var list []clash
	for _, p := range paths {
		d := s.fieldOf(p)
		if d == nil {
			list = append(list, clash{paths: []string{p}, label: s.e.PathName(p)})
			continue
		}
		if i, ok := byField[d.ID]; ok {
			list[i].paths = append(list[i].paths, p)
			continue
		}
		byField[d.ID] = len(list)
		list = append(list, clash{field: d.ID, paths: []string{p}, label: d.Label, known: d.ID == p})
	}
	s.saving = true
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		e, err := s.env.Vault.Get(ctx, s.id, false)
		if err != nil {
			return clashes{err: err}
		}
		for i, c := range list {
			if _, there := e.Dots[c.paths[0]]; !there {
				list[i].gone = true
				continue
			}
			if !c.known {
				continue
			}
			values, err := s.env.Vault.Field(ctx, entry.FieldRef{Record: s.id, Path: c.paths[0]})
			if err != nil {
				return clashes{entry: e, list: list, err: err}
			}
			for j, v := range values {
				if j == 0 {
					list[i].theirs = v.Value
					continue
				}
				v.Value.Wipe()
			}
		}
		return clashes{entry: e, list: list}
	})
}

func (s *Edit) clashed(m clashes) tea.Cmd {
	s.saving = false
	if m.err != nil {
		m.Wipe()
		return s.env.fail("Not saved", m.err)
	}
	s.dropClashes()
	s.clash, s.fresh = m.list, m.entry
	return s.nextClash()
}

func (s *Edit) dropClashes() {
	for _, c := range s.clash {
		c.wipe()
	}
	s.fresh.Wipe()
	s.clash, s.fresh = nil, entry.Entry{}
}

const askChanged = "changed elsewhere"

// nextClash asks about the next field, or saves.
func (s *Edit) nextClash() tea.Cmd {
	if len(s.clash) == 0 {
		s.fresh.Wipe()
		s.fresh = entry.Entry{}
		return s.save()
	}
	c := &s.clash[0]
	q := dialog.Compare{
		ID: askChanged, Title: "Changed elsewhere: " + c.label, Mine: "Yours", Theirs: "There", Left: len(s.clash), Gone: c.gone,
		Text: "Another program changed this while the form was open.",
	}
	if d := s.form.Field(c.field); d != nil && c.known {
		c.mine = d.Value()
		q.Hidden, q.A, q.B = d.Concealed(), c.mine, c.theirs
	}
	return s.env.say(Ask{To: s.env.ID, Sudden: true, Dialog: q})
}

// decide takes the answer about the first clash.
func (s *Edit) decide(choice string) tea.Cmd {
	if len(s.clash) == 0 {
		return nil
	}
	switch choice {
	case "mine", "theirs":
		c := s.clash[0]
		s.clash = s.clash[1:]
		s.settleClash(c, choice == "theirs")
		c.wipe()
		return s.nextClash()
	}
	s.dropClashes()
	return nil
}

// settleClash goes on from what is there now: the user has seen it. Theirs takes the place of what was typed.
func (s *Edit) settleClash(c clash, theirs bool) {
	for _, p := range c.paths {
		delete(s.seen, entry.FieldRef{Record: s.id, Path: p})
		if dots, ok := s.fresh.Dots[p]; ok {
			s.e.Dots[p] = dots
		} else {
			delete(s.e.Dots, p)
		}
	}
	d := s.form.Field(c.field)
	if d == nil || !theirs {
		return
	}
	switch {
	case d.Concealed():
		d.Put(nil)
		d.Kept = !c.gone
	case c.known:
		d.Put(c.theirs.Reveal())
	case d.ID == fieldTags:
		s.e.Tags = s.fresh.Tags
		d.Put([]byte(strings.Join(s.e.Tags, ", ")))
	case d.ID == fieldFolder:
		s.e.Folders = s.fresh.Folders
		d.Put([]byte(s.folderText()))
	}
	d.Settle()
	s.env.say(Notify{Text: fmt.Sprintf("“%s” is as it was changed there", named(d))})
}
