package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/passkeys"
	"signet/vault"
	"signet/vault/unlock"
)

// serveFlags are those of `signet passkey serve`.
type serveFlags struct {
	pty, uhid bool
	approve   string
	locked    bool
	draft     bool // algorithms whose numbers are not final
	noU2F     bool // CTAP2 only
}

func passkeyServe(a *App) *cobra.Command {
	var f serveFlags
	var i installFlags
	c := &cobra.Command{
		Use: "serve", Short: "Be a security key for browsers and other programs", Args: cobra.NoArgs,
		Long: "Plugs a virtual security key in and answers on it until Ctrl-C. Each request is shown on this terminal with its site, its account and the\n" +
			"program that asks, and waits for you. The first line of the output is the path of the device.\n\n" +
			"--uhid makes a key that browsers and every FIDO2 program find by themselves (Linux). --pty makes one that programs use when they are told\n" +
			"its path: ssh-keygen, fido2-token, python3-fido2.\n\n" +
			"The vault locks by its own rules (lock.idle counts from the last request); the key stays plugged in, and the next request asks for the passphrase.\n" +
			"Names of asking programs are a help, not a boundary: a program can call itself anything.\n\n" + installHelp,
		Example: "  signet passkey serve\n  signet passkey serve --pty\n  ssh-keygen -t ed25519-sk -O device=PATH\n" +
			"  sudo signet passkey serve --install\n  signet passkey serve --install --dry-run",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if i.wanted() {
				return runPasskeyInstall(cmd.Context(), a, i)
			}
			if err := i.check(); err != nil {
				return err
			}
			return runPasskeyServe(cmd.Context(), a, f)
		},
	}
	i.add(c)
	c.Flags().BoolVar(&f.uhid, "uhid", false, "be a USB key that browsers find (the default)")
	c.Flags().BoolVar(&f.pty, "pty", false, "be a pseudo-terminal, for programs that are told its path")
	c.Flags().StringVar(&f.approve, "approve", approveAsk, "`ask` on this terminal, or always: allow everything (tests, machines without a person)")
	c.Flags().BoolVar(&f.locked, "locked", false, "start with the vault locked: the first request asks for the passphrase")
	c.Flags().BoolVar(&f.draft, "experimental", false, "offer ML-DSA too, whose numbers in COSE are not final: such passkeys may stop working")
	c.Flags().BoolVar(&f.noU2F, "no-u2f", false, "do not answer programs and sites that know U2F only")
	c.MarkFlagsMutuallyExclusive("pty", "uhid")
	_ = c.RegisterFlagCompletionFunc("approve", cobra.FixedCompletions([]string{approveAsk, approveAlways}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

type deviceLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Path  string `json:"path"`
	Route string `json:"route"`
}

func (f serveFlags) check(a *App) error {
	switch {
	case f.approve != approveAsk && f.approve != approveAlways:
		return usagef("--approve is ask or always, not %q", f.approve)
	case f.approve == approveAsk && !a.interactive():
		return usagef("requests are approved on the terminal, and there is none").hint("run it on a terminal; --approve always allows everything without asking")
	}
	return nil
}

func runPasskeyServe(ctx context.Context, a *App, f serveFlags) error {
	if err := f.check(a); err != nil {
		return err
	}
	d, err := a.dir()
	if err != nil {
		return err
	}
	return newServing(a, d, f).run(ctx)
}

// serving is one run of `signet passkey serve`.
type serving struct {
	a      *App
	f      serveFlags
	dir    *vault.Dir
	route  string
	held   *heldVault
	key    *virtualKey
	person *terminalPerson
}

func newServing(a *App, d *vault.Dir, f serveFlags) *serving {
	s := &serving{a: a, f: f, dir: d, route: routeUHID, held: newHeldVault(a, d.Path())}
	if f.pty {
		s.route = routePTY
	}
	s.person = a.newPerson(routeWords(s.route))
	s.key = &virtualKey{a: a, door: s.held.door, busy: s.held.request, say: s.say, logged: s.tell, experimental: f.draft, noU2F: f.noU2F}
	s.held.say, s.held.unlock = s.say, s.person.unlock
	s.held.asking = func() bool { return s.person.asking.Load() > 0 }
	s.person.requester = s.key.requester
	s.key.wink = func() { s.say("A program wants to know which key this is: it is this one.") }
	if f.approve == approveAlways {
		s.key.approver, s.key.always = yesSayer{}, true
		return s
	}
	s.person.verifier = vaultVerifier{dir: d.Path(), state: s.held.door.State(), local: s.held.current}
	s.key.approver, s.key.canVerify = s.person, s.person.canVerify
	return s
}

// run plugs the key in before it asks for the passphrase: what cannot work shall not make anybody type one. Requests that come meanwhile wait for it.
func (s *serving) run(ctx context.Context) error {
	if err := s.key.plug(s.route, keyOwner(s.dir.Path())); err != nil {
		return err
	}
	defer s.key.device.Close() //nolint:errcheck // it goes with the process
	if err := s.announce(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	defer running.Wait() // nothing is left open behind us
	running.Go(func() { s.held.watch(ctx) })
	defer stop()
	running.Go(func() {
		if err := reachable(ctx, s.key.device); err != nil && ctx.Err() == nil {
			s.say(s.a.cleanf("signet: warning: %s", err))
		}
	})
	opened := s.openFirst(ctx)
	served := make(chan error, 1)
	running.Go(func() { served <- s.key.serve(ctx) })
	look := time.NewTicker(lockLook)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if s.f.approve == approveAsk && s.person.gone() {
				return failf("terminal.gone", "the terminal is gone, and nobody can be asked any more")
			}
		case err := <-opened:
			if err != nil {
				return err
			}
			opened = nil
		case err := <-served:
			return err
		}
	}
}

// openFirst begins to open the vault as every command does, before any request can; what it returns tells how that went.
func (s *serving) openFirst(ctx context.Context) <-chan error {
	if s.f.locked {
		return nil
	}
	begun, opened := make(chan struct{}), make(chan error, 1)
	var failed error
	s.held.unlock = func(ctx context.Context, _ func(bool)) (v *vault.Vault, err error) {
		s.held.unlock = s.person.unlock // nobody else is here: one opens, the others wait for it
		s.person.turn <- struct{}{}
		defer func() { <-s.person.turn }()
		close(begun)
		if v, failed = s.a.openDir(ctx, s.dir); failed == nil && v.ReadOnly() { // PINs, counters and the log could not be kept
			failed = errors.Join(fmt.Errorf("serve passkeys: %w", vault.ErrReadOnly), v.Close())
		}
		return v, failed
	}
	go func() {
		if err := s.held.door.Open(ctx, nil); err != nil && failed == nil {
			failed = err
		}
		opened <- s.mayStayLocked(failed)
	}()
	select {
	case <-begun:
	case <-ctx.Done():
	}
	return opened
}

// mayStayLocked passes by that nobody is there to open the vault where nobody has to be.
func (s *serving) mayStayLocked(err error) error {
	if s.f.approve == approveAlways && errors.Is(err, unlock.ErrNeedsPerson) && s.a.PassphraseFD < 0 && s.a.Unlock == "" {
		s.a.warn("locked", "the vault is locked and nobody can be asked: requests are refused until it opens without a question")
		return nil
	}
	return err
}

// announce gives the path first and at once: whoever started this waits for it.
func (s *serving) announce() error {
	path := s.key.device.Path()
	if s.a.JSON {
		if err := s.a.line(deviceLine{"device", 1, path, s.route}); err != nil {
			return err
		}
	} else {
		s.a.printf("%s\n", path)
	}
	if s.f.approve == approveAlways {
		s.a.warn("approve_always", "EVERY request is allowed without asking: any program that reaches this key signs in as you. Use it for tests only")
	}
	s.a.note("The virtual security key is plugged in. Ctrl-C takes it out.")
	return nil
}

// say tells something beside the questions.
func (s *serving) say(text string) {
	if s.a.JSON {
		_ = writeLine(s.a.Err, noticeLine{"notice", 1, "serve", text})
		return
	}
	if s.a.interactive() && !s.person.still {
		s.a.Terminal.Write(eraseLine)
	}
	s.a.printErr("%s\n", text)
}

// tell says what became of a request that nobody was asked about; a script is told of all.
func (s *serving) tell(r session.Request) {
	switch {
	case s.a.JSON:
		_ = s.a.requestLines([]session.Request{r})
	case s.f.approve == approveAlways || !r.Asked:
		s.say(s.a.cleanf("%s %s %s: %s", r.At.Local().Format(time.TimeOnly), r.Command, firstName(siteLine(r.RPID), "no site"), r.Answer) + askedBy(r))
	}
}

func askedBy(r session.Request) string {
	if r.Requester == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", sanitize.Line(r.Requester))
}

// yesSayer allows everything but a reset. It says that somebody was there, and never that it was the right person.
type yesSayer struct{}

var _ passkeys.Approver = yesSayer{}

// Approve implements passkeys.Approver.
func (yesSayer) Approve(_ context.Context, ask passkeys.Ask) (passkeys.Answer, error) {
	return passkeys.Answer{Allowed: ask.Action != passkeys.ActionReset, Chosen: passkeys.Undecided}, nil
}
