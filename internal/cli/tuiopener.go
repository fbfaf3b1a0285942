package cli

import (
	"context"
	"errors"
	"strings"
	"sync"

	"signet/internal/session"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// tuiOpener opens and makes the vault of one directory for the screens.
type tuiOpener struct {
	a    *App
	dir  string
	code secret.Secret // the recovery code that opened the vault for reading, until this machine was taken in
}

func (o *tuiOpener) close() { o.code.Wipe() }

func (o *tuiOpener) at() (*vault.Dir, error) { return vault.At(o.dir, o.options()) }

// options are those of the command line, with notices swallowed: nothing may write into the frame.
func (o *tuiOpener) options() vault.Options {
	opt := o.a.vaultOptions()
	opt.Notice = func(vault.Notice) {}
	opt.Keyring.Notice = nil
	return opt
}

func (o *tuiOpener) Exists(context.Context) (bool, error) {
	_, err := o.at()
	if errors.Is(err, vault.ErrNoVault) {
		return false, nil
	}
	return err == nil, err
}

func (o *tuiOpener) Ways(context.Context) ([]screen.Way, error) {
	d, err := o.at()
	if err != nil {
		return nil, err
	}
	ways, err := d.Ways()
	if err != nil {
		return nil, err
	}
	var out []screen.Way
	for _, w := range ways {
		out = append(out, screen.Way{Name: w.Name, Kind: screen.WayKind(w.Kind), Person: w.NeedsPerson})
	}
	return append(out, screen.Way{Name: vault.MethodRecovery, Kind: screen.WayRecovery, Person: true}), nil
}

func (o *tuiOpener) Open(ctx context.Context, way string, s secret.Secret) (screen.Vault, error) {
	d, err := o.at()
	if err != nil {
		return nil, err
	}
	v, err := d.Unlock(ctx, vault.UnlockOptions{Method: way, Interactive: true, Prompter: unlock.Nobody{}, Secret: s})
	if err != nil {
		return nil, err
	}
	if v.ReadOnly() {
		o.code.Wipe()
		o.code = s.Clone()
	}
	return &tuiVault{a: o.a, s: session.NewLocal(v, o.a.Now)}, nil
}

func (o *tuiOpener) Survey(ctx context.Context) (screen.Survey, error) {
	if err := o.a.emptyOrAbsent(o.dir); err != nil {
		return screen.Survey{}, err
	}
	st := o.a.keyring().ProbeKeyring(ctx)
	return screen.Survey{Dir: o.dir, Keyring: st.Available, KeyringFound: st.Found, KeyringHint: st.Hint}, nil
}

func newVaultWays(n screen.NewVault) (ways []vault.NewWay) {
	if n.Keyring {
		ways = append(ways, vault.NewWay{Kind: unlock.KindKeyring})
	}
	if !n.Passphrase.IsEmpty() {
		ways = append(ways, vault.NewWay{Kind: unlock.KindPassphrase, Passphrase: n.Passphrase})
	}
	return ways
}

func (o *tuiOpener) Prepare(ctx context.Context, n screen.NewVault) (screen.Prepared, error) {
	return prepare(ctx, o.a, n.NoRecovery, func(ctx context.Context, show vault.ShowSheet) (*vault.Vault, error) {
		return vault.Init(ctx, o.dir, o.options(), vault.InitOptions{
			DeviceName: hostName(), Ways: newVaultWays(n), NoRecovery: n.NoRecovery, Show: show, Prompter: unlock.Nobody{},
		})
	})
}

// errReview ends an enrolment after its review was read.
var errReview = errors.New("only a look")

func (o *tuiOpener) Enrolment(ctx context.Context, _ screen.Vault) (screen.Enrolment, error) {
	d, err := o.at()
	if err != nil {
		return screen.Enrolment{}, err
	}
	var out screen.Enrolment
	_, err = d.Enrol(ctx, vault.EnrolOptions{
		Code: o.code.Clone(), DeviceName: hostName(), Ways: []vault.NewWay{{Kind: unlock.KindKeyring}}, Prompter: unlock.Nobody{},
		Review: func(_ context.Context, r vault.EnrolReview) error {
			out.Newest, out.Lost = r.Newest, r.Bound
			for _, m := range r.Members {
				out.Members = append(out.Members, screen.Member{ID: string(m.ID), Kind: m.Kind, Name: m.Name})
			}
			return errReview
		},
	})
	if err != nil && !errors.Is(err, errReview) {
		return screen.Enrolment{}, err
	}
	return out, nil
}

func (o *tuiOpener) PrepareEnrolment(ctx context.Context, _ screen.Vault, keep []string, n screen.NewVault) (screen.Prepared, error) {
	d, err := o.at()
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{}
	for _, id := range keep {
		kept[id] = true
	}
	return prepare(ctx, o.a, false, func(ctx context.Context, show vault.ShowSheet) (*vault.Vault, error) {
		return d.Enrol(ctx, vault.EnrolOptions{
			Code: o.code.Clone(), DeviceName: hostName(), Ways: newVaultWays(n), Show: show, Prompter: unlock.Nobody{},
			Review:  func(context.Context, vault.EnrolReview) error { return nil },
			Confirm: func(_ context.Context, m vault.MemberInfo) (bool, error) { return kept[string(m.ID)], nil },
		})
	})
}

// prepared is a ceremony that waits, with everything made and nothing written, until the person has the recovery code.
type prepared struct {
	a      *App
	sheet  *vault.Sheet
	commit chan struct{}
	cancel context.CancelFunc
	done   chan made
	once   sync.Once // a commit that failed is not begun again
	ended  *made
}

type made struct {
	v   *vault.Vault
	err error
}

// prepare runs a ceremony up to the moment where it shows the code; without a code it waits before it begins.
func prepare(asked context.Context, a *App, noCode bool, run func(context.Context, vault.ShowSheet) (*vault.Vault, error)) (screen.Prepared, error) {
	ctx, cancel := context.WithCancel(context.Background())
	p := &prepared{a: a, commit: make(chan struct{}), cancel: cancel, done: make(chan made, 1)}
	// Until the code is shown the person may take it back; nothing is written by then, whatever is still being computed.
	stop := context.AfterFunc(asked, cancel)
	defer stop()
	shown := make(chan vault.Sheet, 1)
	wait := func() error {
		select {
		case <-p.commit:
			return nil
		case <-ctx.Done():
			return context.Canceled
		}
	}
	go func() {
		if noCode {
			if err := wait(); err != nil {
				p.done <- made{err: err}
				return
			}
		}
		v, err := run(ctx, func(_ context.Context, s vault.Sheet) error {
			shown <- s
			return wait()
		})
		p.done <- made{v, err}
	}()
	if noCode {
		return p, nil
	}
	select {
	case s := <-shown:
		p.sheet = &s
		return p, nil
	case m := <-p.done:
		cancel()
		return nil, m.err
	case <-asked.Done():
		return nil, context.Canceled
	}
}

func (p *prepared) Recovery() (screen.Recovery, bool) {
	if p.sheet == nil {
		return screen.Recovery{}, false
	}
	one := strings.Join(strings.Fields(p.sheet.Text.RevealString()), " ")
	return screen.Recovery{Text: p.sheet.Text.Clone(), Words: secret.FromString(strings.Join(p.sheet.Words, " ")), QR: secret.FromString(one)}, true
}

func (p *prepared) Check(typed secret.Secret) bool {
	return p.sheet != nil && p.sheet.Check(typed) == nil
}

// SaveSheet writes the sheet and reads it back: what the file holds is checked, so that nobody has to type it.
func (p *prepared) SaveSheet(_ context.Context, path string) error {
	if p.sheet == nil {
		return errors.New("there is no recovery code")
	}
	return p.a.sheetToFile(*p.sheet, &sheetFile{path: p.a.expandHome(path)})
}

func (p *prepared) Commit(ctx context.Context) (screen.Vault, error) {
	p.once.Do(func() { close(p.commit) })
	if p.ended != nil {
		return nil, p.ended.err
	}
	select {
	case m := <-p.done:
		p.cancel()
		if p.ended = &m; m.err != nil {
			return nil, m.err
		}
		if m.v == nil {
			return nil, nil //nolint:nilnil // a ceremony of a vault that is open already
		}
		return &tuiVault{a: p.a, s: session.NewLocal(m.v, p.a.Now)}, nil
	case <-ctx.Done():
		p.cancel()
		return nil, ctx.Err()
	}
}

func (p *prepared) Discard() { p.cancel() }
