package entry

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"signet/vault/format"
)

// Members of a passkey that are Signet's own; those of CXF stand in the schema.
const (
	PasskeyBinding      = "signet:binding"      // synced or device: where the key lives
	PasskeyDevice       = "signet:device"       // binding device: the member id of the device that has the key
	PasskeyPublicKey    = "signet:publicKey"    // binding device: SubjectPublicKeyInfo
	PasskeyHas          = "signet:extensions"   // binding device: names of the extensions whose secrets are on that device
	PasskeyDiscoverable = "signet:discoverable" // absent: true
	PasskeyProtect      = "signet:protect"      // credProtect; absent: 1
	PasskeyLargeBlobKey = "signet:largeBlobKey"
	PasskeyExtensions   = "fido2Extensions" // CXF's object: hmacCredentials, credBlob, largeBlob, payments
)

// Values of PasskeyBinding.
const (
	BindingSynced = "synced"
	BindingDevice = "device"
)

// Marks of the tokens by which passkeys are found. What follows is a hash of a fixed length, because the values come from strangers: none of them can be the
// token of another thing, and a token that begins with another is that token.
const (
	passkeyID   = "\x04"
	passkeyRP   = "\x05"
	siteAccount = "\x06"
)

var b64 = base64.RawURLEncoding.Strict()

func hashWord(mark string, parts ...string) string {
	h := sha256.New()
	h.Write([]byte("signet/v1/token" + mark))
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return mark + b64.EncodeToString(h.Sum(nil)[:16])
}

// PasskeyIDWord returns the token of the entry that has a passkey with this credential id, as base64url.
func PasskeyIDWord(id string) string { return hashWord(passkeyID, id) }

// PasskeyRPWord returns the token of every entry that has a passkey of this RP ID.
func PasskeyRPWord(rpID string) string { return hashWord(passkeyRP, rpID) }

// SiteAccountWord returns the token of every entry with that user name and an address whose host is this one or below it.
func SiteAccountWord(host, user string) string {
	return hashWord(siteAccount, strings.ToLower(host), accountFold(user))
}

// accountFold is how user names are compared when it is asked whether two are one account: case and blanks around do not tell accounts apart.
func accountFold(user string) string { return strings.ToLower(strings.TrimSpace(user)) }

// Bounds of what one entry adds to the index for its sites.
const (
	maxSiteAccounts = 32
	maxLabels       = 8
)

// passkeyTokens are those of an entry's passkeys and of the accounts that a new passkey may belong to.
func passkeyTokens(e Entry) (tokens []string) {
	for _, c := range e.Credentials {
		if c.Type == Passkey {
			tokens = append(tokens, PasskeyIDWord(c.Text("credentialId")), PasskeyRPWord(c.Text("rpId")))
		}
	}
	return append(tokens, siteTokens(e)...)
}

func siteTokens(e Entry) (tokens []string) {
	users := e.accounts()
	for _, u := range e.URLs {
		for _, host := range SiteHosts(u) {
			for _, user := range users {
				if len(tokens) == maxSiteAccounts {
					return tokens
				}
				if t := SiteAccountWord(host, user); !slices.Contains(tokens, t) {
					tokens = append(tokens, t)
				}
			}
		}
	}
	return tokens
}

// accounts are the user names that an entry signs in with.
func (e Entry) accounts() (users []string) {
	for _, c := range e.Credentials {
		if c.Type == BasicAuth || c.Type == Passkey {
			if u := accountFold(c.Text("username")); u != "" && !slices.Contains(users, u) {
				users = append(users, u)
			}
		}
	}
	return users
}

// SiteHosts are the host of an address and the domains above it, the top-level ones not.
func SiteHosts(u URL) (hosts []string) {
	if u.Match == "never" || u.Match == "regex" || !webAddress(u.URL) {
		return nil
	}
	host := strings.TrimSuffix(Host(u.URL), ".")
	if h, _, found := strings.Cut(host, ":"); found && !strings.Contains(u.URL, "://") {
		host = h // a port; Host has cut it from whole addresses
	}
	if host == "" || strings.ContainsAny(host, "/\\@ ") {
		return nil
	}
	hosts = []string{host}
	if isAddress(host) || u.Match == "host" || u.Match == "exact" || u.Match == "startsWith" {
		return hosts
	}
	for len(hosts) < maxLabels {
		_, above, found := strings.Cut(host, ".")
		if !found || !strings.Contains(above, ".") {
			break
		}
		hosts, host = append(hosts, above), above
	}
	return hosts
}

// isAddress reports whether a host is an IP address: nothing lies above one.
func isAddress(host string) bool {
	return strings.Contains(host, ":") || strings.Trim(host, "0123456789.") == ""
}

func webAddress(raw string) bool {
	scheme, _, found := strings.Cut(raw, "://")
	return !found || strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")
}

// PasskeyInfo is what a list shows of one passkey of a row: no secret.
type PasskeyInfo struct {
	Cred         string // id of the credential in the entry
	CredentialID string // base64url, as the next one
	UserHandle   string
	RPID, RPName string
	UserName     string
	DisplayName  string
	Binding      string
	Device       string // Binding device: who has the key
	BE, BS       string
	Counter      uint32
	Alg          int64 // 0 unknown
	Discoverable bool
	Keyless      bool // the vault has no private key of it; so it is where Binding is device
	Protect      int
	Extensions   []string
	Created      time.Time
}

// passkeyInfos are the texts of an entry's passkeys for its row.
func passkeyInfos(e Entry, rec format.Record) string {
	var out []byte
	for _, c := range e.Credentials {
		if c.Type == Passkey {
			out = infoOf(c, rec).append(out)
		}
	}
	return string(out)
}

func infoOf(c Credential, rec format.Record) PasskeyInfo {
	p := PasskeyInfo{
		Cred: c.ID, CredentialID: c.Text("credentialId"), UserHandle: c.Text("userHandle"), RPID: c.Text("rpId"), RPName: c.Text("signet:rpName"),
		UserName: c.Text("username"), DisplayName: c.Text("userDisplayName"), Binding: c.Text(PasskeyBinding), Device: c.Text(PasskeyDevice),
		BE: c.Text("signet:be"), BS: c.Text("signet:bs"), Counter: PasskeyCounter(rec, c.ID), Discoverable: c.Text(PasskeyDiscoverable) != "false",
		Protect: protectOf(c), Created: ParseTime(c.Text("signet:created")),
	}
	_, hasKey := rec.Get(CredPath(c.ID, "key"))
	p.Keyless = !hasKey
	if n, err := strconv.ParseInt(c.Text("signet:alg"), 10, 64); err == nil {
		p.Alg = n
	} else if f, ok := rec.Get(CredPath(c.ID, "key")); ok && len(f.Values) > 0 {
		p.Alg = keyAlgorithm(f.Values[0].Text)
	}
	if f, ok := rec.Get("cred/" + EscapeSegment(c.ID) + "/json:" + PasskeyExtensions); ok && len(f.Values) > 0 {
		p.Extensions = extensionsIn(f.Values[0].Text)
	}
	p.Extensions = append(p.Extensions, strings.Fields(c.Text(PasskeyHas))...)
	if _, ok := c.Member(PasskeyLargeBlobKey); ok {
		p.Extensions = append(p.Extensions, "largeBlobKey")
	}
	return p
}

// PasskeyCounter is the signature counter of a passkey: the greatest of the live values, because it joins by maximum.
func PasskeyCounter(rec format.Record, cred string) (top uint32) {
	f, _ := rec.Get(CredPath(cred, "signet:counter"))
	for _, v := range f.Values {
		if n, err := strconv.ParseUint(v.Text, 10, 32); err == nil {
			top = max(top, uint32(n))
		}
	}
	return top
}

func protectOf(c Credential) int {
	if n, err := strconv.Atoi(c.Text(PasskeyProtect)); err == nil && n >= 1 && n <= 3 {
		return n
	}
	return 1
}

// extensionsIn names what is in CXF's object, in its order of names; only the names are looked at.
func extensionsIn(object string) (names []string) {
	for member, name := range map[string]string{"hmacCredentials": "hmac-secret", "credBlob": "credBlob", "largeBlob": "largeBlob", "payments": "payments"} {
		if strings.Contains(object, `"`+member+`"`) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// keyKinds are the beginnings of the AlgorithmIdentifier in a PKCS #8 key (RFC 5208), with the COSE algorithm that such a key signs with.
var keyKinds = []struct {
	oid []byte
	alg int64
}{
	{[]byte{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, -7}, // ecPublicKey, P-256
	{[]byte{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}, -35},                  // P-384
	{[]byte{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}, -36},                  // P-521
	{[]byte{0x06, 0x03, 0x2b, 0x65, 0x70}, -8},                                       // Ed25519
	{[]byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}, -257}, // rsaEncryption
}

// keyAlgorithm reads from the beginning of a key what it signs with; 0 when that is not known. The key itself is not parsed.
func keyAlgorithm(text string) int64 {
	const head = 48 // characters: more than the identifier takes
	der, err := b64.DecodeString(text[:min(len(text), head)&^3])
	defer clear(der)
	if err != nil {
		return 0
	}
	for _, k := range keyKinds {
		if bytes.Contains(der, k.oid) {
			return k.alg
		}
	}
	return 0
}

// Flags of a passkey in a row.
const (
	flagNamed = 1 << iota // found only by whoever names it: not discoverable
	flagKeyless
)

func (p PasskeyInfo) append(dst []byte) []byte {
	dst = appendStr(dst, p.Cred, p.CredentialID, p.UserHandle, p.RPID, p.RPName, p.UserName, p.DisplayName, p.Binding, p.Device, p.BE, p.BS)
	dst = binary.AppendUvarint(dst, uint64(p.Counter))
	dst = binary.AppendVarint(dst, p.Alg)
	dst = binary.AppendVarint(dst, int64(p.Protect))
	dst = appendList(dst, p.Extensions)
	var flags uint64
	if !p.Discoverable {
		flags |= flagNamed
	}
	if p.Keyless {
		flags |= flagKeyless
	}
	dst = binary.AppendUvarint(dst, flags)
	return binary.AppendVarint(dst, millis(p.Created))
}

// Passkeys returns what a list shows of the row's passkeys, in the order of the entry.
func (r Row) Passkeys() (out []PasskeyInfo) {
	d := rowReader{b: []byte(r.passkeys), text: r.passkeys}
	for len(d.b) > 0 {
		p := PasskeyInfo{
			Cred: d.str(), CredentialID: d.str(), UserHandle: d.str(), RPID: d.str(), RPName: d.str(), UserName: d.str(), DisplayName: d.str(),
			Binding: d.str(), Device: d.str(), BE: d.str(), BS: d.str(),
		}
		p.Counter, p.Alg, p.Protect = uint32(d.uint()), d.int(), int(d.int()) //nolint:gosec // as append wrote them
		p.Extensions = readList[string](&d)
		flags := d.uint()
		p.Discoverable, p.Keyless, p.Created = flags&flagNamed == 0, flags&flagKeyless != 0, fromMillis(d.int())
		if d.bad {
			return out
		}
		out = append(out, p)
	}
	return out
}
