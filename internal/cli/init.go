package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"rsc.io/qr"

	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

type initOptions struct {
	Device       string
	WorkFactor   int
	RecoveryFile string
	NoRecovery   bool
	PluginFile   string
	NewPassFD    int // slot add; -1: none
	Force        bool
}

func newInitCmd(a *App) *cobra.Command {
	o := initOptions{NewPassFD: -1}
	c := &cobra.Command{
		Use:   "init",
		Short: "Create a vault",
		Long: "Creates the vault directory, a key for this device, and the first slots. The device key is kept in the OS keyring; where there is\n" +
			"none, init says what it found and offers a passphrase. --unlock METHOD chooses: keyring, passphrase, plugin; several with commas.\n\n" +
			"The recovery code is shown once and asked for again. It opens the vault when everything else is lost.",
		Example: "  signet init\n  signet init --unlock keyring,passphrase\n  signet init --unlock passphrase --passphrase-fd 3 --recovery-file code.txt --no-input 3< pass\n" +
			"  signet init --unlock plugin --plugin-identity tpm-identity.txt",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runInit(cmd.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.Device, "device-name", "", "what this device is called in the vault (default: the host name)")
	f.IntVar(&o.WorkFactor, "work-factor", 0, "cost of the passphrase, log2 of scrypt's N: 10 to 22 (default 18; below 17 is weak and stays marked)")
	f.StringVar(&o.RecoveryFile, "recovery-file", "", "write the recovery code to `FILE` instead of showing it")
	f.BoolVar(&o.NoRecovery, "no-recovery", false, "make no recovery code: lose the slots and everything is gone")
	f.StringVar(&o.PluginFile, "plugin-identity", "", "age plugin identity `FILE` for --unlock plugin")
	f.BoolVar(&o.Force, "force", false, "let --recovery-file replace a file")
	c.MarkFlagsMutuallyExclusive("recovery-file", "no-recovery")
	return c
}

// checkWorkFactor bounds what --work-factor takes (decisions.md, slots).
func checkWorkFactor(n int) error {
	if n != 0 && (n < unlock.MinWorkFactor || n > unlock.MaxWorkFactor) {
		return usagef("--work-factor is %d to %d", unlock.MinWorkFactor, unlock.MaxWorkFactor)
	}
	return nil
}

func runInit(ctx context.Context, a *App, o initOptions) error {
	if err := checkWorkFactor(o.WorkFactor); err != nil {
		return err
	}
	path, err := a.vaultDir()
	if err != nil {
		return err
	}
	if err := a.emptyOrAbsent(path); err != nil {
		return err
	}
	if !o.NoRecovery && o.RecoveryFile == "" && !a.interactive() {
		return usagef("the recovery code has nowhere to go").hint("--recovery-file FILE writes it to a file, --no-recovery makes none")
	}
	if err := a.freeTarget(o.RecoveryFile, o.Force); err != nil {
		return err
	}
	ways, err := a.newWays(ctx, o)
	if err != nil {
		return err
	}
	name := o.Device
	if name == "" {
		name = hostName()
	}
	sheet := &sheetFile{path: o.RecoveryFile, force: o.Force}
	v, err := vault.Init(ctx, path, a.vaultOptions(), vault.InitOptions{
		DeviceName: name, Ways: ways, NoRecovery: o.NoRecovery, Show: a.showSheet(sheet), Prompter: prompter{a},
	})
	if err != nil {
		sheet.undo()
		return initError(err)
	}
	defer v.Close()
	return a.initDone(v, path, ways, o)
}

func (a *App) emptyOrAbsent(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return (&Error{Exit: ExitFailure, Code: "init.not_empty", Msg: path + " is not empty"}).
			hint("a vault that is there already opens with 'signet'; another place: --vault DIR")
	}
	return nil
}

func initError(err error) error {
	if h := keyringHint(err); h != "" {
		return &Error{Exit: ExitLocked, Code: "init.slot", Err: err, Hint: h}
	}
	return err
}

type initLine struct {
	Type     string   `json:"type"`
	V        int      `json:"v"`
	Vault    string   `json:"vault"`
	ID       string   `json:"id"`
	Slots    []string `json:"slots"`
	Recovery bool     `json:"recovery"`
	File     string   `json:"recovery_file,omitempty"`
}

func (a *App) initDone(v *vault.Vault, path string, ways []vault.NewWay, o initOptions) error {
	var names []string
	for _, w := range ways {
		names = append(names, string(w.Kind))
		a.weakNote(w)
	}
	if o.NoRecovery {
		a.warn("recovery.none", "there is no recovery code; 'signet slot add recovery' makes one")
	}
	if a.JSON {
		return a.line(initLine{"vault", 1, path, v.ID().String(), names, !o.NoRecovery, o.RecoveryFile})
	}
	a.printf("Created the vault %s.\nIt opens with: %s\n", path, strings.Join(names, ", "))
	if o.RecoveryFile != "" {
		a.printf("The recovery code is in %s: print it or move it to a safe place, then delete it here.\n", o.RecoveryFile)
	}
	a.printf("Next: signet import FILE, signet add login TITLE, or just signet\n")
	return nil
}

// newWays settles how the new vault opens: as --unlock says, else the keyring, else the passphrase after an explanation.
func (a *App) newWays(ctx context.Context, o initOptions) ([]vault.NewWay, error) {
	methods := strings.FieldsFunc(a.Unlock, func(r rune) bool { return r == ',' })
	if len(methods) == 0 {
		m, err := a.defaultMethod(ctx)
		if err != nil {
			return nil, err
		}
		methods = []string{m}
	}
	var out []vault.NewWay
	for _, m := range methods {
		w, err := a.newWay(ctx, unlock.Kind(m), o)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// defaultMethod is the keyring where one answers. Where none does, a person is told what was found and chooses; a script
// has to name the slot, because nothing weaker is ever taken silently.
func (a *App) defaultMethod(ctx context.Context) (string, error) {
	if _, given, _ := a.passphraseFD(ctx); given {
		return string(unlock.KindPassphrase), nil
	}
	st := a.keyring().ProbeKeyring(ctx)
	if st.Available && !st.Locked || st.Available && a.interactive() {
		return string(unlock.KindKeyring), nil
	}
	if !a.interactive() {
		return "", (&Error{Exit: ExitLocked, Code: "init.no_keyring", Msg: st.Found}).hint("%s", st.Hint)
	}
	a.Terminal.Write("There is no keyring to keep the key of this device in: " + st.Found + ".\n" +
		"To use one: " + st.Hint + "\n\nA passphrase works everywhere; it is asked for at every unlock.\n")
	ok, err := a.confirm(ctx, "Use a passphrase?")
	if err != nil {
		return "", err
	}
	if !ok {
		return "", failf("refused", "nothing was created")
	}
	return string(unlock.KindPassphrase), nil
}

func (a *App) newWay(ctx context.Context, kind unlock.Kind, o initOptions) (vault.NewWay, error) {
	w := vault.NewWay{Kind: kind}
	switch kind {
	case unlock.KindKeyring:
		return w, nil
	case unlock.KindPassphrase:
		pass, err := a.passphraseFor(ctx, o)
		w.Passphrase, w.WorkFactor = pass, o.WorkFactor
		return w, err
	case unlock.KindPlugin:
		if o.PluginFile == "" {
			return w, usagef("--unlock plugin needs --plugin-identity FILE")
		}
		b, err := os.ReadFile(o.PluginFile)
		if err != nil {
			return w, err
		}
		w.Identity = secret.New(b)
		return w, nil
	}
	return w, usagef("no slot of kind %q can be made here", kind).hint("keyring, passphrase or plugin")
}

func (a *App) passphraseFor(ctx context.Context, o initOptions) (secret.Secret, error) {
	if o.NewPassFD != -1 {
		return a.readFD(ctx, o.NewPassFD, newPassUse)
	}
	return a.newPassphrase(ctx)
}

// minPassphrase is refused below: eight characters are guessed offline in no time (vault.md h).
const minPassphrase = 8

// newPassphrase takes a new passphrase from --passphrase-fd without confirmation, or asks twice.
func (a *App) newPassphrase(ctx context.Context) (secret.Secret, error) {
	if pass, given, err := a.passphraseFD(ctx); given || err != nil {
		if err == nil && pass.IsEmpty() {
			err = usagef("the passphrase is empty")
		}
		return pass, err
	}
	for {
		pass, err := a.ask(ctx, "New passphrase:")
		if err != nil {
			return secret.Secret{}, err
		}
		if len([]rune(pass.RevealString())) < minPassphrase {
			a.Terminal.Write(fmt.Sprintf("That is shorter than %d characters. Six random words are good: signet generate --words 6\n", minPassphrase))
			continue
		}
		again, err := a.ask(ctx, "The same again:")
		if err != nil {
			return secret.Secret{}, err
		}
		if pass.Equal(again) {
			return pass, nil
		}
		a.Terminal.Write("The two differ.\n")
	}
}

func (a *App) ask(ctx context.Context, prompt string) (secret.Secret, error) {
	if !a.interactive() {
		return secret.Secret{}, (&Error{Exit: ExitLocked, Code: "unlock.needs_person", Msg: "a passphrase is needed"}).hint("give it with --passphrase-fd N")
	}
	return a.Terminal.Secret(ctx, prompt)
}

// showSheet shows a recovery code on the alternate screen and asks for it again, or writes it to a file and reads it back.
func (a *App) showSheet(f *sheetFile) vault.ShowSheet {
	if f.path != "" {
		return func(_ context.Context, s vault.Sheet) error { return a.sheetToFile(s, f) }
	}
	return a.sheetToScreen
}

// sheetFile is where --recovery-file writes a code.
type sheetFile struct {
	path    string
	force   bool
	written bool
}

// undo removes the file when what it should open never came to be.
func (f *sheetFile) undo() {
	if f.written {
		_ = os.Remove(f.path)
	}
}

func (a *App) sheetToFile(s vault.Sheet, f *sheetFile) error {
	err := a.writeFile(f.path, f.force, func(w io.Writer) error {
		_, err := w.Write(s.File.Reveal())
		return err
	})
	if err != nil {
		return err
	}
	f.written = true
	b, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	back := secret.New(b)
	defer back.Wipe()
	return s.Check(back)
}

func (a *App) sheetToScreen(ctx context.Context, s vault.Sheet) error {
	for {
		done := a.Terminal.Alternate(sheetText(s))
		_, err := a.Terminal.Line(ctx, "\nWrite it down, then press Enter.")
		done()
		if err != nil {
			return err
		}
		typed, err := a.Terminal.Secret(ctx, "Type the code or its words (Enter alone shows it again):")
		if err != nil {
			return err
		}
		if typed.IsEmpty() {
			continue
		}
		err = s.Check(typed)
		if err == nil {
			a.Terminal.Write("That is the code.\n")
			return nil
		}
		a.Terminal.Write(err.Error() + "\n")
	}
}

// sheetText is what the alternate screen shows: the code as text, as words and as a QR code.
func sheetText(s vault.Sheet) string {
	var b strings.Builder
	b.WriteString("RECOVERY CODE — opens this vault when everything else is lost. Keep it on paper, away from this computer.\n\n")
	b.WriteString("  " + strings.ReplaceAll(strings.TrimSpace(s.Text.RevealString()), "\n", "\n  ") + "\n\n")
	for row := range slices.Chunk(s.Words, 6) {
		b.WriteString("  " + strings.Join(row, " ") + "\n")
	}
	b.WriteString("\n  vault " + s.VaultID + "\n\n")
	if code, err := qr.Encode(strings.Join(strings.Fields(s.Text.RevealString()), " "), qr.L); err == nil {
		b.WriteString(qrText(code))
	}
	return b.String()
}
