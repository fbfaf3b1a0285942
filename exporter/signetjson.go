package exporter

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Signet's own export, version 1: JSON Lines. docs/EXPORT.md is the description for others; this file holds the lines as Go sees
// them, signetwrite.go and signetread.go write and read them. The header comes first, then folders (parents first), then the
// entries, each with its previous values and then its attachments behind it, then the end line with the counts: a file
// without it was cut off.

const (
	signetName = "signet-json"

	lineHeader = "signet-export"
	lineFolder = "folder"
	lineChunk  = "file"
	linePast   = "past"
	lineEntry  = "entry"
	lineEnd    = "end"

	signetVersion = 1
	chunkSize     = 48 << 10  // bytes of an attachment in one line
	maxSignetLine = 64 << 20  // bytes of one line
	maxSignetPast = 256 << 20 // bytes of all previous values of one entry
	maxSignetID   = 64        // bytes of an id
)

func signetJSON() Format {
	return Format{
		Name: signetName, Label: "Signet JSON", Ext: ".signet.jsonl", Plain: true,
		Detect: detectSignet, Import: importSignet, Export: exportSignet,
	}
}

func detectSignet(head []byte) bool { return bytes.HasPrefix(head, []byte(`{"type":"`+lineHeader+`"`)) }

type sHeader struct {
	Type     string `json:"type"`
	V        int    `json:"v"`
	Exported string `json:"exported,omitzero"`
}

type sFolder struct {
	Type    string    `json:"type"`
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Parent  string    `json:"parent,omitzero"`
	Sources []sSource `json:"sources,omitzero"`
}

type sChunk struct {
	Type       string `json:"type"`
	Credential string `json:"credential"`
	Data       string `json:"data,omitzero"` // base64url
	Lost       bool   `json:"lost,omitzero"` // it could not be read: what came of it does not count
}

type sPast struct {
	Type    string `json:"type"`
	Path    string `json:"path"`
	Value   string `json:"value"`
	Written string `json:"written,omitzero"`
}

type sEntry struct {
	Type        string        `json:"type"`
	ID          string        `json:"id"`
	Title       string        `json:"title"`
	Subtitle    string        `json:"subtitle,omitzero"`
	Favorite    bool          `json:"favorite,omitzero"`
	Created     string        `json:"created,omitzero"`
	Modified    string        `json:"modified,omitzero"`
	Expires     string        `json:"expires,omitzero"`
	Trashed     string        `json:"trashed,omitzero"`
	Folders     []string      `json:"folders,omitzero"`
	Tags        []string      `json:"tags,omitzero"`
	URLs        []sURL        `json:"urls,omitzero"`
	Apps        []sApp        `json:"apps,omitzero"`
	Credentials []sCredential `json:"credentials,omitzero"`
	Other       []sOther      `json:"other,omitzero"`
	Sources     []sSource     `json:"sources,omitzero"`
	Conflicts   []sConflict   `json:"conflicts,omitzero"`
}

type sURL struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Match string `json:"match,omitzero"`
	Label string `json:"label,omitzero"`
}

type sApp struct {
	ID  string `json:"id"`
	App string `json:"app"` // compact JSON, as text
}

type sCredential struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Members []sMember `json:"members,omitzero"`
	Fields  []sField  `json:"fields,omitzero"`
}

type sMember struct {
	Name  string `json:"name"`
	Type  string `json:"fieldType,omitzero"`
	Label string `json:"label,omitzero"` // where it is not the usual one
	JSON  bool   `json:"json,omitzero"`  // value is compact JSON of an object or array
	Value string `json:"value"`
}

type sField struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Type  string `json:"fieldType"`
	Value string `json:"value"`
}

type sOther struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

type sSource struct {
	Format string `json:"format"`
	Name   string `json:"name"`
	Value  string `json:"value"`
}

type sConflict struct {
	Path   string   `json:"path"`
	Values []sValue `json:"values"`
}

type sValue struct {
	Value   string `json:"value"`
	Written string `json:"written,omitzero"`
}

type sEnd struct {
	Type    string `json:"type"`
	Folders int    `json:"folders"`
	Entries int    `json:"entries"`
}

// strictJSON: names are spelled exactly, occur once and are known; texts are UTF-8.
var strictJSON = []json.Options{json.RejectUnknownMembers(true), jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false)}
