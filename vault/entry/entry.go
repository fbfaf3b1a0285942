package entry

import (
	"time"

	"signet/vault/format"
	"signet/vault/secret"
)

// Rec says what a record is: the value of its field "rec".
type Rec string

// The records of format 1. Unknown ones are kept.
const (
	RecEntry         Rec = "entry" // the default: no field rec
	RecFolder        Rec = "folder"
	RecSettings      Rec = "settings"
	RecAuthenticator Rec = "authenticator"
	RecHardwareKey   Rec = "hwkey"
	RecImport        Rec = "import"
)

// Entry is one account or secret with its credentials. It is read from a record by FromRecord, and becomes edits by New.
// All values that may be secret stand in secret.Secret; those that the schema conceals are withheld unless asked for.
type Entry struct {
	ID       ID
	Rec      Rec
	Kind     Kind
	Title    string
	Subtitle string
	Favorite bool
	Created  time.Time // zero when unknown
	Modified time.Time // derived: the highest wall time outside hist/ and src/
	Expires  time.Time // zero when it does not
	Trashed  time.Time // zero when not in the trash

	Folders     []ID
	Tags        []string
	URLs        []URL
	Apps        []App
	Credentials []Credential // sorted by pos
	Sources     []Source     // what an import could not place, sorted by path
	History     []Past       // newest first
	Conflicts   []Conflict   // fields with live values that differ

	Other []Member                // entry-level fields of unknown meaning, kept and shown as they came
	Dots  map[string][]format.Dot // live dots of every field, by path: the base of an edit
}

// URL is one web address with how it is matched.
type URL struct {
	ID    string // 8 characters
	URL   string
	Match string // "" (default), domain, host, startsWith, exact, regex, never
	Label string
	Pos   string
}

// App is one Android app of the CXF scope, kept as compact JSON.
type App struct {
	ID   string
	JSON string
}

// Credential is one typed credential of an entry.
type Credential struct {
	ID      string // 8 characters
	Type    string // CXF spelling: basic-auth, totp, passkey …; unknown ones are kept
	Pos     string // fractional index
	Members []Member
	Fields  []Member // custom fields in order (custom-fields, and others that carry them)
}

// Member is one member of a credential, or one custom field.
type Member struct {
	Name      string // CXF member name ("password"); "" for a custom field
	Path      string // where it stands in the record
	ID        string // custom field: its id
	Pos       string // custom field: its place
	Label     string
	Type      FieldType
	JSON      bool // the value is compact JSON of an object or array (json:<member>)
	Concealed bool
	Withheld  bool // Value was left out because it is concealed and was not asked for
	Value     secret.Secret
	Wall      int64 // ms since 1970
}

// Source is something an import could not place: src/<format>/<name>.
type Source struct {
	Format, Name, Path string
	Value              secret.Secret
	Withheld           bool
}

// Past is one previous value of a field.
type Past struct {
	Dot       format.Dot // the write that had set it
	Path      string     // of the field
	Value     secret.Secret
	Concealed bool
	Withheld  bool
	Wall      int64     // when the value was written, ms since 1970
	Written   time.Time // Wall as a time
	HistPath  string    // hist/<dot>
}

// Conflict is a field with live values that differ. The first candidate is the displayed one.
type Conflict struct {
	Path       string
	Concealed  bool
	Candidates []Candidate
}

// Candidate is one of the values in conflict.
type Candidate struct {
	Dot      format.Dot
	Wall     int64
	Value    secret.Secret
	Withheld bool
}

// Base returns the dots of the whole entry, for an edit that must not overwrite what changed since.
func (e Entry) Base() Base {
	b := make(Base, len(e.Dots))
	for path, dots := range e.Dots {
		b[FieldRef{e.ID, path}] = dots
	}
	return b
}

// Credential returns the first credential of a type.
func (e Entry) Credential(typ string) (Credential, bool) {
	for _, c := range e.Credentials {
		if c.Type == typ {
			return c, true
		}
	}
	return Credential{}, false
}

// Member returns a member by its CXF name.
func (c Credential) Member(name string) (Member, bool) {
	for _, m := range c.Members {
		if m.Name == name {
			return m, true
		}
	}
	return Member{}, false
}

// Text returns a member's value by its CXF name, "" when absent or withheld.
func (c Credential) Text(name string) string {
	m, _ := c.Member(name)
	return m.Value.RevealString()
}

// Wipe overwrites every value of the entry.
func (e Entry) Wipe() {
	for _, c := range e.Credentials {
		wipeAll(c.Members)
		wipeAll(c.Fields)
	}
	wipeAll(e.Other)
	for _, s := range e.Sources {
		s.Value.Wipe()
	}
	for _, p := range e.History {
		p.Value.Wipe()
	}
	for _, c := range e.Conflicts {
		for _, v := range c.Candidates {
			v.Value.Wipe()
		}
	}
}

func wipeAll(ms []Member) {
	for _, m := range ms {
		m.Value.Wipe()
	}
}
