package cache

import "slices"

// A record is the title (for looking at what a hash found, and for a merge) and then the raw bytes. A row's place in the
// row table says where it begins and ends.

func appendRecord(b []byte, d *Doc) []byte { return append(appendPart(b, d.Title), d.Raw...) }

// doc reads the document of one row, without tokens.
func (b *base) doc(i int64) (Doc, error) {
	at, err := b.row(i)
	if err != nil {
		return Doc{}, err
	}
	d := Doc{ID: at.id}
	rec, err := b.pages.view(b.root.records, at.record, at.recordLen)
	if err != nil {
		return Doc{}, err
	}
	r := &reader{b: rec}
	d.Title = string(r.part())
	if r.bad {
		return Doc{}, stale("malformed record")
	}
	d.Raw = slices.Clone(r.b)
	col, err := b.pages.view(b.root.column, at.column, at.columnLen)
	if err != nil {
		return Doc{}, err
	}
	e, err := parseColumn(col)
	if err != nil || string(e.id) != d.ID {
		return Doc{}, stale("malformed search column")
	}
	d.Search, d.Row = string(e.search), slices.Clone(e.row)
	return d, nil
}

// title reads the title of one row.
func (b *base) title(i int64) (string, error) {
	at, err := b.row(i)
	if err != nil {
		return "", err
	}
	rec, err := b.pages.view(b.root.records, at.record, at.recordLen)
	if err != nil {
		return "", err
	}
	r := &reader{b: rec}
	title := string(r.part())
	if r.bad {
		return "", stale("malformed record")
	}
	return title, nil
}
