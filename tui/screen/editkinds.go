package screen

import (
	"slices"
	"strings"

	"signet/tui/widget"
	"signet/vault/entry"
)

// What the forms of the kinds look like. The schema of vault/entry says which members there are; here stands in which order people write them, which
// are rare, and which are chosen from a list.

// newKinds are the forms that "add" offers, by letter.
var newKinds = []struct {
	letter, label string
	kind          entry.Kind
	typ           string // the credential that the form begins with; "" for that of the kind
}{
	{"l", "Login", entry.KindLogin, ""},
	{"n", "Note", entry.KindNote, ""},
	{"t", "One-time code alone", entry.KindTOTP, ""},
	{"c", "Card", entry.KindCard, ""},
	{"i", "Identity", entry.KindIdentity, ""},
	{"p", "Passport", entry.KindDocument, "passport"},
	{"d", "Driving licence", entry.KindDocument, "drivers-license"},
	{"o", "Identity document", entry.KindDocument, "identity-document"},
	{"s", "SSH key", entry.KindSSH, ""},
	{"a", "API key", entry.KindAPI, ""},
	{"w", "Wi-Fi", entry.KindWiFi, ""},
	{"f", "File", entry.KindFile, ""},
	{"u", "Custom fields", entry.KindCustom, ""},
}

// offered are the credentials that the form of a kind has, whether the entry has them or not.
func offered(kind entry.Kind, typ string) []string {
	switch kind {
	case entry.KindLogin:
		return []string{entry.BasicAuth, entry.TOTP, entry.Note}
	case entry.KindNote, entry.KindFile, entry.KindPasskey:
		return []string{entry.Note}
	case entry.KindIdentity:
		return []string{entry.PersonName, entry.Address, entry.Note}
	case entry.KindCustom:
		return []string{entry.Custom, entry.Note}
	}
	for _, t := range entry.Specs() {
		if t.Kind == kind && (typ == "" || t.Name == typ) {
			return []string{t.Name, entry.Note}
		}
	}
	return []string{entry.Note}
}

// mainType is the credential that makes a new entry one of its kind: it is written even when nothing was typed into it.
func mainType(kind entry.Kind, typ string) string {
	switch kind {
	case entry.KindFile, entry.KindPasskey:
		return ""
	}
	return offered(kind, typ)[0]
}

// written is how people write what a credential has; members that are not named follow as the schema has them.
var written = map[string][]string{
	entry.PersonName: {"title", "given", "given2", "surnamePrefix", "surname", "surname2", "generation", "credentials", "givenInformal"},
	entry.CreditCard: {"number", "expiryDate", "verificationNumber", "fullName", "cardType", "pin"},
	entry.SSHKey:     {"privateKey", "keyComment"},
	entry.APIKey:     {"username", "key", "url"},
	"passport":       {"fullName", "passportNumber", "issuingCountry", "nationality", "issueDate", "expiryDate", "birthDate", "birthPlace"},
	"drivers-license": {
		"fullName", "licenseNumber", "licenseClass", "issueDate", "expiryDate", "birthDate", "country", "territory", "issuingAuthority",
	},
	"identity-document": {
		"fullName", "documentNumber", "issuingCountry", "nationality", "issueDate", "expiryDate", "birthDate", "birthPlace",
	},
}

// rare are members that a form shows only when they have a value, or on request.
var rare = map[string][]string{
	entry.PersonName: {"given2", "surnamePrefix", "surname2", "generation", "credentials", "givenInformal"},
	entry.CreditCard: {"validFrom"},
	entry.SSHKey:     {"keyGenerationSource", "expiryDate"},
	entry.APIKey:     {"validFrom", "keyType"},
	"passport":       {"passportType", "sex"},
	"identity-document": {
		"identificationNumber", "sex",
	},
}

// derived are members that follow from others: they are kept, and written by the form, but not typed.
var derived = map[string][]string{entry.SSHKey: {"keyType", "signet:publicKey", "signet:fingerprint"}}

// fixed are credentials whose members a person does not type.
var fixed = []string{entry.Passkey, entry.File, "item-reference"}

// asWritten are the members of a credential type as its form has them.
func asWritten(spec entry.TypeSpec) []entry.MemberSpec {
	first := written[spec.Name]
	out := make([]entry.MemberSpec, 0, len(spec.Members))
	for _, name := range first {
		if m, ok := spec.Member(name); ok {
			out = append(out, m)
		}
	}
	for _, m := range spec.Members {
		if !slices.Contains(first, m.Name) {
			out = append(out, m)
		}
	}
	return slices.DeleteFunc(out, func(m entry.MemberSpec) bool { return slices.Contains(derived[spec.Name], m.Name) })
}

// typeable reports whether a form shows a member that the entry does not have.
func typeable(typ string, m entry.MemberSpec, whole bool) bool {
	return !strings.HasPrefix(m.Name, "signet:") && (whole || !slices.Contains(rare[typ], m.Name))
}

// wifiKinds are CXF's kinds of Wi-Fi security.
var wifiKinds = []widget.Option{
	{Value: "", Label: "not said"}, {Value: "wpa3-personal", Label: "WPA3 Personal"}, {Value: "wpa2-personal", Label: "WPA2 Personal"},
	{Value: "wpa-personal", Label: "WPA Personal"}, {Value: "wep", Label: "WEP (old, broken)"}, {Value: "unsecured", Label: "none: open network"},
}

// matchKinds say which pages a web address stands for.
var matchKinds = []widget.Option{
	{Value: "", Label: "as usual: this site"}, {Value: "domain", Label: "the domain and all below it"}, {Value: "host", Label: "this host alone"},
	{Value: "startsWith", Label: "addresses that begin so"}, {Value: "exact", Label: "this address alone"}, {Value: "regex", Label: "a regular expression"},
	{Value: "never", Label: "nothing: never filled in"},
}

// cardBrands are completions of a card's type.
var cardBrands = []widget.Option{
	{Value: "Visa"}, {Value: "Mastercard"}, {Value: "American Express"}, {Value: "Discover"}, {Value: "Diners Club"}, {Value: "JCB"}, {Value: "UnionPay"},
	{Value: "Maestro"}, {Value: "girocard"},
}

// fieldTypes are the types that a custom field can have.
var fieldTypes = []struct {
	letter, label string
	typ           entry.FieldType
}{
	{"t", "Text", entry.TypeString}, {"h", "Hidden text", entry.TypeConcealed}, {"e", "E-mail address", entry.TypeEmail}, {"d", "Date", entry.TypeDate},
	{"n", "Number", entry.TypeNumber}, {"s", "Switch", entry.TypeBoolean},
}
