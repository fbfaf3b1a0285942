package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"signet/exporter"
	"signet/internal/atomicfile"
	"signet/tui"
	"signet/tui/screen"
	"signet/vault"
)

// runTUI opens the terminal interface. Without a terminal there is nothing to draw on: that is misuse, with the way out.
func runTUI(ctx context.Context, a *App) error {
	if !a.InTTY || !a.OutTTY || a.NoInput {
		return usagef("signet alone opens the terminal interface, which needs a terminal").hint("see 'signet --help' for commands; 'signet tour' shows what Signet does")
	}
	cfg, err := a.config()
	if err != nil {
		return err
	}
	dir, err := a.vaultDir()
	if err != nil {
		return err
	}
	if _, given, err := a.passphraseFD(ctx); given || err != nil {
		return usagef("--passphrase-fd is for commands").hint("'signet' alone asks for the passphrase itself")
	}
	opener := &tuiOpener{a: a, dir: dir}
	defer opener.close()
	demo := &tuiDemo{a: a}
	defer demo.close()
	export := newTUIExporter(ctx, a)
	defer export.close()
	editor := &tuiEditor{a: a, ctx: ctx}
	editor.sweep()
	defer editor.sweep()
	desk := newTUIApprovals(a, dir)
	virtual := newTUIVirtual(a, desk)
	defer virtual.close()
	opt, err := a.looks(cfg, tui.Options{
		Ports: screen.Ports{
			Opener: opener, Clipboard: tuiClipboard{a}, Importer: tuiImporter{a}, Generator: tuiGenerator{a}, Demo: demo, Now: a.Now, Rand: a.Rand, Faults: a.tuiFaults(),
			Estimator: tuiEstimator{}, Auditor: tuiAuditor{a}, Ways: tuiWays{a}, Exporter: export, Files: tuiFiles{a}, Settings: tuiSettings{a}, Passkeys: tuiPasskeys{a}, HardwareKeys: newTUIHardware(),
			Browser: tuiBrowser{a}, Made: tuiMade{a}, Editor: editor,
			Machine: tuiMachine{}, Approvals: desk, VirtualKey: virtual, RequestLog: tuiRequests{},
		},
		Signals: true,
	})
	if err != nil {
		return err
	}
	virtual.atStart(ctx, cfg.UI.VirtualKey != nil && *cfg.UI.VirtualKey)
	err = tui.Run(ctx, opt)
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return nil
	}
	return err
}

// tuiFaults tells the errors of the ports apart, and explains them with the texts of the command line.
func (a *App) tuiFaults() screen.Faults {
	is := func(targets ...error) func(error) bool {
		return func(err error) bool {
			for _, t := range targets {
				if errors.Is(err, t) {
					return true
				}
			}
			return false
		}
	}
	return screen.Faults{
		Locked:         func(err error) bool { return isLocked(err) },
		WrongSecret:    is(vault.ErrWrongPassphrase, exporter.ErrWrongSecret, vault.ErrNoIdentity, errWrongSecret),
		NotFound:       is(vault.ErrNotFound),
		FilePassphrase: is(exporter.ErrEncrypted),
		Exists:         is(atomicfile.ErrExists),
		NoBrowser:      is(errNoBrowser),
		NoClipboard:    is(errNoClip),
		Changed: func(err error) (paths []string) {
			var c *vault.ChangedError
			if errors.As(err, &c) {
				for _, f := range c.Fields {
					paths = append(paths, f.Path)
				}
			}
			return paths
		},
		Explain: func(err error) (string, string) {
			e := classify(unlockError(err))
			return e.Error(), e.Hint
		},
	}
}

// isLocked means that the open vault was locked under us; a vault that did not open is another matter.
func isLocked(err error) bool {
	var u *vault.UnlockError
	return !errors.As(err, &u) && (errors.Is(err, vault.ErrLocked) || errors.Is(err, vault.ErrWayChanged))
}

// tuiDemo makes a throw-away vault from the made-up export and removes it at the end.
type tuiDemo struct {
	a   *App
	dir string
}

func (d *tuiDemo) Open(ctx context.Context) (screen.Vault, error) {
	d.close()
	dir, err := os.MkdirTemp("", "signet-demo-")
	if err != nil {
		return nil, err
	}
	d.dir = dir
	t := &tour{a: d.a, dir: dir, pass: tourPassphrase}
	if err := tourSteps()[0].run(ctx, t); err != nil {
		return nil, fmt.Errorf("make the demo vault: %w", err)
	}
	if err := tourImport(ctx, t); err != nil {
		return nil, fmt.Errorf("fill the demo vault: %w", err)
	}
	if err := demoMore(ctx, t); err != nil {
		return nil, fmt.Errorf("fill the demo vault: %w", err)
	}
	return openDemo(ctx, d.a, t)
}

func (d *tuiDemo) close() {
	if d.dir != "" {
		_ = os.RemoveAll(d.dir)
		d.dir = ""
	}
}
