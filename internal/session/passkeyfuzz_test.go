package session

import (
	"testing"

	"signet/passkeys"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/format"
)

// A passkey of a strange import is read or refused; nothing of it brings the program down.
func FuzzStrangePasskey(f *testing.F) {
	f.Add("AAE", "a.example", "dQ", "AAAA", `{"hmacCredentials":{"algorithm":"hmac-sha256","credWithUV":"AA","credWithoutUV":"AA"},"credBlob":"AA"}`, "7", "synced")
	f.Add("", "", "", "", "", "", "device")
	f.Add("=", "\x00", "!", "MIG=", `{"hmacCredentials":null}`, "-1", "moon")
	f.Add("AA", "x", "", "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAl", `[]`, "99999999999", "synced")
	f.Fuzz(func(t *testing.T, id, rp, handle, key, extensions, number, binding string) {
		path := func(name string) string { return entry.CredPath("abcdefgh", name) }
		rec := format.Record{ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}
		for _, m := range [][2]string{
			{"credentialId", id}, {"key", key}, {"rpId", rp}, {"signet:alg", number}, {"signet:be", number}, {"signet:binding", binding}, {"signet:counter", number},
			{"signet:protect", number}, {"type", entry.Passkey}, {"userHandle", handle},
		} {
			rec.Fields = append(rec.Fields, format.Field{Path: path(m[0]), Values: []format.Value{{Text: m[1]}}})
			if m[0] == "credentialId" {
				at := "cred/abcdefgh/json:" + entry.PasskeyExtensions
				rec.Fields = append(rec.Fields, format.Field{Path: at, Values: []format.Value{{Text: extensions}}})
			}
		}
		l := &Local{device: "this"}
		for _, found := range passkeysIn([]format.Record{rec}, func(entry.Entry, entry.Credential) bool { return binding != entry.BindingDevice || key != "" }) {
			c, err := l.credentialOf(found)
			if err == nil && (len(c.ID) == 0 || c.Key.Algorithm() == 0 || c.Protect < passkeys.ProtectOptional || c.Protect > passkeys.ProtectRequired) {
				t.Errorf("taken as %+v", c)
			}
		}
		row, err := entry.ParseRow(rec.ID, entry.IndexOf(rec).Row.Append(nil))
		if err != nil || len(row.Passkeys()) != 1 || row.Passkeys()[0].RPID != rp {
			t.Errorf("the row is %+v, %v", row, err)
		}
	})
}

// A row that a locked program left is whatever somebody wrote.
func FuzzRequestRow(f *testing.F) {
	f.Add([]byte(`{"t":1,"c":"getAssertion","rp":"a.example","s":46,"up":true}`))
	f.Add([]byte(`{"t":9223372036854775807,"u":"\ud800"}`))
	f.Add([]byte("\xff{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, ok := requestOf(vault.RequestRow{Data: data})
		if ok && (r.Trusted || len(r.RPID) > maxRequestName || len(r.Requester) > maxRequestName || len(r.Answer) > maxRequestAnswer) {
			t.Errorf("%+v", r)
		}
		if !ok {
			return
		}
		if text, err := r.encode(); err != nil || len(text) > 4<<10 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	})
}
