package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"signet/vault"
)

type doctorOptions struct {
	All    bool
	Accept bool
	Rotate bool
	Yes    bool
}

func newDoctorCmd(a *App) *cobra.Command {
	var o doctorOptions
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at every file and say the next step for each problem",
		Long: "Looks at every file of the vault and at the surroundings: keyring, hardware keys, clipboard, hardening, configuration, and what a virtual security\n" +
			"key needs (where one can be had, it is plugged in for a moment to try it). Works\n" +
			"on a locked vault too; then names and checksums are compared and nothing is looked into. The exit code is 0 when the vault is intact,\n" +
			"3 when a file is damaged, missing or quarantined. Surroundings and left-overs of commands that were cut off are warnings.\n\n" +
			"--accept takes what is here for the whole truth after files or the high-water marks were lost for good: from then on an older copy of the\n" +
			"vault can no longer be told from the newest one. What only the cache still holds of lost files is written into the log again first, and what cannot\n" +
			"be saved is named. --rotate begins a new epoch, so that every member gets a slot again.",
		Example: "  signet doctor\n  signet doctor --all\n  signet doctor --json --no-input\n  signet doctor --accept",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), a, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.All, "all", false, "list the files that are in order too")
	f.BoolVar(&o.Accept, "accept", false, "accept that files or high-water marks are lost for good, after a question")
	f.BoolVar(&o.Rotate, "rotate", false, "begin a new epoch for the present members")
	f.BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	return c
}

func runDoctor(ctx context.Context, a *App, o doctorOptions) error {
	if err := a.mustAnswer(o.Yes || !o.Accept, "--accept"); err != nil {
		return err
	}
	x := &doctoring{a: a, o: o}
	d, err := a.dir()
	if err != nil {
		x.surroundings(ctx, nil) // what stands in the way of a new vault is worth knowing
		return errors.Join(x.err, err)
	}
	ways, _ := d.Ways()
	v, openErr := a.openDir(ctx, d)
	if errors.Is(openErr, context.Canceled) {
		return openErr
	}
	var rep vault.Report
	if openErr != nil {
		rep, err = d.Doctor(ctx)
	} else {
		defer v.Close()
		rep, err = x.examine(ctx, v)
	}
	if err != nil {
		return err
	}
	x.report(rep)
	x.surroundings(ctx, ways)
	return x.verdict(rep, openErr)
}

// doctoring is one run: what was found so far, and the first error of writing it down.
type doctoring struct {
	a        *App
	o        doctorOptions
	warnings int
	err      error
}

// examine looks at the open vault, and does what was asked for first.
func (x *doctoring) examine(ctx context.Context, v *vault.Vault) (vault.Report, error) {
	if x.o.Accept {
		if err := x.accept(ctx, v); err != nil {
			return vault.Report{}, err
		}
	}
	if x.o.Rotate {
		if err := v.Rotate(ctx, "doctor"); err != nil {
			return vault.Report{}, err
		}
		x.a.note("a new epoch has begun")
	}
	return v.Doctor(ctx)
}

// accept is the person's decision, made after seeing what is wrong.
func (x *doctoring) accept(ctx context.Context, v *vault.Vault) error {
	if !x.o.Yes {
		rep, err := v.Doctor(ctx)
		if err != nil {
			return err
		}
		for _, f := range rep.Files {
			if f.State != vault.StateOK && f.State != vault.StateForeign {
				x.a.printErr("  %s  %s  %s\n", string(f.State), f.Path, f.Why)
			}
		}
		for _, p := range rep.Problems {
			if p.Code == "cache-only" {
				x.a.printErr("  %s\n", p.Text)
			}
		}
		err = x.a.asked(ctx, "Is what is here the newest state of the vault, as far as you know?", "nothing was accepted")
		if err != nil {
			return err
		}
	}
	done, err := v.AcceptHeads(ctx)
	if err != nil {
		return err
	}
	x.a.note("accepted: what is here is the whole vault from now on")
	if done.Entries > 0 {
		x.a.note("saved what only the cache still held: %s written into the log again", plural(done.Entries, "record"))
	}
	for _, what := range done.Unsaved {
		x.a.note("not saved: %s", what)
	}
	return nil
}

type vaultFileLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Path  string `json:"path"`
	Size  int64  `json:"size"`
	State string `json:"state"`
	Why   string `json:"why,omitempty"`
	Next  string `json:"next,omitempty"`
}

type problemLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Level string `json:"level"` // error, warning, ok
	Code  string `json:"code"`
	Text  string `json:"text"`
	Next  string `json:"next,omitempty"`
}

type doctorLine struct {
	Type     string         `json:"type"`
	V        int            `json:"v"`
	Vault    string         `json:"vault"`
	ID       string         `json:"id"`
	Unlocked bool           `json:"unlocked"`
	Intact   bool           `json:"intact"`
	Files    map[string]int `json:"files"`
	Warnings int            `json:"warnings"`
}

func (x *doctoring) json(v any) {
	if err := x.a.line(v); x.err == nil {
		x.err = err
	}
}

// quiet are the states that ask for nothing.
var quiet = []vault.FileState{vault.StateOK, vault.StateSealed}

func (x *doctoring) report(rep vault.Report) {
	if !x.a.JSON {
		x.a.printf("%s\n", rep.Dir)
	}
	for _, f := range rep.Files {
		if x.a.JSON {
			x.json(vaultFileLine{"vault_file", 1, f.Path, f.Size, string(f.State), f.Why, f.Next})
			continue
		}
		if x.o.All || !slices.Contains(quiet, f.State) {
			x.a.printf("  %s  %s%s\n", fixed(string(f.State), 11), f.Path, dash(f.Why))
			x.next(f.Next)
		}
	}
	for _, p := range rep.Problems {
		x.found(string(p.Level), p.Code, p.Text, p.Next)
	}
	if !x.a.JSON {
		x.a.printf("  %s\n", fileSummary(rep))
	}
}

// found says one thing about the vault as a whole, or about the surroundings.
func (x *doctoring) found(level, code, text, next string) {
	if level == levelWarning {
		x.warnings++
	}
	if x.a.JSON {
		x.json(problemLine{"finding", 1, level, code, text, next})
		return
	}
	x.a.printf("  %s  %s\n", fixed(level, 11), text)
	x.next(next)
}

func (x *doctoring) next(step string) {
	if step != "" {
		x.a.printf("               next: %s\n", step)
	}
}

// verdict ends with the exit code.
func (x *doctoring) verdict(rep vault.Report, openErr error) error {
	if x.a.JSON {
		x.json(doctorLine{"doctor", 1, rep.Dir, rep.VaultID, rep.Unlocked, rep.Intact(), countStates(rep), x.warnings})
	}
	switch {
	case x.err != nil:
		return x.err
	case !rep.Intact():
		return (&Error{Exit: ExitPartial, Code: "vault.damaged", Msg: "the vault is not intact"}).hint("the list above says the next step for each file")
	case openErr != nil && (x.a.Unlock != "" || x.a.PassphraseFD >= 0 || x.o.Accept || x.o.Rotate):
		return openErr // the way in that was asked for did not open
	case openErr != nil:
		x.a.note("every file is there and whole; the vault is locked, so nothing was looked into")
	default:
		x.a.note("the vault is intact")
	}
	return nil
}
