package exporter

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"signet/vault"
	"signet/vault/secret"
)

// Chrome, Edge, Brave, Opera and Vivaldi write name,url,username,password,note (older ones without note), UTF-8, LF or CRLF
// (formats.md 7). Rows without URL or password are legal, and some tools leave an empty fifth header cell.

const chromeName = "chrome-csv"

func chromeCSV() Format {
	return Format{
		Name: chromeName, Label: "Chrome CSV", Ext: ".csv", Plain: true,
		Detect: detectChrome, Import: importChrome,
	}
}

// chromeColumns are the columns that a file must have, in whatever order; note may come with them.
var chromeColumns = []string{"name", "url", "username", "password"}

const chromeNote = "note"

// detectChrome wants exactly Chrome's columns: other programs have the same four among theirs.
func detectChrome(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	r := newCSV(bytes.NewReader(line))
	cells, _, err := r.next()
	if err != nil {
		return false
	}
	c, err := chromeHeader(cells)
	return err == nil && len(c.unknown) == 0
}

// chromeLayout says where each column stands.
type chromeLayout struct {
	names   []string
	needed  int // how many cells a row has at least
	unknown []string
}

func chromeHeader(cells []string) (c chromeLayout, err error) {
	for i, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		if name != "" && slices.Contains(c.names, name) {
			return c, fmt.Errorf("%w: two columns are called %q", ErrUnsupported, plainName(name))
		}
		switch {
		case slices.Contains(chromeColumns, name):
			c.needed = i + 1
		case name != "" && name != chromeNote:
			c.unknown = append(c.unknown, name)
		}
		c.names = append(c.names, name)
	}
	for _, name := range chromeColumns {
		if !slices.Contains(c.names, name) {
			return c, fmt.Errorf("%w: no column is called %s", ErrUnsupported, name)
		}
	}
	return c, nil
}

func importChrome(ctx context.Context, r io.Reader, _ ReadOptions, emit func(Item) error) error {
	in := newCSV(r)
	head, _, err := in.next()
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	layout, err := chromeHeader(head)
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	for n := 0; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, line, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if blank(cells) {
			continue
		}
		if len(cells) < layout.needed {
			return fmt.Errorf("line %d: %w: the row has %d cells, at least %d are expected", line, ErrDamaged, len(cells), layout.needed)
		}
		if n++; n > MaxItems {
			return fmt.Errorf("line %d: %w: more than %d rows", line, ErrUnsupported, MaxItems)
		}
		if err := emit(layout.item(cells, line)); err != nil {
			return err
		}
	}
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return c != "" })
}

func (l chromeLayout) item(cells []string, line int) Item {
	it := Item{Place: fmt.Sprintf("line %d", line)}
	login := vault.Credential{Type: vault.BasicAuth}
	var note string
	for i, cell := range cells {
		column := ""
		if i < len(l.names) {
			column = l.names[i]
		}
		switch {
		case column == "name":
			it.Entry.Title = cell
		case column == "url":
			it.chromeURL(cell)
		case column == "username" || column == "password":
			login.Members = append(login.Members, vault.Member{Name: column, Value: secret.FromString(cell)})
		case column == chromeNote:
			note = cell
		case cell != "":
			name := columnName(column, i)
			it.Entry.Sources = append(it.Entry.Sources, vault.Source{Format: chromeName, Name: name, Value: secret.FromString(cell)})
			it.Losses = append(it.Losses, Loss{plainName(name), Kept, "Chrome has no such column: kept as it came"})
		}
	}
	it.Entry.Credentials = append(it.Entry.Credentials, login)
	if note != "" {
		it.Entry.Credentials = append(it.Entry.Credentials, vault.Credential{Type: vault.Note, Members: []vault.Member{{Name: "content", Value: secret.FromString(note)}}})
	}
	if it.Entry.Title == "" {
		it.Entry.Title = it.chromeTitle(login)
	}
	return it
}

// chromeTitle names a row without a name by its site, app or user.
func (it *Item) chromeTitle(login vault.Credential) string {
	switch e := it.Entry; {
	case len(e.URLs) > 0 && strings.Contains(e.URLs[0].URL, "://"):
		return vault.Host(e.URLs[0].URL)
	case len(e.URLs) > 0:
		return e.URLs[0].URL
	case len(e.Apps) > 0:
		var app androidApp
		_ = json.Unmarshal([]byte(e.Apps[0].JSON), &app)
		return app.BundleID
	default:
		return login.Text("username")
	}
}

// androidApp is CXF's AndroidAppIdCredential scope.
type androidApp struct {
	BundleID    string              `json:"bundleId"`
	Certificate *androidCertificate `json:"certificate,omitempty"`
}

type androidCertificate struct {
	Fingerprint string `json:"fingerprint"`
	HashAlg     string `json:"hashAlg"`
}

// chromeURL takes an address. android://HASH@PACKAGE/ is an app with the hash of its certificate; the address stays beside it, because it
// may spell the hash in ways that the app does not remember.
func (it *Item) chromeURL(address string) {
	if address == "" {
		return
	}
	app, ok := parseAndroid(address)
	if !ok {
		it.Entry.URLs = append(it.Entry.URLs, vault.URL{URL: address})
		return
	}
	text, err := json.Marshal(app)
	if err != nil {
		return
	}
	it.Entry.Apps = append(it.Entry.Apps, vault.App{JSON: string(text)})
	it.Entry.Sources = append(it.Entry.Sources, vault.Source{Format: chromeName, Name: "url", Value: secret.FromString(address)})
}

var hashNames = map[int]string{32: "sha256", 64: "sha512"}

func parseAndroid(address string) (app androidApp, ok bool) {
	rest, ok := strings.CutPrefix(address, "android://")
	if !ok {
		return app, false
	}
	hash, bundle, ok := strings.Cut(strings.TrimSuffix(rest, "/"), "@")
	if !ok || bundle == "" || strings.ContainsAny(bundle, "/@ ") {
		return app, false
	}
	sum, err := decodeBase64URL(strings.NewReplacer("+", "-", "/", "_").Replace(hash))
	if err != nil || hashNames[len(sum)] == "" {
		return app, false
	}
	return androidApp{bundle, &androidCertificate{base64.RawURLEncoding.EncodeToString(sum), hashNames[len(sum)]}}, true
}

func columnName(name string, i int) string {
	if name == "" {
		return fmt.Sprintf("column-%d", i+1)
	}
	return sourceName(name)
}
