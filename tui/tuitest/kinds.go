package tuitest

import (
	"strings"
	"time"

	"signet/vault/entry"
	"signet/vault/secret"
)

// Kinds is a vault with one entry of every kind, each filled as a person would fill it. Their ids are ID(1) and so on, in this order.
func Kinds(clock *Clock) *Vault {
	v := NewVault(clock)
	for i, e := range kinds() {
		e.ID = ID(byte(i + 1))
		if e.Created.IsZero() {
			e.Created = time.Date(2025, 6, 7, 8, 9, 10, 0, time.UTC)
		}
		v.Add(e)
	}
	return v
}

// KindNames names the entries of Kinds, in their order.
func KindNames() (names []string) {
	for _, e := range kinds() {
		names = append(names, e.Title)
	}
	return names
}

func custom(label string, typ entry.FieldType, value string) entry.Member {
	return entry.Member{Label: label, Type: typ, Value: secret.FromString(value)}
}

// Letter is a long note: two hundred numbered lines, with one word that stands in it once.
func Letter() string {
	var b strings.Builder
	for i := range 200 {
		b.WriteString("This is line " + strings.Repeat("i", i%7+1) + " of a long letter.")
		if i == 150 {
			b.WriteString(" Here is the needle.")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func kinds() []entry.Entry {
	one := func(title string, creds ...entry.Credential) entry.Entry {
		return entry.Entry{Title: title, Credentials: creds}
	}
	fields := entry.Credential{Type: entry.Custom, Fields: []entry.Member{
		custom("Member since", entry.TypeDate, "2019-04-01"), custom("Newsletter", entry.TypeBoolean, "false"), custom("Seats", entry.TypeNumber, "42"),
		custom("Renewal", entry.TypeYearMonth, "2027-03"), custom("Contact", entry.TypeEmail, "ada@example.com"), custom("Safe word", entry.TypeConcealed, "swordfish"),
		custom("Country", entry.TypeCountry, "DE"), custom("שלום", entry.TypeString, "עברית ו-English"), custom("Cafe\u0301", entry.TypeString, "日本語サイト"),
	}}
	login := login("Login with all", "ada", "correct horse", "https://example.com/login", totp("JBSWY3DPEHPK3PXP"), fields)
	login.Expires = Start.AddDate(0, 0, 20)
	return []entry.Entry{
		login,
		one("Passkey, synced", cred(entry.Passkey, "rpId", "webauthn.io", "signet:rpName", "WebAuthn demo", "username", "ada@example.com", "userDisplayName", "Ada Lovelace", "key", "AAAA",
			"signet:binding", "synced", "signet:be", "1", "signet:bs", "1", "signet:alg", "-7", "signet:counter", "0", "signet:created", "2026-01-05T10:00:00.000Z")),
		one("Passkey, device-bound", cred(entry.Passkey, "rpId", "bank.example", "username", "ada", "userDisplayName", "Ada", "key", "AAAA", "signet:binding", "device",
			"signet:be", "0", "signet:bs", "0", "signet:alg", "-8", "signet:created", "2026-01-05T10:00:00.000Z", "signet:transports", "usb, nfc")),
		one("Deploy key", cred(entry.SSHKey, "keyType", "ssh-ed25519", "privateKey", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----")),
		one("Visa", cred(entry.CreditCard, "number", "4012888888881881", "fullName", "Ada Lovelace", "expiryDate", "2026-03", "verificationNumber", "123", "pin", "9999")),
		one("Old card", cred(entry.CreditCard, "number", "378282246310005", "fullName", "Ada Lovelace", "expiryDate", "2025-12")),
		one("Ada Lovelace", cred(entry.PersonName, "title", "Dr.", "given", "Ada", "given2", "Augusta", "surname", "Lovelace", "credentials", "FRS"),
			cred(entry.Address, "streetAddress", "12 St James's Square\nFlat 3", "postalCode", "SW1Y 4JH", "city", "London", "country", "GB", "tel", "+44 20 7946 0000")),
		one("Wi-Fi at home", cred(entry.WiFi, "ssid", "Fritz; the box", "networkSecurityType", "wpa2-personal", "passphrase", "long and wireless", "hidden", "true")),
		one("Build server", cred(entry.APIKey, "key", "tok_live_1234", "username", "ci", "url", "https://api.example.com", "expiryDate", "2026-03-01")),
		one("Letter", cred(entry.Note, "content", Letter())),
		one("Passport", cred("passport", "issuingCountry", "GB", "passportNumber", "925665473", "fullName", "Ada Lovelace", "birthDate", "1815-12-10", "expiryDate", "2026-04-01")),
		one("Contract", cred(entry.File, "name", "contract.pdf", "decryptedSize", "482133", "signet:type", "application/pdf", "signet:data", "AAAA")),
		one("Router", cred(entry.TOTP, "secret", "JBSWY3DPEHPK3PXP", "signet:kind", "hotp", "signet:counter", "3", "digits", "6", "period", "30", "algorithm", "sha1", "issuer", "Example")),
		one("From the future", cred("future-thing", "shape", "round", "secretOfTheFuture", "hush")),
	}
}
