package tui

import (
	"path"
	"slices"
	"strings"
)

// focus is a place where keys are listened to: no two of its actions may share a key.
type focus struct {
	name   string
	typing bool // letters are text there, always or while a line has the focus
	// only are patterns of the actions that work there; not are those that do not, although a pattern of only fits.
	only, not []string
}

// areaOnly are the keys of a text of several lines that one line has no use for.
var areaOnly = []string{"text.up", "text.down", "text.newline", "text.page-up", "text.page-down", "text.top", "text.bottom"}

// shared are the groups that several screens use; every other group belongs to one screen.
var shared = []string{"text", "dialog", "move", "global", "list", "form", "setup", "generator"}

// allFocuses are the focuses of the table, and one for each group that belongs to one screen.
func allFocuses(all []action) []focus {
	out := slices.Clone(focuses)
	for _, a := range all {
		group, _, _ := strings.Cut(a.name, ".")
		if !slices.Contains(shared, group) && !slices.ContainsFunc(out, func(f focus) bool { return f.name == group }) {
			out = append(out, focus{group, false, []string{group + ".*", "global.*", "move.*", "list.back", "list.leave", "list.undo", "list.search", "list.switch-focus"}, nil})
		}
	}
	return out
}

// focuses are all of them. A screen whose actions fit into none is found by a test.
var focuses = []focus{
	{"the list", true, []string{"global.*", "move.*", "list.*"}, []string{
		"list.copy-row", "list.reveal", "list.reveal-all", "list.history", "list.restore", "list.purge", "list.purge-all", "list.peek", "list.save-file", "list.add-file",
		"list.keep-value", "list.find", "list.open",
	}},
	{"the trash", true, []string{"global.*", "move.*", "list.*"}, []string{
		"list.copy-row", "list.reveal", "list.reveal-all", "list.history", "list.peek", "list.save-file", "list.add-file", "list.keep-value", "list.find", "list.edit", "list.new", "list.open",
	}},
	{"an entry", false, []string{"global.*", "move.*", "list.*"}, []string{
		"list.open", "list.take", "list.into", "list.search", "list.switch-focus", "list.mark", "list.mark-all", "list.sort", "list.purge-all",
	}},
	{"a form", true, []string{"global.*", "form.*", "text.*"}, areaOnly},
	{"a text of several lines", true, []string{"global.*", "form.*", "text.*"}, []string{"form.next", "form.prev", "form.submit"}},
	{"a question", false, []string{"dialog.*", "global.leader", "global.quit", "global.suspend"}, nil},
	{"the generator", false, []string{"generator.*", "global.*"}, []string{"generator.reveal", "generator.forget"}},
	{"passwords made before", false, []string{"generator.accept", "generator.reveal", "generator.forget", "generator.cancel", "global.*", "move.*"}, nil},
	{"the recovery code", false, []string{"global.*", "setup.continue", "setup.save-sheet", "setup.qr-code", "setup.skip", "form.cancel"}, nil},
	{"the steps of a new vault", true, []string{"global.*", "form.next", "form.prev", "form.submit", "form.cancel", "form.show", "form.generate", "setup.toggle", "setup.skip", "text.*"}, areaOnly},
	{"the unlock screen", true, []string{"global.*", "form.submit", "form.show", "form.next", "form.prev", "form.cancel", "setup.other-ways", "text.*"}, areaOnly},
	{"audit", false, []string{
		"audit.*", "global.*", "move.*", "list.open", "list.edit", "list.copy-*", "list.delete", "list.undo", "list.open-url", "list.back", "list.leave",
	}, []string{"list.copy-row"}},
	{"folder", false, []string{"folder.*", "global.*", "move.*", "list.undo", "list.back", "list.leave"}, nil},
	{"request", true, []string{"request.*", "global.leader", "global.quit", "global.suspend", "global.lock", "text.*"}, areaOnly},
	{"pick", true, []string{"pick.take", "pick.cancel", "global.*", "move.*", "text.*"}, areaOnly},
	{"several picks", true, []string{"pick.save", "pick.switch", "pick.cancel", "global.*", "move.*", "text.*"}, areaOnly},
	{"passkey", true, []string{
		"passkey.*", "global.*", "move.*", "list.open", "list.search", "list.switch-focus", "set.details", "list.import", "list.undo", "list.virtual-key", "list.back", "list.leave",
	}, nil},
	{"the requests of programs", true, []string{"global.*", "move.*", "list.open", "list.search", "list.switch-focus", "set.details", "list.back", "list.leave"}, nil},
	{"a menu", false, []string{"global.*", "move.*", "form.submit", "form.cancel", "list.leave"}, nil},
	{"a report", false, []string{"global.*", "move.*", "setup.continue", "form.cancel", "list.leave"}, nil},
	{"a text to read", false, []string{"global.*", "move.*", "list.leave", "list.back", "list.search"}, nil},
	{"the command palette", true, []string{"global.leader", "global.quit", "global.suspend", "global.palette", "list.open", "list.back", "move.*", "text.*"}, areaOnly},
}

// holds reports whether an action works in the focus.
func (f focus) holds(name string) bool { return fits(f.only, name) && !fits(f.not, name) }

func fits(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name)
		return ok
	})
}

// typed reports whether a key is a character that is text while somebody types.
func typed(key string) bool {
	return key == "space" || !strings.Contains(key, " ") && len([]rune(key)) == 1
}
