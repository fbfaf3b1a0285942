package screen

import (
	"fmt"
	"strings"

	"signet/internal/sanitize"
	"signet/vault/entry"
)

// credential adds the lines of one credential: what its type asks for, then its custom fields.
func (d *detail) credential(c entry.Credential, main bool) {
	spec, known := entry.Spec(c.Type)
	heading := spec.Label
	if !known {
		heading = orElse(c.Type, "Unknown credential")
	}
	if !main || !known {
		d.heading(heading)
	}
	switch c.Type {
	case entry.File:
		d.file(c)
	case entry.Passkey:
		d.passkey(c)
	case entry.SSHKey:
		d.sshKey(c)
	case entry.PersonName:
		d.composed(c, "Name", fullName(c))
	case entry.Address:
		d.composed(c, "Envelope", envelope(c))
	case entry.TOTP:
		d.add(detailLine{kind: lineCode, label: "Code", cred: c.ID, concealed: true})
		d.members(c)
	default:
		d.members(c)
	}
	for _, m := range c.Fields {
		d.field(c, m)
	}
}

// members adds every member as the schema describes it, but those that were shown in another form.
func (d *detail) members(c entry.Credential, but ...string) {
	spec, _ := entry.Spec(c.Type)
next:
	for _, m := range c.Members {
		for _, b := range but {
			if m.Name == b {
				continue next
			}
		}
		ms, _ := spec.Member(m.Name)
		d.member(c, m, ms)
	}
}

// usual are members that say nothing when they have their usual value, and members that are no news to a person.
var usual = map[string]string{"period": "30", "digits": "6", "algorithm": "sha1", "signet:kind": "totp", "userHandle": "*", "credentialId": "*"}

func (d *detail) member(c entry.Credential, m entry.Member, spec entry.MemberSpec) {
	text := m.Value.RevealString()
	if u := usual[m.Name]; u == "*" || u != "" && strings.EqualFold(u, text) || text == "" && !m.Withheld {
		return
	}
	l := detailLine{label: orElse(m.Label, orElse(spec.Label, m.Name)), path: m.Path, cred: c.ID, text: text, concealed: m.Concealed, multi: spec.Multi}
	switch {
	case m.Name == "networkSecurityType":
		l.text = wifiSecurity(text)
	case c.Type == entry.CreditCard && m.Name == "number":
		l.form = formCard // its brand is said by the view: what is known of the number comes later
	case strings.HasPrefix(m.Name, "expiry"):
		l.due = text
	case m.Type == entry.TypeBoolean || spec.Type == entry.TypeBoolean:
		l.form = formBool
	}
	d.add(l)
}

// field adds a custom field in the form of its type.
func (d *detail) field(c entry.Credential, m entry.Member) {
	l := detailLine{label: orElse(m.Label, "Field"), path: m.Path, cred: c.ID, text: m.Value.RevealString(), concealed: m.Concealed, multi: true}
	switch m.Type {
	case entry.TypeBoolean:
		l.form = formBool
	case entry.TypeWiFi:
		l.text = wifiSecurity(l.text)
	}
	d.add(l)
}

// composed adds what several members make together, and in full the members too: forms ask for them one by one.
func (d *detail) composed(c entry.Credential, label, text string) {
	if text != "" {
		d.add(detailLine{kind: lineComposed, label: label, cred: c.ID, text: text, multi: true})
	}
	if !d.brief || text == "" {
		d.members(c)
		return
	}
	for _, m := range c.Members {
		if m.Name == "tel" {
			d.members(entry.Credential{ID: c.ID, Type: c.Type, Members: []entry.Member{m}})
		}
	}
}

// fullName is a name as it is written in full.
func fullName(c entry.Credential) string {
	name := spaced(c.Text("title"), c.Text("given"), c.Text("given2"), c.Text("surnamePrefix"), c.Text("surname"), c.Text("surname2"), c.Text("generation"))
	if after := c.Text("credentials"); after != "" && name != "" {
		name += ", " + after
	}
	return name
}

// cityFirst are countries where the postal code stands behind the place, on the same line.
var cityFirst = map[string]bool{
	"US": true, "USA": true, "UNITED STATES": true, "CA": true, "CAN": true, "CANADA": true, "AU": true, "AUS": true, "AUSTRALIA": true,
	"IN": true, "IND": true, "INDIA": true, "NZ": true, "NZL": true, "NEW ZEALAND": true,
}

// codeAlone are countries where the postal code has a line of its own below the place.
var codeAlone = map[string]bool{
	"GB": true, "GBR": true, "UK": true, "UNITED KINGDOM": true, "GREAT BRITAIN": true, "IE": true, "IRL": true, "IRELAND": true,
}

// envelope is an address as it is written on an envelope.
func envelope(c entry.Credential) string {
	street, code, city, state, country := c.Text("streetAddress"), c.Text("postalCode"), c.Text("city"), c.Text("territory"), c.Text("country")
	order := []string{street, spaced(code, city), state, country}
	switch land := strings.ToUpper(country); {
	case codeAlone[land]:
		order = []string{street, city, state, code, country}
	case cityFirst[land] && city != "" && state != "":
		order = []string{street, spaced(city+",", state, code), country}
	case cityFirst[land]:
		order = []string{street, spaced(city, state, code), country}
	}
	var lines []string
	for _, l := range order {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	if len(lines) < 2 {
		return "" // one line is no envelope
	}
	return strings.Join(lines, "\n")
}

func spaced(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// wifiSecurity names a kind of protection in words.
func wifiSecurity(s string) string {
	switch strings.ToLower(s) {
	case "unsecured":
		return "none"
	case "wep":
		return "WEP"
	case "wpa-personal", "wpa2-personal", "wpa3-personal":
		version, _, _ := strings.Cut(s, "-")
		return strings.ToUpper(version) + " personal"
	}
	return s
}

// sshKey adds what the key itself says first; what is stored beside it stays in view where it says something else.
func (d *detail) sshKey(c entry.Credential) {
	k := d.more.keys[c.ID]
	if k.Fingerprint == "" {
		d.members(c)
		return
	}
	typ := k.Type
	if k.Bits > 0 {
		typ += fmt.Sprintf(", %d bits", k.Bits)
	}
	if k.Encrypted {
		typ += ", asks for a passphrase"
	}
	d.info("Key type", typ)
	print := detailLine{kind: lineInfo, label: "Fingerprint", cred: c.ID, text: k.Fingerprint}
	if m, ok := c.Member("signet:fingerprint"); ok {
		print.kind, print.path = lineValue, m.Path
		if stored := m.Value.RevealString(); stored != "" && stored != k.Fingerprint {
			print.kind, print.path = lineInfo, ""
			print.note, print.bad = "the stored one is another: "+sanitize.Line(stored), true
		}
	}
	d.add(print)
	but := []string{"keyType", "signet:fingerprint"}
	if k.Comment != "" && c.Text("keyComment") == "" {
		d.info("Comment", k.Comment)
	}
	d.members(c, but...)
}

// file adds one attachment.
func (d *detail) file(c entry.Credential) {
	var facts []string
	if n := c.Size(); n >= 0 {
		facts = append(facts, bytesText(n))
	}
	if typ, _, _ := strings.Cut(c.Text("signet:type"), ";"); typ != "" { // without its parameters
		facts = append(facts, sanitize.Line(typ))
	}
	d.add(detailLine{kind: lineFile, label: "File", cred: c.ID, text: orElse(c.Text("name"), "(no name)"), note: strings.Join(facts, ", ")})
}

func bytesText(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}
