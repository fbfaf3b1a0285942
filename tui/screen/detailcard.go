package screen

import (
	"context"
	"strings"

	"signet/tui/widget"
	"signet/vault/entry"
)

// cardHint is what is shown of a card whose number is hidden: its last digits and its brand, as on every receipt.
type cardHint struct {
	last  string // four digits, or "" when the number is too short to leave any out
	brand string
	amex  bool // 15 digits are grouped in another way
}

// shownDigits is how many digits of a card number are no secret, and leastHidden how many must stay hidden beside them.
const (
	shownDigits = 4
	leastHidden = 8
)

func hintOf(number string) cardHint {
	n := cardDigits(number)
	h := cardHint{brand: cardBrand(n), amex: len(n) == 15}
	if len(n) >= shownDigits+leastHidden {
		h.last = n[len(n)-shownDigits:]
	}
	return h
}

// cardDigits drops the blanks and dashes that people write between digits; "" when there is anything else.
func cardDigits(s string) string {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	return s
}

// brands are prefixes of card numbers, from and to in the same number of digits (ISO/IEC 7812; the networks publish theirs).
var brands = []struct{ from, to, name string }{
	{"34", "34", "American Express"}, {"37", "37", "American Express"}, {"300", "305", "Diners Club"}, {"36", "36", "Diners Club"}, {"38", "39", "Diners Club"},
	{"3528", "3589", "JCB"}, {"2200", "2204", "Mir"}, {"2221", "2720", "Mastercard"}, {"51", "55", "Mastercard"}, {"62", "62", "UnionPay"},
	{"6011", "6011", "Discover"}, {"644", "649", "Discover"}, {"65", "65", "Discover"}, {"50", "50", "Maestro"}, {"56", "58", "Maestro"}, {"6", "6", "Maestro"},
	{"4", "4", "Visa"},
}

func cardBrand(n string) string {
	for _, b := range brands {
		if len(n) >= len(b.from) && n[:len(b.from)] >= b.from && n[:len(b.to)] <= b.to {
			return b.name
		}
	}
	return ""
}

// groupCard writes a card number in the groups that stand on the card; what is no number stays as it came.
func groupCard(number string) string {
	n := cardDigits(number)
	if len(n) < shownDigits+leastHidden {
		return number
	}
	if len(n) == 15 {
		return n[:4] + " " + n[4:10] + " " + n[10:]
	}
	var out []string
	for len(n) > 4 {
		out, n = append(out, n[:4]), n[4:]
	}
	return strings.Join(append(out, n), " ")
}

// maskCard hides all of a number but its last digits.
func maskCard(f widget.Frame, h cardHint) string {
	dots := func(n int) string { return strings.Repeat(f.Theme.Dot, n) }
	switch {
	case h.last == "":
		return mask(f)
	case h.amex:
		return dots(4) + " " + dots(6) + " " + dots(1) + h.last
	}
	return dots(4) + " " + dots(4) + " " + dots(4) + " " + h.last
}

// mask hides a value whose length is nobody's business.
func mask(f widget.Frame) string { return strings.Repeat(f.Theme.Dot, 8) }

// cardHints reads the card numbers of an entry and keeps of them what is no secret.
func (e Env) cardHints(ctx context.Context, en entry.Entry) map[string]cardHint {
	out := map[string]cardHint{}
	for _, c := range en.Credentials {
		m, ok := c.Member("number")
		if c.Type != entry.CreditCard || !ok {
			continue
		}
		values, err := e.Vault.Field(ctx, entry.FieldRef{Record: en.ID, Path: m.Path})
		if err != nil {
			continue // it is masked as a whole
		}
		for i, v := range values {
			if i == 0 {
				out[c.ID] = hintOf(v.Value.RevealString())
			}
			v.Value.Wipe()
		}
	}
	return out
}
