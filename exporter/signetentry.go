package exporter

import (
	"strings"
	"time"

	"signet/vault"
	"signet/vault/entry"
	"signet/vault/secret"
)

// goodID: ids go into paths and are compared; they are short and plain.
func goodID(id string) bool {
	return id != "" && len(id) <= maxSignetID && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") == ""
}

// idSet notices an id that is bad or occurs twice.
type idSet map[string]bool

func (s idSet) add(id string) error {
	if !goodID(id) || s[id] {
		return damaged("an id that is missing or occurs twice")
	}
	s[id] = true
	return nil
}

func fromSignet(s sEntry) (e vault.Entry, err error) {
	e = vault.Entry{
		Title: s.Title, Subtitle: s.Subtitle, Favorite: s.Favorite, Tags: s.Tags,
	}
	for _, t := range []struct {
		to   *time.Time
		text string
	}{{&e.Created, s.Created}, {&e.Modified, s.Modified}, {&e.Expires, s.Expires}, {&e.Trashed, s.Trashed}} {
		if *t.to = vault.ParseTime(t.text); t.to.IsZero() && t.text != "" {
			return e, damaged("a time that is none")
		}
	}
	urls, apps, creds := idSet{}, idSet{}, idSet{}
	for _, u := range s.URLs {
		if err := urls.add(u.ID); err != nil {
			return e, err
		}
		e.URLs = append(e.URLs, vault.URL{ID: u.ID, URL: u.URL, Match: u.Match, Label: u.Label})
	}
	for _, a := range s.Apps {
		if err := apps.add(a.ID); err != nil {
			return e, err
		}
		e.Apps = append(e.Apps, vault.App{ID: a.ID, JSON: a.App})
	}
	for _, c := range s.Credentials {
		if err := creds.add(c.ID); err != nil {
			return e, err
		}
		cred, err := fromCredential(c, &e)
		if err != nil {
			return e, err
		}
		e.Credentials = append(e.Credentials, cred)
	}
	for _, o := range s.Other {
		if !unknownPath(o.Path, o.Value) {
			return e, damaged("a field among the unknown ones that is known")
		}
		e.Other = append(e.Other, vault.Member{Path: o.Path, Value: secret.FromString(o.Value)})
	}
	for _, c := range s.Conflicts {
		for _, v := range c.Values[min(1, len(c.Values)):] {
			past, err := fromPast(c.Path, v.Value, v.Written)
			if err != nil {
				return e, err
			}
			e.History = append(e.History, past)
		}
	}
	e.Sources, err = fromSources(s.Sources)
	return e, err
}

// unknownPath reports whether the vault would read a field as one that it does not understand. Only such fields may come by their path:
// a file must not make a record into something that is no entry, or write history of its own.
func unknownPath(path, value string) bool {
	if entry.CheckPath(path) != nil {
		return false
	}
	id := vault.ID("aaaaaaaaaaaaaaaaaaaaaaaaaa")
	e := vault.Entry{ID: id}.With([]vault.Edit{vault.SetEdit(id, path, value)})
	return e.Rec == vault.RecEntry && len(e.Other) == 1
}

func fromCredential(s sCredential, e *vault.Entry) (c vault.Credential, err error) {
	c = vault.Credential{ID: s.ID, Type: s.Type}
	spec, _ := vault.Spec(s.Type)
	names, ids := idSet{}, idSet{}
	for _, m := range s.Members {
		if m.Name == "" || m.Name == "type" || m.Name == "pos" || m.Name == "signet:att" || m.Name == "signet:data" || names[m.Name] {
			return c, damaged("a member that cannot be, or occurs twice")
		}
		names[m.Name] = true
		x := vault.Member{Name: m.Name, Label: m.Label, Type: vault.FieldType(m.Type), JSON: m.JSON, Value: secret.FromString(m.Value)}
		c.Members = append(c.Members, x)
		if _, known := spec.Member(m.Name); !known && m.Type != "" && m.Type != "string" {
			// The vault writes the type of a member that it does not know only when it is told to.
			segment := entry.EscapeSegment(m.Name)
			if m.JSON {
				segment = "json:" + segment
			}
			path := entry.CredPath(s.ID) + "/" + segment + "/fieldType"
			e.Other = append(e.Other, vault.Member{Path: path, Value: secret.FromString(m.Type)})
		}
	}
	for _, f := range s.Fields {
		if err := ids.add(f.ID); err != nil {
			return c, err
		}
		c.Fields = append(c.Fields, vault.Member{ID: f.ID, Label: f.Label, Type: vault.FieldType(f.Type), Value: secret.FromString(f.Value)})
	}
	return c, nil
}

func fromSources(sources []sSource) (out []vault.Source, err error) {
	seen := map[[2]string]bool{}
	for _, x := range sources {
		key := [2]string{x.Format, x.Name}
		if x.Format == "" || seen[key] || entry.CheckPath(sourcePath(x.Format, x.Name)) != nil {
			return nil, damaged("provenance that cannot be, or occurs twice")
		}
		seen[key] = true
		out = append(out, vault.Source{Format: x.Format, Name: x.Name, Value: secret.FromString(x.Value)})
	}
	return out, nil
}
