package screen

import (
	"fmt"
	"strings"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/totp"
)

// A one-time code is edited as a whole: its members belong together. The field takes an otpauth address or a bare secret and shows below it what
// was understood, with the code that it makes now.

// oneTime is the field of a one-time code.
func (s *Edit) oneTime(c formCred) *widget.Field {
	d := &widget.Field{ID: otpPrefix + c.id, Label: "One-time code", Kind: widget.SecretText, Kept: !c.fresh}
	d.Hint = "paste an otpauth:// address or the secret"
	d.KeptHint = "paste an otpauth:// address or a secret to replace it"
	d.Validate = func(text []byte) string {
		if len(text) == 0 {
			return ""
		}
		key, err := totp.Parse(string(text))
		wipeKey(key)
		if err != nil {
			return err.Error()
		}
		return ""
	}
	d.Changes = s.changed
	d.Live = func(f widget.Frame) (string, bool) { return s.codeNote(f, d.ID) }
	return d
}

func wipeKey(k totp.Key) {
	k.Secret.Wipe()
	k.URI.Wipe()
}

// readCode keeps the key that a field holds, for what is shown below it.
func (s *Edit) readCode(d *widget.Field) {
	s.dropCode(d.ID)
	if d.Kept || d.Empty() {
		return
	}
	key, err := totp.Parse(d.Text())
	if err != nil {
		wipeKey(key)
		return
	}
	if s.codes == nil {
		s.codes = map[string]totp.Key{}
	}
	s.codes[d.ID] = key
}

func (s *Edit) dropCode(id string) {
	if k, ok := s.codes[id]; ok {
		wipeKey(k)
		delete(s.codes, id)
	}
}

// codeNote tells what was understood: who it is for, what codes it makes, and the code of this moment.
func (s *Edit) codeNote(f widget.Frame, id string) (string, bool) {
	key, ok := s.codes[id]
	if !ok {
		return "", false
	}
	var parts []string
	if who := strings.Trim(sanitize.Line(key.Issuer)+" "+sanitize.Line(key.Account), " "); who != "" {
		parts = append(parts, who)
	}
	switch {
	case key.Supported() != nil:
		return strings.Join(append(parts, "kept; Signet makes no codes of this kind"), f.Theme.Sep), true
	case key.Kind == totp.HOTP:
		return strings.Join(append(parts, fmt.Sprintf("%d digits", key.Digits), "by counter: made on request"), f.Theme.Sep), true
	case key.Kind == totp.Steam:
		parts = append(parts, "Steam")
	default:
		parts = append(parts, fmt.Sprintf("%d digits", key.Digits))
	}
	if key.Algorithm != totp.SHA1 {
		parts = append(parts, strings.ToUpper(string(key.Algorithm)))
	}
	parts = append(parts, fmt.Sprintf("every %ds", key.Period))
	code, err := key.Code(f.Now)
	if err != nil {
		return strings.Join(parts, f.Theme.Sep), true
	}
	defer code.Value.Wipe()
	defer code.Next.Wipe()
	now := "now " + widget.Group(code.Value.RevealString())
	if !f.Theme.Linear {
		now += fmt.Sprintf(" for %ds", widget.Left(f.Now, code.Until))
	}
	return strings.Join(append(parts, now), f.Theme.Sep), true
}

// oneTime replaces a key as a whole, adds one, or removes it.
func (w *formWriter) oneTime(d *widget.Field) error {
	id := strings.TrimPrefix(d.ID, otpPrefix)
	if d.Secret.Len() == 0 {
		w.removeAll(entry.CredPath(id))
		return nil
	}
	key, err := totp.Parse(d.Text())
	if err != nil {
		return err
	}
	fresh := entry.NewTOTP(key)
	wipeKey(key)
	for _, c := range w.e.Credentials {
		if c.ID == id {
			w.edits = append(w.edits, w.e.ReplaceMembers(c, fresh)...)
			return nil
		}
	}
	w.begin(formCred{id: id, typ: entry.TOTP, fresh: true})
	for _, m := range fresh.Members {
		w.value(entry.CredPath(id, m.Name), m.Value)
	}
	return nil
}

// pasted puts text where it belongs: a one-time code's address goes to the one-time code, whatever field has the focus.
func (s *Edit) pasted(text string) {
	if d := s.form.Focused(); !isOTPAuth(text) || d == nil || strings.HasPrefix(d.ID, otpPrefix) {
		s.form.Paste(text)
		return
	}
	i := -1
	for j, d := range s.form.Fields {
		if strings.HasPrefix(d.ID, otpPrefix) && (i < 0 || s.form.Fields[i].Kept && !d.Kept) {
			i = j
		}
	}
	s.form.Leave()
	if i < 0 {
		s.part(DraftPart{What: partCred, ID: s.ids().Short(), Name: entry.TOTP})
	} else {
		s.form.Focus = i
	}
	s.form.Focused().Replace(nil)
	s.form.Paste(text)
	if s.form.Focused().Err == "" {
		s.env.say(Notify{Text: "That was a one-time code: it went into its own field"})
	}
}

// isOTPAuth reports whether the whole of a text is the address of a one-time code.
func isOTPAuth(text string) bool {
	text = strings.TrimSpace(text)
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || rest == "" || strings.ContainsAny(text, "\n\r") {
		return false
	}
	for _, s := range []string{"otpauth", "otpauth-migration", "steam", "motp"} {
		if strings.EqualFold(scheme, s) {
			return true
		}
	}
	return false
}
