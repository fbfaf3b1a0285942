package tuitest

import (
	"signet/vault/entry"
	"signet/vault/secret"
)

// HostileTexts try everything that a stranger's text may try on a terminal: escape sequences of every family, C0 and C1 controls, text that
// runs the other way, characters without width, marks that climb over their neighbours, what is no UTF-8, and what is too long.
func HostileTexts() []string {
	long := make([]byte, 0, 3000)
	for range 1000 {
		long = append(long, "語"...)
	}
	return []string{
		Hostile,
		"\x1b[2J\x1b[H\x1b[31;1mred\x1b[0m", "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "\x1bP+q544e\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x1b[6n\x1b[c\x1b[>q", "\x1bc\x1b#8",
		"\u009b31mC1\u009d52;c;AAAA\u009c", "\x9b31m raw C1 \x9d0;x\x9c", "a\r\nb\rc\x00d\x07e\x08\x08\x08f\x7fg\vh\fi", "\x0e\x0f shift out",
		"\u202egpj.exe\u202c \u2066x\u2069 \u200f\u200e\u061c", "שלום world עברית 123", "مرحبا بالعالم", "\u200b\u200c\u200d\u2060\ufeff\u00ad invisible",
		"Z̴̢̧̨̡̛̛̖͓̗̘̙̜̝̞̟̠̣̤̥̦̩̪̫̬̭̮̯̰̱̲̳̹̺̻̼͇͈͉͍͎̀́̂̃̄̅̆̇̈̉̊̋̌̍̎̏̐̑̒̓̔̽̾̿̀́͂̓̈́͆͊͋͌̕̚ͅ͏͐͑͒͗͛ͣͤͥͦͧͨͩͪͫͬͭͮͯ͘͜͟͢͝͞͠͡algo", "👩‍👩‍👧‍👦👍🏽🏳️‍🌈 emoji", "ｆｕｌｌ　ｗｉｄｔｈ 日本語", "\xff\xfe\xed\xa0\x80\xc3 broken", "\U000e0001\U000e0041 tags",
		"\u2028line\u2029paragraph\u0085next", string(long), "\t\ttabs\tand\ttabs", "%s%n%x {{.}} $(id) `id`",
	}
}

// HostileVault is a vault whose every text is that one: titles, names, sites, tags, folders, labels, notes.
func HostileVault(clock *Clock, s string) *Vault {
	v := NewVault(clock)
	folder := ID(200)
	for _, e := range entry.NewFolder(folder, s, "") {
		v.write([]entry.Edit{e})
	}
	all := login(s, s, s, "https://example.com/"+s,
		cred(entry.Note, "content", s+"\n"+s), cred(entry.Passkey, "rpId", s, "username", s, "userDisplayName", s, "key", "AAAA", "signet:binding", "synced"),
		cred(entry.SSHKey, "keyType", s, "privateKey", s, "signet:fingerprint", s), cred(entry.WiFi, "ssid", s, "networkSecurityType", s, "passphrase", s),
		cred(entry.CreditCard, "number", s, "fullName", s, "expiryDate", s), cred(entry.File, "name", s, "decryptedSize", s),
		cred("unknown-"+"kind", "member", s), cred(entry.APIKey, "key", s, "username", s, "url", s))
	custom := entry.Credential{Type: entry.Custom}
	custom.Fields = []entry.Member{{Label: s, Value: secret.FromString(s)}}
	all.Credentials = append(all.Credentials, custom)
	all.ID, all.Subtitle, all.Tags, all.Folders = ID(1), s, []string{s[:min(len(s), 150)]}, []entry.ID{folder}
	v.Add(all)
	plain := login(s, s, "x", s)
	plain.ID = ID(2)
	v.Add(plain)
	return v
}
