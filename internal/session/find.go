package session

import (
	"context"
	"slices"
	"strings"

	"signet/vault"
	"signet/vault/entry"
)

const (
	minPrefix     = 6  // characters of an id that may stand for the whole
	maxCandidates = 20 // rows that an ambiguous reference lists
	maxMatches    = 1 << 20
)

// Find answers a search line. The index answers plain words; filters, and words that no token begins with, are looked for
// in the search column of every row.
func (l *Local) Find(ctx context.Context, q Query) (Page, error) {
	f, err := ParseQuery(q.Text)
	if err != nil {
		return Page{}, err
	}
	f.Trash = f.Trash || q.Trash
	rows, err := l.find(ctx, f, q.AnyRecord)
	if err != nil {
		return Page{}, err
	}
	if !q.Unsorted {
		sortRows(rows, f.Words)
	}
	page := Page{Total: len(rows)}
	rows = rows[min(q.Offset, len(rows)):]
	if q.Limit > 0 && len(rows) > q.Limit {
		rows = rows[:q.Limit]
	}
	page.Rows = rows
	return page, nil
}

func (l *Local) find(ctx context.Context, f Filter, anyRecord bool) ([]entry.Row, error) {
	if len(f.Words) > 0 && f.plain() && !anyRecord {
		rows, err := l.indexed(ctx, f)
		if err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	folders, err := l.folderPaths(ctx, f)
	if err != nil {
		return nil, err
	}
	room := 0
	if len(f.Words) == 0 && f.plain() && !f.Trash {
		if room, err = l.v.Len(ctx); err != nil {
			return nil, err
		}
	}
	return l.rows(ctx, room, func(r entry.Row, search string) bool {
		if anyRecord {
			return wordsIn(f.Words, search)
		}
		return r.Rec == entry.RecEntry && wordsIn(f.Words, search) && f.match(r, folders, l.now())
	})
}

// folderPaths is needed by folder: filters only.
func (l *Local) folderPaths(ctx context.Context, f Filter) (map[entry.ID]string, error) {
	if !f.folders() {
		return nil, nil
	}
	folders, err := l.Folders(ctx)
	out := make(map[entry.ID]string, len(folders))
	for _, x := range folders {
		out[x.ID] = vault.Fold(strings.Join(x.Path, "/"))
	}
	return out, err
}

// rows scans the search column. room is how many rows are expected: a list of all of them is large, and growing it would copy it over and over.
func (l *Local) rows(ctx context.Context, room int, keep func(r entry.Row, search string) bool) (rows []entry.Row, err error) {
	if room > 0 {
		rows = make([]entry.Row, 0, room)
	}
	var bad error
	err = l.v.Scan(ctx, func(id entry.ID, search string, row []byte) bool {
		r, err := vault.ParseRow(id, row)
		if err != nil {
			bad = err
			return false
		}
		if keep(r, search) {
			rows = append(rows, r)
		}
		return true
	})
	if bad != nil {
		err = bad
	}
	return rows, err
}

// records finds the rows of a kind that is rare among many entries, by the token that its records have.
func (l *Local) records(ctx context.Context, rec entry.Rec) ([]entry.Row, error) {
	rows, err := l.v.Search(ctx, []string{vault.KindWord(rec)}, maxMatches)
	return slices.DeleteFunc(rows, func(r entry.Row) bool { return r.Rec != rec }), err
}

// indexed finds rows whose tokens begin with the words, in the entry itself or in the title of its folder.
func (l *Local) indexed(ctx context.Context, f Filter) ([]entry.Row, error) {
	var tokens []string
	for _, w := range f.Words {
		tokens = append(tokens, vault.Words(w)...)
	}
	if len(tokens) == 0 {
		return nil, nil
	}
	rows, err := l.v.Search(ctx, tokens, maxMatches)
	if err != nil {
		return nil, err
	}
	for i, t := range tokens {
		more, err := l.inFolders(ctx, t, slices.Delete(slices.Clone(tokens), i, i+1))
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return l.keep(dedupe(rows), f), nil
}

// dedupe leaves each row once.
func dedupe(rows []entry.Row) []entry.Row {
	slices.SortFunc(rows, func(a, b entry.Row) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return slices.CompactFunc(rows, func(a, b entry.Row) bool { return a.ID == b.ID })
}

// inFolders finds the entries that match all other words and lie in a folder whose title has this one.
func (l *Local) inFolders(ctx context.Context, word string, others []string) (rows []entry.Row, err error) {
	folders, err := l.v.Search(ctx, []string{vault.FolderWord(word)}, maxCandidates)
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		more, err := l.v.Search(ctx, append(slices.Clone(others), vault.InFolder(f.ID)), maxMatches)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// keep leaves the entries that pass the filter.
func (l *Local) keep(rows []entry.Row, f Filter) []entry.Row {
	return slices.DeleteFunc(rows, func(r entry.Row) bool { return r.Rec != entry.RecEntry || !f.match(r, nil, l.now()) })
}

// Folders lists every folder with its path. A folder whose parent is missing, or that lies in a circle, counts as a root:
// nothing is hidden.
func (l *Local) Folders(ctx context.Context) ([]Folder, error) {
	rows, err := l.records(ctx, entry.RecFolder)
	if err != nil {
		return nil, err
	}
	byID := make(map[entry.ID]entry.Row, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	out := make([]Folder, 0, len(rows))
	for _, r := range rows {
		out = append(out, Folder{ID: r.ID, Parent: r.Parent, Title: r.Title, Path: folderPath(r, byID)})
	}
	slices.SortFunc(out, func(a, b Folder) int { return slices.Compare(a.Path, b.Path) })
	return out, nil
}

func folderPath(r entry.Row, byID map[entry.ID]entry.Row) []string {
	path := []string{r.Title}
	seen := map[entry.ID]bool{r.ID: true}
	for r.Parent != "" && !seen[r.Parent] {
		up, ok := byID[r.Parent]
		if !ok {
			break
		}
		seen[up.ID] = true
		path = append([]string{up.Title}, path...)
		r = up
	}
	return path
}

// Resolve finds the one entry that ref means, the first of: id or unique prefix of it, exact title, all words.
func (l *Local) Resolve(ctx context.Context, ref string, o ResolveOptions) (entry.ID, error) {
	if strings.TrimSpace(ref) == "" {
		return "", vault.ErrNotFound
	}
	if lower := strings.ToLower(ref); len(lower) >= minPrefix && isIDText(lower) {
		ids, err := l.v.ByPrefix(ctx, lower, maxCandidates)
		if id, done, err := l.one(ctx, ref, ids, err, o); done {
			return id, err
		}
	}
	ids, err := l.v.ByTitle(ctx, ref)
	if id, done, err := l.one(ctx, ref, ids, err, o); done {
		return id, err
	}
	f := Filter{Words: strings.Fields(vault.Fold(ref)), Trash: o.Trash}
	rows, err := l.find(ctx, f, false)
	if err != nil {
		return "", err
	}
	sortRows(rows, f.Words)
	return pick(ref, rows)
}

// one looks whether ids name an entry on the side of the trash that was asked for; done is false when none does.
func (l *Local) one(ctx context.Context, ref string, ids []entry.ID, err error, o ResolveOptions) (entry.ID, bool, error) {
	if err != nil {
		return "", true, err
	}
	rows, err := l.v.Rows(ctx, ids)
	if err != nil {
		return "", true, err
	}
	rows = l.keep(rows, Filter{Trash: o.Trash})
	if len(rows) == 0 {
		return "", false, nil
	}
	id, err := pick(ref, rows)
	return id, true, err
}

func pick(ref string, rows []entry.Row) (entry.ID, error) {
	switch len(rows) {
	case 0:
		return "", vault.ErrNotFound
	case 1:
		return rows[0].ID, nil
	}
	shown := rows[:min(len(rows), maxCandidates)]
	return "", &AmbiguousError{Ref: ref, Rows: shown, More: len(rows) - len(shown)}
}

func isIDText(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return len(s) <= 26
}
