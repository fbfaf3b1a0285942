package entry

// FieldType is CXF's fieldType of an EditableField (CXF 1.0, section "EditableField").
type FieldType string

// The field types of CXF 1.0. Unknown ones are kept.
const (
	TypeString      FieldType = "string"
	TypeConcealed   FieldType = "concealed-string"
	TypeEmail       FieldType = "email"
	TypeNumber      FieldType = "number"
	TypeBoolean     FieldType = "boolean"
	TypeDate        FieldType = "date"
	TypeYearMonth   FieldType = "year-month"
	TypeWiFi        FieldType = "wifi-network-security-type"
	TypeCountry     FieldType = "country-code"
	TypeSubdivision FieldType = "subdivision-code"
)

// Kind is what the command line and the TUI call an entry (decisions.md, "KIND").
type Kind string

// The kinds.
const (
	KindLogin    Kind = "login"
	KindNote     Kind = "note"
	KindCard     Kind = "card"
	KindIdentity Kind = "identity"
	KindSSH      Kind = "ssh"
	KindAPI      Kind = "api"
	KindWiFi     Kind = "wifi"
	KindPasskey  Kind = "passkey"
	KindTOTP     Kind = "totp"
	KindDocument Kind = "document"
	KindFile     Kind = "file"
	KindCustom   Kind = "custom"
)

// Kinds lists all kinds in the order of help and forms.
func Kinds() []Kind {
	return []Kind{
		KindLogin, KindNote, KindCard, KindIdentity, KindSSH, KindAPI, KindWiFi, KindPasskey, KindTOTP, KindDocument, KindFile, KindCustom,
	}
}

// MemberSpec is one member of a credential type.
type MemberSpec struct {
	Name  string
	Type  FieldType
	Label string // what a form calls it
	Plain bool   // a plain JSON value in CXF, not an EditableField
	Multi bool   // several lines
}

// Concealed reports whether lists and details withhold the value.
func (m MemberSpec) Concealed() bool { return m.Type == TypeConcealed }

// TypeSpec is one credential type: CXF's 17, with Signet's own members where CXF has none.
type TypeSpec struct {
	Name    string
	Kind    Kind
	Label   string
	Members []MemberSpec
}

// The CXF credential types that code names.
const (
	BasicAuth  = "basic-auth"
	TOTP       = "totp"
	Passkey    = "passkey"
	Note       = "note"
	CreditCard = "credit-card"
	PersonName = "person-name"
	Address    = "address"
	SSHKey     = "ssh-key"
	APIKey     = "api-key"
	WiFi       = "wifi"
	File       = "file"
	Custom     = "custom-fields"
)

// Spec returns the row of a credential type.
func Spec(typ string) (TypeSpec, bool) {
	for _, t := range schema {
		if t.Name == typ {
			return t, true
		}
	}
	return TypeSpec{}, false
}

// Specs returns the whole table in its order; do not change it.
func Specs() []TypeSpec { return schema }

// Member returns the row of a member.
func (t TypeSpec) Member(name string) (MemberSpec, bool) {
	for _, m := range t.Members {
		if m.Name == name {
			return m, true
		}
	}
	return MemberSpec{}, false
}

func s(name, label string) MemberSpec { return MemberSpec{Name: name, Type: TypeString, Label: label} }
func c(name, label string) MemberSpec {
	return MemberSpec{Name: name, Type: TypeConcealed, Label: label}
}
func d(name, label string) MemberSpec { return MemberSpec{Name: name, Type: TypeDate, Label: label} }
func ym(name, label string) MemberSpec {
	return MemberSpec{Name: name, Type: TypeYearMonth, Label: label}
}
func of(t FieldType, name, label string) MemberSpec {
	return MemberSpec{Name: name, Type: t, Label: label}
}
func plain(m MemberSpec) MemberSpec { m.Plain = true; return m }
func multi(m MemberSpec) MemberSpec { m.Multi = true; return m }

var country, subdivision = TypeCountry, TypeSubdivision

// schema is the table. Members of CXF first, in CXF's order; then Signet's own, which begin "signet:".
var schema = []TypeSpec{
	{BasicAuth, KindLogin, "Login", []MemberSpec{s("username", "User name"), c("password", "Password")}},
	{Passkey, KindPasskey, "Passkey", []MemberSpec{
		plain(s("credentialId", "Credential ID")), plain(s("rpId", "Relying party")), plain(s("username", "Account")),
		plain(s("userDisplayName", "Display name")), plain(s("userHandle", "User handle")), plain(c("key", "Private key")),
		plain(s("signet:binding", "Binding")), plain(s("signet:be", "Backup eligible")), plain(s("signet:bs", "Backed up")),
		plain(s("signet:counter", "Counter")), plain(s("signet:alg", "Algorithm")), plain(s("signet:aaguid", "AAGUID")),
		plain(s("signet:transports", "Transports")), plain(s("signet:rpName", "Site name")), plain(s("signet:created", "Created")),
		plain(of(TypeBoolean, PasskeyDiscoverable, "Discoverable")), plain(s(PasskeyProtect, "Protection")), plain(s(PasskeyDevice, "Device")),
		plain(s(PasskeyPublicKey, "Public key")), plain(s(PasskeyHas, "Has")), plain(c(PasskeyLargeBlobKey, "Large-blob key")), plain(c(PasskeyExtensions, "Extensions")),
	}},
	{TOTP, KindTOTP, "One-time code", []MemberSpec{
		plain(c("secret", "Secret")), plain(of(TypeNumber, "period", "Period")), plain(of(TypeNumber, "digits", "Digits")),
		plain(s("algorithm", "Algorithm")), plain(s("username", "Account")), plain(s("issuer", "Issuer")),
		plain(s("signet:kind", "Kind")), plain(c("signet:uri", "URI")), plain(of(TypeNumber, "signet:counter", "Counter")),
	}},
	{Note, KindNote, "Note", []MemberSpec{multi(s("content", "Note"))}},
	{CreditCard, KindCard, "Card", []MemberSpec{
		c("number", "Number"), s("fullName", "Name on card"), s("cardType", "Type"), c("verificationNumber", "Security code"),
		c("pin", "PIN"), ym("expiryDate", "Expires"), ym("validFrom", "Valid from"),
	}},
	{PersonName, KindIdentity, "Name", []MemberSpec{
		s("title", "Title"), s("given", "Given name"), s("givenInformal", "Nickname"), s("given2", "Second name"),
		s("surnamePrefix", "Surname prefix"), s("surname", "Surname"), s("surname2", "Second surname"),
		s("credentials", "Credentials"), s("generation", "Generation"),
	}},
	{Address, KindIdentity, "Address", []MemberSpec{
		multi(s("streetAddress", "Street")), s("postalCode", "Postal code"), s("city", "City"),
		of(subdivision, "territory", "State or province"), of(country, "country", "Country"), s("tel", "Telephone"),
	}},
	{SSHKey, KindSSH, "SSH key", []MemberSpec{
		plain(s("keyType", "Key type")), multi(plain(c("privateKey", "Private key"))), plain(s("keyComment", "Comment")),
		d("creationDate", "Created"), d("expiryDate", "Expires"), s("keyGenerationSource", "Made by"),
		plain(s("signet:publicKey", "Public key")), plain(s("signet:fingerprint", "Fingerprint")),
	}},
	{APIKey, KindAPI, "API key", []MemberSpec{
		c("key", "Key"), s("username", "User name"), s("keyType", "Key type"), s("url", "URL"), d("validFrom", "Valid from"), d("expiryDate", "Expires"),
	}},
	{WiFi, KindWiFi, "Wi-Fi", []MemberSpec{
		s("ssid", "Network"), of(TypeWiFi, "networkSecurityType", "Security"), c("passphrase", "Password"), of(TypeBoolean, "hidden", "Hidden"),
	}},
	{File, KindFile, "File", []MemberSpec{
		plain(s("id", "ID")), plain(s("name", "Name")), plain(of(TypeNumber, "decryptedSize", "Size")), plain(s("integrityHash", "SHA-256")),
		plain(s("signet:type", "Type")), plain(c("signet:att", "Where it is kept")), plain(c("signet:data", "Content")),
	}},
	{"generated-password", KindLogin, "Generated password", []MemberSpec{plain(c("password", "Password"))}},
	{"passport", KindDocument, "Passport", []MemberSpec{
		of(country, "issuingCountry", "Issuing country"), s("passportType", "Type"), c("passportNumber", "Number"),
		c("nationalIdentificationNumber", "National number"), s("nationality", "Nationality"), s("fullName", "Name"),
		d("birthDate", "Born"), s("birthPlace", "Birthplace"), s("sex", "Sex"), d("issueDate", "Issued"), d("expiryDate", "Expires"), s("issuingAuthority", "Authority"),
	}},
	{"drivers-license", KindDocument, "Driving licence", []MemberSpec{
		s("fullName", "Name"), d("birthDate", "Born"), d("issueDate", "Issued"), d("expiryDate", "Expires"), s("issuingAuthority", "Authority"),
		of(subdivision, "territory", "State or province"), of(country, "country", "Country"), c("licenseNumber", "Number"), s("licenseClass", "Class"),
	}},
	{"identity-document", KindDocument, "Identity document", []MemberSpec{
		of(country, "issuingCountry", "Issuing country"), c("documentNumber", "Number"), c("identificationNumber", "Identification number"),
		s("nationality", "Nationality"), s("fullName", "Name"), d("birthDate", "Born"), s("birthPlace", "Birthplace"), s("sex", "Sex"),
		d("issueDate", "Issued"), d("expiryDate", "Expires"), s("issuingAuthority", "Authority"),
	}},
	{"item-reference", KindCustom, "Reference", nil},
	{Custom, KindCustom, "Custom fields", nil},
}
