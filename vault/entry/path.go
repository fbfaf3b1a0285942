package entry

import (
	"fmt"
	"strings"

	"signet/vault/format"
)

// Entry-level paths (decisions.md "Records and fields").
const (
	PathRec      = "rec"
	PathTitle    = "title"
	PathSubtitle = "subtitle"
	PathFavorite = "favorite"
	PathCreated  = "created"
	PathExpires  = "expires"
	PathTrashed  = "trashed"
	PathParent   = "parent" // folder records
	PathTime     = "time"   // import records
	PathParts    = "parts"  // import records
	PathSeal     = "seal"   // authenticator records: begins the path of a key
	PathRetired  = "retired"
)

const hexDigits = "0123456789ABCDEF"

// EscapeSegment percent-encodes every byte outside [A-Za-z0-9._:-], so that a segment never holds a slash.
func EscapeSegment(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = plainByte(s[i])
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; plainByte(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}

func plainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == ':' || c == '-'
}

// UnescapeSegment reverses EscapeSegment; what is not a valid escape stays as it is, because unknown paths are kept.
func UnescapeSegment(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := strings.IndexByte(hexDigits, s[i+1]), strings.IndexByte(hexDigits, s[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// JoinPath escapes and joins segments.
func JoinPath(segments ...string) string {
	esc := make([]string, len(segments))
	for i, s := range segments {
		esc[i] = EscapeSegment(s)
	}
	return strings.Join(esc, "/")
}

// CheckPath refuses a path that the format does not allow.
func CheckPath(path string) error {
	if path == "" || len(path) > format.MaxPath {
		return fmt.Errorf("field path of %d bytes: allowed are 1 to %d", len(path), format.MaxPath)
	}
	for i := 0; i < len(path); i++ {
		if c := path[i]; !plainByte(c) && c != '/' && c != '%' {
			return fmt.Errorf("field path has the byte %#02x", c)
		}
	}
	return nil
}

// TagPath is the path of a tag.
func TagPath(name string) string { return JoinPath("tag", name) }

// FolderPath is the path that puts an entry into a folder.
func FolderPath(id ID) string { return JoinPath("folder", string(id)) }

// CredPath is a path below a credential.
func CredPath(cred string, rest ...string) string {
	return JoinPath(append([]string{"cred", cred}, rest...)...)
}

// HistPath is the path of the row that saves the dot.
func HistPath(d format.Dot) string { return "hist/" + d.String() }

// ConcealedPath reports whether the field at path of a record with these credential types holds a secret by the schema.
// History rows and sources are concealed as wholes: what they hold is not known from the path.
func ConcealedPath(path string, credType func(cred string) string) bool {
	seg := strings.Split(path, "/")
	switch {
	case seg[0] == "hist" || seg[0] == "src":
		return true
	case (seg[0] == PathSeal || seg[0] == PathRetired) && len(seg) == 2:
		return true
	case seg[0] != "cred" || len(seg) < 3:
		return false
	case seg[2] == "field":
		return false // FromRecord decides by the field's type
	case len(seg) > 3:
		return false // label, id, fieldType, extensions of a member
	}
	spec, known := Spec(credType(seg[1]))
	name := UnescapeSegment(strings.TrimPrefix(seg[2], "json:"))
	if name == "type" || name == "pos" {
		return false
	}
	m, ok := spec.Member(name)
	if !ok {
		// An unknown member of whatever type may be a secret: it is shown only on request.
		return !known || strings.HasPrefix(seg[2], "json:")
	}
	return m.Concealed()
}
