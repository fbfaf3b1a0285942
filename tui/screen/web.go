package screen

import (
	"context"
	"errors"
	"net/url"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/dialog"
	"signet/vault/entry"
)

// URLDone tells the root how opening a web site went.
type URLDone struct {
	ID   entry.ID
	Path string // of the field, "" where the address was made of the passkey's site
	Host string // safe
	Err  error
}

var (
	errNoURL     = errors.New("this entry has no web site")
	errNotWeb    = errors.New("only addresses of http and https are opened")
	errNoOpening = errors.New("web sites cannot be opened here")
)

// CmdOpenURL opens a web site of an entry.
func (e Env) CmdOpenURL(m OpenURL) tea.Cmd {
	return e.cmd(func(ctx context.Context) tea.Msg {
		done := URLDone{ID: m.ID}
		var address string
		if address, done.Path, done.Err = e.address(ctx, m); done.Err != nil {
			return done
		}
		done.Host = sanitize.Domain(entry.Host(address))
		if e.Ports.Browser == nil {
			done.Err = errNoOpening
			return done
		}
		if done.Err = e.Ports.Browser.Open(ctx, address); done.Err == nil {
			_ = e.Vault.Used(ctx, m.ID) // as with a copy: no reason to complain
		}
		return done
	})
}

// address is what is opened: the asked field, else the first address of the web, else the site of a passkey.
func (e Env) address(ctx context.Context, m OpenURL) (address, path string, err error) {
	en, err := e.Vault.Get(ctx, m.ID, false)
	if err != nil {
		return "", "", err
	}
	defer en.Wipe()
	err = errNoURL
	for _, c := range addresses(en) {
		good, why := webAddress(c.text)
		switch {
		case m.Path == c.path:
			return good, c.path, why
		case address == "" && why == nil:
			address, path = good, c.path
		case why != nil:
			err = why
		}
	}
	if address != "" {
		return address, path, nil
	}
	if c, ok := en.Credential(entry.Passkey); ok && len(en.URLs) == 0 {
		good, why := webAddress(c.Text("rpId"))
		return good, "", why
	}
	return "", "", err
}

// webPlace is a field that may hold an address.
type webPlace struct{ path, text string }

// addresses are the web sites of an entry, and behind them other open fields that hold a whole address, as that of an API.
func addresses(en entry.Entry) (out []webPlace) {
	for _, u := range en.URLs {
		out = append(out, webPlace{entry.JoinPath("url", u.ID), u.URL})
	}
	for _, c := range en.Credentials {
		for _, m := range append(append([]entry.Member{}, c.Members...), c.Fields...) {
			if text := m.Value.RevealString(); !m.Concealed && strings.HasPrefix(strings.ToLower(text), "http") && strings.Contains(text, "://") {
				out = append(out, webPlace{m.Path, text})
			}
		}
	}
	return out
}

// webAddress is an address of the web, with a scheme; anything else would start programs, read files or run scripts.
func webAddress(s string) (string, error) {
	s = strings.TrimSpace(s)
	scheme, _, ok := strings.Cut(s, ":")
	if !ok || strings.Contains(scheme, ".") || !strings.Contains(s, "://") && strings.Trim(portOf(s), "0123456789") == "" && portOf(s) != "" {
		s = "https://" + s // people leave the scheme out; "example.com:8443" is a port
	}
	u, err := url.Parse(s)
	if err != nil || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", errNotWeb
	}
	if scheme := strings.ToLower(u.Scheme); scheme != "http" && scheme != "https" || u.Host == "" {
		return "", errNotWeb
	}
	return u.String(), nil
}

// portOf is what stands between the first colon and the path.
func portOf(s string) string {
	_, rest, _ := strings.Cut(s, ":")
	port, _, _ := strings.Cut(rest, "/")
	return port
}

// AskCopyURL is the question whether an address that cannot be opened is copied.
const AskCopyURL = "copy url"

// URLQuestion offers the copy where nothing can show a web site, as over SSH; false when the error is another one.
func (e Env) URLQuestion(m URLDone) (dialog.Dialog, bool) {
	none := e.Ports.Faults.NoBrowser
	if m.Path == "" || !errors.Is(m.Err, errNoOpening) && (none == nil || !none(m.Err)) {
		return nil, false
	}
	return dialog.Choice{
		ID: AskCopyURL, Title: "Copy the address?",
		Text:    m.Host + " cannot be opened: " + e.Explain(m.Err) + ". Copy the address, and paste it into a browser where there is one.",
		Options: []dialog.Option{{ID: "copy", Label: "Copy the address"}, {ID: "", Label: "Leave it"}},
	}, true
}
