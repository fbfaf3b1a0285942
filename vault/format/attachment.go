package format

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"signet/vault/secret"
)

var errAttachment = errors.New("malformed attachment field")

// Attachment is the value of an attachment's field in its entry (vault.md 5.2): the only key of att/<h32>.age. The file's
// plaintext is the content, zero-padded by Padmé.
type Attachment struct {
	Identity secret.Secret // AGE-SECRET-KEY-PQ-1…, fresh for this file
	Sum      Hash          // SHA-256 of the age file's bytes
	Size     int64         // bytes of the content without padding
	Name     string        // as the user's file was called
	Type     string        // media type, may be empty
	Extra    []byte
}

var attachmentMembers = []string{"t", "v", "key", "sum", "size", "name", "type"}

// Path returns the name of the file in the vault.
func (a Attachment) Path() string { return Name{Kind: FileAtt, H32: a.Sum.H32()}.Path() }

// Padded returns the length of the file's plaintext.
func (a Attachment) Padded() int64 { return int64(Padme(int(a.Size), 0)) }

func (a Attachment) check() error {
	if a.Size < 0 || a.Size > MaxAttachment || !isFileText(a.Name) || !isFileText(a.Type) {
		return errAttachment
	}
	if err := checkIdentity(a.Identity); err != nil {
		return err
	}
	return checkExtra(a.Extra, attachmentMembers...)
}

// isFileText accepts any UTF-8: a file name is foreign text, and whoever shows it sanitises it.
func isFileText(s string) bool { return len(s) <= 4*MaxName && utf8.ValidString(s) }

// Encode returns the field's value.
func (a Attachment) Encode() (secret.Secret, error) {
	if err := a.check(); err != nil {
		return secret.Secret{}, fmt.Errorf("encode attachment: %w", err)
	}
	out := appendInt([]byte(`{"t":"att"`), "v", Version)
	out = appendStr(appendStr(out, "key", a.Identity.RevealString()), "sum", a.Sum.String())
	out = appendStr(appendInt(out, "size", a.Size), "name", a.Name)
	out = appendExtra(appendStr(out, "type", a.Type), a.Extra)
	return secret.New(append(out, '}')), nil
}

// ParseAttachment reads a field's value.
func ParseAttachment(value []byte) (a Attachment, err error) {
	if len(value) > MaxValue {
		return Attachment{}, fmt.Errorf("parse attachment: %w", ErrTooLarge)
	}
	o, err := parseObject(value)
	if err != nil {
		return Attachment{}, fmt.Errorf("parse attachment: %w", err)
	}
	o.kind("att")
	a.Identity = secret.FromString(o.str("key", identityLen))
	a.Sum = o.hash("sum")
	a.Size = o.integer("size", 0, MaxAttachment)
	a.Name = o.str("name", 4*MaxName)
	a.Type = o.str("type", 4*MaxName)
	if a.Extra, err = o.finish(); err == nil {
		err = a.check()
	}
	if err != nil {
		a.Identity.Wipe()
		return Attachment{}, fmt.Errorf("parse attachment: %w", err)
	}
	return a, nil
}
