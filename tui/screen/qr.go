package screen

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/internal/sanitize"
	"signet/tui/widget"
	"signet/vault/entry"
	"signet/vault/secret"
)

// QR shows one value as a QR code. The value is wiped when the screen closes or its time is over.
type QR struct {
	env    Env
	ask    OpenQR
	text   secret.Secret
	until  time.Time
	failed string
}

// qrFor is how long a code is shown: long enough to find the phone and its camera.
const qrFor = 90 * time.Second

// NewQR makes the screen.
func NewQR(env Env, m OpenQR) *QR { return &QR{env: env, ask: m} }

// qrRead is what the code holds.
type qrRead struct {
	ask  OpenQR
	text secret.Secret
	err  error
}

// Wipe implements Wiper.
func (m qrRead) Wipe() { m.text.Wipe() }

// Init implements Screen.
func (s *QR) Init() tea.Cmd {
	return s.env.cmd(func(ctx context.Context) tea.Msg {
		ask, err := s.ask, error(nil)
		if ask.What == QRMain {
			if ask, err = s.env.mainQR(ctx, ask.ID); err != nil {
				return qrRead{ask: ask, err: err}
			}
		}
		text, err := s.env.qrText(ctx, ask)
		return qrRead{ask, text, err}
	})
}

// qrText reads what the code is to hold.
func (e Env) qrText(ctx context.Context, m OpenQR) (secret.Secret, error) {
	switch m.What {
	case QRPast:
		return e.Vault.Past(ctx, m.ID, m.Past)
	case QRCode:
		return e.otpURI(ctx, m)
	case QRWiFi:
		return e.wifiURI(ctx, m)
	case QRComposed:
		return e.composedText(ctx, m.ID, m.Cred)
	case QRMain, QRField:
	}
	return e.candidate(ctx, entry.FieldRef{Record: m.ID, Path: m.Path}, m.Candidate)
}

// mainQR decides what the code of a whole entry holds.
func (e Env) mainQR(ctx context.Context, id entry.ID) (OpenQR, error) {
	en, err := e.Vault.Get(ctx, id, false)
	if err != nil {
		return OpenQR{ID: id}, err
	}
	defer en.Wipe()
	m := OpenQR{ID: id, What: QRField, Title: en.Title}
	if c, ok := en.Credential(entry.WiFi); ok {
		m.What, m.Cred, m.Name = QRWiFi, c.ID, orElse(c.Text("ssid"), en.Title)
		return m, nil
	}
	for _, name := range []string{"password", "notes", "url"} {
		f, err := entry.ParseFieldName(name)
		if err != nil {
			return m, err
		}
		if found, err := en.Find(f); err == nil {
			m.Path, m.Name = found.Path, en.Title+": "+name
			return m, nil
		}
	}
	if c, ok := en.Credential(entry.TOTP); ok {
		m.What, m.Cred, m.Name = QRCode, c.ID, "One-time code of "+en.Title
		return m, nil
	}
	return m, errNoMain
}

var errNoMain = errors.New("open the entry, and choose the field that the QR code is to hold")

// revealedCred reads one credential with everything that it conceals; the caller wipes it.
func (e Env) revealedCred(ctx context.Context, id entry.ID, cred string) (entry.Credential, error) {
	en, err := e.Vault.Get(ctx, id, false)
	if err != nil {
		return entry.Credential{}, err
	}
	for _, c := range en.Credentials {
		if c.ID != cred {
			continue
		}
		for i, m := range c.Members {
			if !m.Withheld {
				continue
			}
			v, err := e.candidate(ctx, entry.FieldRef{Record: id, Path: m.Path}, "")
			if err != nil {
				en.Wipe()
				return entry.Credential{}, err
			}
			c.Members[i].Value, c.Members[i].Withheld = v, false
		}
		return c, nil
	}
	en.Wipe()
	return entry.Credential{}, errNothing
}

func wipeCred(c entry.Credential) { entry.Entry{Credentials: []entry.Credential{c}}.Wipe() }

func (e Env) otpURI(ctx context.Context, m OpenQR) (secret.Secret, error) {
	c, err := e.revealedCred(ctx, m.ID, m.Cred)
	if err != nil {
		return secret.Secret{}, err
	}
	defer wipeCred(c)
	if c.Text("issuer") == "" && c.Text("username") == "" { // an authenticator would show it without a name
		c.Members = append(c.Members, entry.Member{Name: "issuer", Value: secret.FromString(m.Title)})
	}
	return c.TOTPURI()
}

func (e Env) wifiURI(ctx context.Context, m OpenQR) (secret.Secret, error) {
	c, err := e.revealedCred(ctx, m.ID, m.Cred)
	if err != nil {
		return secret.Secret{}, err
	}
	defer wipeCred(c)
	return joinURI(c)
}

// joinURI is how phones read a network from a QR code (the form that the Wi-Fi Alliance's WPA3 specification took up).
func joinURI(c entry.Credential) (secret.Secret, error) {
	ssid, pass := c.Text("ssid"), c.Text("passphrase")
	kind := "nopass"
	switch security := strings.ToLower(c.Text("networkSecurityType")); {
	case security == "wep":
		kind = "WEP"
	case strings.Contains(security, "enterprise"):
		return secret.Secret{}, fmt.Errorf("a QR code cannot hold a network with accounts of its own (%s)", sanitize.Line(security))
	case pass != "":
		kind = "WPA"
	}
	if ssid == "" {
		return secret.Secret{}, fmt.Errorf("the network has no name")
	}
	out := "WIFI:T:" + kind + ";S:" + escapeWiFi(ssid) + ";"
	if kind != "nopass" {
		out += "P:" + escapeWiFi(pass) + ";"
	}
	if hidden, _ := flag(c.Text("hidden")); hidden {
		out += "H:true;"
	}
	return secret.FromString(out + ";"), nil
}

var wifiEscapes = strings.NewReplacer(`\`, `\\`, `;`, `\;`, `,`, `\,`, `:`, `\:`, `"`, `\"`)

func escapeWiFi(s string) string { return wifiEscapes.Replace(s) }

// Title implements Screen.
func (s *QR) Title() string { return "QR code" }

// Settled reports whether there is something to show; tests wait for it.
func (s *QR) Settled() bool { return !s.text.IsEmpty() || s.failed != "" }

// Close implements Screen.
func (s *QR) Close() { s.hide() }

func (s *QR) hide() {
	s.text.Wipe()
	s.text = secret.Secret{}
}

// Update implements Screen.
func (s *QR) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case qrRead:
		if msg.err != nil {
			s.failed = s.env.Explain(msg.err)
			return s, s.env.fail("No QR code", msg.err)
		}
		s.hide()
		s.ask, s.text, s.until = msg.ask, msg.text, s.env.Now().Add(qrFor)
	case Changed: // it may be another value now
		s.hide()
		return s, s.Init()
	case Tick:
		if !s.text.IsEmpty() && !s.env.Now().Before(s.until) {
			s.hide()
			s.failed = "hidden again, because it was in view for long enough"
		}
	case widget.Press:
		k := s.env.Keys
		if key.Matches(msg, k.Do.Back, k.Do.Leave, k.Setup.Continue, k.Do.QR) {
			return s, s.env.say(Back{})
		}
	}
	return s, nil
}

// View implements Screen.
func (s *QR) View(f widget.Frame) (string, widget.Cursor) {
	head := []string{f.Theme.Title.Render(widget.Fit(f, s.ask.Name, f.W))}
	if note := s.purpose(); note != "" && f.H >= roomyFrom {
		head = append(head, widget.Paint(f.Theme.Muted, widget.Wrap(note, max(f.W, 1)))...)
	}
	if s.text.IsEmpty() {
		return widget.Lines(f, append(head, "", f.Theme.Muted.Render(widget.Fit(f, orElse(s.failed, "reading"), f.W)))), widget.Cursor{}
	}
	text := s.text.RevealString()
	w, h, ok := widget.QRSize(f, text)
	room := f.Sized(f.W, f.H-len(head))
	if ok && h > room.H && h <= f.H { // without its heading it fits
		room, head = f, nil
	}
	switch {
	case !ok:
		return s.says(f, head, fmt.Sprintf("The value has %s bytes: a QR code holds %s at most.", thousands(len(text)), thousands(widget.QRMost)))
	case w > room.W || h > room.H:
		return s.says(f, head, fmt.Sprintf("This code needs %d columns and %d rows; here is room for %d and %d. Make the window larger, or its letters smaller.", w, h, f.W, f.H))
	}
	code, _ := widget.QR(room, text)
	left := strings.Repeat(" ", (room.W-w)/2)
	for _, row := range strings.Split(code, "\n") {
		head = append(head, left+f.Theme.QR.Render(row))
	}
	return widget.Lines(f, head), widget.Cursor{}
}

func (s *QR) says(f widget.Frame, head []string, text string) (string, widget.Cursor) {
	return widget.Lines(f, append(append(head, ""), widget.Paint(f.Theme.Warn, widget.Wrap(text, max(f.W, 1)))...)), widget.Cursor{}
}

// purpose says what happens to whoever scans the code.
func (s *QR) purpose() string {
	switch s.ask.What {
	case QRWiFi:
		return "A phone's camera joins the network by it."
	case QRCode:
		return "An authenticator takes the key of the code over by it."
	case QRMain, QRField, QRPast, QRComposed:
	}
	return ""
}

// Keys implements Screen.
func (s *QR) Keys() []key.Binding { return []key.Binding{s.env.Keys.Do.Back} }

// qr shows the line under the cursor as a QR code: a row of a network joins it, a one-time code gives its key.
func (s *Entry) qr(l detailLine) tea.Cmd {
	m := OpenQR{ID: s.id, Path: l.path, Cred: l.cred, Name: sanitize.Line(l.label)}
	concealed := l.concealed
	switch {
	case l.kind == lineCode:
		m.What, m.Name, m.Title = QRCode, "One-time code of "+s.d.e.Title, s.d.e.Title
	case s.wifi(l) && l.kind == lineValue:
		m.What, m.Name, concealed = QRWiFi, s.ssid(l.cred), true
	case l.kind == lineHistory:
		m.What, m.Past = QRPast, l.past
	case l.kind == lineComposed:
		m.What = QRComposed
	case l.kind == lineCandidate:
		m.Candidate, m.Name = l.note, sanitize.Line(s.d.pathLabel(l.path))
	case l.kind != lineValue:
		return s.env.say(Notify{Text: "There is nothing to show as a QR code in this row"})
	}
	if !concealed {
		return s.env.say(m)
	}
	return s.env.proveQR(m)
}

// proveQR opens the code once the user may see it.
func (e Env) proveQR(m OpenQR) tea.Cmd { return e.say(Prove{Then: m}) }

func (s *Entry) ssid(cred string) string {
	for _, c := range s.d.e.Credentials {
		if c.ID == cred {
			return orElse(c.Text("ssid"), "Wi-Fi")
		}
	}
	return "Wi-Fi"
}
