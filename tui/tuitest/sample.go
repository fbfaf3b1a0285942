package tuitest

import (
	"fmt"
	"time"

	"signet/vault/entry"
	"signet/vault/secret"
)

// Canary is the secret that leak tests look for. It is the password of the sample entry "GitHub".
const Canary = "canary-7f3a-Hunter2!"

func cred(typ string, pairs ...string) entry.Credential {
	c := entry.Credential{Type: typ}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Members = append(c.Members, entry.Member{Name: pairs[i], Value: secret.FromString(pairs[i+1])})
	}
	return c
}

// Login makes a login.
func Login(title, user, pass, url string, more ...entry.Credential) entry.Entry {
	return login(title, user, pass, url, more...)
}

func login(title, user, pass, url string, more ...entry.Credential) entry.Entry {
	e := entry.Entry{Title: title, Credentials: append([]entry.Credential{cred(entry.BasicAuth, "username", user, "password", pass)}, more...)}
	if url != "" {
		e.URLs = []entry.URL{{URL: url}}
	}
	e.Modified = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return e
}

func totp(secret string) entry.Credential {
	return cred(entry.TOTP, "secret", secret, "period", "30", "digits", "6", "algorithm", "sha1")
}

// Hostile is a title that tries to write the clipboard, set the window title and turn the line around.
const Hostile = "\x1b]52;c;aGFja2Vk\x07\x1b]0;owned\x07\x1b[31mred\u202egpj.exe"

// ID makes a fixed record id.
func ID(n byte) entry.ID {
	return entry.IDs{Rand: &Randomness{n: uint32(n)}}.Record()
}

// Sample is a vault with one of nearly everything.
func Sample(clock *Clock) *Vault {
	v := NewVault(clock)
	work := ID(200)
	for _, e := range entry.NewFolder(work, "Work", "") {
		v.write([]entry.Edit{e})
	}
	github := login("GitHub", "octocat", Canary, "https://github.com/login", totp("JBSWY3DPEHPK3PXP"), cred(entry.Note, "content", "Recovery codes are in the safe.\nAsk Ada for the second key."))
	github.ID, github.Favorite, github.Tags, github.Folders = ID(1), true, []string{"code", "work"}, []entry.ID{work}
	github.Created = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	v.Add(github)
	v.write([]entry.Edit{entry.Set(github.ID, entry.PathSubtitle, "main account")})
	list := []entry.Entry{
		login("GitLab", "ada@example.com", "correct horse", "https://gitlab.com"),
		login("Gitea at home", "ada", "battery staple", "http://git.home.arpa:3000"),
		login("Example Bank", "12345678", "s3cret-Bank", "https://bank.example", cred(entry.CreditCard, "number", "4111111111111111", "fullName", "Ada Lovelace", "expiryDate", "2028-05", "pin", "9999")),
		login("Mail", "ada@example.com", "p", "https://mail.example.com", totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")),
		login("Ünïcödé Straße 日本語サイト", "ユーザー", "x", "https://xn--bcher-kva.example"),
		login(Hostile, "evil\nuser", "x", "https://аpple.com"),
		{Title: "Wi-Fi at home", Credentials: []entry.Credential{cred(entry.WiFi, "ssid", "Fritz", "networkSecurityType", "wpa2-personal", "passphrase", "long and wireless")}},
		{Title: "Visa", Credentials: []entry.Credential{cred(entry.CreditCard, "number", "4012888888881881", "fullName", "Ada Lovelace", "expiryDate", "2027-01")}},
		{Title: "Ideas", Credentials: []entry.Credential{cred(entry.Note, "content", "First line\nSecond line\n\nA long line that has to be wrapped because no terminal is as wide as the thoughts of the person who wrote it down one night.")}},
		{Title: "Deploy key", Credentials: []entry.Credential{cred(entry.SSHKey, "keyType", "ssh-ed25519", "privateKey", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----", "signet:fingerprint", "SHA256:abc")}},
		{Title: "Build server", Credentials: []entry.Credential{cred(entry.APIKey, "key", "tok_live_1234", "username", "ci")}},
		{Title: "webauthn.io", Credentials: []entry.Credential{cred(entry.Passkey, "rpId", "webauthn.io", "username", "ada", "key", "AAAA", "signet:binding", "synced")}},
		{Title: "Contract", Credentials: []entry.Credential{cred(entry.File, "name", "contract.pdf", "decryptedSize", "482133")}},
		{Title: "Router", Credentials: []entry.Credential{cred(entry.TOTP, "secret", "JBSWY3DPEHPK3PXP", "signet:kind", "hotp", "signet:counter", "3", "digits", "6", "period", "30", "algorithm", "sha1")}},
	}
	for i, e := range list {
		e.ID = ID(byte(10 + i))
		v.Add(e)
	}
	gone := login("Old forum", "ada", "zzz", "")
	gone.ID, gone.Trashed = ID(90), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	v.Add(gone)
	return v
}

// Many is a vault with n logins.
func Many(clock *Clock, n int) *Vault {
	v := NewVault(clock)
	for i := range n {
		e := login(fmt.Sprintf("%s %s %d", nouns[i%len(nouns)], places[i/7%len(places)], i), fmt.Sprintf("user%d@example.com", i%977), "x",
			fmt.Sprintf("https://%s%d.example.com/login", nouns[i%len(nouns)], i))
		e.ID = entry.SystemIDs().Record()
		edits, err := e.Edits(entry.SystemIDs())
		if err != nil {
			panic(err)
		}
		rec := map[string]cell{}
		for _, ed := range edits {
			rec[ed.Path] = cell{text: ed.Value.RevealString(), wall: 1}
		}
		v.fields[e.ID] = rec
	}
	return v
}

var (
	nouns  = []string{"Bank", "Shop", "Mail", "Forum", "Cloud", "Router", "Tickets", "News", "Photos", "Games", "School", "Doctor"}
	places = []string{"Berlin", "Oslo", "Kyoto", "Lima", "Accra", "Perth", "Quito", "Turin", "Hanoi"}
)

func importedEdits() []entry.Edit {
	e := login("Imported site", "ada", "from-file", "https://imported.example")
	e.ID = ID(120)
	edits, err := e.Edits(entry.IDs{Rand: &Randomness{n: 7}})
	if err != nil {
		panic(err)
	}
	return edits
}
