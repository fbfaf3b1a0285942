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
	Copied
	At  time.Time
	Err error
}

var (
	errNothing     = errors.New("this entry has none")
	errNoClipboard = errors.New("there is no clipboard here")
)

// CmdCopy fetches a value and puts it on the clipboard.
func (e Env) CmdCopy(c Copy) tea.Cmd {
	if e.Ports.Clipboard == nil {
		return e.say(CopyDone{What: c.name(), Err: errNoClipboard})
	}
	return e.cmd(func(ctx context.Context) tea.Msg {
		value, sensitive, err := e.fetch(ctx, c)
		done := CopyDone{What: c.name(), Err: err}
		if err != nil {
			return done
		}
		defer value.Wipe()
		o := CopyOptions{Sensitive: sensitive, Terminal: e.Terminal}
		if sensitive {
			o.ClearIn = e.Settings.ClipClear
		}
		done.Copied, done.Err = e.Ports.Clipboard.Copy(ctx, value, o)
		done.At = e.Now()
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
	path, sensitive := c.Path, c.Concealed
	if c.What != CopyField {
		found, err := e.find(ctx, c)
		if err != nil {
			return secret.Secret{}, false, err
		}
		path, sensitive = found.Path, found.Concealed
	}
	values, err := e.Vault.Field(ctx, entry.FieldRef{Record: c.ID, Path: path})
	if err != nil {
		return secret.Secret{}, false, err
	}
	if len(values) == 0 {
		return secret.Secret{}, false, errNothing
	}
	for _, v := range values[1:] {
		v.Value.Wipe()
	}
	return values[0].Value, sensitive, nil
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
