package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"

	"signet/tui/widget"
)

// KeyTable is the part of the key map that one has to know, as a Markdown table for the README.
func KeyTable() string {
	k := Keys()
	d, g, f := k.Do, k.Global, k.Form
	var out strings.Builder
	out.WriteString("| what | in a list | while typing |\n|---|---|---|\n")
	for _, b := range []key.Binding{
		d.Take, d.Into, d.Password, d.User, d.Code, d.CopyRow, d.CopyNext, d.Reveal, d.Peek, d.RevealAll, d.QR, d.OpenURL, d.History, d.Edit, d.New, d.Delete, d.Trash, d.Restore, d.Purge, d.Undo, d.Import,
		d.Search, d.Focus, f.Save, f.Generate, f.Show, d.Palette, d.Messages, d.Mouse, g.Lock, g.Help, g.Quit,
	} {
		typing := widget.Typing(b)
		while := ""
		if typing.Enabled() {
			while = cell(typing.Help().Key)
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", b.Help().Desc, cell(b.Help().Key), while)
	}
	return out.String()
}

// KeyPage is the whole key map as Markdown, with the names that config.toml has for the actions.
func KeyPage() string {
	var out strings.Builder
	out.WriteString(keyIntro)
	group := ""
	for _, i := range KeyNames() {
		if g, _, _ := strings.Cut(i.Name, "."); g != group {
			group = g
			fmt.Fprintf(&out, "\n## %s\n\n| name | what | keys |\n|---|---|---|\n", group)
		}
		keys := make([]string, len(i.Keys))
		for n, k := range i.Keys {
			keys[n] = cell(k)
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", i.Name, i.Does, strings.Join(keys, ", "))
	}
	return out.String()
}

// cell is a key as code in a Markdown table.
func cell(s string) string {
	s = strings.ReplaceAll(s, "|", "\\|")
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

const keyIntro = `# Keys

Made from the key map by a test: do not edit. ` + "`signet config keys`" + ` prints the same list with your own keys, ` + "`?`" + ` in Signet shows what
works on the screen you are at, and ` + "`:`" + ` lists every action.

` + "`leader`" + ` is ` + "`ctrl+x`" + ` unless you choose another. While text is typed, letters are text, so each letter works behind the leader:
` + "`p`" + ` in the list is ` + "`leader p`" + ` in the search line.

To change keys, name the action in ` + "`config.toml`" + `:

` + "```toml" + `
[keys]
"list.copy-password" = ["B", "ctrl+y"]   # replaces all its keys; the chord "leader B" comes by itself
"global.leader" = ["f2"]                 # every chord follows
` + "```" + `

or ` + "`signet config set keys.list.copy-password \"B, ctrl+y\"`" + `, and ` + "`default`" + ` to go back. A name that does not exist, a key that no
keyboard sends, a key that two actions would share in one place, and an action that could not be reached while text is typed are
errors: Signet says which, and does not start before it is settled. Terminals send the same for ctrl+i and tab, ctrl+m and enter.
`
