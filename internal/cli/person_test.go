package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"signet/passkeys"
	"signet/tui/screen"
	"signet/vault/secret"
)

// fakeKeys is a terminal whose keys a test presses. What was shown since the last look is in seen.
type fakeKeys struct {
	answered
	columns int
	presses chan string

	mu     sync.Mutex
	seen   strings.Builder
	taken  int // how many have the keyboard now
	most   int
	looked chan struct{}
}

func newFakeKeys() *fakeKeys {
	return &fakeKeys{columns: 80, presses: make(chan string, 16), looked: make(chan struct{}, 1)}
}

func (f *fakeKeys) Available() bool { return true }

func (f *fakeKeys) Write(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen.WriteString(text)
	select {
	case f.looked <- struct{}{}:
	default:
	}
}

func (f *fakeKeys) shown() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen.String()
}

// sees waits until a text is on the terminal, n times.
func (f *fakeKeys) sees(t *testing.T, text string, n int) {
	t.Helper()
	end := time.After(30 * time.Second)
	for strings.Count(f.shown(), text) < n {
		select {
		case <-f.looked:
		case <-end:
			t.Fatalf("no %q on the terminal; there is %q", text, f.shown())
		}
	}
}

func (f *fakeKeys) keys(context.Context) (keyboard, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken++
	f.most = max(f.most, f.taken)
	return f, nil
}

func (f *fakeKeys) gone() bool { return false }

func (f *fakeKeys) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken--
}

func (f *fakeKeys) width() int { return f.columns }

func (f *fakeKeys) next(ctx context.Context, until time.Time) ([]byte, error) {
	late := time.NewTimer(time.Until(until))
	defer late.Stop()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case s := <-f.presses:
		return []byte(s), nil
	case <-late.C:
		return nil, nil
	}
}

// twoWays verifies one secret for each way.
type twoWays struct {
	right map[screen.VerifyWay]string
	order []screen.VerifyWay
	left  int // tries of the PIN
	tried []string
}

func (p *twoWays) ways(context.Context) []screen.VerifyWay { return p.order }

func (p *twoWays) verify(_ context.Context, way screen.VerifyWay, s secret.Secret) error {
	defer s.Wipe()
	p.tried = append(p.tried, string(way)+" "+s.RevealString())
	switch {
	case way == screen.VerifyPIN && p.left == 0:
		return passkeys.ErrVerifyBlocked
	case s.RevealString() == p.right[way]:
		return nil
	case way == screen.VerifyPIN:
		if p.left--; p.left == 0 {
			return passkeys.ErrVerifyBlocked
		}
		return &wrongSecretError{way, p.left}
	}
	return &wrongSecretError{way, -1}
}

type asking struct {
	t    *testing.T
	keys *fakeKeys
	p    *terminalPerson
}

func newAsking(t *testing.T) *asking {
	t.Helper()
	k := newFakeKeys()
	a := &App{Terminal: k, PassphraseFD: -1}
	return &asking{t, k, a.newPerson("the virtual security key")}
}

// ask asks in the background.
func (a *asking) ask(ctx context.Context, ask passkeys.Ask) func() (passkeys.Answer, error) {
	type result struct {
		passkeys.Answer
		error
	}
	ch := make(chan result, 1)
	go func() {
		answer, err := a.p.Approve(ctx, ask)
		ch <- result{answer, err}
	}()
	return func() (passkeys.Answer, error) {
		r := <-ch
		return r.Answer, r.error
	}
}

func signIn(names ...string) passkeys.Ask {
	ask := passkeys.Ask{Action: passkeys.ActionSignIn, RPID: "bank.example"}
	for _, n := range names {
		ask.Users = append(ask.Users, passkeys.Account{User: passkeys.User{Name: n}})
	}
	return ask
}

func TestKeysDecide(t *testing.T) {
	t.Parallel()
	register := passkeys.Ask{Action: passkeys.ActionRegister, RPID: "bank.example", User: passkeys.User{Name: "ada"}, Discoverable: true, Binding: passkeys.Synced}
	for _, c := range []struct {
		name  string
		ask   passkeys.Ask
		press []string
		want  passkeys.Answer
	}{
		{"y", signIn("ada"), []string{"y"}, passkeys.Answer{Allowed: true}},
		{"Enter", signIn("ada"), []string{"\r"}, passkeys.Answer{Allowed: true}},
		{"n", signIn("ada"), []string{"n"}, passkeys.Answer{}},
		{"Esc", signIn("ada"), []string{"\x1b"}, passkeys.Answer{}},
		{"an arrow is no Esc", signIn("ada"), []string{"\x1b[A", "y"}, passkeys.Answer{Allowed: true}},
		{"a paste is no key", signIn("ada"), []string{"yes please", "n"}, passkeys.Answer{}},
		{"a digit", signIn("ada", "bob", "cy"), []string{"y", "\n", "4", "2"}, passkeys.Answer{Allowed: true, Chosen: 1}},
		{"the next page", signIn(strings.Split(strings.Repeat("x ", 11)+"x", " ")...), []string{" ", "4", "3"}, passkeys.Answer{Allowed: true, Chosen: 11}},
		{"round the pages", signIn(strings.Split(strings.Repeat("x ", 11)+"x", " ")...), []string{" ", " ", "9"}, passkeys.Answer{Allowed: true, Chosen: 8}},
		{"the binding", register, []string{"d", "y"}, passkeys.Answer{Allowed: true, Binding: passkeys.Device}},
		{"the binding and back", register, []string{"d", "s", "y"}, passkeys.Answer{Allowed: true, Binding: passkeys.Synced}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newAsking(t)
			end := a.ask(t.Context(), c.ask)
			a.keys.sees(t, "n: refuse", 1)
			for _, k := range c.press {
				a.keys.presses <- k
			}
			got, err := end()
			if got.Allowed && c.want.Binding == 0 {
				got.Binding = 0
			}
			if err != nil || got != c.want {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

// What is typed before the question can have been read answers nothing.
func TestGracePeriodDropsKeys(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	for range 3 {
		a.keys.presses <- "y"
	}
	end := a.ask(t.Context(), signIn("ada"))
	a.keys.sees(t, "n: refuse", 1)
	a.keys.presses <- "n"
	if got, err := end(); err != nil || got.Allowed {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestVerificationIsAskedAndReportedHonestly(t *testing.T) {
	t.Parallel()
	both := []screen.VerifyWay{screen.VerifyPIN, screen.VerifyPassphrase}
	for _, c := range []struct {
		name  string
		left  int
		order []screen.VerifyWay
		press []string
		want  passkeys.Answer
		err   error
		shows string
	}{
		{"right", 8, both, []string{"1234\n"}, passkeys.Answer{Allowed: true, Verified: true}, nil, "Allowed"},
		{"mended while typing", 8, both, []string{"12", "35", "\x7f", "4", "\r"}, passkeys.Answer{Allowed: true, Verified: true}, nil, "Allowed"},
		{"begun anew", 8, both, []string{"999", "\x15", "1234", "\r"}, passkeys.Answer{Allowed: true, Verified: true}, nil, "Allowed"},
		{"the other way", 8, both, []string{"\t", "open sesame\n"}, passkeys.Answer{Allowed: true, Verified: true}, nil, "Allowed"},
		{"wrong once", 8, both, []string{"0000\n", "1234\n"}, passkeys.Answer{Allowed: true, Verified: true}, nil, "Wrong PIN: 7 tries are left"},
		{"wrong too often", 8, both, []string{"0\n", "0\n", "0\n"}, passkeys.Answer{}, passkeys.ErrNotVerified, "Not verified"},
		{"one try left", 2, both, []string{"0\n", "1234\n"}, passkeys.Answer{Allowed: true, Verified: true}, nil, "one try is left"},
		{"blocked, then the passphrase", 1, both, []string{"0\n", "open sesame\n"}, passkeys.Answer{Allowed: true, Verified: true}, nil, "The PIN is blocked"},
		{"blocked", 1, both[:1], []string{"0\n"}, passkeys.Answer{}, passkeys.ErrVerifyBlocked, "Blocked"},
		{"given up", 8, both, []string{"12", "\x1b"}, passkeys.Answer{}, nil, "Refused"},
		{"nothing to ask", 8, nil, nil, passkeys.Answer{}, passkeys.ErrVerifyBlocked, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newAsking(t)
			a.p.verifier = &twoWays{right: map[screen.VerifyWay]string{screen.VerifyPIN: "1234", screen.VerifyPassphrase: "open sesame"}, order: c.order, left: c.left}
			ask := signIn("ada")
			ask.Verify = true
			end := a.ask(t.Context(), ask)
			if c.order != nil {
				a.keys.sees(t, "Esc: refuse", 1)
			}
			for _, k := range c.press {
				a.keys.presses <- k
			}
			got, err := end()
			if !errors.Is(err, c.err) || got.Allowed != c.want.Allowed || got.Verified != c.want.Verified {
				t.Errorf("%+v, %v; want %+v, %v", got, err, c.want, c.err)
			}
			if text := a.keys.shown(); !strings.Contains(text, c.shows) || strings.Contains(text, "1234") || strings.Contains(text, "sesame") {
				t.Errorf("the terminal shows %q", text)
			}
		})
	}
}

// Who opened the vault for this very request is not asked who they are again, and who verified themselves for the site a moment ago is not asked at all.
func TestNobodyIsAskedTwice(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.p.verifier = &twoWays{order: []screen.VerifyWay{screen.VerifyPassphrase}}
	a.p.proved = func(context.Context) bool { return true }
	ask := signIn("ada")
	ask.Verify = true
	end := a.ask(t.Context(), ask)
	a.keys.sees(t, "y: allow", 1)
	a.keys.presses <- "y"
	if got, err := end(); err != nil || !got.Verified {
		t.Errorf("%+v, %v", got, err)
	}
	recent := signIn("ada")
	recent.Recent = true
	if got, err := a.ask(t.Context(), recent)(); err != nil || !got.Allowed || got.Verified {
		t.Errorf("%+v, %v", got, err)
	}
	recent = signIn("ada", "bob")
	recent.Recent = true
	end = a.ask(t.Context(), recent)
	a.keys.sees(t, "1-2: sign in", 1)
	a.keys.presses <- "2"
	if got, err := end(); err != nil || got.Chosen != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestQuestionsComeOneByOne(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	const n = 4
	var ends []func() (passkeys.Answer, error)
	for i := range n {
		ends = append(ends, a.ask(t.Context(), signIn(fmt.Sprint("account", i))))
	}
	for i := range n {
		a.keys.sees(t, "y: allow", i+1)
		a.keys.presses <- "y"
		a.keys.sees(t, "Allowed.", i+1)
	}
	for _, end := range ends {
		if got, err := end(); err != nil || !got.Allowed {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if a.keys.most != 1 || a.keys.taken != 0 {
		t.Errorf("%d had the keyboard at once, %d still have it", a.keys.most, a.keys.taken)
	}
}

// A question that is taken back leaves at once, also one that waits for its turn.
func TestQuestionIsTakenBack(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	first, cancelFirst := context.WithCancel(t.Context())
	second, cancelSecond := context.WithCancel(t.Context())
	shown := a.ask(first, signIn("ada"))
	a.keys.sees(t, "y: allow", 1)
	waits := a.ask(second, signIn("bob"))
	cancelSecond()
	if _, err := waits(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	cancelFirst()
	if _, err := shown(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if text := a.keys.shown(); !strings.Contains(text, "No longer asked for") || strings.Contains(text, "bob") {
		t.Errorf("%q", text)
	}
}

func TestQuestionRunsOut(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	q := &question{p: a.p, ask: signIn("ada"), within: graceQuiet + 200*time.Millisecond}
	if _, err := q.put(t.Context(), a.keys); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if text := a.keys.shown(); !strings.Contains(text, "Nobody answered in time") {
		t.Errorf("%q", text)
	}
}

// For a screen reader nothing moves: each line is said once, and none begins anew.
func TestQuestionHoldsStill(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.p.still = true
	end := a.ask(t.Context(), signIn("ada"))
	a.keys.sees(t, "n: refuse", 1)
	time.Sleep(graceMost) // what moves would have moved by now
	a.keys.presses <- "y"
	if got, err := end(); err != nil || !got.Allowed {
		t.Errorf("%+v, %v", got, err)
	}
	text := a.keys.shown()
	if strings.ContainsAny(text, "\r\x1b") || strings.Count(text, "n: refuse") != 1 || !strings.HasSuffix(text, "(30 s) \n  Allowed.\n") {
		t.Errorf("%q", text)
	}
}

// Every question fits a small terminal, and nothing that a site says can leave its row.
func TestQuestionsFitAndAreClean(t *testing.T) {
	t.Parallel()
	evil := "a\x1b]52;c;AAAA\x07b\u202egnp.exe\r\n  y: allow"
	long := strings.Repeat("sub.", 55) + "bank.example"
	asks := []passkeys.Ask{
		{Action: passkeys.ActionRegister, RPID: "xn--pple-43d.example", RPName: evil, User: passkeys.User{Name: evil, DisplayName: evil}, Discoverable: true, Replaces: true},
		{Action: passkeys.ActionRegister, RPID: long, User: passkeys.User{Name: strings.Repeat("ada", 99)}, Excluded: true},
		{Action: passkeys.ActionRegister, RPID: "bank.example", Binding: passkeys.Device},
		{Action: passkeys.ActionRegister, U2F: true, SiteHash: make([]byte, 32)},
		signIn(evil, evil, evil, evil, evil, evil, evil, evil, evil, evil),
		{Action: passkeys.ActionVerify, RPID: long, Permissions: 0xff},
		{Action: passkeys.ActionSelect}, {Action: passkeys.ActionConfigure, Setting: evil}, {Action: passkeys.ActionReset, Passkeys: 12},
	}
	for i, ask := range asks {
		a := newAsking(t)
		a.p.requester = func() string { return evil }
		q := &question{p: a.p, ask: ask, width: 50}
		text := strings.TrimPrefix(q.text(), "\a"+eraseLine)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > 14 {
			t.Errorf("%d: %d lines leave no room at 50x15:\n%s", i, len(lines), text)
		}
		for _, l := range lines {
			if runewidth.StringWidth(l) > 50 || strings.ContainsAny(l, "\x1b\a\r\u202e") {
				t.Errorf("%d: the line %q", i, l)
			}
		}
		if ask.RPID == long && !strings.Contains(strings.Join(strings.Fields(text), ""), "bank.example") {
			t.Errorf("%d: whose site it is is cut off:\n%s", i, text)
		}
	}
}

// lineTerminal can be asked for lines only, as a console.
type lineTerminal struct {
	answered
	lines, secrets []string
}

func (l *lineTerminal) Available() bool { return true }

func (l *lineTerminal) Line(context.Context, string) (string, error) {
	line := l.lines[0]
	l.lines = l.lines[1:]
	return line, nil
}

func (l *lineTerminal) Secret(context.Context, string) (secret.Secret, error) {
	s := l.secrets[0]
	l.secrets = l.secrets[1:]
	return secret.FromString(s), nil
}

// Where keys cannot be read one by one, lines answer.
func TestLinesDecideToo(t *testing.T) {
	t.Parallel()
	verify := signIn("ada")
	verify.Verify = true
	for _, c := range []struct {
		name    string
		ask     passkeys.Ask
		secrets []string
		line    string
		want    passkeys.Answer
		err     error
	}{
		{"yes", signIn("ada"), nil, "y", passkeys.Answer{Allowed: true}, nil},
		{"no", signIn("ada"), nil, "", passkeys.Answer{}, nil},
		{"verified", verify, []string{"wrong", "open sesame"}, "yes", passkeys.Answer{Allowed: true, Verified: true}, nil},
		{"not verified", verify, []string{"1", "2", "3"}, "y", passkeys.Answer{}, passkeys.ErrNotVerified},
		{"nobody can choose", signIn("ada", "bob"), nil, "y", passkeys.Answer{}, errNobody},
	} {
		l := &lineTerminal{lines: []string{c.line}, secrets: c.secrets}
		p := (&App{Terminal: l, PassphraseFD: -1}).newPerson("")
		p.verifier = &twoWays{right: map[screen.VerifyWay]string{screen.VerifyPassphrase: "open sesame"}, order: []screen.VerifyWay{screen.VerifyPassphrase}}
		if got, err := p.Approve(t.Context(), c.ask); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, err, c.want, c.err)
		}
	}
}
