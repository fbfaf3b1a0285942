package cli

import (
	"context"

	"github.com/spf13/cobra"

	"signet/vault/pwgen"
	"signet/vault/secret"
)

type generateCmdOptions struct {
	Rules      pwgen.Rules
	NoSymbols  bool
	NoDigits   bool
	NoUpper    bool
	NoLower    bool
	Phrase     pwgen.PassphraseRules
	Passphrase bool
	Count      int
	Copy       bool
	OSC52      bool
	Quiet      bool
}

func newGenerateCmd(a *App) *cobra.Command {
	o := generateCmdOptions{Rules: pwgen.DefaultRules(), Phrase: pwgen.DefaultPassphraseRules()}
	c := &cobra.Command{
		Use:     "generate",
		Aliases: []string{"gen"},
		Short:   "Generate passwords or passphrases",
		Long:    "The entropy is shown on standard error. Passphrases come from the EFF's long word list (7,776 words, 12.9 bits each).",
		Example: "  signet generate\n  signet generate --length 32 --no-symbols\n  signet generate --words 6\n  signet generate --copy",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Passphrase = o.Passphrase || cmd.Flags().Changed("words")
			return runGenerate(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.IntVarP(&o.Rules.Length, "length", "l", o.Rules.Length, "number of characters")
	f.BoolVar(&o.NoLower, "no-lower", false, "no lower-case letters")
	f.BoolVar(&o.NoUpper, "no-upper", false, "no upper-case letters")
	f.BoolVar(&o.NoDigits, "no-digits", false, "no digits")
	f.BoolVar(&o.NoSymbols, "no-symbols", false, "no symbols")
	f.IntVar(&o.Rules.Digits.Min, "min-digits", o.Rules.Digits.Min, "at least `N` digits")
	f.IntVar(&o.Rules.Symbols.Min, "min-symbols", o.Rules.Symbols.Min, "at least `N` symbols")
	f.StringVar(&o.Rules.SymbolSet, "symbols", "", "use only these symbols")
	f.StringVar(&o.Rules.Exclude, "exclude", "", "leave out these characters")
	f.BoolVar(&o.Rules.AvoidAmbiguous, "avoid-ambiguous", false, "leave out characters that look alike")
	f.BoolVarP(&o.Passphrase, "passphrase", "p", false, "words instead of characters")
	f.IntVarP(&o.Phrase.Words, "words", "w", o.Phrase.Words, "number of words (implies --passphrase)")
	f.StringVar(&o.Phrase.Separator, "separator", o.Phrase.Separator, "between words")
	f.BoolVar(&o.Phrase.Capitalize, "capitalize", false, "capitalise words")
	f.BoolVar(&o.Phrase.Digit, "digit", false, "put a digit behind one word")
	f.IntVarP(&o.Count, "count", "n", 1, "how many")
	f.BoolVarP(&o.Copy, "copy", "c", false, "copy instead of printing")
	f.BoolVar(&o.OSC52, "osc52", false, "with --copy: copy through the terminal (OSC 52), as over SSH")
	f.BoolVarP(&o.Quiet, "quiet", "q", false, "do not show the entropy")
	return c
}

// maxGenerate bounds --count.
const maxGenerate = 10000

func runGenerate(ctx context.Context, a *App, o generateCmdOptions) error {
	if o.Count < 1 || o.Count > maxGenerate {
		return usagef("--count must be 1 to %d", maxGenerate)
	}
	if o.Copy && o.Count > 1 {
		return usagef("--copy takes one password")
	}
	if o.OSC52 && !o.Copy {
		return usagef("--osc52 goes with --copy")
	}
	for off, class := range map[*bool]*pwgen.Class{
		&o.NoLower: &o.Rules.Lower, &o.NoUpper: &o.Rules.Upper, &o.NoDigits: &o.Rules.Digits, &o.NoSymbols: &o.Rules.Symbols,
	} {
		if *off {
			*class = pwgen.Class{}
		}
	}
	var bits float64
	for range o.Count {
		value, b, err := o.one(a)
		if err != nil {
			return usagef("%v", err)
		}
		bits = b
		if err := a.giveGenerated(ctx, value, bits, o); err != nil {
			return err
		}
	}
	if !o.Quiet && (a.OutTTY || isTTYWriter(a.Err)) {
		a.note("entropy: %.0f bits", bits)
	}
	return nil
}

func (o generateCmdOptions) one(a *App) (secret.Secret, float64, error) {
	if o.Passphrase {
		return pwgen.Passphrase(a.Rand, o.Phrase)
	}
	return pwgen.Characters(a.Rand, o.Rules)
}

type generatedLine struct {
	Type  string  `json:"type"`
	V     int     `json:"v"`
	Value string  `json:"value"`
	Bits  float64 `json:"entropy_bits"`
}

func (a *App) giveGenerated(ctx context.Context, value secret.Secret, bits float64, o generateCmdOptions) error {
	switch {
	case o.Copy:
		return a.toClipboard(ctx, value, "password", defaultClear, o.OSC52)
	case a.JSON:
		return a.line(generatedLine{"generated", 1, value.RevealString(), bits})
	}
	a.printf("%s\n", value.RevealString())
	return nil
}
