package exporter

import (
	"slices"

	"signet/vault"
)

// login is a user name and password that the vault holds, to which another address may come.
type login struct {
	id    vault.ID
	title string
	urls  []vault.URL
	edits []vault.Edit
}

// bringsNoMore reports an item that holds nothing beyond what fingerprints cover.
func bringsNoMore(it Item) bool { return len(it.Entry.History) == 0 && len(it.Entry.Sources) == 0 }

// sameLogin finds a login with the same user name and password for an item that has nothing else to bring than an address: same title, or
// same site and a title that only names the site.
func (p *Planner) sameLogin(it Item) *login {
	key, ok := loginPrint(it.Entry)
	if !ok || it.SourceID != "" || len(it.Entry.Credentials) != 1 || len(it.Folders) > 0 || !bringsNoMore(it) || !bare(it.Entry) {
		return nil
	}
	title := vault.Fold(it.Entry.Title)
	for _, l := range p.logins[key] {
		if !p.touched[l.id] && (l.title == title || namesSite(title, it.Entry.URLs) && sharesHost(l.urls, it.Entry.URLs)) {
			return l
		}
	}
	return nil
}

// bare reports an entry without anything at its own level but title and addresses.
func bare(e vault.Entry) bool {
	return e.Subtitle == "" && !e.Favorite && e.Expires.IsZero() && e.Trashed.IsZero() && len(e.Tags)+len(e.Apps)+len(e.Other) == 0
}

func namesSite(title string, urls []vault.URL) bool {
	return title == "" || slices.ContainsFunc(urls, func(u vault.URL) bool {
		host := vault.Host(u.URL)
		return title == host || "www."+title == host || title == "www."+host
	})
}

func sharesHost(a, b []vault.URL) bool {
	return slices.ContainsFunc(a, func(x vault.URL) bool {
		return slices.ContainsFunc(b, func(y vault.URL) bool { return vault.Host(x.URL) != "" && vault.Host(x.URL) == vault.Host(y.URL) })
	})
}

// merge adds an item's addresses to a login. They are written in Finish, because a record comes in one batch and the next row
// may bring one more.
func (p *Planner) merge(v verdict, out Planned) Planned {
	l := v.login
	out.Row.Action = Duplicate
	if len(l.edits) == 0 {
		p.merges = append(p.merges, l)
	}
	e := vault.Entry{ID: l.id, URLs: l.urls}
	for _, u := range v.item.Entry.URLs {
		if u.URL != "" && !slices.ContainsFunc(e.URLs, func(x vault.URL) bool { return x.URL == u.URL }) {
			l.edits = append(l.edits, e.AddURL(u, p.ids)...)
			out.ID, out.Row.Action = l.id, Merged
		}
	}
	l.urls = e.URLs
	return out
}
