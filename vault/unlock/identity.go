package unlock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"signet/vault/secret"
)

// Identity is what an identity file holds: one identity line, and the recipient that its comments name.
type Identity struct {
	Text      secret.Secret // AGE-SECRET-KEY-PQ-1…, AGE-SECRET-KEY-1… or AGE-PLUGIN-…
	Recipient string        // what the key file is sealed to; an AGE-PLUGIN-… line where only that is known
	Plugin    string        // the plugin's name, "" for a native identity
}

// Prefixes of identity and recipient strings.
const (
	prefixPQ     = "AGE-SECRET-KEY-PQ-1"
	prefixX25519 = "AGE-SECRET-KEY-1"
	prefixPlugin = "AGE-PLUGIN-"
)

// ParseIdentity reads an identity file as age and its plugins write it: comments, blank lines, exactly one identity.
// A comment "# Recipient: age1…" or "# public key: age1…" names the recipient; a native identity yields its own.
func ParseIdentity(file secret.Secret) (Identity, error) {
	b := file.Reveal()
	if len(b) > MaxKeyFile {
		return Identity{}, fmt.Errorf("parse identity file: longer than %d bytes", MaxKeyFile)
	}
	var id Identity
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
		case line[0] == '#':
			if r := commentRecipient(string(line)); r != "" {
				id.Recipient = r
			}
		case !id.Text.IsEmpty():
			return Identity{}, errors.New("parse identity file: more than one identity")
		default:
			id.Text = secret.New(bytes.Clone(line))
		}
	}
	if id.Text.IsEmpty() {
		return Identity{}, errors.New("parse identity file: no identity in it")
	}
	return id.complete()
}

func (id Identity) complete() (Identity, error) {
	text := id.Text.RevealString()
	switch {
	case strings.HasPrefix(text, prefixPQ):
		pq, err := age.ParseHybridIdentity(text)
		if err != nil {
			return Identity{}, errors.New("parse identity file: malformed post-quantum identity")
		}
		id.Recipient = pq.Recipient().String()
	case strings.HasPrefix(text, prefixX25519):
		x, err := age.ParseX25519Identity(text)
		if err != nil {
			return Identity{}, errors.New("parse identity file: malformed identity")
		}
		id.Recipient = x.Recipient().String()
	case strings.HasPrefix(text, prefixPlugin):
		name, _, err := plugin.ParseIdentity(text)
		if err != nil {
			return Identity{}, errors.New("parse identity file: malformed plugin identity")
		}
		id.Plugin = name
		if id.Recipient == "" || strings.HasPrefix(id.Recipient, "age1tag") {
			id.Recipient = text // the plugin encrypts to its own identity; tag recipients name no plugin
		}
	default:
		return Identity{}, errors.New("parse identity file: not an age identity")
	}
	return id, nil
}

func commentRecipient(line string) string {
	for word := range strings.FieldsSeq(line) {
		if strings.HasPrefix(word, "age1") {
			return word
		}
	}
	return ""
}

// SealKey seals the device key file to a way's recipient string: hybrid age1pq1…, X25519 age1…, a plugin's
// age1name1…, or a plugin's identity where the plugin encrypts to identities.
func SealKey(ctx context.Context, key secret.Secret, recipient string, ui Prompter) ([]byte, error) {
	b := newBridge(ctx, ui)
	r, err := b.recipient(recipient)
	if err != nil {
		return nil, err
	}
	out, err := within(ctx, func() ([]byte, error) { return encrypt(key.Clone().Reveal(), r) })
	if err != nil {
		return nil, b.explain("seal device key", err)
	}
	return out, nil
}

// OpenKey opens a sealed device key file with an identity text: AGE-SECRET-KEY-… or AGE-PLUGIN-….
// ErrNotOurs: another identity is needed; ErrPluginMissing and ErrNeedsPerson: this way cannot be tried here and now.
func OpenKey(ctx context.Context, sealed []byte, identity secret.Secret, ui Prompter) (secret.Secret, error) {
	b := newBridge(ctx, ui)
	id, err := b.identity(identity)
	if err != nil {
		return secret.Secret{}, err
	}
	plain, err := within(ctx, func() ([]byte, error) { return decrypt(sealed, id) })
	if err != nil {
		return secret.Secret{}, b.explain("open device key", err)
	}
	return secret.New(plain), nil
}

func (b *bridge) recipient(s string) (age.Recipient, error) {
	var r age.Recipient
	var err error
	switch {
	case strings.HasPrefix(s, "age1pq1"):
		r, err = age.ParseHybridRecipient(s)
	case strings.HasPrefix(s, prefixPlugin):
		var id *plugin.Identity
		if id, err = plugin.NewIdentity(s, b.ui()); err == nil {
			r = id.Recipient()
		}
	case strings.HasPrefix(s, "age1") && strings.Count(s, "1") > 1:
		r, err = plugin.NewRecipient(s, b.ui())
		if x, xerr := age.ParseX25519Recipient(s); xerr == nil { // bech32 data has no "1", but be sure
			r, err = x, nil
		}
	default:
		r, err = age.ParseX25519Recipient(s)
	}
	if err != nil {
		return nil, fmt.Errorf("parse recipient: %v", err)
	}
	return r, nil
}

func (b *bridge) identity(text secret.Secret) (age.Identity, error) {
	s := text.RevealString()
	var id age.Identity
	var err error
	switch {
	case strings.HasPrefix(s, prefixPQ):
		id, err = age.ParseHybridIdentity(s)
	case strings.HasPrefix(s, prefixPlugin):
		var p *plugin.Identity
		p, err = plugin.NewIdentity(s, b.ui())
		id = watched{p, b}
	default:
		id, err = age.ParseX25519Identity(s)
	}
	if err != nil {
		return nil, errors.New("parse identity: malformed") // age's own text may quote the secret
	}
	return id, nil
}
