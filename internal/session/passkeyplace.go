package session

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"signet/passkeys"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/format"
)

// Bounds of what is looked at to find a place for a passkey.
const (
	maxPlaces = 64   // entries that may be the account; among more than that nobody can choose
	fullEntry = 3800 // fields of an entry that gets no further passkey
)

// place finds the entry that a new passkey belongs to: that of another passkey of the same account, else the one entry whose address belongs to the site and
// whose user name is the account's. "" where there is none, or where it would be a guess between several: then it gets an entry of its own.
func (l *Local) place(w vault.Within, c *passkeys.Credential, same []found) (entry.ID, error) {
	for _, f := range same {
		if len(f.rec.Fields) < fullEntry {
			return f.rec.ID, nil
		}
	}
	if strings.TrimSpace(c.User.Name) == "" {
		return "", nil
	}
	recs, err := w.With([]string{entry.SiteAccountWord(c.RPID, c.User.Name)}, maxPlaces+1)
	if err != nil || len(recs) > maxPlaces {
		return "", err
	}
	var exact, below []entry.ID
	for _, rec := range recs {
		e := entry.FromRecord(rec, entry.View{})
		switch fit, whole := fits(e, c); {
		case !fit || len(rec.Fields) >= fullEntry:
		case whole:
			exact = append(exact, rec.ID)
		default:
			below = append(below, rec.ID)
		}
	}
	switch {
	case len(exact) == 1:
		return exact[0], nil
	case len(exact) == 0 && len(below) == 1:
		return below[0], nil
	}
	return "", nil
}

// fits reports whether an entry is the account of a passkey; whole that its address names the very site, not one below it. An entry with a passkey of another
// account of the site is that account's.
func fits(e entry.Entry, c *passkeys.Credential) (fit, whole bool) {
	if e.Rec != entry.RecEntry || !e.Trashed.IsZero() {
		return false, false
	}
	handle := b64.EncodeToString(c.User.ID)
	for _, o := range e.Credentials {
		if o.Type == entry.Passkey && o.Text("rpId") == c.RPID && o.Text("userHandle") != handle {
			return false, false
		}
	}
	for _, u := range e.URLs {
		switch hosts := entry.SiteHosts(u); {
		case len(hosts) == 0:
		case hosts[0] == c.RPID || hosts[0] == "www."+c.RPID && registrable(c.RPID):
			fit, whole = true, true
		case slices.Contains(hosts, c.RPID) && registrable(c.RPID):
			fit = true
		}
	}
	return fit, whole
}

// registrable reports whether what lies below a domain belongs to whoever has the domain: it does not below a public suffix.
func registrable(domain string) bool {
	_, err := publicsuffix.EffectiveTLDPlusOne(domain)
	return err == nil
}

// newSite makes the entry of a passkey that belongs to none.
func newSite(c *passkeys.Credential, cred entry.Credential, now time.Time, ids entry.IDs) entry.Entry {
	e := entry.Entry{ID: ids.Record(), Title: siteTitle(c.RPID, c.RPName), Created: now, Credentials: []entry.Credential{cred}}
	if hostName(c.RPID) {
		e.URLs = []entry.URL{{URL: "https://" + c.RPID}}
	}
	return e
}

// siteTitle is the name that a site gives itself where its address says the same, else the address: a stranger may call itself what it likes.
func siteTitle(rpID, name string) string {
	said := strings.Join(entry.Words(name), "")
	if said == "" || len(name) > maxTitle {
		return rpID
	}
	own, err := publicsuffix.EffectiveTLDPlusOne(rpID)
	if err != nil {
		return rpID
	}
	label, _, _ := strings.Cut(own, ".")
	if strings.ReplaceAll(label, "-", "") == said {
		return strings.TrimSpace(name)
	}
	return rpID
}

const maxTitle = 64

// hostName reports whether an RP ID can stand in an address as it is.
func hostName(rpID string) bool {
	labels := strings.Split(rpID, ".")
	return len(labels) > 1 && !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || len(l) > 63 || l[0] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != ""
	})
}

// found is a passkey of the vault.
type found struct {
	rec  format.Record
	e    entry.Entry
	cred entry.Credential
}

func (f found) counter() uint32 { return entry.PasskeyCounter(f.rec, f.cred.ID) }

// secret is the text of a member that entries withhold. It is read from the record, so that nothing else of the entry is revealed.
func (f found) secret(segment string) string {
	field, ok := f.rec.Get("cred/" + entry.EscapeSegment(f.cred.ID) + "/" + segment)
	if !ok || len(field.Values) == 0 {
		return ""
	}
	return field.Values[0].Text
}

// passkeysIn are the passkeys of records outside the trash that pass.
func passkeysIn(recs []format.Record, keep func(e entry.Entry, c entry.Credential) bool) (out []found) {
	for _, rec := range recs {
		e := entry.FromRecord(rec, entry.View{})
		if e.Rec != entry.RecEntry || !e.Trashed.IsZero() {
			continue
		}
		for _, c := range e.Credentials {
			if c.Type == entry.Passkey && keep(e, c) {
				out = append(out, found{rec, e, c})
			}
		}
	}
	return out
}

// here reports whether this device can have the key of a passkey: it is synced, or bound to this very device.
func (l *Local) here(c entry.Credential) bool {
	_, hasKey := c.Member("key")
	return hasKey || c.Text(entry.PasskeyBinding) != entry.BindingDevice || c.Text(entry.PasskeyDevice) == l.device
}
