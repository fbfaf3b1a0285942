package audit

import (
	"fmt"
	"strings"
	"time"

	"signet/vault/entry"
)

const (
	meansExpired  = "It is not accepted any more, or will be refused when you need it."
	todoExpired   = "Put in the new one, or move the entry to the trash."
	meansExpiring = "Replacing it takes time."
	todoExpiring  = "Ask for the new one now, and put it in when it is there."
)

// expiry looks at the entry's own date and at those of cards, keys and documents.
func (x examiner) expiry(e entry.Entry, f *fact) {
	if !x.o.wants(Expired) && !x.o.wants(Expiring) {
		return
	}
	if !e.Expires.IsZero() {
		x.expires(f, entry.PathExpires, "entry", e.Expires, SoonCard)
	}
	for _, c := range e.Credentials {
		m, ok := c.Member("expiryDate")
		if !ok {
			continue
		}
		end, ok := endOf(m.Value.RevealString())
		if !ok {
			continue
		}
		spec, _ := entry.Spec(c.Type)
		soon := SoonCard
		if spec.Kind == entry.KindDocument {
			soon = SoonDocument
		}
		x.expires(f, m.Path, spec.Label, end, soon)
	}
}

func (x examiner) expires(f *fact, path, what string, end time.Time, soon time.Duration) {
	what = strings.ToLower(what[:1]) + what[1:]
	if strings.HasPrefix(what, "aPI") || strings.HasPrefix(what, "sSH") {
		what = strings.ToUpper(what[:3]) + what[3:]
	}
	last := end.Add(-time.Nanosecond).Format("2006-01-02") // its last day
	switch left := end.Sub(x.o.Now); {
	case left <= 0 && x.o.wants(Expired):
		f.add(Expired, Medium, path, fmt.Sprintf("the %s expired on %s", what, last), meansExpired, todoExpired)
	case left > 0 && left <= soon && x.o.wants(Expiring):
		f.add(Expiring, Low, path, fmt.Sprintf("the %s expires on %s", what, last), meansExpiring, todoExpiring)
	}
}

// maxDate bounds a date that somebody wrote.
const maxDate = 32

// endOf reads until when something is valid, in the spellings of CXF and of cards: a month lasts to its end, a day too.
func endOf(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxDate {
		return time.Time{}, false
	}
	for _, l := range []struct {
		layout string
		month  bool
	}{{"2006-01-02", false}, {"2006-01", true}, {"01/2006", true}, {"01/06", true}, {"1/2006", true}, {"1/06", true}, {time.RFC3339, false}} {
		t, err := time.Parse(l.layout, s)
		switch {
		case err != nil:
			continue
		case l.month:
			return t.AddDate(0, 1, 0), true
		case l.layout == time.RFC3339:
			return t, true
		}
		return t.AddDate(0, 0, 1), true
	}
	return time.Time{}, false
}
