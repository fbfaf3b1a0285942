package entry

import (
	"fmt"
	"strings"

	"signet/vault/format"
	"signet/vault/secret"
)

// ID names an entry or another record.
type ID = format.RecordID

// FieldRef is one field of one record.
type FieldRef struct {
	Record ID
	Path   string
}

// Edit writes or deletes one field. Value is always held as a secret: whether it is one is the schema's business.
type Edit struct {
	FieldRef
	Value  secret.Secret
	Delete bool
	Wall   int64 // ms since 1970; 0 means now. Imports give the source's time when plausible
}

// Base carries the dots that the caller saw when it made its edits. A field that is absent from it is written
// unconditionally; a field whose live dots differ from it was changed since.
type Base map[FieldRef][]format.Dot

// Set makes an edit that writes a value.
func Set(id ID, path, value string) Edit {
	return Edit{FieldRef: FieldRef{id, path}, Value: secret.FromString(value)}
}

// Remove makes an edit that deletes a field.
func Remove(id ID, path string) Edit { return Edit{FieldRef: FieldRef{id, path}, Delete: true} }

// maxDots bounds what ParseDots reads: a field has as many live dots as devices wrote it at once.
const maxDots = 4096

// DotsText writes dots as ParseDots reads them.
func DotsText(dots []format.Dot) string {
	texts := make([]string, len(dots))
	for i, d := range dots {
		texts[i] = d.String()
	}
	return strings.Join(texts, " ")
}

// ParseDots reads what DotsText wrote.
func ParseDots(s string) ([]format.Dot, error) {
	texts := strings.Fields(s)
	if len(texts) > maxDots {
		return nil, fmt.Errorf("parse dots: more than %d", maxDots)
	}
	dots := make([]format.Dot, len(texts))
	for i, t := range texts {
		d, err := format.ParseDot(t)
		if err != nil {
			return nil, err
		}
		dots[i] = d
	}
	return dots, nil
}
