package screen

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
	"signet/vault/sshkey"
	"signet/vault/totp"
)

// What a form does by itself while somebody types: it says how strong a password is, understands keys, guesses what follows from what.

// changed is called after each change of a field's text.
func (s *Edit) changed(d *widget.Field) {
	c, member := s.placeOf(d.ID)
	switch {
	case strings.HasPrefix(d.ID, otpPrefix):
		s.readCode(d)
		s.fromCode(c, d)
	case c.typ == entry.SSHKey && member == "privateKey":
		s.readKey(c, d)
	case c.typ == entry.CreditCard && member == "number":
		s.guessBrand(c, d)
	case d.Kind == widget.SecretText && s.judges(c, member):
		d.Notes = nil
		if s.judged == nil {
			s.judged = map[string]int{}
		}
		s.judged[d.ID]++
		if !slices.Contains(s.judge, d.ID) {
			s.judge = append(s.judge, d.ID)
		}
	}
}

// judges reports whether a secret is a password, of which a strength can be told.
func (s *Edit) judges(c formCred, member string) bool {
	return s.env.Ports.Estimator != nil && (c.typ == entry.BasicAuth || c.typ == entry.WiFi || c.typ == "generated-password") && member != ""
}

// judgement says how strong what a field holds is.
type judgement struct {
	field    string
	seq      int
	strength Strength
	err      error
}

// cmdJudge asks how strong the passwords are that were typed since the last time.
func (s *Edit) cmdJudge() tea.Cmd {
	var cmds []tea.Cmd
	for _, id := range s.judge {
		d := s.form.Field(id)
		if d == nil || d.Kept || d.Empty() {
			continue
		}
		value, seq, about := d.Value(), s.judged[id], s.purpose()
		s.asking++
		cmds = append(cmds, s.env.cmd(func(ctx context.Context) tea.Msg {
			defer value.Wipe()
			st, err := s.env.Ports.Estimator.Estimate(ctx, value, about...)
			return judgement{id, seq, st, err}
		}))
	}
	s.judge = nil
	return tea.Batch(cmds...)
}

// purpose is what a password of this entry is for, in words that a guesser tries first.
func (s *Edit) purpose() (out []string) {
	for _, f := range s.form.Fields {
		_, member := s.placeOf(f.ID)
		address := strings.HasPrefix(f.ID, "url/") && strings.Count(f.ID, "/") == 1
		if f.Kind != widget.SecretText && !f.Empty() && (f.ID == entry.PathTitle || member == "username" || address) {
			out = append(out, f.Text())
		}
	}
	return out
}

func (s *Edit) takeJudgement(m judgement) {
	s.asking = max(s.asking-1, 0)
	d := s.form.Field(m.field)
	if d == nil || m.err != nil || s.judged[m.field] != m.seq || d.Kept || d.Empty() {
		return
	}
	d.Notes = []string{m.strength.said()}
}

// fromCode fills in what a one-time code's address knows and the form does not: the account.
func (s *Edit) fromCode(c formCred, d *widget.Field) {
	key, ok := s.codes[d.ID]
	if !ok || !s.isNew || key.Account == "" || key.Kind == totp.Steam {
		return
	}
	for _, f := range s.form.Fields {
		if o, member := s.placeOf(f.ID); o.typ == entry.BasicAuth && member == "username" && f.Empty() {
			f.Put([]byte(key.Account))
		}
	}
}

// readKey tells type and fingerprint of a private key as soon as it is there.
func (s *Edit) readKey(c formCred, d *widget.Field) {
	d.Notes, d.Advise = nil, nil
	if d.Kept || d.Empty() {
		return
	}
	info, err := sshkey.Private(d.Text())
	switch {
	case err != nil && info.Encrypted:
		d.Notes = []string{"an encrypted key: its fingerprint cannot be read"}
		return
	case err != nil:
		d.Advise = func([]byte) string { return "this is no private key that Signet can read; it is kept as it is" }
		return
	}
	what := sanitize.Line(info.Type)
	if info.Bits > 0 {
		what += fmt.Sprintf(" with %d bits", info.Bits)
	}
	if info.Encrypted {
		what += ", asks for a passphrase"
	}
	d.Notes = []string{what, sanitize.Line(info.Fingerprint)}
	if f := s.form.Field(entry.CredPath(c.id, "keyComment")); f != nil && f.Empty() {
		f.Put([]byte(info.Comment))
	}
}

// guessBrand fills in the type of a card, unless somebody wrote one.
func (s *Edit) guessBrand(c formCred, d *widget.Field) {
	f := s.form.Field(entry.CredPath(c.id, "cardType"))
	if f == nil || d.Kept || !f.Empty() && f.Text() != s.brands[d.ID] {
		return
	}
	if s.brands == nil {
		s.brands = map[string]string{}
	}
	if brand := brandOf([]byte(d.Text())); brand != "" || s.brands[d.ID] != "" {
		s.brands[d.ID] = brand
		f.Put([]byte(brand))
	}
}

// follow writes what follows from a new private key, and removes what followed from the old one.
func (w *formWriter) follow(c formCred, text string) {
	info, err := sshkey.Private(text)
	for _, m := range []struct{ name, value string }{{"keyType", info.Type}, {"signet:fingerprint", info.Fingerprint}, {"signet:publicKey", ""}} {
		path := entry.CredPath(c.id, m.name)
		switch {
		case err == nil && m.value != "":
			w.set(path, m.value)
		default:
			w.removeAll(path)
		}
	}
}

// makesKeys reports whether a field takes a key that can be made here.
func (s *Edit) makesKeys(d *widget.Field) bool {
	c, member := s.placeOf(d.ID)
	return c.typ == entry.SSHKey && member == "privateKey"
}

// keyMade is a new SSH key.
type keyMade struct {
	field string
	pem   secret.Secret
	err   error
}

// Wipe implements Wiper.
func (m keyMade) Wipe() { m.pem.Wipe() }

// cmdMakeKey makes an Ed25519 key.
func (s *Edit) cmdMakeKey(d *widget.Field) tea.Cmd {
	c, _ := s.placeOf(d.ID)
	comment := ""
	if f := s.form.Field(entry.CredPath(c.id, "keyComment")); f != nil {
		comment = f.Text()
	}
	id, rand := d.ID, s.env.Ports.Rand
	return s.env.cmd(func(context.Context) tea.Msg {
		pem, err := sshkey.Generate(rand, comment)
		return keyMade{id, pem, err}
	})
}

func (s *Edit) takeKey(m keyMade) tea.Cmd {
	defer m.Wipe()
	d := s.form.Field(m.field)
	if m.err != nil || d == nil {
		if m.err != nil {
			return s.env.fail("No key made", m.err)
		}
		return nil
	}
	d.Replace(m.pem.Reveal())
	c, _ := s.placeOf(d.ID)
	if f := s.form.Field(entry.CredPath(c.id, "creationDate")); f != nil && f.Empty() {
		f.Put([]byte(s.env.Now().Format(dateForms[0])))
	}
	s.resize()
	return s.env.say(Notify{Level: Good, Text: "A new Ed25519 key is in the form; " + s.env.Keys.Form.Undo.Help().Key + " brings the old one back"})
}
