package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"signet/passkeys"
	"signet/tui/screen"
	"signet/vault/secret"
)

// How long a question waits.
const (
	answerWithin = 30 * time.Second
	proveWithin  = 2 * time.Minute
	proveTries   = 3 // wrong secrets within one question
)

// verifier finds out whether somebody is who they should be.
type verifier interface {
	// ways are those that somebody can be asked for now, the handiest first. None: nobody can be verified.
	ways(ctx context.Context) []screen.VerifyWay
	// verify returns *wrongSecretError for a wrong one, passkeys.ErrVerifyBlocked when no more are taken. It takes the secret over.
	verify(ctx context.Context, way screen.VerifyWay, s secret.Secret) error
}

// wrongSecretError says that a passphrase or PIN was wrong, and how many tries are left; -1 for any number.
type wrongSecretError struct {
	Way  screen.VerifyWay
	Left int
}

// errWrongSecret is what every wrongSecretError is.
var errWrongSecret = errors.New("wrong passphrase or PIN")

// Is makes it one with errWrongSecret.
func (e *wrongSecretError) Is(target error) bool { return target == errWrongSecret } //nolint:errorlint // the very value

func (e *wrongSecretError) Error() string {
	text := "wrong " + string(e.Way)
	if e.Way == screen.VerifyPIN {
		text = "wrong PIN"
	}
	switch {
	case e.Left == 0:
		return text + ": it is blocked now"
	case e.Left == 1:
		return text + ": one try is left until it is blocked"
	case e.Left > 1:
		return fmt.Sprintf("%s: %d tries are left", text, e.Left)
	}
	return text
}

// terminalPerson is whoever sits at the controlling terminal. It asks one question at a time; the others wait their turn.
type terminalPerson struct {
	a         *App
	route     string                         // how the question came, in words
	requester func() string                  // who asks, in words; nil: nobody to name
	verifier  verifier                       // nil: presence only
	proved    func(ctx context.Context) bool // whether they proved who they are for this very command already; nil: no
	provedFor atomic.Uint64                  // the request for which they did, by opening the vault
	provedAt  atomic.Int64                   // when, in Unix milliseconds; 0 when that has served its purpose
	turn      chan struct{}                  // holds one token: the terminal
	asking    atomic.Int64                   // how many wait for an answer

	still   bool // nothing moves: no countdown, for a screen reader and for a terminal that cannot
	showing sync.Mutex
	shown   string // the line of keys that is shown
	inLine  bool   // where nothing moves: the cursor is in the middle of a line
}

var _ passkeys.Approver = (*terminalPerson)(nil)

// newPerson asks at the terminal of this command, on behalf of what came by route.
func (a *App) newPerson(route string) *terminalPerson {
	p := &terminalPerson{a: a, route: route, turn: make(chan struct{}, 1)}
	if a.Env != nil {
		cfg, _ := a.config() // what is wrong with it is told elsewhere
		p.still = a.Env("TERM") == "dumb" || screenReader(a.Env("SIGNET_SCREEN_READER"), cfg.UI.ScreenReader)
	}
	return p
}

// canVerify reports whether a verification can be asked for now: passkeys.Options.WithUV.
func (p *terminalPerson) canVerify() bool {
	return p.a.interactive() && p.verifier != nil && len(p.verifier.ways(context.Background())) > 0
}

// Approve implements passkeys.Approver.
func (p *terminalPerson) Approve(ctx context.Context, ask passkeys.Ask) (passkeys.Answer, error) {
	if !p.a.interactive() {
		return passkeys.Answer{}, errNobody
	}
	if clearAlready(ask) {
		p.say(eraseLine + "  Signing in to " + siteLine(ask.RPID) + " as " + accountLine(ask.Users[0].User) + ", as you just allowed.\n")
		return passkeys.Answer{Allowed: true}, nil
	}
	q := &question{p: p, ask: ask, within: answerWithin, answer: passkeys.Answer{Binding: ask.Binding}}
	q.answer.Verified = ask.Verify && p.provedAlready(ctx)
	if ask.Verify && !q.answer.Verified && p.verifier != nil {
		if q.ways = p.verifier.ways(ctx); len(q.ways) > 0 {
			q.within = proveWithin
		}
	}
	if ask.Verify && !q.answer.Verified && len(q.ways) == 0 {
		return passkeys.Answer{}, passkeys.ErrVerifyBlocked
	}
	var answer passkeys.Answer
	err := p.atTerminal(ctx, func(k keyboard) error {
		var err error
		answer, err = q.put(ctx, k)
		return err
	})
	if errors.Is(err, errors.ErrUnsupported) {
		return q.asLine(ctx)
	}
	return answer, err
}

// provedHolds is how long opening the vault counts for the verification that follows.
const provedHolds = 15 * time.Second

// provedAlready reports whether they proved who they are within this very request, or by opening the vault a moment ago: nobody types a passphrase twice for
// one thing. A browser that signs somebody in makes several requests, and the first of them may be what opens the vault. It counts once, and the question
// itself is asked all the same.
func (p *terminalPerson) provedAlready(ctx context.Context) bool {
	at := p.provedAt.Swap(0)
	if id := passkeys.RequestID(ctx); id != 0 && id == p.provedFor.Load() {
		return true
	}
	if at != 0 && time.Since(time.UnixMilli(at)) < provedHolds {
		return true
	}
	return p.proved != nil && p.proved(ctx)
}

// clearAlready reports whether nothing is left to ask: somebody verified themselves for this site a moment ago, and there is one account to sign in with.
func clearAlready(ask passkeys.Ask) bool {
	return ask.Action == passkeys.ActionSignIn && ask.Recent && !ask.Verify && len(ask.Users) == 1
}

// atTerminal has the terminal to itself, key by key, until f returns.
func (p *terminalPerson) atTerminal(ctx context.Context, f func(keyboard) error) error {
	p.asking.Add(1)
	defer p.asking.Add(-1)
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.turn }()
	t, ok := p.a.Terminal.(keyed)
	if !ok {
		return errors.ErrUnsupported
	}
	k, err := t.keys(ctx)
	if err != nil {
		return err
	}
	defer k.close()
	return f(k)
}

// gone reports that nobody can be asked any more.
func (p *terminalPerson) gone() bool {
	t, ok := p.a.Terminal.(keyed)
	return ok && t.gone()
}

// eraseLine begins the line of the cursor anew.
const eraseLine = "\r\x1b[K"

// say writes to the terminal.
func (p *terminalPerson) say(text string) {
	p.showing.Lock()
	defer p.showing.Unlock()
	p.shown = ""
	p.write(text)
}

// write is say with the lock held. Where nothing may move, a line that would begin anew begins below.
func (p *terminalPerson) write(text string) {
	if !p.still {
		p.a.Terminal.Write(text)
		return
	}
	var out strings.Builder
	for i, part := range strings.Split(text, eraseLine) {
		if i > 0 && p.inLine {
			out.WriteString("\n")
			p.inLine = false
		}
		out.WriteString(part)
		if end := strings.TrimLeft(part, "\a"); end != "" {
			p.inLine = !strings.HasSuffix(end, "\n")
		}
	}
	p.a.Terminal.Write(out.String())
}

// question is one that is being asked.
type question struct {
	p      *terminalPerson
	ask    passkeys.Ask
	ways   []screen.VerifyWay // to prove who it is; empty where that is not asked
	within time.Duration
	until  time.Time
	page   int // of the accounts
	width  int // of the terminal
	answer passkeys.Answer
}

// put asks it and says what came of it, so that nobody wonders why it is gone.
func (q *question) put(ctx context.Context, k keyboard) (passkeys.Answer, error) {
	q.until = time.Now().Add(q.within)
	q.width = max(k.width(), leastWidth)
	q.p.say(q.text())
	err := settle(ctx, k)
	if err == nil {
		err = q.decide(ctx, k)
	}
	if err == nil && q.answer.Allowed && len(q.ways) > 0 {
		err = q.prove(ctx, k)
	}
	q.p.say(eraseLine + "  " + q.outcome(ctx, err) + "\n")
	switch {
	case err == nil:
		return q.answer, nil
	case errors.Is(err, errEscaped):
		return passkeys.Answer{}, nil
	}
	return passkeys.Answer{}, err
}

func (q *question) outcome(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "No longer asked for."
	case errors.Is(err, errNobodyNow):
		return "Nobody answered in time: refused."
	case errors.Is(err, passkeys.ErrVerifyBlocked):
		return "Blocked after too many wrong tries: refused."
	case errors.Is(err, passkeys.ErrNotVerified):
		return "Not verified: refused."
	case err == nil && q.answer.Allowed && q.ask.Excluded:
		return "Told the site that there is one already."
	case err == nil && q.answer.Allowed:
		return "Allowed."
	case err == nil, errors.Is(err, errEscaped):
		return "Refused."
	}
	return "Refused: " + q.p.a.cleanf("%s", err)
}

// decide waits for the key that says what shall be. Where a secret follows and nothing is left to choose, typing it is the consent.
func (q *question) decide(ctx context.Context, k keyboard) error {
	if len(q.ways) > 0 && !q.chooses() && q.ask.Action != passkeys.ActionRegister {
		q.answer.Allowed = true
		return nil
	}
	for {
		typed, err := awaitKey(ctx, k, q.until, func(left time.Duration) { q.p.status(k, q.keys(), left) })
		if err != nil {
			return err
		}
		done, err := q.press(onePress(typed))
		if done || err != nil {
			return err
		}
	}
}

// chooses reports whether there are several accounts.
func (q *question) chooses() bool {
	return q.ask.Action == passkeys.ActionSignIn && len(q.ask.Users) > 1
}

// press takes one key and reports whether that decides.
func (q *question) press(key rune) (bool, error) {
	switch {
	case key == keyInterrupt:
		return false, context.Canceled
	case key == 'n', key == 'N', key == keyEscape:
		return true, nil
	case q.chooses():
		return q.pick(key), nil
	case key == 'y', key == 'Y', key == '\n':
		q.answer.Allowed = true
		return true, nil
	case q.ask.Action == passkeys.ActionRegister && !q.ask.Excluded && (key == 'd' || key == 's'):
		q.answer.Binding = map[rune]passkeys.Binding{'d': passkeys.Device, 's': passkeys.Synced}[key]
		q.p.say(eraseLine + q.row("kept", q.keptWords(), q.width))
	}
	return false, nil
}

// pick takes the digit of an account, or turns to the next page.
func (q *question) pick(key rune) bool {
	n := q.page*accountsAtOnce + int(key-'1')
	switch {
	case key >= '1' && key <= '9' && n < len(q.ask.Users):
		q.answer.Allowed, q.answer.Chosen = true, n
		return true
	case key == ' ' && len(q.ask.Users) > accountsAtOnce:
		q.page = (q.page + 1) % ((len(q.ask.Users) + accountsAtOnce - 1) / accountsAtOnce)
		q.p.say(eraseLine + q.accounts(q.width))
	}
	return false
}

// prove asks for a passphrase or PIN.
func (q *question) prove(ctx context.Context, k keyboard) error {
	for wrong := 0; ; {
		way := q.ways[0]
		s, err := secretLine(ctx, k, q.until, func(left time.Duration) { q.p.status(k, q.secretKeys(way), left) })
		if errors.Is(err, errTabbed) {
			q.ways = append(q.ways[1:], way)
			continue
		}
		if err != nil {
			return err
		}
		if s.IsEmpty() {
			continue
		}
		q.p.say(eraseLine + "  checking …")
		var miss *wrongSecretError
		switch err = q.p.verifier.verify(ctx, way, s); {
		case err == nil:
			q.answer.Verified = true
			return nil
		case errors.As(err, &miss):
			if wrong++; wrong >= proveTries {
				return passkeys.ErrNotVerified
			}
		case errors.Is(err, passkeys.ErrVerifyBlocked) && len(q.ways) > 1:
			q.ways = q.ways[1:]
			err = errors.New("the PIN is blocked")
		default:
			return err
		}
		q.until = time.Now().Add(q.within) // who mistyped gets the whole time again
		q.p.say(eraseLine + "  " + upperFirst(q.p.a.cleanf("%s", err)) + ".\n")
	}
}

// secretKeys is the line at which a secret is typed.
func (q *question) secretKeys(way screen.VerifyWay) string {
	text := "vault passphrase (Esc: refuse"
	if way == screen.VerifyPIN {
		text = "PIN of the virtual key (Esc: refuse"
	}
	if len(q.ways) > 1 {
		other := "the PIN"
		if q.ways[1] == screen.VerifyPassphrase {
			other = "the passphrase"
		}
		text += ", Tab: " + other
	}
	return text + "):"
}

// keys is the line that says which keys decide.
func (q *question) keys() string {
	var parts []string
	switch {
	case q.chooses():
		on := min(len(q.ask.Users)-q.page*accountsAtOnce, accountsAtOnce)
		parts = append(parts, fmt.Sprintf("1-%d: sign in with it", on))
		if len(q.ask.Users) > accountsAtOnce {
			parts = append(parts, "space: more")
		}
	default:
		parts = append(parts, "y: allow")
	}
	parts = append(parts, "n: refuse")
	if q.ask.Action == passkeys.ActionRegister && !q.ask.Excluded {
		if q.answer.Binding == passkeys.Device {
			parts = append(parts, "s: synced")
		} else {
			parts = append(parts, "d: device only")
		}
	}
	return strings.Join(parts, "  ")
}

// asLine asks where keys cannot be read one by one.
func (q *question) asLine(ctx context.Context) (passkeys.Answer, error) {
	if q.chooses() {
		return passkeys.Answer{}, errNobody
	}
	ctx, cancel := context.WithTimeout(ctx, q.within)
	defer cancel()
	q.width = 80
	q.p.say(q.text())
	yes, err := q.p.a.confirm(ctx, "  allow?")
	if err != nil || !yes {
		return passkeys.Answer{}, err
	}
	q.answer.Allowed = true
	for tries := 0; len(q.ways) > 0 && !q.answer.Verified; tries++ {
		if tries == proveTries {
			return passkeys.Answer{}, passkeys.ErrNotVerified
		}
		s, err := q.p.a.Terminal.Secret(ctx, "  "+q.secretKeys(q.ways[0]))
		if err != nil {
			return passkeys.Answer{}, err
		}
		err = q.p.verifier.verify(ctx, q.ways[0], s)
		var miss *wrongSecretError
		if err != nil && !errors.As(err, &miss) {
			return passkeys.Answer{}, err
		}
		if q.answer.Verified = err == nil; err != nil {
			q.p.say("  " + upperFirst(q.p.a.cleanf("%s", err)) + ".\n")
		}
	}
	return q.answer, nil
}
