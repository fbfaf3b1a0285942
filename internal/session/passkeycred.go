package session

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"signet/passkeys"
	"signet/vault"
	"signet/vault/entry"
	"signet/vault/secret"
)

var b64 = base64.RawURLEncoding.Strict()

// errUnusable says that a credential of the vault is no passkey that this program can sign with here.
var errUnusable = errors.New("this passkey cannot be used here")

// fido2Extensions is CXF's object of that name (CXF 1.0, "passkey"), as far as an authenticator keeps it. What else stands in it stays.
type fido2Extensions struct {
	HMAC     *hmacCredentials `json:"hmacCredentials,omitempty"`
	CredBlob string           `json:"credBlob,omitempty"`
}

type hmacCredentials struct {
	Algorithm string `json:"algorithm"`
	WithUV    string `json:"credWithUV"`
	WithoutUV string `json:"credWithoutUV"`
}

const hmacAlgorithm = "hmac-sha256"

// private is what of a passkey opens something: it stands in the entry, or sealed to this device.
type private struct {
	Key        string           `json:"key"` // PKCS #8, base64url
	Extensions *fido2Extensions `json:"fido2Extensions,omitempty"`
	LargeBlob  string           `json:"largeBlobKey,omitempty"`
}

// privateOf writes a credential's secrets as CXF spells them.
func privateOf(c *passkeys.Credential) (private, error) {
	der, err := c.Key.PKCS8()
	if err != nil {
		return private{}, err
	}
	defer der.Wipe()
	p := private{Key: b64.EncodeToString(der.Reveal())}
	var x fido2Extensions
	if !c.SecretUV.IsEmpty() {
		x.HMAC = &hmacCredentials{hmacAlgorithm, b64.EncodeToString(c.SecretUV.Reveal()), b64.EncodeToString(c.SecretNoUV.Reveal())}
	}
	x.CredBlob = b64.EncodeToString(c.Blob)
	if x != (fido2Extensions{}) {
		p.Extensions = &x
	}
	p.LargeBlob = b64.EncodeToString(c.LargeBlobKey.Reveal())
	return p, nil
}

// names are the extensions that have something in it.
func (p private) names() (names []string) {
	if x := p.Extensions; x != nil && x.HMAC != nil {
		names = append(names, "hmac-secret")
	}
	if x := p.Extensions; x != nil && x.CredBlob != "" {
		names = append(names, "credBlob")
	}
	if p.LargeBlob != "" {
		names = append(names, "largeBlobKey")
	}
	return names
}

// into gives a credential its secrets. What cannot be read of the extensions is as if it were not there; without a key it is no passkey.
func (p private) into(c *passkeys.Credential) error {
	der, err := b64.DecodeString(p.Key)
	if err != nil {
		return errUnusable
	}
	defer clear(der)
	if c.Key, err = passkeys.ParseKey(der); err != nil {
		return errUnusable
	}
	if x := p.Extensions; x != nil {
		c.Blob, _ = b64.DecodeString(x.CredBlob)
		if x.HMAC != nil && (x.HMAC.Algorithm == hmacAlgorithm || x.HMAC.Algorithm == "") {
			c.SecretUV, c.SecretNoUV = secretOf(x.HMAC.WithUV), secretOf(x.HMAC.WithoutUV)
		}
	}
	c.LargeBlobKey = secretOf(p.LargeBlob)
	return nil
}

// secretSize is that of the secrets of extensions.
const secretSize = 32

func secretOf(text string) secret.Secret {
	b, err := b64.DecodeString(text)
	if err != nil || len(b) != secretSize {
		return secret.Secret{}
	}
	return secret.New(b)
}

// publicOf reads what of a passkey is no secret.
func publicOf(c entry.Credential) (passkeys.Credential, error) {
	id, err := b64.DecodeString(c.Text("credentialId"))
	handle, err2 := b64.DecodeString(c.Text("userHandle"))
	if err != nil || err2 != nil || len(id) == 0 || c.Text("rpId") == "" {
		return passkeys.Credential{}, errUnusable
	}
	out := passkeys.Credential{
		ID: id, RPID: c.Text("rpId"), RPName: c.Text("signet:rpName"),
		User:    passkeys.User{ID: handle, Name: c.Text("username"), DisplayName: c.Text("userDisplayName")},
		Binding: passkeys.Synced, Discoverable: c.Text(entry.PasskeyDiscoverable) != "false", Protect: passkeys.ProtectOptional,
		Created: vault.ParseTime(c.Text("signet:created")),
	}
	if c.Text(entry.PasskeyBinding) == entry.BindingDevice {
		out.Binding = passkeys.Device
	}
	out.BE, out.BS = flag(c, "signet:be", out.Binding), flag(c, "signet:bs", out.Binding)
	if n, err := strconv.Atoi(c.Text(entry.PasskeyProtect)); err == nil && n >= 1 && n <= 3 {
		out.Protect = passkeys.Protection(n)
	}
	return out, nil
}

// flag is what a passkey answers to its site of its backup. Where nothing is known, it is what its writer answered (formats.md 12): a passkey that is synced is
// backed up.
func flag(c entry.Credential, name string, b passkeys.Binding) bool {
	switch c.Text(name) {
	case "1":
		return true
	case "0":
		return false
	}
	return b == passkeys.Synced
}

// credentialOf reads a passkey of a record with its secrets. errUnusable where this device cannot sign with it.
func (l *Local) credentialOf(f found) (passkeys.Credential, error) {
	out, err := publicOf(f.cred)
	if err != nil {
		return passkeys.Credential{}, err
	}
	out.Counter = f.counter()
	p := private{Key: f.secret("key"), LargeBlob: f.secret(entry.PasskeyLargeBlobKey)}
	if p.Key == "" && out.Binding == passkeys.Device {
		if f.cred.Text(entry.PasskeyDevice) != l.device {
			return passkeys.Credential{}, errUnusable
		}
		if p, err = l.boundPrivate(out.ID); err != nil {
			return passkeys.Credential{}, err
		}
	} else if text := f.secret("json:" + entry.PasskeyExtensions); text != "" {
		var x fido2Extensions
		if json.Unmarshal([]byte(text), &x) == nil {
			p.Extensions = &x
		}
	}
	return out, p.into(&out)
}

func (l *Local) boundPrivate(id []byte) (p private, err error) {
	raw, err := l.v.Local().Bound(vault.BoundName(id))
	if errors.Is(err, vault.ErrNotFound) || errors.Is(err, vault.ErrCorrupt) {
		return p, errUnusable // doctor says so
	}
	if err != nil {
		return p, err
	}
	defer raw.Wipe()
	if json.Unmarshal(raw.Reveal(), &p) != nil {
		return private{}, errUnusable
	}
	return p, nil
}

// textMember is one member as it is written.
func textMember(name, value string) entry.Member {
	return entry.Member{Name: name, Value: secret.FromString(value)}
}

// membersOf writes a new passkey as a credential of an entry. What is bound to this device comes back apart.
func (l *Local) membersOf(c *passkeys.Credential) (entry.Credential, *private, error) {
	p, err := privateOf(c)
	if err != nil {
		return entry.Credential{}, nil, err
	}
	out := entry.Credential{Type: entry.Passkey}
	add := func(name, value string) { out.Members = append(out.Members, textMember(name, value)) }
	optional := func(name, value string) {
		if value != "" {
			add(name, value)
		}
	}
	add("credentialId", b64.EncodeToString(c.ID))
	add("rpId", c.RPID)
	add("username", valid(c.User.Name))
	add("userDisplayName", valid(c.User.DisplayName))
	add("userHandle", b64.EncodeToString(c.User.ID))
	add("signet:be", bit(c.BE))
	add("signet:bs", bit(c.BS))
	add("signet:counter", strconv.FormatUint(uint64(c.Counter), 10))
	add("signet:alg", strconv.FormatInt(int64(c.Key.Algorithm()), 10))
	optional("signet:rpName", valid(c.RPName))
	add("signet:created", vault.FormatTime(c.Created))
	add(entry.PasskeyDiscoverable, strconv.FormatBool(c.Discoverable))
	if c.Protect > passkeys.ProtectOptional {
		add(entry.PasskeyProtect, strconv.Itoa(int(c.Protect)))
	}
	if c.Binding == passkeys.Device {
		return l.boundMembers(out, c, p)
	}
	add(entry.PasskeyBinding, entry.BindingSynced)
	add("key", p.Key)
	optional(entry.PasskeyLargeBlobKey, p.LargeBlob)
	if p.Extensions != nil {
		text, err := json.Marshal(p.Extensions)
		if err != nil {
			return entry.Credential{}, nil, fmt.Errorf("keep passkey: %w", err)
		}
		out.Members = append(out.Members, entry.Member{Name: entry.PasskeyExtensions, JSON: true, Value: secret.New(text)})
	}
	return out, nil, nil
}

// boundMembers adds what other devices may know of a key that is on this one.
func (l *Local) boundMembers(out entry.Credential, c *passkeys.Credential, p private) (entry.Credential, *private, error) {
	pub, err := c.Key.SPKI()
	if err != nil {
		return entry.Credential{}, nil, fmt.Errorf("keep passkey: %w", err)
	}
	out.Members = append(out.Members, textMember(entry.PasskeyBinding, entry.BindingDevice), textMember(entry.PasskeyDevice, l.device),
		textMember(entry.PasskeyPublicKey, b64.EncodeToString(pub)))
	if names := p.names(); len(names) > 0 {
		out.Members = append(out.Members, textMember(entry.PasskeyHas, strings.Join(names, " ")))
	}
	return out, &p, nil
}

// valid is a text from outside as a value can hold it.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
