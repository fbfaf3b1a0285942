package tuitest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"signet/tui/screen"
	"signet/vault/secret"
)

// Clock is a clock that moves only when told, or with real time when Real is set.
type Clock struct {
	Real bool
	mu   sync.Mutex
	t    time.Time
}

// Start is the moment at which fake clocks begin: the middle of a 30 second window, so that countdowns show something.
var Start = time.Date(2026, 3, 14, 15, 9, 12, 0, time.UTC)

// NewClock makes a clock at Start.
func NewClock() *Clock { return &Clock{t: Start} }

// Now is the time.
func (c *Clock) Now() time.Time {
	if c.Real {
		return time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// Clipboard remembers what was copied.
type Clipboard struct {
	mu      sync.Mutex
	Held    string
	Via     string
	Cleared int
	Err     error
	ClearIn time.Duration
	Stays   bool // it cannot clear
}

// Copy implements screen.Clipboard.
func (c *Clipboard) Copy(_ context.Context, value secret.Secret, o screen.CopyOptions) (screen.Copied, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Err != nil && !(o.ByTerminal && errors.Is(c.Err, ErrNoClipboard)) {
		return screen.Copied{}, c.Err
	}
	c.Held, c.ClearIn = value.RevealString(), o.ClearIn
	if c.Stays {
		return screen.Copied{Via: c.Via, Notes: []string{"it is not cleared by itself"}}, nil
	}
	return screen.Copied{Via: c.Via, ClearIn: o.ClearIn}, nil
}

// Clear implements screen.Clipboard.
func (c *Clipboard) Clear(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Held, c.Cleared = "", c.Cleared+1
	return nil
}

// Holds is what the clipboard holds.
func (c *Clipboard) Holds() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Held
}

// Clears is how often the clipboard was cleared.
func (c *Clipboard) Clears() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Cleared
}

// Opener opens one fake vault.
type Opener struct {
	Vault    *Vault
	None     bool // there is no vault yet
	List     []screen.Way
	Pass     string // of the passphrase way
	Code     string // the recovery code
	Machine  screen.Survey
	About    screen.Enrolment
	Block    chan struct{} // when set, Open and Prepare wait for it or for their context
	Sheets   map[string]string
	Kept     []string
	Prepared []screen.NewVault // with copies of the passphrases
	mu       sync.Mutex
}

// Exists implements screen.Opener.
func (o *Opener) Exists(context.Context) (bool, error) { return !o.None, nil }

// Ways implements screen.Opener.
func (o *Opener) Ways(context.Context) ([]screen.Way, error) { return o.List, nil }

func (o *Opener) wait(ctx context.Context) error {
	if o.Block != nil {
		select {
		case <-o.Block:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// Open implements screen.Opener.
func (o *Opener) Open(ctx context.Context, way string, typed secret.Secret) (screen.Vault, error) {
	given := typed.RevealString()
	if err := o.wait(ctx); err != nil {
		return nil, err
	}
	for _, w := range o.List {
		if w.Name != way {
			continue
		}
		v := o.Vault
		switch {
		case w.Kind == screen.WayPassphrase && given != o.Pass:
			return nil, ErrWrong
		case w.Kind == screen.WayRecovery && squeeze(given) != squeeze(o.Code):
			return nil, ErrWrong
		}
		return v.Unlocked(w.Kind == screen.WayRecovery), nil
	}
	return nil, ErrNotFound
}

func squeeze(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\n", "").Replace(s))
}

// Survey implements screen.Opener.
func (o *Opener) Survey(context.Context) (screen.Survey, error) { return o.Machine, nil }

// Prepare implements screen.Opener.
func (o *Opener) Prepare(ctx context.Context, n screen.NewVault) (screen.Prepared, error) {
	n.Passphrase = n.Passphrase.Clone()
	if err := o.wait(ctx); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Prepared = append(o.Prepared, n)
	return &prepared{o: o, n: n}, nil
}

// Enrolment implements screen.Opener.
func (o *Opener) Enrolment(context.Context, screen.Vault) (screen.Enrolment, error) {
	return o.About, nil
}

// PrepareEnrolment implements screen.Opener.
func (o *Opener) PrepareEnrolment(ctx context.Context, _ screen.Vault, keep []string, n screen.NewVault) (screen.Prepared, error) {
	o.Kept = keep
	return o.Prepare(ctx, n)
}

type prepared struct {
	o       *Opener
	n       screen.NewVault
	checked bool
}

// ErrUnchecked says that nobody has shown that they have the code.
var ErrUnchecked = errors.New("recovery code was not confirmed")

// Words is the fake code in words.
const Words = "able acid also apex aqua arch atom aunt away axis back bald barn belt beta bias blue body bolt born bush buzz calm cash"

// Code is the fake code.
const Code = "SIGNET-7K2M-Q4XD-9PWA-3HNC-T6VE-BR5J-L8GU-YZ1F-4MKS-W0QD-6TXA"

func (p *prepared) Recovery() (screen.Recovery, bool) {
	if p.n.NoRecovery {
		return screen.Recovery{}, false
	}
	return screen.Recovery{Text: secret.FromString(Code), Words: secret.FromString(Words)}, true
}

func (p *prepared) Check(typed secret.Secret) bool {
	t := squeeze(typed.RevealString())
	ok := t == squeeze(Code) || t == squeeze(Words)
	p.checked = p.checked || ok
	return ok
}

func (p *prepared) SaveSheet(_ context.Context, path string) error {
	if _, there := p.o.Sheets[path]; there {
		return errors.New("the file exists already: choose another name")
	}
	if p.o.Sheets == nil {
		p.o.Sheets = map[string]string{}
	}
	p.o.Sheets[path], p.checked = Code, true
	return nil
}

func (p *prepared) Commit(context.Context) (screen.Vault, error) {
	if !p.checked && !p.n.NoRecovery {
		return nil, ErrUnchecked
	}
	p.o.None, p.o.Pass, p.o.Code = false, p.n.Passphrase.RevealString(), Code
	return p.o.Vault.Unlocked(false), nil
}

func (p *prepared) Discard() {}

// Generator makes the same password again and again, longer or shorter.
type Generator struct{ made atomic.Int64 }

// Generate implements screen.Generator.
func (g *Generator) Generate(_ context.Context, r screen.Recipe) (secret.Secret, float64, error) {
	n := int(g.made.Add(1))
	if r.Words > 0 {
		return secret.FromString(strings.Join(strings.Fields(Words)[:r.Words], r.Separator)), float64(r.Words) * 12.9, nil
	}
	alphabet := "kP7vQe3tRzXm9WbYc5NdLf2GhJs8"
	if r.Symbols {
		alphabet = "k#P7v!Qe3t%RzXm9&WbYc5Nd-Lf2"
	}
	out := make([]byte, r.Length)
	for i := range out {
		out[i] = alphabet[(i*7+n)%len(alphabet)]
	}
	return secret.New(out), float64(r.Length) * 6.2, nil
}

// Demo opens a vault of its own.
type Demo struct{ Clock *Clock }

// Open implements screen.Demo.
func (d Demo) Open(context.Context) (screen.Vault, error) {
	v := Sample(d.Clock)
	v.About.Demo, v.About.Name = true, "demo"
	return v, nil
}

// Faults tells the fakes' errors apart.
func Faults() screen.Faults {
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	return screen.Faults{
		Locked: is(ErrLocked), WrongSecret: is(ErrWrong), NotFound: is(ErrNotFound), FilePassphrase: is(ErrFile), Exists: is(ErrExists), NoBrowser: is(ErrNoBrowser), NoClipboard: is(ErrNoClipboard),
		Changed: func(err error) []string {
			var c *ChangedError
			if errors.As(err, &c) {
				return c.Paths
			}
			return nil
		},
	}
}

// Randomness is not random: ids in tests are the same in every run.
type Randomness struct{ n uint32 }

// Read implements io.Reader.
func (r *Randomness) Read(p []byte) (int, error) {
	for i := range p {
		r.n = r.n*1664525 + 1013904223
		p[i] = byte(r.n >> 24)
	}
	return len(p), nil
}

// Ports are all fakes around one sample vault with a passphrase "open sesame".
func Ports() (screen.Ports, *Opener, *Clipboard, *Clock) {
	clock := NewClock()
	o := &Opener{
		Vault: Sample(clock), Pass: "open sesame", Code: Code,
		List: []screen.Way{
			{Name: "passphrase", Kind: screen.WayPassphrase, Person: true}, {Name: "keyring", Kind: screen.WayKeyring, Person: true},
			{Name: "recovery", Kind: screen.WayRecovery, Person: true},
		},
		Machine: screen.Survey{Dir: "~/.local/share/signet/default", Keyring: true, KeyringFound: "gnome-keyring"},
	}
	clip := &Clipboard{Via: "wl-copy"}
	return screen.Ports{
		Opener: o, Clipboard: clip, Importer: &Importer{}, Generator: &Generator{}, Demo: Demo{clock}, Browser: &Browser{}, Now: clock.Now, Rand: &Randomness{}, Faults: Faults(),
		Ways: NewWays(clock), Exporter: &Exporter{}, Files: &Files{}, Settings: NewSettings(), Passkeys: NewPasskeys(), HardwareKeys: &HardwareKeys{},
		Approvals: NewApprovals(), VirtualKey: NewVirtualKey(), RequestLog: NewRequestLog(),
		Auditor: &Auditor{Clock: clock, Known: []string{"correct horse"}}, Estimator: Estimator{}, Made: &Made{Clock: clock},
	}, o, clip, clock
}
