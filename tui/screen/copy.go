package screen

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/vault/entry"
	"signet/vault/secret"
)

// CopyDone tells the root what was copied. It holds no value: the secret goes from the vault to the clipboard inside the command.
type CopyDone struct {
	What string
	Copy Copy // what was asked for
	Copied
	At    time.Time
	Err   error
	Stays bool // a secret that nothing clears, though it should be
}

var (
	errNothing     = errors.New("this entry has none")
	errNoClipboard = errors.New("there is no clipboard here")
)

// CmdCopy fetches a value and puts it on the clipboard.
func (e Env) CmdCopy(c Copy) tea.Cmd {
	if e.Ports.Clipboard == nil {
		return e.say(CopyDone{What: c.name(), Copy: c, Err: errNoClipboard})
	}
	return e.cmd(func(ctx context.Context) tea.Msg {
		value, sensitive, err := e.fetch(ctx, c)
		done := CopyDone{What: c.name(), Copy: c, Err: err}
		if err != nil {
			return done
		}
		defer value.Wipe()
		o := CopyOptions{Sensitive: sensitive, Terminal: e.Terminal, ByTerminal: c.Terminal}
		if sensitive {
			o.ClearIn = e.Settings.ClipClear
		}
		done.Copied, done.Err = e.Ports.Clipboard.Copy(ctx, value, o)
		done.At, done.Stays = e.Now(), o.ClearIn > 0 && done.ClearIn == 0
		if done.Err == nil {
			_ = e.Vault.Used(ctx, c.ID) // a use count that is not written is no reason to complain about a copy
		}
		return done
	})
}

func (c Copy) name() string {
	switch c.What {
	case CopyPassword:
		return "Password"
	case CopyUser:
		return "User name"
	case CopyCode:
		return "Code"
	case CopyPast:
		return "Previous value"
	}
	return orElse(c.Name, "Field")
}

func (e Env) fetch(ctx context.Context, c Copy) (secret.Secret, bool, error) {
	if c.What == CopyCode {
		code, err := e.Vault.Code(ctx, CodeRef{Entry: c.ID, Cred: c.Path, At: e.Now(), Advance: true})
		code.Next.Wipe()
		return code.Value, true, err
	}
	if c.What == CopyPast {
		value, err := e.Vault.Past(ctx, c.ID, c.Past)
		return value, true, err
	}
	if c.What == CopyText {
		return secret.FromString(c.Text), false, nil
	}
	if c.What == CopyComposed {
		value, err := e.composedText(ctx, c.ID, c.Path)
		return value, false, err
	}
	path, sensitive := c.Path, c.Concealed
	if c.What != CopyField {
		found, err := e.find(ctx, c)
		if err != nil {
			return secret.Secret{}, false, err
		}
		path, sensitive = found.Path, found.Concealed
	}
	value, err := e.candidate(ctx, entry.FieldRef{Record: c.ID, Path: path}, c.Candidate)
	return value, sensitive, err
}

// composedText is what several fields of a credential make together.
func (e Env) composedText(ctx context.Context, id entry.ID, cred string) (secret.Secret, error) {
	en, err := e.Vault.Get(ctx, id, false)
	if err != nil {
		return secret.Secret{}, err
	}
	defer en.Wipe()
	for _, c := range en.Credentials {
		if c.ID != cred {
			continue
		}
		if c.Type == entry.PersonName {
			return secret.FromString(fullName(c)), nil
		}
		return secret.FromString(envelope(c)), nil
	}
	return secret.Secret{}, errNothing
}

// Part is one step of the sequence that fills a form: user name, password, code.
type Part struct {
	What CopyWhat
	Name string
}

// PartsRead tells the root which parts an entry has.
type PartsRead struct {
	ID    entry.ID
	Title string
	Parts []Part
	Err   error
}

// CmdParts finds out which parts an entry has.
func (e Env) CmdParts(id entry.ID) tea.Cmd {
	return e.cmd(func(ctx context.Context) tea.Msg {
		en, err := e.Vault.Get(ctx, id, false)
		if err != nil {
			return PartsRead{ID: id, Err: err}
		}
		defer en.Wipe()
		return PartsRead{ID: id, Title: en.Title, Parts: partsOf(en)}
	})
}

func partsOf(en entry.Entry) (parts []Part) {
	has := func(name string) bool {
		f, err := entry.ParseFieldName(name)
		if err != nil {
			return false
		}
		found, err := en.Find(f)
		return err == nil && (found.Withheld || !found.Value.IsEmpty())
	}
	if has("username") {
		parts = append(parts, Part{CopyUser, "user name"})
	}
	if has("password") {
		parts = append(parts, Part{CopyPassword, "password"})
	}
	if _, ok := en.Credential(entry.TOTP); ok {
		parts = append(parts, Part{CopyCode, "code"})
	}
	return parts
}

// find looks up where the user name or the password stands.
func (e Env) find(ctx context.Context, c Copy) (entry.Found, error) {
	name := "password"
	if c.What == CopyUser {
		name = "username"
	}
	en, err := e.Vault.Get(ctx, c.ID, false)
	if err != nil {
		return entry.Found{}, err
	}
	defer en.Wipe()
	f, err := entry.ParseFieldName(name)
	if err != nil {
		return entry.Found{}, err
	}
	found, err := en.Find(f)
	if err != nil {
		return entry.Found{}, errNothing
	}
	return found, nil
}
