package strength

import (
	"bytes"
	"strconv"

	"github.com/trustelem/zxcvbn/match"
	"github.com/trustelem/zxcvbn/scoring"
)

// Years that a date may have, and the shapes of one: 4 to 8 digits without separators, 6 to 10 characters with them.
const (
	minYear, maxYear   = 1000, 2050
	minPlain, maxPlain = 4, 8
	minSplit, maxSplit = 6, 10
)

// cuts are the two places where a row of digits, by its length, can be cut into day, month and year.
var cuts = [maxPlain + 1][][2]int{
	4: {{1, 2}, {2, 3}},
	5: {{1, 3}, {2, 3}},
	6: {{1, 2}, {2, 4}, {4, 5}},
	7: {{1, 3}, {2, 3}, {4, 5}, {4, 6}},
	8: {{2, 4}, {4, 6}},
}

// dates finds dates in any order of year, month and day, with or without separators. A date within another one is left out.
func dates(p text, found []*match.Match) []*match.Match {
	var all []*match.Match
	for i := range p.chars {
		for n := minPlain; n <= maxSplit && i+n <= len(p.chars); n++ {
			year, sep, ok := dateIn(p.chars[i : i+n])
			if !ok {
				continue
			}
			m := newMatch("date", p, i, i+n-1)
			m.Year, m.Separator = year, sep
			all = append(all, m)
		}
	}
	for k, m := range all {
		if !within(m, all, k) {
			found = append(found, m)
		}
	}
	return found
}

func within(m *match.Match, all []*match.Match, self int) bool {
	for k, o := range all {
		if k != self && o.I <= m.I && o.J >= m.J {
			return true
		}
	}
	return false
}

// dateIn reads a whole stretch as a date.
func dateIn(s []byte) (year int, sep string, ok bool) {
	if at := bytes.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }); at >= 0 {
		if len(s) < minSplit || at < 1 {
			return 0, "", false
		}
		year, ok = separated(s, s[at])
		return year, string(s[at : at+1]), ok
	}
	if len(s) > maxPlain {
		return 0, "", false
	}
	best := 0
	for _, c := range cuts[len(s)] {
		y, fits := yearOf(number(s[:c[0]]), number(s[c[0]:c[1]]), number(s[c[1]:]))
		if fits && (!ok || distance(y) < distance(best)) {
			best, ok = y, true
		}
	}
	return best, "", ok
}

// separated reads three numbers with the same separator between: 1 to 4 digits, 1 to 2, 1 to 4.
func separated(s []byte, sep byte) (int, bool) {
	if bytes.IndexByte([]byte(" \t\n\v\f\r/\\_.-"), sep) < 0 {
		return 0, false
	}
	parts := bytes.Split(s, []byte{sep})
	if len(parts) != 3 {
		return 0, false
	}
	var n [3]int
	for k, part := range parts {
		most := 4
		if k == 1 {
			most = 2
		}
		if len(part) < 1 || len(part) > most || bytes.ContainsFunc(part, func(r rune) bool { return r < '0' || r > '9' }) {
			return 0, false
		}
		n[k] = number(part)
	}
	return yearOf(n[0], n[1], n[2])
}

func number(digits []byte) int {
	n, _ := strconv.Atoi(string(digits)) // four digits at most
	return n
}

// distance is how far a year is from now: the nearer one is tried first.
func distance(year int) int { return max(year-scoring.ReferenceYear, scoring.ReferenceYear-year) }

// yearOf says which year three numbers mean as a date, year first or last: a year of four digits when there is one, else of two.
func yearOf(a, b, c int) (int, bool) {
	if b > 31 || b <= 0 {
		return 0, false
	}
	var over12, over31, zero int
	for _, n := range []int{a, b, c} {
		if n > 99 && n < minYear || n > maxYear {
			return 0, false
		}
		over12 += count(n > 12)
		over31 += count(n > 31)
		zero += count(n <= 0)
	}
	if over31 >= 2 || over12 == 3 || zero >= 2 {
		return 0, false
	}
	ways := [][3]int{{c, a, b}, {a, b, c}}
	for _, w := range ways {
		if w[0] >= minYear {
			return w[0], dayMonth(w[1], w[2])
		}
	}
	for _, w := range ways {
		if dayMonth(w[1], w[2]) {
			return century(w[0]), true
		}
	}
	return 0, false
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func dayMonth(a, b int) bool { return a <= 31 && b <= 12 || b <= 31 && a <= 12 }

func century(year int) int {
	switch {
	case year > 99:
		return year
	case year > 50:
		return year + 1900
	}
	return year + 2000
}

// years finds single years from 1900 to 2019, one after the other; later ones are found as dates.
func years(p text, found []*match.Match) []*match.Match {
	for i := 0; i+4 <= len(p.chars); {
		s := p.chars[i : i+4]
		is := isDigit(s[3]) && isDigit(s[2]) && (s[0] == '1' && s[1] == '9' || s[0] == '2' && s[1] == '0' && s[2] <= '1')
		if !is {
			i++
			continue
		}
		m := newMatch("regex", p, i, i+3)
		m.RegexName = "recent_year"
		found = append(found, m)
		i += 4
	}
	return found
}
