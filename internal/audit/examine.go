package audit

import (
	"bytes"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"signet/internal/strength"
	"signet/vault/entry"
	"signet/vault/secret"
)

// fact is what is kept of an entry after it was examined: no secret. Its strings are copies, because the strings of an entry are parts
// of one long string, the whole record with its secrets in clear, which would stay in memory with the shortest of them.
type fact struct {
	id          entry.ID
	title, user string
	tags        []string
	sites       []string
	names       []string // folded names of what it is for: title, issuer
	factor      bool     // it has a one-time code or a passkey
	passwords   []use
	others      []digest // other secrets that should be in one entry only
	found       []Finding
}

// use is one password of an entry.
type use struct {
	digest digest
	path   string
	wall   int64
	login  bool // a password of a login, not of a network
	hash   Hash // wiped at the end of the run
	judged judged
}

// examiner examines entries, one worker each.
type examiner struct {
	a    *Auditor
	o    Options
	hash hasher
}

func (x examiner) examine(e entry.Entry) fact {
	f := fact{id: entry.ID(strings.Clone(string(e.ID))), title: strings.Clone(e.Title), user: strings.Clone(e.Row().Username)}
	f.names = []string{strings.Clone(entry.Fold(e.Title))}
	for _, t := range e.Tags {
		f.tags = append(f.tags, strings.Clone(t))
	}
	for _, u := range e.URLs {
		f.addSite(u.URL)
	}
	for _, c := range e.Credentials {
		x.credential(e, c, &f)
	}
	x.addresses(e, &f)
	x.expiry(e, &f)
	return f
}

func (f *fact) addSite(address string) {
	if s := site(address); s != "" {
		f.sites = append(f.sites, strings.Clone(s))
	}
}

func (f *fact) add(k Kind, s Severity, path, what, means, todo string) {
	f.found = append(f.found, Finding{
		Kind: k, Severity: s, Entry: f.id, Title: f.title, User: f.user, Path: strings.Clone(path), What: what, Means: means, Todo: todo,
	})
}

func (x examiner) credential(e entry.Entry, c entry.Credential, f *fact) {
	switch c.Type {
	case entry.BasicAuth:
		x.password(e, c, "password", f)
	case entry.WiFi:
		x.password(e, c, "passphrase", f)
	case entry.TOTP:
		f.factor = true
		if issuer := c.Text("issuer"); issuer != "" {
			f.names = append(f.names, strings.Clone(entry.Fold(issuer)))
		}
	case entry.Passkey:
		f.factor = true
		f.addSite(c.Text("rpId"))
	case entry.CreditCard:
		x.single(c, "number", f)
	case entry.SSHKey:
		x.single(c, "privateKey", f)
	}
}

// single notes a secret that belongs into one entry only.
func (x examiner) single(c entry.Credential, member string, f *fact) {
	m, ok := c.Member(member)
	if !ok {
		return
	}
	b := bytes.Join(bytes.Fields(m.Value.Reveal()), nil)
	defer clear(b)
	if len(b) > 0 {
		f.others = append(f.others, x.hash.of(c.Type, b))
	}
}

func (x examiner) password(e entry.Entry, c entry.Credential, member string, f *fact) {
	m, ok := c.Member(member)
	if !ok || m.Value.IsEmpty() {
		return
	}
	u := use{digest: x.hash.of("password", m.Value.Reveal()), path: strings.Clone(m.Path), wall: m.Wall, login: c.Type == entry.BasicAuth}
	if x.o.wants(Breached) && len(x.o.Sources) > 0 {
		u.hash = breachHash(m.Value.Reveal())
	}
	if x.o.wants(Weak) {
		x.strength(e, c, m.Value, &u)
		x.weak(u, f)
	}
	if x.o.wants(Old) && u.login {
		x.old(u, f)
	}
	f.passwords = append(f.passwords, u)
}

// strength estimates a password; where words of the entry stand in it, it is estimated again as by somebody who tries those first.
func (x examiner) strength(e entry.Entry, c entry.Credential, password secret.Secret, u *use) {
	u.judged = x.a.judge(u.digest, func() strength.Strength { return strength.Estimate(password) })
	hints := within(password, hintsOf(e, c))
	if len(hints) == 0 {
		return
	}
	if s := strength.Estimate(password, hints...); s.Guesses < u.judged.guesses {
		u.judged = judged{s.Guesses, s.Score}
	}
}

// hintsOf are words that somebody who attacks this account tries first.
func hintsOf(e entry.Entry, c entry.Credential) []string {
	about := []string{c.Text("username"), c.Text("ssid"), e.Title}
	for _, u := range e.URLs {
		about = append(about, u.URL)
	}
	return Hints(about...)
}

// Hints are the words of texts that say what a password is for (title, user name, address), in the order in which somebody tries them:
// the texts themselves, the name of a site, the part of an address before the @, single words.
func Hints(about ...string) (out []string) {
	add := func(h string) {
		if len(h) >= minHint && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	for _, text := range about {
		text = strings.ToLower(strings.TrimSpace(text))
		if strings.Contains(text, "://") {
			name, _, _ := strings.Cut(site(text), ".")
			add(name)
			continue
		}
		add(text)
		if user, _, ok := strings.Cut(text, "@"); ok {
			add(user)
		}
	}
	for _, text := range about {
		for _, w := range entry.Words(text) {
			if !strings.Contains(text, "://") {
				add(w)
			}
		}
	}
	return out
}

// minHint is the shortest hint that counts: shorter ones are in any password by chance.
const minHint = 3

func within(password secret.Secret, hints []string) (in []string) {
	low := bytes.ToLower(password.Reveal())
	defer clear(low)
	for _, h := range hints {
		if bytes.Contains(low, []byte(strings.ToLower(h))) {
			in = append(in, h)
		}
	}
	return in
}

const (
	meansWeak = "Somebody who has the site's hashes, or may try often, finds it by guessing."
	todoWeak  = "Change it on the site to a generated one."
	meansNet  = "Somebody near the network records one connection and guesses the password at home."
	todoNet   = "Give the network a longer password."
)

func (x examiner) weak(u use, f *fact) {
	if u.judged.score >= 3 {
		return
	}
	sev := High
	if u.judged.score == 2 {
		sev = Medium
	}
	means, todo := meansWeak, todoWeak
	if !u.login {
		means, todo = meansNet, todoNet
	}
	what := [...]string{"a very weak password, ", "a weak password, ", "a fair password, but "}[max(u.judged.score, 0)]
	f.add(Weak, sev, u.path, what+guessText(u.judged.guesses), means, todo)
}

// guessText names the number of guesses in a way that people can compare.
func guessText(g float64) string {
	switch exp := int(math.Log10(max(g, 1))); {
	case g < 10:
		return "one of the first guesses"
	case exp < 3:
		return fmt.Sprintf("found within %d guesses", int(math.Ceil(g/10))*10)
	case exp < 6:
		return fmt.Sprintf("found within %d thousand guesses", int(math.Ceil(g/1e3)))
	case exp < 9:
		return fmt.Sprintf("found within %d million guesses", int(math.Ceil(g/1e6)))
	default:
		return fmt.Sprintf("found within 10^%d guesses", exp+1)
	}
}

const (
	meansOld = "Age alone is no danger, but a site may have lost it since without anybody noticing."
	todoOld  = "Change it when you are there next; important accounts first."
)

func (x examiner) old(u use, f *fact) {
	if x.o.OldAfter < 0 || u.wall <= 0 {
		return
	}
	since := time.UnixMilli(u.wall)
	age := x.o.Now.Sub(since)
	if age < x.o.OldAfter {
		return
	}
	years := int(age / (365 * 24 * time.Hour))
	what := fmt.Sprintf("unchanged since %s", since.UTC().Format("January 2006"))
	if years > 1 {
		what += fmt.Sprintf(", %d years", years)
	}
	f.add(Old, Low, u.path, what, meansOld, todoOld)
}

const (
	meansPlain    = "What you type there, the password too, crosses the network readable and changeable for everybody on the way."
	todoPlain     = "Try the address with https; when it works, write it so."
	meansUserinfo = "An address is not concealed: lists, searches and the browser's history show the password."
	todoUserinfo  = "Move the password into the password field and take it out of the address."
)

// addresses finds web addresses without encryption, and such that hold a password. Notes and cards may link to what they like.
func (x examiner) addresses(e entry.Entry, f *fact) {
	if !x.o.wants(Insecure) {
		return
	}
	_, login := e.Credential(entry.BasicAuth)
	_, api := e.Credential(entry.APIKey)
	for _, u := range e.URLs {
		p, err := url.Parse(strings.TrimSpace(u.URL))
		if err != nil {
			continue
		}
		path := entry.JoinPath("url", u.ID)
		if _, has := p.User.Password(); has {
			f.add(Insecure, Medium, path, "a password stands in the web address", meansUserinfo, todoUserinfo)
		}
		if (login || api) && plainScheme(p.Scheme) && !local(p.Hostname()) {
			f.add(Insecure, Medium, path, fmt.Sprintf("%s:// to %s", strings.ToLower(p.Scheme), p.Hostname()), meansPlain, todoPlain)
		}
	}
}

func plainScheme(s string) bool {
	switch strings.ToLower(s) {
	case "http", "ws", "ftp", "telnet":
		return true
	}
	return false
}
