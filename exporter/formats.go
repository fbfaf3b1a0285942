package exporter

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// formats is the table of all formats, in the order in which Detect asks: the surest signature first.
func formats() []Format {
	return []Format{signetJSON(), bitwardenJSON(), chromeCSV()}
}

// Formats lists all formats.
func Formats() []Format { return formats() }

// ByName finds a format by the name that --format takes.
func ByName(name string) (Format, error) {
	for _, f := range formats() {
		if f.Name == strings.ToLower(name) {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("%w: no format is called %q", ErrUnknownFormat, name)
}

// Names lists the names of formats that can be read, or written.
func Names(write bool) (names []string) {
	for _, f := range formats() {
		if write && f.Export != nil || !write && f.Import != nil {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Detect recognises a file by its first bytes, never by its name. ErrUnknownFormat when none fits.
func Detect(head []byte) (Format, error) {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for _, f := range formats() {
		if f.Detect != nil && f.Detect(head) {
			return f, nil
		}
	}
	return Format{}, ErrUnknownFormat
}
