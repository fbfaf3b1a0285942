package exporter

import (
	"strings"

	"signet/vault"
	"signet/vault/secret"
)

// typedField is a member of Bitwarden's typed data that has no place in CXF: it becomes a custom field.
type typedField struct {
	name, label string
	typ         vault.FieldType
}

// fieldsOf makes one labelled group of custom fields out of the members that are there.
func (m *bitwardenItem) fieldsOf(o *jsonObject, label string, fields []typedField) {
	c := vault.Credential{Type: vault.CustomType, Members: []vault.Member{{Name: "label", Value: secret.FromString(label)}}}
	for _, f := range fields {
		m.field(&c, o, f.name, f.label, f.typ)
	}
	if len(c.Fields) > 0 {
		m.add(c)
	}
}

func (m *bitwardenItem) card(o *jsonObject) {
	c := vault.Credential{Type: vault.CreditCard}
	m.nonEmpty(&c, o, "number", "number")
	m.nonEmpty(&c, o, "cardholderName", "fullName")
	m.nonEmpty(&c, o, "brand", "cardType")
	m.nonEmpty(&c, o, "code", "verificationNumber")
	month, _ := scalar(o.peek("expMonth"))
	year, _ := scalar(o.peek("expYear"))
	if date, ok := yearMonth(year, month); ok {
		o.take("expMonth")
		o.take("expYear")
		c.Members = append(c.Members, vault.Member{Name: "expiryDate", Value: secret.FromString(date)})
		if date != year+"-"+month {
			m.keepText("card.expMonth", month)
			m.keepText("card.expYear", year)
		}
	}
	m.add(c)
	m.fieldsOf(o, "Card", []typedField{{"expMonth", "Expiration month", "string"}, {"expYear", "Expiration year", "string"}})
}

// yearMonth joins a year and a month to CXF's year-month. Two digits of a year mean this century: a card does not outlive it.
func yearMonth(year, month string) (string, bool) {
	year, month = strings.TrimSpace(year), strings.TrimSpace(month)
	if len(year) == 2 {
		year = "20" + year
	}
	if len(month) == 1 {
		month = "0" + month
	}
	if !digits(year, 4) || !digits(month, 2) || month < "01" || month > "12" {
		return "", false
	}
	return year + "-" + month, true
}

func digits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

func (m *bitwardenItem) identity(o *jsonObject) {
	name := vault.Credential{Type: vault.PersonName}
	m.nonEmpty(&name, o, "title", "title")
	m.nonEmpty(&name, o, "firstName", "given")
	m.nonEmpty(&name, o, "middleName", "given2")
	m.nonEmpty(&name, o, "lastName", "surname")
	m.add(name)
	if address := m.address(o); len(address.Members) > 0 {
		m.add(address)
	}
	m.fieldsOf(o, "Identity", []typedField{
		{"company", "Company", "string"}, {"email", "E-mail", "email"}, {"username", "User name", "string"},
		{"ssn", "Social security number", "concealed-string"}, {"passportNumber", "Passport number", "concealed-string"},
		{"licenseNumber", "Licence number", "concealed-string"},
	})
}

func (m *bitwardenItem) address(o *jsonObject) vault.Credential {
	c := vault.Credential{Type: vault.Address}
	var lines, texts []string
	for _, name := range []string{"address1", "address2", "address3"} {
		text, _ := o.text(name)
		texts = append(texts, text)
		if text != "" {
			lines = append(lines, text)
		}
	}
	if street := strings.Join(lines, "\n"); street != "" {
		c.Members = append(c.Members, vault.Member{Name: "streetAddress", Value: secret.FromString(street)})
		if strings.TrimRight(strings.Join(texts, "\n"), "\n") != street || strings.Count(street, "\n") != len(lines)-1 {
			for i, text := range texts { // the lines alone do not say any more which was which
				m.keepText("identity.address"+string(rune('1'+i)), text)
			}
		}
	}
	m.nonEmpty(&c, o, "postalCode", "postalCode")
	m.nonEmpty(&c, o, "city", "city")
	m.code(&c, o, "state", "territory", isSubdivision)
	m.code(&c, o, "country", "country", isCountry)
	m.nonEmpty(&c, o, "phone", "tel")
	return c
}

// code takes a member that CXF wants as an ISO code. A text that is none stays a text.
func (m *bitwardenItem) code(c *vault.Credential, o *jsonObject, from, to string, isCode func(string) bool) {
	n := len(c.Members)
	m.nonEmpty(c, o, from, to)
	if len(c.Members) > n && !isCode(c.Text(to)) {
		c.Members[n].Type = "string"
	}
}

func isCountry(s string) bool {
	return len(s) == 2 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// isSubdivision: ISO 3166-2 is a country, a hyphen and one to three letters or digits.
func isSubdivision(s string) bool {
	country, part, ok := strings.Cut(s, "-")
	return ok && isCountry(country) && len(part) >= 1 && len(part) <= 3 && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func (m *bitwardenItem) bankAccount(o *jsonObject) {
	m.fieldsOf(o, "Bank account", []typedField{
		{"bankName", "Bank", "string"}, {"nameOnAccount", "Name on account", "string"}, {"accountType", "Account type", "string"},
		{"accountNumber", "Account number", "concealed-string"}, {"routingNumber", "Routing number", "string"},
		{"branchNumber", "Branch number", "string"}, {"pin", "PIN", "concealed-string"}, {"swiftCode", "SWIFT code", "string"},
		{"iban", "IBAN", "concealed-string"}, {"bankContactPhone", "Telephone of the bank", "string"},
	})
}

func (m *bitwardenItem) driversLicense(o *jsonObject) {
	c, name := vault.Credential{Type: "drivers-license"}, vault.Credential{Type: vault.PersonName}
	m.nonEmpty(&name, o, "firstName", "given")
	m.nonEmpty(&name, o, "middleName", "given2")
	m.nonEmpty(&name, o, "lastName", "surname")
	fullName(&c, name)
	m.date(&c, o, "dateOfBirth", "birthDate")
	m.date(&c, o, "issueDate", "issueDate")
	m.date(&c, o, "expirationDate", "expiryDate")
	m.nonEmpty(&c, o, "issuingAuthority", "issuingAuthority")
	m.code(&c, o, "issuingState", "territory", isSubdivision)
	m.code(&c, o, "issuingCountry", "country", isCountry)
	m.nonEmpty(&c, o, "licenseNumber", "licenseNumber")
	m.nonEmpty(&c, o, "licenseClass", "licenseClass")
	m.document(c, name)
}

func (m *bitwardenItem) passport(o *jsonObject) {
	c, name := vault.Credential{Type: "passport"}, vault.Credential{Type: vault.PersonName}
	m.nonEmpty(&name, o, "givenName", "given")
	m.nonEmpty(&name, o, "surname", "surname")
	fullName(&c, name)
	m.code(&c, o, "issuingCountry", "issuingCountry", isCountry)
	m.nonEmpty(&c, o, "passportType", "passportType")
	m.nonEmpty(&c, o, "passportNumber", "passportNumber")
	m.nonEmpty(&c, o, "nationalIdentificationNumber", "nationalIdentificationNumber")
	m.nonEmpty(&c, o, "nationality", "nationality")
	m.date(&c, o, "dateOfBirth", "birthDate")
	m.nonEmpty(&c, o, "birthPlace", "birthPlace")
	m.nonEmpty(&c, o, "sex", "sex")
	m.date(&c, o, "issueDate", "issueDate")
	m.date(&c, o, "expirationDate", "expiryDate")
	m.nonEmpty(&c, o, "issuingAuthority", "issuingAuthority")
	m.document(c, name)
}

// fullName joins the name for CXF, which has one member for it in documents.
func fullName(c *vault.Credential, name vault.Credential) {
	if full := joinNames(name.Text("given"), name.Text("given2"), name.Text("surname")); full != "" {
		c.Members = append(c.Members, vault.Member{Name: "fullName", Value: secret.FromString(full)})
	}
}

// document adds the document and, so that its parts are not lost, the name.
func (m *bitwardenItem) document(c, name vault.Credential) {
	m.add(c)
	if len(name.Members) > 0 {
		m.add(name)
	}
}

// date takes a date. A time stamp is cut to its day and kept; any other text stays a text.
func (m *bitwardenItem) date(c *vault.Credential, o *jsonObject, from, to string) {
	n := len(c.Members)
	m.nonEmpty(c, o, from, to)
	if len(c.Members) == n {
		return
	}
	text := c.Text(to)
	switch {
	case isDate(text):
	case len(text) > 10 && text[10] == 'T' && isDate(text[:10]):
		c.Members[n].Value = secret.FromString(text[:10])
		m.keepText(from, text)
	default:
		c.Members[n].Type = "string"
	}
}

func isDate(s string) bool {
	return len(s) == 10 && s[4] == '-' && s[7] == '-' && digits(s[:4]+s[5:7]+s[8:], 8)
}
