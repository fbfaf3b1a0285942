package screen

import (
	"strconv"
	"strings"
	"time"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// View implements Screen.
func (s *PasskeysScreen) View(f widget.Frame) (string, widget.Cursor) {
	if s.form != nil {
		return s.formView(f)
	}
	lines := make([]string, passkeysHead(f.H))
	count := ""
	if s.known && len(s.all) > 0 {
		count = plural(len(s.all), "passkey", "passkeys")
		if len(s.shown) < len(s.all) {
			count = thousands(len(s.shown)) + " of " + thousands(len(s.all))
		}
		if s.byAccount {
			count += f.Theme.Sep + "by account"
		}
	}
	lines[0] = widget.Ends(f, f.Theme.Title.Render(widget.Cut(f, s.Title(), f.W)), f.Theme.Muted.Render(count), f.W)
	filter, cur := s.filter.View(f.Sized(max(0, f.W-2), 1), s.typing)
	lines[1] = f.Theme.Accent.Render("/") + " " + filter
	cur = cur.Moved(2, 1)
	if none := s.none(f); none != nil {
		if len(s.all) == 0 {
			lines, cur = lines[:1], widget.Cursor{}
			lines = append(lines, "")
		}
		return widget.Lines(f, append(lines, none...)), cur
	}
	body, at := s.shelf.view(f.Sized(f.W, f.H-len(lines)), s.tell)
	if !s.typing {
		cur = at.Moved(0, len(lines))
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur
}

// none is what stands where there is no row, nil where there is one.
func (s *PasskeysScreen) none(f widget.Frame) []string {
	switch {
	case !s.known:
		return []string{widget.Spinner(f) + f.Theme.Muted.Render(" reading the passkeys")}
	case s.err != "":
		return tellText(f, f.Theme.Danger, s.err)
	case len(s.all) == 0:
		return s.first(f)
	case len(s.shown) == 0:
		return tellText(f, f.Theme.Muted, "Nothing matches. "+s.env.Keys.Do.Back.Help().Key+" shows all passkeys again.")
	}
	return nil
}

// first says how a vault without a passkey gets its first one.
func (s *PasskeysScreen) first(f widget.Frame) []string {
	k := s.env.Keys.Do
	lines := tellText(f, f.Theme.Muted, "There is no passkey in this vault.")
	if s.env.Ports.VirtualKey != nil {
		text := k.VirtualKey.Help().Key + " switches the virtual key on. Then let a site make a passkey, and choose “security key” where the browser asks for the place: Signet asks you here."
		if s.plugged {
			text = "The virtual key is on: let a site make a passkey, and choose “security key” where the browser asks for the place. Signet asks you here."
		}
		lines = append(append(lines, ""), tellText(f, f.Theme.Text, text)...)
	}
	if s.env.Ports.Importer != nil {
		lines = append(append(lines, ""), tellText(f, f.Theme.Text, "An import brings those of another program: "+k.Import.Help().Key+".")...)
	}
	return lines
}

func (s *PasskeysScreen) tell(f widget.Frame) []string {
	r, ok := s.current()
	if !ok {
		return nil
	}
	return tellPasskey(f, r)
}

// tellPasskey is everything about a passkey that a person may want to know.
func tellPasskey(f widget.Frame, r PasskeyRow) []string {
	zone := f.Now.Location()
	var lines []string
	add := func(label, value string) { lines = append(lines, tellPair(f, label, value)...) }
	if r.RP == "" {
		lines = append(lines, f.Theme.Title.Render(widget.Fit(f, r.Title, f.W)))
	} else {
		lines = append(lines, widget.Paint(f.Theme.Title, hostLines(f, r.RP))...)
	}
	if r.RP != "" && sanitize.Domain(r.RP) != r.RP {
		lines = append(lines, tellText(f, f.Theme.Warn, "Not plain letters: it may only look like a name you know.")...)
	}
	lines = append(lines, "")
	switch {
	case r.Unusable:
		lines = append(append(lines, tellText(f, f.Theme.Warn, "This program cannot sign with a key of its sort: it is kept as it is, and goes along in an export.")...), "")
	case r.Binding == BindingDevice && !r.Here:
		lines = append(append(lines, tellText(f, f.Theme.Warn, "It cannot be used here: its key is on another device.")...), "")
	}
	add("Account", r.User)
	add("Shown as", r.Display)
	add("Site name", r.RPName)
	add("Entry", r.Title)
	add("Kind", bindingWord(r.Binding))
	add("", bindingMeans(r.Binding))
	add("Lives in", strings.Join(r.Where, ", "))
	if r.Told != "" {
		add("Told", "this site was told: "+bindingWord(r.Told))
	}
	add("Flags", toldSite(r.BE, r.BS))
	add("Created", day(r.Created, zone))
	add("Last used", lastUsed(r.Used, zone))
	add("Sign-in", signInWord(r))
	add("Protection", protectWord(r.Protect))
	add("Extensions", strings.Join(r.Extensions, ", "))
	add("Signs with", r.Algorithm)
	if r.Counter > 0 {
		add("Counter", strconv.FormatUint(r.Counter, 10))
	}
	add("Credential", r.CredentialID)
	return lines
}

func lastUsed(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return "never on this device"
	}
	return day(at, zone) + " (its entry, on this device)"
}

func signInWord(r PasskeyRow) string {
	if r.Discoverable {
		return "works without a user name"
	}
	return "the site asks for the user name first"
}

// protectWord is a credProtect policy in words.
func protectWord(n int) string {
	switch n {
	case 1:
		return "1: a site finds it without you proving who you are"
	case 2:
		return "2: without you proving who you are, only a site that knows its id finds it"
	case 3:
		return "3: used only after you proved who you are"
	}
	return ""
}

func bindingWord(b Binding) string {
	switch b {
	case BindingSynced:
		return "synced"
	case BindingDevice:
		return "bound to a device"
	case "":
		return "not known"
	}
	return string(b)
}

// bindingMeans says what it means for the person, and what is lost with what.
func bindingMeans(b Binding) string {
	switch b {
	case BindingSynced:
		return "Its key is in the vault: it goes wherever the vault goes, and no lost device takes it along."
	case BindingDevice:
		return "Its key is on one device and cannot be copied: when that is lost, so is this passkey."
	}
	return ""
}

// formHead is what stands above the fields of the form.
func (s *PasskeysScreen) formHead(f widget.Frame) []string {
	r := s.form.row
	lines := []string{f.Theme.Title.Render(widget.Fit(f, "Rename the account at "+firstWord(sanitize.Domain(r.RP), r.Title), f.W))}
	if f.H >= 14 {
		lines = append(lines, tellText(f, f.Theme.Muted, "The name changes here only. The site knows the account by a number of its own, so signing in works as before.")...)
	}
	if f.H >= 10 {
		lines = append(lines, "")
	}
	lines = append(lines, s.task.view(f, s.env)...)
	return append(lines, tellText(f, f.Theme.Danger, s.err)...)
}

func (s *PasskeysScreen) formView(f widget.Frame) (string, widget.Cursor) {
	lines := s.formHead(f)
	body, cur := s.form.form.View(f.Sized(f.W, f.H-len(lines)))
	if s.task.busy() {
		cur.Shown = false
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}
