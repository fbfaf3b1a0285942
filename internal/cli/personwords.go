package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"signet/internal/sanitize"
	"signet/passkeys"
)

const (
	leastWidth     = 20 // narrower terminals wrap as they like
	accountsAtOnce = 9  // how many accounts a question shows: one digit each
	rowLabel       = 10 // of what stands before a row
	siteLines      = 3  // how many lines the name of a site may take
)

// text is the question itself, without the line of its keys.
func (q *question) text() string {
	width := q.width
	var b strings.Builder
	b.WriteString("\a" + eraseLine + "\n" + q.title() + "\n")
	if q.ask.RPID != "" {
		b.WriteString(q.row("site", siteLine(q.ask.RPID), width))
	}
	if q.ask.RPID == "" && len(q.ask.SiteHash) > 0 {
		b.WriteString(q.row("site", unnamedSite(q.ask.SiteHash), width))
	}
	if name := sanitize.Line(q.ask.RPName); name != "" && q.ask.RPName != q.ask.RPID {
		b.WriteString(q.row("its name", name, width))
	}
	switch {
	case q.ask.Action == passkeys.ActionRegister && !q.ask.U2F: // which does not tell
		b.WriteString(q.row("account", accountLine(q.ask.User), width))
	case q.ask.Action == passkeys.ActionSignIn:
		b.WriteString(q.accounts(width))
	}
	if who := q.p.who(); who != "" {
		b.WriteString(q.row("asked by", who, width))
	}
	for _, s := range q.effects() {
		b.WriteString(wrapped("  ", s, width))
	}
	return b.String()
}

func (q *question) title() string {
	switch q.ask.Action {
	case passkeys.ActionRegister:
		return "Make a passkey?"
	case passkeys.ActionSignIn:
		return "Sign in with a passkey?"
	case passkeys.ActionVerify:
		return "Is it you?"
	case passkeys.ActionSelect:
		return "Use this security key?"
	case passkeys.ActionConfigure:
		return "Change a setting of the virtual key?"
	case passkeys.ActionReset:
		return "Reset the virtual key?"
	}
	return "Allow this?"
}

// effects are sentences that say what will happen.
func (q *question) effects() []string {
	a := q.ask
	switch a.Action {
	case passkeys.ActionRegister:
		return registerEffects(a, q.answer.Binding)
	case passkeys.ActionVerify:
		return []string{"Proving it lets the program " + permissionWords(a.Permissions) + "."}
	case passkeys.ActionSelect:
		return []string{"A program looks for the key that is meant. Nothing is used or changed."}
	case passkeys.ActionConfigure:
		return []string{"It would " + sanitize.Line(settingWords(a.Setting)) + ". Nothing protects this key with a PIN yet."}
	case passkeys.ActionReset:
		return []string{
			fmt.Sprintf("The PIN is forgotten, passkeys that sites keep themselves stop working, and %s of the vault: to the trash.", plural(a.Passkeys, "passkey")),
			"'signet restore' brings those back.",
		}
	}
	return nil
}

func registerEffects(a passkeys.Ask, b passkeys.Binding) []string {
	if a.Excluded {
		return []string{"This account has a passkey here already: none will be made. The site learns that only when you allow."}
	}
	var out []string
	if a.Replaces {
		out = append(out, "It replaces the passkey of this account, which goes to the trash.")
	}
	if !a.Discoverable {
		return append(out, "Nothing is added to the vault: the site keeps it, sealed so that "+sealedFor(b)+" can use it.")
	}
	return append(out, "It is kept "+bindingLine(b)+".")
}

// keptWords says where the key of the new passkey will live.
func (q *question) keptWords() string {
	if !q.ask.Discoverable {
		return "by the site; " + sealedFor(q.answer.Binding) + " can use it"
	}
	return bindingLine(q.answer.Binding)
}

func sealedFor(b passkeys.Binding) string {
	if b == passkeys.Device {
		return "only this device"
	}
	return "only your devices"
}

func bindingLine(b passkeys.Binding) string {
	if b == passkeys.Device {
		return "on this device only: no other device and no backup has it"
	}
	return "in the vault, on all your devices"
}

// settingWords says what a change of a setting would do, after "it would".
func settingWords(name string) string {
	switch name {
	case "alwaysUv":
		return "switch whether every use of a passkey needs your passphrase or PIN"
	case "minPINLength":
		return "change how short a PIN may be"
	}
	return name
}

// permissionWords says what a token is for.
func permissionWords(p passkeys.Permission) string {
	var parts []string
	for _, w := range []struct {
		of   passkeys.Permission
		text string
	}{
		{passkeys.PermitMake, "make a passkey"}, {passkeys.PermitGet, "sign in"}, {passkeys.PermitManage, "list, rename and delete passkeys"},
		{passkeys.PermitBlobs, "store data of sites on this key"}, {passkeys.PermitConfig, "change settings of this key"},
	} {
		if p&w.of != 0 {
			parts = append(parts, w.text)
		}
	}
	if len(parts) == 0 {
		return "go on"
	}
	return strings.Join(parts, ", ")
}

// accounts lists a page of them.
func (q *question) accounts(width int) string {
	users := q.ask.Users
	if len(users) == 1 {
		return q.row("account", accountLine(users[0].User)+boundNote(users[0].Binding), width)
	}
	var b strings.Builder
	from := q.page * accountsAtOnce
	for i := from; i < min(from+accountsAtOnce, len(users)); i++ {
		label := ""
		if i == from {
			label = "accounts"
		}
		b.WriteString(q.row(label, fmt.Sprintf("%d  %s", i-from+1, accountLine(users[i].User)+boundNote(users[i].Binding)), width))
	}
	return b.String()
}

func boundNote(b passkeys.Binding) string {
	if b == passkeys.Device {
		return ", on this device only"
	}
	return ""
}

// accountLine names an account by what a site calls it.
func accountLine(u passkeys.User) string {
	name, display := sanitize.Line(u.Name), sanitize.Line(u.DisplayName)
	switch {
	case name == "" && display == "":
		return "without a name"
	case name == "":
		return display
	case display == "" || display == name:
		return name
	}
	return name + " (" + display + ")"
}

// siteLine is the name of a site that no look-alike passes for.
func siteLine(rpID string) string { return sanitize.Domain(rpID) }

// row is a label and a text. The name of a site is never cut at its end, which is where it says whose it is.
func (q *question) row(label, text string, width int) string {
	room := max(width-rowLabel-2, 8)
	head := fmt.Sprintf("  %-*s", rowLabel-2, label)
	if label != "site" {
		return head + "  " + runewidth.Truncate(text, room-2, "…") + "\n"
	}
	if w := runewidth.StringWidth(text); w > siteLines*(room-2) {
		text = runewidth.TruncateLeft(text, w-siteLines*(room-2)+1, "…")
	}
	var b strings.Builder
	for _, line := range strings.Split(runewidth.Wrap(text, room-2), "\n") {
		b.WriteString(head + "  " + line + "\n")
		head = strings.Repeat(" ", rowLabel)
	}
	return b.String()
}

// wrapped breaks a sentence of ours between words.
func wrapped(indent, text string, width int) string {
	var b strings.Builder
	line := indent
	for _, w := range strings.Fields(text) {
		if line != indent && runewidth.StringWidth(line)+1+runewidth.StringWidth(w) > width-1 {
			b.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += w
	}
	return b.String() + line + "\n"
}

// who names what asks.
func (p *terminalPerson) who() string {
	who := ""
	if p.requester != nil {
		who = sanitize.Line(p.requester())
	}
	switch {
	case who == "":
		return p.route
	case p.route == "":
		return who
	}
	return who + ", through " + p.route
}

// status shows the line of keys with the time that is left, in place of itself; where nothing may move, once.
func (p *terminalPerson) status(k keyboard, keys string, left time.Duration) {
	p.showing.Lock()
	defer p.showing.Unlock()
	if p.still && p.shown == keys {
		return
	}
	p.shown = keys
	seconds := fmt.Sprintf("(%d s) ", int((left+time.Second-1)/time.Second))
	room := max(k.width()-len(seconds)-5, 8)
	p.write(eraseLine + "  " + runewidth.Truncate(keys, room, "…") + "  " + seconds)
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
