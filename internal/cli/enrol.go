package cli

import (
	"context"
	"fmt"

	"signet/internal/sanitize"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// runEnrol makes this machine a device of a vault that was copied or restored here, with a recovery code.
func runEnrol(ctx context.Context, a *App, o slotAddOptions) error {
	d, err := a.dir()
	if err != nil {
		return err
	}
	if o.RecoveryFile == "" && !a.interactive() {
		return usagef("the new recovery code has nowhere to go").hint("--recovery-file FILE writes it to a file")
	}
	code, err := a.recoveryCode(ctx)
	if err != nil {
		return err
	}
	w, err := a.enrolWay(ctx, o)
	if err != nil {
		return err
	}
	sheet := &sheetFile{path: o.RecoveryFile, force: o.Force}
	v, err := d.Enrol(ctx, vault.EnrolOptions{
		Code: code, DeviceName: firstName(o.DeviceName, hostName()), Ways: []vault.NewWay{w}, Review: a.showReview, Confirm: a.confirmMember,
		Show: a.showSheet(sheet), Prompter: prompter{a},
	})
	if err != nil {
		sheet.undo()
		return initError(err)
	}
	defer v.Close()
	if !a.JSON {
		a.printf("This machine is now a device of the vault. The recovery code that you used no longer opens what is written from now on.\n")
	}
	return a.slotDone("added", o.Kind)
}

// recoveryCode takes the code from --passphrase-fd or asks for it.
func (a *App) recoveryCode(ctx context.Context) (secret.Secret, error) {
	if code, given, err := a.passphraseFD(ctx); given || err != nil {
		return code, err
	}
	return a.ask(ctx, "Recovery code (or its words):")
}

// enrolWay makes the first way in of the new device. --passphrase-fd holds the recovery code here, so a passphrase is asked
// for, or comes from --new-passphrase-fd.
func (a *App) enrolWay(ctx context.Context, o slotAddOptions) (vault.NewWay, error) {
	b := *a
	b.PassphraseFD = -1
	return b.newWay(ctx, unlock.Kind(o.Kind), initOptions{WorkFactor: o.WorkFactor, PluginFile: o.PluginFile, NewPassFD: o.NewPassFD})
}

// showReview says what the code has opened. How fresh it is cannot be verified, so the person judges.
func (a *App) showReview(ctx context.Context, r vault.EnrolReview) error {
	text := fmt.Sprintf("The code opens the vault %s.\nIts newest edit was made %s. Whoever kept an old copy could offer it: is that what you expect?\n", r.VaultID, a.ago(r.Newest))
	for _, m := range r.Members {
		text += fmt.Sprintf("  %s  %s, added %s\n", sanitize.Line(m.Kind), sanitize.Line(m.Name), a.ago(m.Added))
	}
	if r.Moves != "" {
		text += "Another device's own files lie here; they are moved to " + r.Moves + ".\n"
	}
	for _, b := range r.Bound {
		text += "  device-bound passkey that becomes unusable: " + sanitize.Line(b) + "\n"
	}
	if r.Gaps > 0 {
		text += fmt.Sprintf("%s missing, damaged or waiting: what is in them is not restored.\n", plural(r.Gaps, "file is"))
	}
	if !a.interactive() {
		a.printErr("%s", "")
		_, _ = fmt.Fprint(a.Err, text)
		return nil
	}
	a.Terminal.Write(text)
	ok, err := a.confirm(ctx, "Go on?")
	if err == nil && !ok {
		err = failf("refused", "nothing was written")
	}
	return err
}

// confirmMember asks about every other member. Without a person none stays: what nobody confirmed must not keep access.
func (a *App) confirmMember(ctx context.Context, m vault.MemberInfo) (bool, error) {
	if !a.interactive() {
		return false, nil
	}
	return a.confirm(ctx, fmt.Sprintf("Does the %s %q stay?", m.Kind, m.Name))
}
