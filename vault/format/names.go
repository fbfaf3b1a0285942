package format

import (
	"encoding/hex"
	"fmt"
	"math/bits"
	"strings"
)

// FileKind is what a synced path names.
type FileKind int

// The kinds of synced file (vault.md 5.2).
const (
	FileUnknown FileKind = iota // not ours: foreign names are ignored
	FileSlot                    // epochs/<e6>/<kind>-<member8>-<h32>.age
	FilePrev                    // epochs/<e6>/prev-<h32>.age
	FileRoster                  // roster/<n6>-<h32>.age
	FileLog                     // log/<log8>/<seq8>-<h32>.age
	FileAtt                     // att/<h32>.age
)

// Name is a parsed path of a synced file, always with forward slashes.
type Name struct {
	Kind   FileKind
	H32    string     // first 32 hex of SHA-256 over the file's bytes
	Epoch  int        // FileSlot, FilePrev
	Member string     // FileSlot: member8
	Of     MemberKind // FileSlot
	Count  int        // FileRoster: number of statements
	Log    string     // FileLog: log8
	Seq    int        // FileLog
}

const (
	h32Len   = 32
	shortLen = 8
)

// Path renders the name, or "" for FileUnknown.
func (n Name) Path() string {
	switch n.Kind {
	case FileSlot:
		return fmt.Sprintf("epochs/%06d/%s-%s-%s.age", n.Epoch, n.Of, n.Member, n.H32)
	case FilePrev:
		return fmt.Sprintf("epochs/%06d/prev-%s.age", n.Epoch, n.H32)
	case FileRoster:
		return fmt.Sprintf("roster/%06d-%s.age", n.Count, n.H32)
	case FileLog:
		return fmt.Sprintf("log/%s/%08d-%s.age", n.Log, n.Seq, n.H32)
	case FileAtt:
		return "att/" + n.H32 + ".age"
	}
	return ""
}

// ParseName reads a path; FileUnknown for everything that is not exactly a name of format 1.
func ParseName(path string) Name {
	n, ok := parseName(path)
	if !ok || n.Path() != path {
		return Name{}
	}
	return n
}

func parseName(path string) (n Name, ok bool) {
	stem, isAge := strings.CutSuffix(path, ".age")
	parts := strings.Split(stem, "/")
	last := parts[len(parts)-1]
	if !isAge || len(last) < h32Len || !isHex(last[len(last)-h32Len:]) {
		return Name{}, false
	}
	n.H32 = last[len(last)-h32Len:]
	rest, dashed := strings.CutSuffix(last[:len(last)-h32Len], "-")
	switch {
	case len(parts) == 3 && parts[0] == "epochs" && dashed:
		return parseEpochName(n, parts[1], rest)
	case len(parts) == 2 && parts[0] == "roster" && dashed:
		n.Kind = FileRoster
		n.Count, ok = padded(rest, 6, MaxStatements)
	case len(parts) == 3 && parts[0] == "log" && dashed:
		n.Kind, n.Log = FileLog, parts[1]
		n.Seq, ok = padded(rest, 8, MaxSeq)
		ok = ok && isShort(n.Log)
	case len(parts) == 2 && parts[0] == "att" && rest == "":
		n.Kind, ok = FileAtt, true
	}
	return n, ok
}

func parseEpochName(n Name, e6, rest string) (Name, bool) {
	var ok bool
	if n.Epoch, ok = padded(e6, 6, MaxEpoch); !ok {
		return Name{}, false
	}
	if rest == "prev" {
		n.Kind = FilePrev
		return n, true
	}
	kind, member, _ := strings.Cut(rest, "-")
	n.Kind, n.Of, n.Member = FileSlot, MemberKind(kind), member
	return n, isShort(member) && n.Of.valid()
}

// padded reads a decimal number from 1 to limit, zero-padded to width digits.
func padded(s string, width, limit int) (int, bool) {
	if len(s) != width {
		return 0, false
	}
	n, ok := parseInt("1" + s)
	got := int(n) - pow10(width)
	return got, ok && got >= 1 && got <= limit
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func isShort(s string) bool {
	for i := range len(s) {
		if !isBase32(s[i]) {
			return false
		}
	}
	return len(s) == shortLen
}

// H32 returns the first 32 hex of SHA-256 over a file's bytes: a name and an integrity check, never an identity.
func H32(file []byte) string { return Sum(file).H32() }

// H32 returns the first 32 hex of h.
func (h Hash) H32() string { return hex.EncodeToString(h[:h32Len/2]) }

// Padme returns the padded length of n bytes, at least floor (Padmé: at most 12 % more, leaks O(log log n) bits): n is
// rounded up so that only as many leading bits vary as the bit length of its bit length.
func Padme(n, floor int) int {
	if n < floor {
		return floor
	}
	if n < 2 {
		return n
	}
	e := bits.Len(uint(n)) - 1
	low := e - bits.Len(uint(e))
	mask := 1<<max(low, 0) - 1
	return (n + mask) &^ mask
}
