package screen

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"signet/vault/entry"
)

// How what was typed is checked and put into its clear form. A stored value is never found fault with: see widget.Field.Check.

// needed is a validator for fields that must not be empty.
func needed(why string) func([]byte) string {
	return func(text []byte) string {
		if strings.TrimSpace(string(text)) == "" {
			return why
		}
		return ""
	}
}

// validator checks a value by its CXF type.
func validator(t entry.FieldType) func([]byte) string {
	read := func(f func(string) (string, string)) func([]byte) string {
		return func(text []byte) string {
			if len(text) == 0 {
				return ""
			}
			_, wrong := f(string(text))
			return wrong
		}
	}
	switch t {
	case entry.TypeDate:
		return read(func(s string) (string, string) { return readDate(s, time.Time{}) })
	case entry.TypeYearMonth:
		return read(readMonth)
	case entry.TypeNumber:
		return read(readNumber)
	case entry.TypeEmail:
		return read(readMail)
	}
	return nil
}

// tidy gives the clear form of a value of a CXF type.
func tidy(t entry.FieldType, now func() time.Time) func([]byte) []byte {
	with := func(f func(string) (string, string)) func([]byte) []byte {
		return func(text []byte) []byte {
			if clear, wrong := f(string(text)); wrong == "" {
				return []byte(clear)
			}
			return text
		}
	}
	switch t {
	case entry.TypeDate:
		return with(func(s string) (string, string) { return readDate(s, now()) })
	case entry.TypeYearMonth:
		return with(readMonth)
	case entry.TypeNumber:
		return with(readNumber)
	case entry.TypeEmail:
		return with(readMail)
	case entry.TypeCountry:
		return tidyCountry
	}
	return nil
}

// Forms of dates that people write. The clear form is the first.
var dateForms = []string{
	"2006-01-02", "2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2.1.2006", "2. 1. 2006", "2 Jan 2006", "2. Jan 2006", "2 January 2006", "2. January 2006", "Jan 2 2006", "Jan 2, 2006",
	"January 2 2006", "January 2, 2006", "2-Jan-2006",
}

const wrongDate = "a date is written 2027-12-31"

// readDate reads a date as people write it and gives it as 2027-12-31. now may be zero: then "today" and "+90d" are only checked.
func readDate(s string, now time.Time) (clear, wrong string) {
	s = strings.Join(strings.Fields(s), " ")
	if t, ok := relativeDate(s, now); ok {
		return t.Format(dateForms[0]), ""
	}
	for _, form := range dateForms {
		if t, err := time.Parse(form, s); err == nil {
			if y := t.Year(); y < 1000 {
				return "", wrongDate
			}
			return t.Format(dateForms[0]), ""
		}
	}
	return slashedDate(s)
}

// relativeDate reads "today", "+90d", "+6m" and "+1y".
func relativeDate(s string, now time.Time) (time.Time, bool) {
	s = strings.ToLower(s)
	if s == "today" {
		return now, true
	}
	num, ok := strings.CutPrefix(s, "+")
	if !ok || len(num) < 2 || len(num) > 5 {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(num[:len(num)-1]))
	if err != nil || n < 0 {
		return time.Time{}, false
	}
	switch num[len(num)-1] {
	case 'd':
		return now.AddDate(0, 0, n), true
	case 'w':
		return now.AddDate(0, 0, 7*n), true
	case 'm':
		return now.AddDate(0, n, 0), true
	case 'y':
		return now.AddDate(n, 0, 0), n < 1000
	}
	return time.Time{}, false
}

// slashedDate reads 31/12/2027 and 12/31/2027 where only one of the two readings is a date.
func slashedDate(s string) (clear, wrong string) {
	day, errDay := time.Parse("2/1/2006", s)
	month, errMonth := time.Parse("1/2/2006", s)
	switch {
	case errDay == nil && errMonth == nil && !day.Equal(month):
		return "", fmt.Sprintf("this may be %s or %s: write one of them", day.Format(dateForms[0]), month.Format(dateForms[0]))
	case errDay == nil:
		return day.Format(dateForms[0]), ""
	case errMonth == nil:
		return month.Format(dateForms[0]), ""
	}
	return "", wrongDate
}

// readMonth reads the month of a card as people write it and gives it as 2027-12.
func readMonth(s string) (clear, wrong string) {
	s = strings.ReplaceAll(s, " ", "")
	for _, form := range []string{"2006-01", "2006-1", "2006/1", "1/2006", "01/2006", "1.2006", "1-2006", "1/06", "1.06", "1-06", "0106", "012006", "Jan2006", "January2006"} {
		if t, err := time.Parse(form, s); err == nil {
			if t.Year() < 2000 && !strings.Contains(form, "2006") { // cards of the last century are gone
				t = t.AddDate(100, 0, 0)
			}
			return t.Format("2006-01"), ""
		}
	}
	return "", "a month is written 2027-12 or 12/27"
}

// maxNumber bounds a number: more digits than anything that is counted.
const maxNumber = 40

func readNumber(s string) (clear, wrong string) {
	s = strings.TrimSpace(s)
	digits := strings.TrimLeft(s, "-")
	whole, part, _ := strings.Cut(digits, ".")
	switch {
	case len(s)-len(digits) > 1 || strings.Trim(whole+part, "0123456789") != "" || whole+part == "":
		return "", "a number has only digits, and perhaps a point"
	case len(digits) > maxNumber:
		return "", fmt.Sprintf("a number has at most %d digits", maxNumber)
	}
	return s, ""
}

func readMail(s string) (clear, wrong string) {
	s = strings.TrimSpace(s)
	name, host, ok := strings.Cut(s, "@")
	if last := strings.LastIndexByte(s, '@'); last >= 0 {
		name, host = s[:last], s[last+1:]
	}
	switch {
	case !ok || name == "" || host == "":
		return "", "an e-mail address is written name@example.com"
	case strings.ContainsFunc(s, unicode.IsSpace):
		return "", "an e-mail address has no spaces"
	}
	return s, ""
}

// validURL accepts what a browser would take: a host, or an address with a scheme.
func validURL(text []byte) string {
	s := strings.TrimSpace(string(text))
	if s == "" {
		return ""
	}
	if strings.ContainsAny(s, " \t") {
		return "an address has no spaces"
	}
	u, err := url.Parse(withScheme(s))
	if err != nil || u.Host == "" && u.Opaque == "" && u.Path == "" {
		return "this is no address"
	}
	return ""
}

func tidyURL(text []byte) []byte { return []byte(withScheme(string(text))) }

// adviseURL warns of addresses over which a password would travel in the open.
func adviseURL(text []byte) string {
	u, err := url.Parse(strings.TrimSpace(string(text)))
	if err != nil || !strings.EqualFold(u.Scheme, "http") {
		return ""
	}
	if h := u.Hostname(); h == "localhost" || strings.HasPrefix(h, "127.") || h == "::1" {
		return ""
	}
	return "http: what is typed into this site can be read on the way"
}

// withScheme completes "example.com" to "https://example.com".
func withScheme(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.Contains(s, ":") && !strings.Contains(s, ".") || strings.Contains(s, "://") {
		return s
	}
	return "https://" + s
}

// digitsOf gives the digits of a card number without what groups them; false when there is something else in it.
func digitsOf(text []byte) (string, bool) {
	var digits strings.Builder
	for _, c := range text {
		switch {
		case '0' <= c && c <= '9':
			digits.WriteByte(c)
		case c != ' ' && c != '-' && c != '.':
			return "", false
		}
	}
	return digits.String(), true
}

// adviseCard doubts a card number whose check digit does not fit. It refuses nothing: not every card has one.
func adviseCard(text []byte) string {
	digits, ok := digitsOf(text)
	switch {
	case !ok:
		return "a card number has only digits"
	case len(digits) < 12:
		return "" // still being typed
	case len(digits) > 19 || !luhn(digits):
		return "the check digit does not fit: one digit may be wrong"
	}
	return ""
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1, annex B).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// brandOf guesses the brand of a card from the beginning of its number; "" when that says nothing.
func brandOf(text []byte) string {
	digits, ok := digitsOf(text)
	if !ok || len(digits) < 4 {
		return ""
	}
	head, _ := strconv.Atoi(digits[:4])
	for _, b := range []struct {
		from, to int
		name     string
	}{
		{4000, 4999, "Visa"}, {5100, 5599, "Mastercard"}, {2221, 2720, "Mastercard"}, {3400, 3499, "American Express"}, {3700, 3799, "American Express"},
		{6011, 6011, "Discover"}, {6440, 6599, "Discover"}, {3000, 3059, "Diners Club"}, {3600, 3699, "Diners Club"}, {3800, 3999, "Diners Club"},
		{3528, 3589, "JCB"}, {6200, 6299, "UnionPay"}, {5018, 5018, "Maestro"}, {5020, 5020, "Maestro"}, {5038, 5038, "Maestro"}, {6304, 6304, "Maestro"},
		{6759, 6763, "Maestro"},
	} {
		if head >= b.from && head <= b.to {
			return b.name
		}
	}
	return ""
}
