package entry

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"signet/vault/format"
)

// Fold is how text is compared in searches and titles: lower case, marks removed.
func Fold(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < 0x80
	}
	if ascii {
		return strings.ToLower(s)
	}
	out := make([]rune, 0, len(s))
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			out = append(out, unicode.ToLower(r))
		}
	}
	return string(out)
}

// Words cuts folded text into tokens: runs of letters and digits.
func Words(s string) []string {
	return strings.FieldsFunc(Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// maxTokens bounds what one record adds to the index.
const maxTokens = 64

// Marks that keep tokens of other meaning apart from words.
const (
	folderWord = "\x01" // before the words of a folder's title
	inFolder   = "\x02" // before the id of the folder that an entry is in
	recordKind = "\x03" // before the kind of a record that is no entry
)

// KindWord returns the token that every record of a kind other than entries has: they are few, and found without a scan.
func KindWord(rec Rec) string { return recordKind + string(rec) }

// FolderWord returns the token by which a folder record is found by a word of its title.
func FolderWord(word string) string { return folderWord + word }

// InFolder returns the token that every entry of a folder has.
func InFolder(id ID) string { return inFolder + string(id) }

// Index is what the cache keeps of a record beside the record itself.
type Index struct {
	Title  string // folded, for exact look-up; entries only
	Tokens []string
	Search string // folded text for substring search
	Row    Row
}

// IndexOf derives it. Only what may be shown without unlocking anything further goes in: no concealed value.
func IndexOf(rec format.Record) Index {
	e := FromRecord(rec, View{})
	row := e.Row()
	row.passkeys = passkeyInfos(e, rec)
	if parent, ok := rec.Get(PathParent); ok && len(parent.Values) > 0 {
		row.Parent = ID(parent.Values[0].Text)
	}
	ix := Index{Row: row}
	switch e.Rec {
	case RecEntry:
		ix.Title = Fold(e.Title)
		ix.Search = SearchText(row)
		ix.Tokens = append(entryTokens(row), passkeyTokens(e)...)
	case RecFolder:
		ix.Search = Fold(e.Title)
		for _, w := range Words(e.Title) {
			ix.Tokens = append(ix.Tokens, FolderWord(w))
		}
	}
	if e.Rec != RecEntry {
		ix.Tokens = append(ix.Tokens, KindWord(e.Rec))
	}
	return ix
}

// SearchText is the folded text in which the words of a search are looked for.
func SearchText(r Row) string {
	parts := []string{r.Title, r.Subtitle, r.Username}
	for _, u := range r.URLs {
		parts = append(parts, Host(u))
	}
	parts = append(append(parts, r.RPIDs...), r.Tags...)
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return Fold(strings.Join(parts, "\n"))
}

func entryTokens(r Row) []string {
	tokens := Words(SearchText(r))
	slices.Sort(tokens)
	tokens = slices.Compact(tokens)
	if len(tokens) > maxTokens {
		tokens = tokens[:maxTokens]
	}
	for _, f := range r.Folders {
		tokens = append(tokens, InFolder(f))
	}
	return tokens
}

// Host returns the host of a URL in lower case, or the text itself when it is none.
func Host(raw string) string {
	if !strings.Contains(raw, "://") {
		host, _, _ := strings.Cut(raw, "/")
		return strings.ToLower(host)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return strings.ToLower(raw)
	}
	return strings.ToLower(u.Hostname())
}

// Row returns what a list shows of the entry.
func (e Entry) Row() Row {
	r := Row{
		ID: e.ID, Rec: e.Rec, Kind: e.Kind, Title: e.Title, Subtitle: e.Subtitle, Tags: e.Tags, Folders: e.Folders,
		Favorite: e.Favorite, Conflict: len(e.Conflicts) > 0, Created: e.Created, Modified: e.Modified, Expires: e.Expires, Trashed: e.Trashed,
	}
	for _, u := range e.URLs {
		r.URLs = append(r.URLs, u.URL)
	}
	for _, c := range e.Credentials {
		r.credential(c)
	}
	return r
}

func (r *Row) credential(c Credential) {
	r.Has.CustomFields += len(c.Fields)
	switch c.Type {
	case BasicAuth:
		_, has := c.Member("password")
		r.Has.Password = r.Has.Password || has
	case TOTP:
		r.Has.TOTP = true
	case Passkey:
		r.Has.Passkeys++
		r.RPIDs = append(r.RPIDs, c.Text("rpId"))
	case Note:
		r.Has.Note = true
	case CreditCard:
		r.Has.Card = true
	case PersonName, Address:
		r.Has.Identity = true
	case SSHKey:
		r.Has.SSHKey = true
	case APIKey:
		r.Has.APIKey = true
	case WiFi:
		r.Has.WiFi = true
	case File:
		r.Has.Attachments++
	}
	if r.Username == "" {
		r.Username = accountName(c)
	}
}

func accountName(c Credential) string {
	switch c.Type {
	case BasicAuth, Passkey, TOTP, APIKey:
		return c.Text("username")
	case CreditCard:
		return c.Text("fullName")
	case WiFi:
		return c.Text("ssid")
	}
	return ""
}
