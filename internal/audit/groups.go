package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"signet/vault/entry"
)

func fold(s string) string { return entry.Fold(strings.TrimSpace(s)) }

// collection is all facts together.
type collection struct {
	facts     []fact
	passwords map[digest][]place // where each password is used
	others    map[digest][]int
	uses      int
}

// place is a password of a fact.
type place struct{ fact, use int }

func collect(facts []fact) *collection {
	slices.SortFunc(facts, func(a, b fact) int { return strings.Compare(string(a.id), string(b.id)) })
	c := &collection{facts: facts, passwords: map[digest][]place{}, others: map[digest][]int{}}
	for i, f := range facts {
		for j, u := range f.passwords {
			c.passwords[u.digest] = append(c.passwords[u.digest], place{i, j})
			c.uses++
		}
		for _, d := range f.others {
			c.others[d] = append(c.others[d], i)
		}
	}
	return c
}

// wipe forgets the SHA-1 hashes.
func (c *collection) wipe() {
	for i := range c.facts {
		for j := range c.facts[i].passwords {
			clear(c.facts[i].passwords[j].hash[:])
		}
	}
}

// judge makes the findings: those of single entries, then those that several make together.
func (c *collection) judge(o Options, seen map[digest]int, rep *Report) {
	take := func(f Finding, tags []string) {
		switch {
		case !o.wants(f.Kind):
		case ignored(tags, f.Kind):
			rep.Ignored++
		default:
			rep.Findings = append(rep.Findings, f)
		}
	}
	for d, places := range c.passwords {
		if n := seen[d]; n > 0 {
			c.breached(places, n)
		}
		c.shared(places)
	}
	for _, facts := range c.others {
		facts = slices.Compact(facts)
		c.byTitle(facts)
		c.twice(facts, "the same card or key as")
	}
	c.second()
	for _, f := range c.facts {
		for _, found := range f.found {
			take(found, f.tags)
		}
	}
}

const (
	meansBreached = "Programs that break into accounts try this password everywhere."
	todoBreached  = "Change it now, on every site that has it, to a generated one."
)

func (c *collection) breached(places []place, n int) {
	what := fmt.Sprintf("seen %s in known breaches", times(n))
	for _, p := range places {
		f := &c.facts[p.fact]
		f.add(Breached, High, f.passwords[p.use].path, what, meansBreached, todoBreached)
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

const (
	meansReused    = "When one of these sites loses it, all of these accounts are open."
	todoReused     = "Give each account a generated password of its own."
	meansDuplicate = "Two entries for one account drift apart: the next change reaches only one."
	todoDuplicate  = "Keep one and move the other to the trash."
)

// shared looks at the entries that have one password: several accounts are a reuse, one account several times is a duplicate.
func (c *collection) shared(places []place) {
	path := map[int]string{} // of the password, by fact
	var members []int
	for _, p := range places {
		u := c.facts[p.fact].passwords[p.use]
		if _, there := path[p.fact]; u.login && !there {
			members, path[p.fact] = append(members, p.fact), u.path
		}
	}
	if len(members) < 2 {
		return
	}
	c.byTitle(members)
	accounts := c.accounts(members)
	if len(accounts) > 1 {
		for _, i := range members {
			c.group(Reused, reusedSeverity(len(accounts)), i, members, path[i], "the same password as", meansReused, todoReused)
		}
	}
	for _, same := range accounts {
		c.twice(same, "the same account and password as")
	}
}

// byTitle brings facts into the order in which they are named.
func (c *collection) byTitle(members []int) {
	titles := make(map[int]string, len(members))
	for _, i := range members {
		titles[i] = fold(c.facts[i].title)
	}
	slices.SortFunc(members, func(a, b int) int { return cmp.Or(strings.Compare(titles[a], titles[b]), a-b) })
}

// reusedSeverity: two accounts are bad, more are worse; both open doors.
func reusedSeverity(accounts int) Severity {
	if accounts > 2 {
		return High
	}
	return Medium
}

// accounts puts together which entries are for one account: those with the same user name that share a site, or that have no site
// and the same title.
func (c *collection) accounts(members []int) (out [][]int) {
	of := map[string]int{} // "site user" → account
	for _, i := range members {
		f := c.facts[i]
		keys := []string{"title " + fold(f.title) + "\n" + fold(f.user)}
		if len(f.sites) > 0 {
			keys = keys[:0]
		}
		for _, s := range f.sites {
			keys = append(keys, "site "+s+"\n"+fold(f.user))
		}
		at := -1
		for _, k := range keys {
			if n, ok := of[k]; ok {
				at = n
				break
			}
		}
		if at < 0 {
			at, out = len(out), append(out, nil)
		}
		out[at] = append(out[at], i)
		for _, k := range keys {
			of[k] = at
		}
	}
	return out
}

// twice reports facts that are the same thing.
func (c *collection) twice(same []int, what string) {
	for _, i := range same {
		if len(same) > 1 {
			c.group(Duplicate, Low, i, same, "", what, meansDuplicate, todoDuplicate)
		}
	}
}

// Bounds of what one finding of a group lists.
const (
	maxNamed = 3
	maxWith  = 100
)

// group adds the finding of one member of a group, naming the others.
func (c *collection) group(k Kind, s Severity, self int, members []int, path, what, means, todo string) {
	f := &c.facts[self]
	var named []string
	var with []entry.ID
	for _, i := range members {
		if i == self {
			continue
		}
		if len(with) == maxWith {
			break
		}
		if len(named) < maxNamed {
			named = append(named, "“"+short(c.facts[i].title)+"”")
		}
		with = append(with, c.facts[i].id)
	}
	f.add(k, s, path, what+" "+list(named, len(members)-1-len(named)), means, todo)
	f.found[len(f.found)-1].With = with
}

// list joins names in a sentence.
func list(names []string, more int) string {
	switch n := len(names); {
	case more > 0:
		return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", more)
	case n > 1:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// maxTitle is how much of another entry's title a finding repeats, in characters.
const maxTitle = 40

func short(title string) string {
	if r := []rune(title); len(r) > maxTitle {
		return string(r[:maxTitle-1]) + "…"
	}
	return title
}

// second finds logins whose site is known to offer a second factor and that have none.
func (c *collection) second() {
	have := newFactors(c.facts)
	for i := range c.facts {
		f := &c.facts[i]
		if !slices.ContainsFunc(f.passwords, func(u use) bool { return u.login }) {
			continue
		}
		for _, s := range f.sites {
			if knownSecond(s) && !have.has(*f, s) {
				f.add(NoSecond, Low, "", s+" without one-time code or passkey", meansSecond, todoSecond)
				break
			}
		}
	}
}
