package exporter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"signet/vault"
	"signet/vault/secret"
)

// Chrome, Edge, Brave, Opera and Vivaldi write name,url,username,password,note (older ones without note), UTF-8, LF or CRLF
// (formats.md 7). Rows without URL or password are legal.

func chromeCSV() Format {
	return Format{
		Name: "chrome-csv", Label: "Chrome CSV", Ext: ".csv", Plain: true,
		Detect: detectChrome, Import: importChrome,
	}
}

var chromeColumns = []string{"name", "url", "username", "password"}

func detectChrome(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	r := newCSV(bytes.NewReader(append(slices.Clone(line), '\n')))
	cells, _, err := r.next()
	return err == nil && isChrome(cells)
}

func isChrome(cells []string) bool {
	return len(cells) >= len(chromeColumns) && slices.Equal(fold(cells[:len(chromeColumns)]), chromeColumns)
}

func fold(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.ToLower(strings.TrimSpace(c))
	}
	return out
}

func importChrome(ctx context.Context, r io.Reader, _ ReadOptions, emit func(Item) error) error {
	in := newCSV(r)
	head, _, err := in.next()
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	if !isChrome(head) {
		return fmt.Errorf("line 1: %w: the columns are not name, url, username, password", ErrUnsupported)
	}
	head = fold(head)
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, line, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if n >= MaxItems {
			return fmt.Errorf("line %d: %w: more than %d rows", line, ErrUnsupported, MaxItems)
		}
		if blank(cells) {
			continue
		}
		if err := emit(chromeItem(head, cells, line)); err != nil {
			return err
		}
	}
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return c != "" })
}

func chromeItem(head, cells []string, line int) Item {
	it := Item{Place: fmt.Sprintf("line %d", line)}
	login := vault.Credential{Type: vault.BasicAuth}
	for i, c := range cells {
		column := ""
		if i < len(head) {
			column = head[i]
		}
		switch {
		case column == "name":
			it.Entry.Title = c
		case column == "url" && c != "":
			it.Entry.URLs = []vault.URL{{URL: c}}
		case column == "username" || column == "password":
			login.Members = append(login.Members, vault.Member{Name: column, Value: secret.FromString(c)})
		case column == "note" && c != "":
			it.Entry.Credentials = append(it.Entry.Credentials, vault.Credential{Type: vault.Note, Members: []vault.Member{{Name: "content", Value: secret.FromString(c)}}})
		case c != "" && column != "url":
			it.Entry.Sources = append(it.Entry.Sources, vault.Source{Format: "chrome-csv", Name: columnName(column, i), Value: secret.FromString(c)})
			it.Losses = append(it.Losses, Loss{columnName(column, i), Kept, "kept as it came: Chrome has no such column"})
		}
	}
	if it.Entry.Title == "" && len(it.Entry.URLs) > 0 {
		it.Entry.Title = vault.Host(it.Entry.URLs[0].URL)
	}
	it.Entry.Credentials = append([]vault.Credential{login}, it.Entry.Credentials...)
	return it
}

func columnName(name string, i int) string {
	if name == "" {
		return fmt.Sprintf("column-%d", i+1)
	}
	return name
}
