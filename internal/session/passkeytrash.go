package session

import (
	"strings"
	"time"

	"signet/vault"
	"signet/vault/entry"
)

// trashEdits move a passkey to the trash: with its entry where that holds nothing else, else as an entry of its own, so that it can be taken out again.
// alone says that the entry would stay empty otherwise and may go.
func trashEdits(f found, now time.Time, ids entry.IDs, alone bool) []entry.Edit {
	if alone && len(f.e.Credentials) == 1 && len(f.e.Other) == 0 {
		return []entry.Edit{entry.Trash(f.e.ID, now)}
	}
	id := ids.Record()
	edits := []entry.Edit{
		entry.Set(id, entry.PathTitle, f.e.Title), entry.Set(id, entry.PathCreated, vault.FormatTime(now)), entry.Trash(id, now),
	}
	for _, folder := range f.e.Folders {
		edits = append(edits, entry.Set(id, entry.FolderPath(folder), "true"))
	}
	for _, tag := range f.e.Tags {
		edits = append(edits, entry.Set(id, entry.TagPath(tag), "true"))
	}
	for _, u := range f.e.URLs {
		if belongs(entry.Host(u.URL), f.cred.Text("rpId")) {
			edits = append(edits, entry.Set(id, entry.JoinPath("url", u.ID), u.URL), entry.Set(id, entry.JoinPath("url", u.ID, "pos"), u.Pos))
		}
	}
	below := "cred/" + entry.EscapeSegment(f.cred.ID) + "/"
	for _, field := range f.rec.Fields {
		if strings.HasPrefix(field.Path, below) && len(field.Values) > 0 {
			moved := entry.Set(id, field.Path, field.Values[0].Text)
			moved.Wall = field.Values[0].Wall
			edits = append(edits, moved, entry.Remove(f.e.ID, field.Path))
		}
	}
	return edits
}

// belongs reports whether a host is a site's or below it.
func belongs(host, rpID string) bool { return host == rpID || strings.HasSuffix(host, "."+rpID) }
