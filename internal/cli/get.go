package cli

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/sanitize"
	"signet/internal/session"
	"signet/vault"
	"signet/vault/secret"
)

type getOptions struct {
	Ref    string
	Field  string
	Reveal bool
	Copy   bool
	OSC52  bool
	Any    bool
	NoLF   bool
	Trash  bool
	Output string
	Force  bool
}

func newGetCmd(a *App) *cobra.Command {
	var o getOptions
	c := &cobra.Command{
		Use:   "get ENTRY [FIELD]",
		Short: "Show an entry, or print one field",
		Long: "ENTRY is an id, a title, or words that match exactly one entry.\n" +
			"FIELD is title, username, password, totp, url, notes, tag or folder; TYPE.MEMBER as in credit-card.number; or custom.LABEL;\n" +
			"each with #2 for the second. Without FIELD secrets are shown only with --reveal.",
		Example:           "  signet get github\n  signet get github password\n  signet get github password --copy\n  signet get visa credit-card.number\n  signet get deed file --output deed.pdf",
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeEntryField,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Ref = args[0]
			if len(args) > 1 {
				o.Field = args[1]
			}
			return runGet(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.Reveal, "reveal", false, "show secrets too")
	f.BoolVarP(&o.Copy, "copy", "c", false, "copy the field (default: password) to the clipboard instead of printing it")
	f.BoolVar(&o.OSC52, "osc52", false, "with --copy: copy through the terminal (OSC 52), as over SSH")
	f.BoolVar(&o.Any, "any", false, "of a field in conflict, take the displayed value")
	f.BoolVarP(&o.NoLF, "no-newline", "n", false, "print no line end after the value")
	f.BoolVar(&o.Trash, "trash", false, "look in the trash")
	f.StringVarP(&o.Output, "output", "o", "", "write the value to `FILE` (mode 0600)")
	f.BoolVar(&o.Force, "force", false, "let --output replace a file")
	c.MarkFlagsMutuallyExclusive("copy", "output")
	c.MarkFlagsMutuallyExclusive("copy", "no-newline")
	return c
}

func runGet(ctx context.Context, a *App, o getOptions) error {
	if err := o.check(a); err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		id, err := s.Resolve(ctx, o.Ref, session.ResolveOptions{Trash: o.Trash})
		if err != nil {
			return a.refError(o.Ref, err)
		}
		if o.Field == "" {
			return showEntry(ctx, a, s, id, o.Reveal)
		}
		if vault.IsFileField(o.Field) {
			return getFile(ctx, a, s, id, o)
		}
		value, err := a.fieldValue(ctx, s, id, o.Field, o.Any)
		if err != nil {
			return err
		}
		_ = s.Used(ctx, id)
		return a.deliver(ctx, s, value, o)
	})
}

// check settles what goes together before anything is opened.
func (o *getOptions) check(a *App) error {
	if o.OSC52 && !o.Copy {
		return usagef("--osc52 goes with --copy")
	}
	if o.Copy && o.Field == "" {
		o.Field = "password"
	}
	if o.Field == "" && (o.Output != "" || o.NoLF || o.Any) {
		return usagef("--output, --no-newline and --any need a FIELD")
	}
	if o.Copy && vault.IsFileField(o.Field) {
		return usagef("a file is not copied to the clipboard").hint("--output FILE writes it")
	}
	return a.freeTarget(o.Output, o.Force)
}

// deliver puts one value where it was asked for: clipboard, file or standard output.
func (a *App) deliver(ctx context.Context, s session.Session, value secret.Secret, o getOptions) error {
	switch {
	case o.Copy:
		return a.copy(ctx, s, value, o.Field, o.OSC52)
	case o.Output != "":
		err := a.writeFile(o.Output, o.Force, func(w io.Writer) error {
			_, err := w.Write(value.Reveal())
			return err
		})
		return a.written(err, o.Field, o.Output)
	case a.JSON:
		return a.line(valueLine{"value", 1, o.Field, value.RevealString()})
	}
	text := value.RevealString()
	if a.OutTTY {
		text = sanitize.Text(text) // a pipe and a file get the bytes as they are
	}
	if !o.NoLF {
		text += "\n"
	}
	_, err := io.WriteString(a.Out, text)
	return err
}

type writtenLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Field string `json:"field"`
	File  string `json:"file"`
}

// written says which file now holds a value.
func (a *App) written(err error, field, file string) error {
	if err != nil || !a.JSON {
		return err
	}
	return a.line(writtenLine{"written", 1, field, file})
}

type valueLine struct {
	Type  string `json:"type"`
	V     int    `json:"v"`
	Field string `json:"field"`
	Value string `json:"value"`
}

// fieldValue reads one field; a conflict is exit 14 with the candidates unless any.
func (a *App) fieldValue(ctx context.Context, s session.Session, id vault.ID, name string, any bool) (secret.Secret, error) {
	f, err := vault.ParseFieldName(name)
	if err != nil {
		return secret.Secret{}, fieldError(err, name)
	}
	if f.Alias == "folder" {
		return folderOf(ctx, s, id, f)
	}
	e, err := s.Get(ctx, id, session.GetOptions{})
	if err != nil {
		return secret.Secret{}, err
	}
	found, err := e.Find(f)
	if err != nil {
		return secret.Secret{}, absentField(e, name)
	}
	if !found.Withheld && !inConflict(e, found.Path) {
		return found.Value, nil
	}
	values, err := s.Field(ctx, vault.FieldRef{Record: id, Path: found.Path})
	if err != nil {
		return secret.Secret{}, err
	}
	if len(values) > 1 && !any && differ(values) {
		return secret.Secret{}, a.conflict(name, values)
	}
	return values[0].Value, nil
}

func folderOf(ctx context.Context, s session.Session, id vault.ID, f vault.FieldName) (secret.Secret, error) {
	e, err := s.Get(ctx, id, session.GetOptions{})
	if err != nil {
		return secret.Secret{}, err
	}
	folders, err := s.Folders(ctx)
	if err != nil {
		return secret.Secret{}, err
	}
	if f.N > len(e.Folders) {
		return secret.Secret{}, absentField(e, "folder")
	}
	for _, x := range folders {
		if x.ID == e.Folders[f.N-1] {
			return secret.FromString(strings.Join(x.Path, "/")), nil
		}
	}
	return secret.FromString(string(e.Folders[f.N-1])), nil
}

func inConflict(e vault.Entry, path string) bool {
	for _, c := range e.Conflicts {
		if c.Path == path {
			return true
		}
	}
	return false
}

func differ(values []vault.Candidate) bool {
	for _, v := range values[1:] {
		if !v.Value.Equal(values[0].Value) {
			return true
		}
	}
	return false
}

// conflict lists when the candidates were written; the values themselves only with --any, or by history.
func (a *App) conflict(name string, values []vault.Candidate) error {
	for i, v := range values {
		if a.JSON {
			_ = a.line(candidateLine{"candidate", 1, name, i + 1, stamp(msTime(v.Wall)), v.Dot.String()})
		} else {
			a.printErr("  %d  written %s  (%s)\n", i+1, a.ago(msTime(v.Wall)), v.Dot.String())
		}
	}
	return (&Error{Exit: ExitConflict, Code: "field.conflict", Msg: name + " has " + plural(len(values), "value") + " that differ"}).
		hint("--any takes the first; 'signet edit ENTRY %s=…' settles it", name)
}

type candidateLine struct {
	Type    string `json:"type"`
	V       int    `json:"v"`
	Field   string `json:"field"`
	N       int    `json:"n"`
	Written string `json:"written"`
	Dot     string `json:"dot"`
}

func fieldError(err error, name string) error {
	if errors.Is(err, vault.ErrUnknownField) {
		return (&Error{Exit: ExitUsage, Code: "field.unknown", Msg: "no field is called " + name}).
			hint("title, username, password, totp, url, notes, tag, folder, TYPE.MEMBER (credit-card.number) or custom.LABEL")
	}
	return err
}

func absentField(e vault.Entry, name string) error {
	return (&Error{Exit: ExitUsage, Code: "field.absent", Msg: "the entry has no " + name}).
		hint("it has: %s", strings.Join(e.FieldNames(), ", "))
}

// refError explains why ENTRY did not name one entry, and lists the candidates.
func (a *App) refError(ref string, err error) error {
	var amb *session.AmbiguousError
	switch {
	case errors.As(err, &amb):
		for _, r := range amb.Rows {
			if a.JSON {
				_ = a.line(rowLine(r))
				continue
			}
			a.printErr("  %s  %s  %s\n", shortID(r.ID), r.Title, r.Username)
		}
		if amb.More > 0 && !a.JSON {
			a.printErr("  … and %s more\n", plural(amb.More, "entry"))
		}
		return (&Error{Exit: ExitAmbiguous, Code: "entry.ambiguous", Msg: "several entries match " + ref}).hint("add a word, or use the id")
	case errors.Is(err, vault.ErrNotFound):
		return (&Error{Exit: ExitNotFound, Code: "entry.not_found", Msg: "no entry matches " + ref}).hint("'signet ls' lists them; --trash looks in the trash")
	}
	return err
}

// copy puts a secret on the clipboard and says by which path and for how long.
func (a *App) copy(ctx context.Context, s session.Session, value secret.Secret, what string, terminal bool) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	return a.toClipboard(ctx, value, what, set.ClipClear, terminal)
}
