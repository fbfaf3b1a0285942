package screen

import (
	"strconv"
	"strings"

	"signet/internal/sanitize"
	"signet/tui/widget"
)

// waysHead is how many lines stand above the shelf.
func waysHead(h int) int {
	if h >= 12 {
		return 2
	}
	return 1
}

// View implements Screen.
func (s *WaysScreen) View(f widget.Frame) (string, widget.Cursor) {
	if s.form != nil {
		return s.formView(f)
	}
	lines := make([]string, waysHead(f.H))
	lines[0] = s.headLine(f)
	if !s.known {
		return widget.Lines(f, append(lines, widget.Spinner(f)+f.Theme.Muted.Render(" reading the list of ways in"))), widget.Cursor{}
	}
	if s.err != "" {
		return widget.Lines(f, append(lines, tellText(f, f.Theme.Danger, s.err)...)), widget.Cursor{}
	}
	body, cur := s.shelf.view(f.Sized(f.W, f.H-len(lines)), s.tell)
	cur = cur.Moved(0, len(lines))
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur
}

func (s *WaysScreen) headLine(f widget.Frame) string {
	if v := s.task.view(f, s.env); len(v) > 0 {
		return v[0]
	}
	right := ""
	if s.known && s.err == "" {
		right = f.Theme.Muted.Render(plural(len(s.list.Ways), "way in", "ways in") + ", " + plural(len(s.list.Devices), "device", "devices"))
	}
	return widget.Ends(f, f.Theme.Title.Render(widget.Cut(f, s.Title(), f.W)), right, f.W)
}

func (s *WaysScreen) formView(f widget.Frame) (string, widget.Cursor) {
	lines := s.formHead(f)
	body, cur := s.form.form.View(f.Sized(f.W, f.H-len(lines)))
	if s.task.busy() {
		cur.Shown = false
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

// formHead is what stands above the fields of the form.
func (s *WaysScreen) formHead(f widget.Frame) []string {
	lines := []string{f.Theme.Title.Render(widget.Fit(f, s.form.title, f.W))}
	if s.form.text != "" && f.H >= 14 {
		lines = append(lines, tellText(f, f.Theme.Muted, s.form.text)...)
	}
	if f.H >= 10 {
		lines = append(lines, "")
	}
	lines = append(lines, s.task.view(f, s.env)...)
	if s.err != "" {
		lines = append(lines, tellText(f, f.Theme.Danger, s.err)...)
	}
	return lines
}

// plural is a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func wayKindName(w WayRow) string {
	switch w.Kind {
	case WayPlugin:
		return "age plugin " + w.Plugin
	case WayHardware:
		return "hardware key"
	}
	return wayName(Way{Name: w.Name, Kind: w.Kind})
}

// wayRows are the rows of the shelf: this device's ways in, those of any copy, the devices.
func wayRows(l WayList) []shelfRow {
	var out []shelfRow
	for i, w := range l.Ways {
		r := shelfRow{text: title(wayKindName(w))}
		if w.Name != string(w.Kind) && w.Name != w.Plugin {
			r.text += "  " + w.Name
		}
		if i == 0 || l.Ways[i-1].Device != w.Device {
			r.head = "Opens any copy of the vault"
			if w.Device {
				r.head = "Opens it on this device"
			}
		}
		if r.note = wayMark(w); r.note != "" {
			r.warn = true
		} else if w.Device && w.Last {
			r.note = "the only one here"
		}
		out = append(out, r)
	}
	for i, d := range l.Devices {
		r := shelfRow{text: d.Name}
		if i == 0 {
			r.head = "Devices"
		}
		if d.This {
			r.note = "this device"
		}
		out = append(out, r)
	}
	return out
}

// wayMark is the one word that a row has for what is wrong with a way in.
func wayMark(w WayRow) string {
	switch {
	case w.Gone:
		return "removed, copies open"
	case w.Stale:
		return "stale"
	case w.Unlisted:
		return "left over"
	case w.Unfinished:
		return "unfinished"
	}
	var marks []string
	if w.Weak {
		marks = append(marks, "weak")
	}
	if w.Kept {
		marks = append(marks, "old copies open")
	}
	return strings.Join(marks, ", ")
}

// tell tells the row under the cursor in full.
func (s *WaysScreen) tell(f widget.Frame) []string {
	if w, ok := s.current(); ok {
		return s.tellWay(f, w)
	}
	if i := s.shelf.cursor - len(s.list.Ways); i >= 0 && i < len(s.list.Devices) {
		return tellDevice(f, s.list.Devices[i])
	}
	return nil
}

func (s *WaysScreen) tellWay(f widget.Frame, w WayRow) []string {
	zone := f.Now.Location()
	about := wayAbout(w)
	lines := []string{f.Theme.Title.Render(widget.Fit(f, w.Name, f.W))}
	lines = append(lines, tellText(f, f.Theme.Muted, about.what)...)
	lines = append(lines, "")
	for _, x := range wayWarnings(w) {
		lines = append(lines, tellText(f, f.Theme.Warn, x)...)
	}
	lines = append(lines, tellPair(f, "Kind", wayKindName(w))...)
	lines = append(lines, tellPair(f, "Opens", map[bool]string{true: "the vault on this device", false: "any copy of the vault"}[w.Device])...)
	lines = append(lines, tellPair(f, "Needs", about.needs)...)
	if w.Kind == WayPassphrase && w.WorkFactor > 0 {
		lines = append(lines, tellPair(f, "Work factor", strconv.Itoa(w.WorkFactor)+" (scrypt, 2^"+strconv.Itoa(w.WorkFactor)+")")...)
	}
	lines = append(lines, tellPair(f, "Added", day(w.Added, zone))...)
	opened := "never seen"
	if !w.Opened.IsZero() {
		opened = day(w.Opened, zone)
	}
	lines = append(lines, tellPair(f, "Last tested", opened)...)
	lines = append(lines, "")
	return append(lines, tellPair(f, "When lost", about.lost)...)
}

type wayWords struct{ what, needs, lost string }

// wayAbout says of a kind what it is, what it needs, and what is lost with it.
func wayAbout(w WayRow) wayWords {
	switch w.Kind {
	case WayKeyring:
		return wayWords{
			"The key lies in the keyring of this computer.", "that you are logged in; a locked keyring asks",
			"nothing of the vault is lost: another way in, or the recovery code, opens it",
		}
	case WayPassphrase:
		return wayWords{
			"What only you know.", "the passphrase",
			"nobody can reset it: another way in opens the vault and makes a new one, or the recovery code",
		}
	case WayRecovery:
		return wayWords{
			"A code on paper: it opens any copy of the vault for reading, and takes a new machine in.", "the code or its words",
			"nothing opens the vault any more once every device is lost: make a new one. In the hands of somebody else it opens every copy: replace it",
		}
	case WayPlugin:
		return wayWords{
			"An age plugin holds the key.", "the program age-plugin-" + w.Plugin + ", and what it asks for",
			"nothing of the vault is lost: another way in, or the recovery code, opens it",
		}
	case WayHardware:
		return wayWords{"A hardware key opens any copy of the vault.", "the key and a touch", "nothing of the vault is lost: another way in, or the recovery code, opens it"}
	}
	return wayWords{}
}

func wayWarnings(w WayRow) (out []string) {
	for _, x := range []struct {
		on   bool
		text string
	}{
		{w.Weak, "Weak: a work factor below 17 makes the passphrase cheaper to guess. Change its cost to 18."},
		{w.Stale, "It does not open what is written now: add it anew."},
		{w.Kept && !w.Gone, "Copies of the old one still open everything, also what is written later, until the key of this device is replaced."},
		{w.Gone, "It was removed without replacing the key: copies of it still open everything, until the key of this device is replaced."},
		{w.Unfinished, "A change of it was cut off: the next unlock finishes it."},
		{w.Unlisted, "Its files are there, but it is in no trusted list and will not survive a change of the key: remove it, and add it anew."},
		{w.NoDecision, "It restores and takes machines in, but does not decide when the vault's list of members has split."},
	} {
		if x.on {
			out = append(out, x.text)
		}
	}
	return out
}

func tellDevice(f widget.Frame, d DeviceRow) []string {
	lines := []string{f.Theme.Title.Render(widget.Fit(f, d.Name, f.W))}
	text := "Another device that can open the vault."
	if d.This {
		text = "The device you are at."
	}
	lines = append(lines, tellText(f, f.Theme.Muted, text)...)
	lines = append(lines, "")
	lines = append(lines, tellPair(f, "Since", day(d.Added, f.Now.Location()))...)
	by := sanitize.Line(d.By)
	if by == "" {
		by = "nobody: it made the vault"
	}
	lines = append(lines, tellPair(f, "Let in by", by)...)
	return append(lines, tellPair(f, "When lost", "its own ways in are lost with it. Any copy of the vault opens with the recovery code")...)
}
