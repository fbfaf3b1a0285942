package format

import (
	"bytes"
	"errors"
	"fmt"
)

// Small files that are not signed and never trusted: they say how to find the way, and every opening checks what it finds.

var errHint = errors.New("malformed hint")

const vaultHead = "signet vault, format 1\n"

const vaultFoot = `
This directory is a Signet vault. It opens with Signet, or with age 1.3 or later and a device key,
a recovery sheet or another way in, in three steps:

  age -d -i recovery.txt epochs/NUMBER/rec-*.age > epoch.txt     NUMBER: the highest
  age -d -i epoch.txt log/LOG/FILE.age                           lines of JSON
  age -d -i epoch.txt roster/FILE.age                            who belongs to the vault

epochs/NUMBER/prev-*.age, opened with epoch.txt, holds the identities of older epochs. Nothing in
this file is secret and nothing in it is trusted.
`

// VaultHint returns the text of VAULT: format, vault id, how to open with stock age. Never trusted.
func VaultHint(id VaultID) []byte {
	return []byte(vaultHead + "vault " + id.String() + "\n" + vaultFoot)
}

// ParseVaultHint reads the format and the vault id; what follows is for people. ErrNewer for another format.
func ParseVaultHint(text []byte) (VaultID, error) {
	if len(text) > MaxHint {
		return VaultID{}, fmt.Errorf("parse VAULT: %w", ErrTooLarge)
	}
	rest, ok := bytes.CutPrefix(text, []byte(vaultHead))
	if !ok {
		if bytes.HasPrefix(text, []byte("signet vault, format ")) {
			return VaultID{}, fmt.Errorf("parse VAULT: %w", ErrNewer)
		}
		return VaultID{}, fmt.Errorf("parse VAULT: %w", errHint)
	}
	line, _, _ := bytes.Cut(rest, lf)
	hex, ok := bytes.CutPrefix(line, []byte("vault "))
	if !ok {
		return VaultID{}, fmt.Errorf("parse VAULT: %w", errHint)
	}
	id, err := ParseVaultID(string(hex))
	if err != nil {
		return VaultID{}, fmt.Errorf("parse VAULT: %w", err)
	}
	return id, nil
}

// DeviceHint is device.json: which device lives in this directory. Every unlock compares it with the key file.
type DeviceHint struct {
	Vault     VaultID
	Device    MemberID
	Recipient string // the device's hybrid recipient: what a locked process seals to
	Extra     []byte
}

// Encode returns the file's text.
func (d DeviceHint) Encode() ([]byte, error) {
	if !isID16(string(d.Device)) || !checkAge(d.Recipient) {
		return nil, fmt.Errorf("encode device.json: %w", errHint)
	}
	if err := checkExtra(d.Extra, "t", "v", "vault", "device", "rcpt"); err != nil {
		return nil, fmt.Errorf("encode device.json: %w", err)
	}
	out := appendStr(appendInt([]byte(`{"t":"device"`), "v", Version), "vault", d.Vault.String())
	out = appendStr(appendStr(out, "device", d.Device), "rcpt", d.Recipient)
	return append(appendExtra(out, d.Extra), "}\n"...), nil
}

// ParseDeviceHint reads device.json.
func ParseDeviceHint(text []byte) (d DeviceHint, err error) {
	o, err := hintObject(text, "device")
	if err != nil {
		return DeviceHint{}, fmt.Errorf("parse device.json: %w", err)
	}
	d = DeviceHint{Vault: o.vault("vault"), Device: o.memberID("device"), Recipient: o.str("rcpt", MaxRecipient)}
	if d.Extra, err = o.finish(); err == nil && !checkAge(d.Recipient) {
		err = errHint
	}
	if err != nil {
		return DeviceHint{}, fmt.Errorf("parse device.json: %w", err)
	}
	return d, nil
}

func hintObject(text []byte, typ string) (*object, error) {
	if len(text) > MaxHint {
		return nil, ErrTooLarge
	}
	o, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	o.kind(typ)
	return o, o.err
}

// WayHint is unlock/NAME.json: what kind of way in NAME is and what must be known before it can be tried.
type WayHint struct {
	Kind       string // keyring, passphrase, plugin, fido2
	Credential []byte // fido2: credential id
	Identity   string // plugin: AGE-PLUGIN-…
	Extra      []byte
}

var wayMembers = []string{"t", "v", "kind", "cred", "identity"}

// Encode returns the file's text.
func (w WayHint) Encode() ([]byte, error) {
	if w.Kind == "" || len(w.Kind) > maxShort || !checkLabel(w.Kind) || !checkLine(w.Identity) || len(w.Credential) > maxCredential {
		return nil, fmt.Errorf("encode way hint: %w", errHint)
	}
	if err := checkExtra(w.Extra, wayMembers...); err != nil {
		return nil, fmt.Errorf("encode way hint: %w", err)
	}
	out := appendStr(appendInt([]byte(`{"t":"way"`), "v", Version), "kind", w.Kind)
	if len(w.Credential) > 0 {
		out = appendStr(out, "cred", b64.EncodeToString(w.Credential))
	}
	if w.Identity != "" {
		out = appendStr(out, "identity", w.Identity)
	}
	if out = append(appendExtra(out, w.Extra), "}\n"...); len(out) > MaxHint {
		return nil, fmt.Errorf("encode way hint: %w", ErrTooLarge)
	}
	return out, nil
}

// ParseWayHint reads unlock/NAME.json.
func ParseWayHint(text []byte) (w WayHint, err error) {
	o, err := hintObject(text, "way")
	if err != nil {
		return WayHint{}, fmt.Errorf("parse way hint: %w", err)
	}
	w.Kind = o.str("kind", maxShort)
	cred := o.optStr("cred", b64.EncodedLen(maxCredential))
	w.Identity = o.optStr("identity", MaxHint)
	if w.Extra, err = o.finish(); err == nil && cred != "" {
		var ok bool
		if w.Credential, ok = decode64(cred, b64.DecodedLen(len(cred))); !ok {
			err = errHint
		}
	}
	if err == nil && (w.Kind == "" || !checkLabel(w.Kind) || !checkLine(w.Identity)) {
		err = errHint
	}
	if err != nil {
		return WayHint{}, fmt.Errorf("parse way hint: %w", err)
	}
	return w, nil
}

const maxCredential = 1023 // bytes of a credential id (WebAuthn L3, 4.)

// checkLine accepts printable ASCII: what may stand on a line of an identity file.
func checkLine(s string) bool { return len(s) <= MaxHint && plain(s) }
