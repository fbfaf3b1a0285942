package screen

import (
	"math"
	"strconv"
	"strings"
	"time"

	"signet/internal/sanitize"
	"signet/vault/entry"
)

// What the two kinds of passkeys mean, in one sentence each, and what is lost with which device.
const (
	syncedMeans = "Its key is in this vault, on every device that opens it: losing one device loses nothing; whoever opens the vault can use it."
	deviceMeans = "Its key never leaves the one device or hardware key that made it: when that is lost or reset, this passkey is lost. Keep another way into the account."
	unsureMeans = "Nothing here says where its key lives."
)

// passkey adds what a person has to know of a passkey, and behind it what only a specialist asks for.
func (d *detail) passkey(c entry.Credential) {
	d.members(only(c, "rpId", "signet:rpName", "username", "userDisplayName"))
	for i := range d.lines { // a look-alike never passes for the real name
		if l := &d.lines[i]; l.cred == c.ID && strings.HasSuffix(l.path, "/rpId") {
			l.text, l.safe = sanitize.Domain(l.text), true
		}
	}
	kind, means, where := "synced", syncedMeans, "in this vault, on each of its devices"
	switch binding := c.Text("signet:binding"); binding {
	case "synced":
	case "device":
		kind, means, where = "device-bound", deviceMeans, "on the device or hardware key that made it"
	default:
		kind, means, where = orElse(binding, "not known"), unsureMeans, ""
	}
	row, known := d.more.passkeys[c.ID]
	if known && len(row.Where) > 0 {
		where = strings.Join(row.Where, ", ")
	}
	d.add(detailLine{kind: lineInfo, label: "Kind", text: kind, note: notHere(row, known), bad: true})
	if !d.brief {
		d.info("", means)
		d.info("Lives", where)
	}
	told := toldSite(c.Text("signet:be"), c.Text("signet:bs"))
	line := detailLine{kind: lineInfo, label: "Site was told", text: told}
	if (kind == "synced" && strings.HasPrefix(told, "device-bound")) || (kind == "device-bound" && strings.HasPrefix(told, "synced")) {
		line.note, line.bad = "which is not what it is", true
	}
	if told != "" {
		d.add(line)
	}
	d.info("Created", d.moment(c.Text("signet:created")))
	if d.brief {
		return
	}
	d.info("Last used", d.lastUse())
	d.info("Sign-in", signInWord(PasskeyRow{Discoverable: c.Text(entry.PasskeyDiscoverable) != "false"}))
	protect, _ := strconv.Atoi(c.Text(entry.PasskeyProtect))
	d.info("Protection", protectWord(protect))
	d.info("Extensions", orElse(strings.Join(row.Extensions, ", "), c.Text(entry.PasskeyHas)))
	d.info("Algorithm", coseName(c.Text("signet:alg")))
	if n := c.Text("signet:counter"); n != "0" {
		d.info("Counter", n)
	}
	said := []string{
		"rpId", "signet:rpName", "username", "userDisplayName", "signet:binding", "signet:be", "signet:bs", "signet:created", "signet:alg", "signet:counter",
		entry.PasskeyDiscoverable, entry.PasskeyHas,
	}
	if protectWord(protect) != "" {
		said = append(said, entry.PasskeyProtect)
	}
	if known {
		said = append(said, entry.PasskeyDevice) // its name was told
	}
	d.members(c, said...)
}

// notHere says why a passkey cannot be used on this device.
func notHere(r PasskeyRow, known bool) string {
	switch {
	case known && r.Unusable:
		return "cannot sign here"
	case known && r.Binding == BindingDevice && !r.Here:
		return "not of this device"
	}
	return ""
}

// only is a credential with these members alone, in this order.
func only(c entry.Credential, names ...string) entry.Credential {
	out := entry.Credential{ID: c.ID, Type: c.Type}
	for _, n := range names {
		if m, ok := c.Member(n); ok {
			out.Members = append(out.Members, m)
		}
	}
	return out
}

// toldSite puts the flags be and bs (backup eligible, backup state) into words; "" when they are not known.
func toldSite(be, bs string) string {
	eligible, known := flag(be)
	if !known {
		return spaced(be, bs)
	}
	backed, _ := flag(bs)
	switch {
	case !eligible:
		return "device-bound (be 0)"
	case backed:
		return "synced and backed up (be 1, bs 1)"
	}
	return "synced, not yet backed up (be 1, bs 0)"
}

func flag(s string) (on, known bool) {
	switch strings.ToLower(s) {
	case "1", "true":
		return true, true
	case "0", "false":
		return false, true
	}
	return false, false
}

// coseName names a signature algorithm by its COSE number.
func coseName(alg string) string {
	switch alg {
	case "-7":
		return "ES256 (-7)"
	case "-8":
		return "EdDSA (-8)"
	case "-35":
		return "ES384 (-35)"
	case "-36":
		return "ES512 (-36)"
	case "-257":
		return "RS256 (-257)"
	}
	return alg
}

// moment shows a stored time; what is none stays as it came.
func (d *detail) moment(s string) string {
	if t := entry.ParseTime(s); !t.IsZero() {
		return d.day(t)
	}
	return s
}

func (d *detail) lastUse() string {
	use := d.more.use
	if use.Count == 0 || use.Last.IsZero() {
		return ""
	}
	return d.day(use.Last) + " on this device, " + plural(use.Count, "time", "times")
}

// daysLeft counts the days until a date is over, in the user's zone: 0 is its last day, below 0 it is over. A month is over with its
// last day. False when it is no date.
func daysLeft(due string, now time.Time) (int, bool) {
	var last time.Time
	if t, err := time.ParseInLocation("2006-01", due, now.Location()); err == nil {
		last = t.AddDate(0, 1, -1)
	} else if t, err := time.ParseInLocation("2006-01-02", due, now.Location()); err == nil {
		last = t
	} else {
		return 0, false
	}
	y, m, day := now.Date()
	today := time.Date(y, m, day, 0, 0, 0, 0, now.Location())
	return int(math.Round(last.Sub(today).Hours() / 24)), true // rounded: a change of the clocks makes a day of 23 hours
}

// soon is from how many days on an expiry is worth a word.
const soon = 60

// dueNote says that a date is over, or will be soon.
func dueNote(due string, now time.Time) (note string, over bool) {
	n, ok := daysLeft(due, now)
	switch {
	case !ok || n > soon:
		return "", false
	case n < 0:
		return "expired", true
	case n == 0:
		return "expires today", false
	}
	return "expires in " + plural(n, "day", "days"), false
}
