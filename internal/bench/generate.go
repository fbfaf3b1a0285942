package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// dice is a splitmix64 sequence: the same seed gives the same vault on every machine.
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) below(n int) int        { return int(d.next() % uint64(n)) }
func (d *dice) percent(p int) bool     { return d.below(100) < p }
func (d *dice) pick(s []string) string { return s[d.below(len(s))] }

func (d *dice) bytes(n int) []byte {
	var out []byte
	for len(out) < n {
		out = binary.LittleEndian.AppendUint64(out, d.next())
	}
	return out[:n]
}

func (d *dice) uuid() string {
	b := d.bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (d *dice) password(n int) string {
	const set = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%+-_"
	var b strings.Builder
	for range n {
		b.WriteByte(set[d.below(len(set))])
	}
	return b.String()
}

func (d *dice) time() string {
	base := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)
	return base.Add(time.Duration(d.below(9*365*24*3600)) * time.Second).Format("2006-01-02T15:04:05.000Z")
}

func (d *dice) sentence(words int) string {
	out := make([]string, words)
	for i := range out {
		out[i] = d.pick(syllables) + d.pick(syllables)
	}
	return strings.Join(out, " ")
}

var (
	syllables = strings.Fields("ba co de fi go hu ja ke lo mi nu po qua re si tu va we xi yo zen lar mon tel dro fen gal his kor lum nor pix rad sol")
	products  = []string{"Mail", "Bank", "Shop", "Cloud", "Forum", "Travel", "Health", "Games", "Energy", "Tools", "Wiki", "Pay", "Music", "News"}
	domains   = []string{"com", "org", "net", "io", "de", "fr", "co.uk", "dev", "app", "jp"}
	folders   = []string{"Work", "Home", "Finance", "Clients", "Clients/North", "Clients/South", "Servers", "Family", "Old"}
)

type object = map[string]any

// probeTitle is the title of the entries that the measurements ask for: logins spread over the vault, one in ten at most.
func probeTitle(i int) string { return fmt.Sprintf("Probe %06d", i) }

// probes gives the numbers of up to n logins of a generated vault, spread over all of it.
func probes(size, n int) []int {
	n = min(n, size/10)
	out := make([]int, n)
	for i := range out {
		out[i] = i * (size / n)
	}
	return out
}

// generate streams a Bitwarden export with size items: logins (with several addresses, one-time codes in a fifth, custom
// fields, password history, some passkeys), notes, cards, identities and SSH keys, in the shares that real vaults have.
func generate(w io.Writer, size int) error {
	out := bufio.NewWriterSize(w, 1<<16)
	d := dice(uint64(size))
	ids := make([]string, len(folders))
	var head []object
	for i, name := range folders {
		ids[i] = d.uuid()
		head = append(head, object{"id": ids[i], "name": name})
	}
	list, err := json.Marshal(head)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `{"encrypted":false,"folders":%s,"items":[`, list)
	probe := map[int]bool{}
	for _, i := range probes(size, maxProbes) {
		probe[i] = true
	}
	for i := range size {
		it, err := item(&d, i, probe[i], ids)
		if err != nil {
			return err
		}
		b, err := json.Marshal(it)
		if err != nil {
			return err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(b)
	}
	out.WriteString("]}\n")
	return out.Flush()
}

func item(d *dice, i int, probe bool, folderIDs []string) (object, error) {
	it := object{
		"id": d.uuid(), "organizationId": nil, "folderId": nil, "collectionIds": nil, "reprompt": 0, "favorite": d.percent(3),
		"notes": nil, "creationDate": d.time(), "revisionDate": d.time(), "deletedDate": nil,
	}
	if d.percent(70) {
		it["folderId"] = d.pick(folderIDs)
	}
	if d.percent(25) {
		it["notes"] = d.sentence(4 + d.below(40))
	}
	name := d.pick(syllables) + d.pick(syllables) + d.pick(syllables)
	name = strings.ToUpper(name[:1]) + name[1:]
	it["name"] = fmt.Sprintf("%s %s %d", name, d.pick(products), d.below(1000))
	kind := d.below(100)
	if probe {
		it["name"], kind = probeTitle(i), 0
	}
	switch {
	case kind < 86:
		login(d, it, name)
	case kind < 91:
		it["type"], it["secureNote"], it["notes"] = 2, object{"type": 0}, d.sentence(20+d.below(150))
	case kind < 95:
		it["type"], it["card"] = 3, card(d)
	case kind < 98:
		it["type"], it["identity"] = 4, identity(d)
	default:
		key, err := sshKey(d)
		it["type"], it["sshKey"] = 5, key
		return it, err
	}
	return it, nil
}

func login(d *dice, it object, name string) {
	host := strings.ToLower(name) + d.pick(syllables) + "." + d.pick(domains)
	uris := []object{{"match": nil, "uri": "https://" + host + "/login"}}
	for d.percent(25) && len(uris) < 4 {
		uris = append(uris, object{"match": d.below(3), "uri": "https://" + d.pick(syllables) + "." + host})
	}
	user := d.pick(syllables) + d.pick(syllables) + "@" + d.pick(syllables) + "mail." + d.pick(domains)
	l := object{"uris": uris, "username": user, "password": d.password(12 + d.below(20)), "totp": nil}
	if d.percent(20) {
		secret := base32.StdEncoding.EncodeToString(d.bytes(20))
		l["totp"] = secret
		if d.percent(30) {
			l["totp"] = "otpauth://totp/" + host + ":" + user + "?secret=" + secret + "&issuer=" + host
		}
	}
	if d.percent(5) {
		l["fido2Credentials"] = []object{passkey(d, host, user)}
	}
	if d.percent(10) {
		it["fields"] = []object{
			{"name": "customer number", "value": fmt.Sprint(100000 + d.below(900000)), "type": 0, "linkedId": nil},
			{"name": "answer", "value": d.sentence(2), "type": 1, "linkedId": nil},
		}
	}
	var history []object
	for d.percent(30) && len(history) < 5 {
		history = append(history, object{"lastUsedDate": d.time(), "password": d.password(14)})
	}
	it["type"], it["login"], it["passwordHistory"] = 1, l, history
}

func card(d *dice) object {
	return object{
		"cardholderName": d.sentence(2), "brand": "Visa", "number": fmt.Sprintf("4%015d", d.below(1e15)),
		"expMonth": fmt.Sprint(1 + d.below(12)), "expYear": fmt.Sprint(2026 + d.below(8)), "code": fmt.Sprintf("%03d", d.below(1000)),
	}
}

func identity(d *dice) object {
	return object{
		"title": "Mx", "firstName": d.sentence(1), "middleName": nil, "lastName": d.sentence(1), "address1": d.sentence(3),
		"address2": nil, "address3": nil, "city": d.sentence(1), "state": nil, "postalCode": fmt.Sprint(10000 + d.below(89999)),
		"country": "DE", "company": d.sentence(2), "email": d.pick(syllables) + "@example.org", "phone": fmt.Sprint(1e9 + d.below(1e9)),
		"ssn": nil, "username": d.sentence(1), "passportNumber": nil, "licenseNumber": nil,
	}
}

func passkey(d *dice, host, user string) object {
	raw := d.bytes(32)
	raw[0] &= 0x7f // below the order of the curve
	der := []byte{}
	if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw); err == nil {
		der, _ = x509.MarshalPKCS8PrivateKey(key)
	}
	return object{
		"credentialId": d.uuid(), "keyType": "public-key", "keyAlgorithm": "ECDSA", "keyCurve": "P-256",
		"keyValue": base64.RawURLEncoding.EncodeToString(der), "rpId": host, "rpName": host,
		"userHandle": base64.RawURLEncoding.EncodeToString(d.bytes(32)), "userName": user, "userDisplayName": user,
		"counter": "0", "discoverable": "true", "creationDate": d.time(),
	}
}

func sshKey(d *dice) (object, error) {
	key := ed25519.NewKeyFromSeed(d.bytes(ed25519.SeedSize))
	block, err := ssh.MarshalPrivateKey(key, "bench")
	if err != nil {
		return nil, err
	}
	pub, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	return object{
		"privateKey": string(pem.EncodeToMemory(block)), "publicKey": strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub))),
		"keyFingerprint": ssh.FingerprintSHA256(pub),
	}, nil
}
