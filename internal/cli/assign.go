package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/format"
	"signet/vault/pwgen"
	"signet/vault/secret"
)

// assignment is one FIELD=VALUE of the command line; FIELD alone asks for the value.
type assignment struct {
	Name  string
	Field vault.FieldName
	Value secret.Secret
	Ask   bool
	Stdin bool
}

// parseAssignments reads FIELD=VALUE, FIELD=- (standard input) and FIELD (ask). Names are checked against what a field can be
// called; whether the entry has it is decided later. The second url is url#2, and so on; other fields come once.
func (a *App) parseAssignments(args []string, insecure bool) ([]assignment, error) {
	var out []assignment
	seen := map[vault.FieldName]bool{}
	stdin := 0
	for _, arg := range args {
		as, err := parseAssignment(arg)
		if err != nil {
			return nil, err
		}
		for as.Field.Alias == "url" && seen[as.Field] {
			as.Field.N++
		}
		if seen[as.Field] && as.Field.Alias != "tag" {
			return nil, usagef("%s is given twice", as.Name)
		}
		seen[as.Field] = true
		if as.Stdin {
			stdin++
		}
		if err := a.mayStandThere(as, insecure); err != nil {
			return nil, err
		}
		out = append(out, as)
	}
	if stdin > 1 {
		return nil, usagef("standard input can be one value only")
	}
	return out, nil
}

func parseAssignment(arg string) (assignment, error) {
	name, value, has := strings.Cut(arg, "=")
	f, err := vault.ParseFieldName(name)
	if err != nil {
		return assignment{}, fieldError(err, name)
	}
	if err := notOfAPasskey(f, name); err != nil {
		return assignment{}, err
	}
	as := assignment{Name: name, Field: f, Ask: !has, Stdin: has && value == "-"}
	if has && !as.Stdin {
		as.Value = secret.FromString(value)
	}
	return as, nil
}

// mayStandThere refuses a secret on the command line, where other programs and the shell's history can read it.
func (a *App) mayStandThere(as assignment, insecure bool) error {
	switch {
	case as.Ask && !a.interactive():
		return usagef("%s has no value", as.Name).hint("write %s=VALUE, or %s=- to read standard input", as.Name, as.Name)
	case as.Ask, as.Stdin, !secretField(as.Field):
	case !insecure:
		return usagef("%s is a secret: other programs can read it on the command line", as.Name).
			hint("use %s=- and standard input, or %s alone to be asked, or insist with --insecure-args", as.Name, as.Name)
	default:
		a.warn("secret.argument", "%s was given on the command line, where other programs and the shell's history can read it", as.Name)
	}
	return nil
}

// secretField reports whether a field holds a secret by the schema; custom fields count as secret, because new ones are
// concealed.
func secretField(f vault.FieldName) bool {
	switch f.Alias {
	case "password", "totp":
		return true
	case "":
	default:
		return false
	}
	if f.Label != "" {
		return true
	}
	spec, _ := vault.Spec(f.Type)
	m, _ := spec.Member(f.Member)
	return m.Concealed()
}

// value is what an assignment gives: written there, read from standard input, or asked for.
func (a *App) value(ctx context.Context, as assignment) (secret.Secret, error) {
	switch {
	case as.Stdin:
		return a.readStdin(ctx, as.Name+"=-", format.MaxValue)
	case as.Ask && secretField(as.Field):
		return a.Terminal.Secret(ctx, as.Name+":")
	case as.Ask:
		line, err := a.Terminal.Line(ctx, as.Name+":")
		return secret.FromString(line), err
	}
	return as.Value, nil
}

// writeOptions are what add and edit have in common.
type writeOptions struct {
	Args     []string
	Insecure bool
	Generate bool
	Create   bool
	Remove   []string
	Untag    []string
	Rules    generateOptions
	Files    []string

	assignments []assignment
}

func (o *writeOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.Insecure, "insecure-args", false, "take secrets from the command line in spite of the danger")
	f.BoolVarP(&o.Generate, "generate", "g", false, "generate the password")
	f.IntVar(&o.Rules.Length, "length", 0, "length of the generated password")
	f.IntVar(&o.Rules.Words, "words", 0, "generate a passphrase of `N` words instead")
}

// parse settles everything that needs no vault.
func (o *writeOptions) parse(a *App) (err error) {
	o.Generate = o.Generate || o.Rules != generateOptions{}
	if o.assignments, err = a.parseAssignments(o.Args, o.Insecure); err != nil {
		return err
	}
	if !o.Generate {
		return nil
	}
	if slices.ContainsFunc(o.assignments, func(as assignment) bool { return as.Field == vault.FieldName{Alias: "password", N: 1} }) {
		return usagef("the password is both given and generated")
	}
	if _, _, err := generate(a, o.Rules); err != nil {
		return usagef("%v", err)
	}
	return nil
}

// edits collects what the arguments ask for, against the entry as it is (for add: the empty entry).
func (a *App) edits(ctx context.Context, s session.Session, e vault.Entry, o writeOptions) ([]vault.Edit, error) {
	ids := vault.IDs{Rand: a.Rand}
	var edits []vault.Edit
	for _, as := range o.assignments {
		value, err := a.value(ctx, as)
		if err != nil {
			return nil, err
		}
		more, err := a.setField(ctx, s, &e, as, value, o.Create, ids)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	if o.Generate {
		more, err := a.generatePassword(&e, o.Rules, ids)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	return edits, nil
}

// setField makes the edits of one assignment and moves e on, so that a second assignment to a new credential joins it.
func (a *App) setField(ctx context.Context, s session.Session, e *vault.Entry, as assignment, value secret.Secret, create bool, ids vault.IDs) ([]vault.Edit, error) {
	var before []vault.Edit
	value, err := checkValue(as, value)
	if err != nil {
		return nil, err
	}
	if as.Field.Alias == "folder" {
		id, made, err := ensureFolder(ctx, s, value.RevealString(), ids)
		if err != nil {
			return nil, err
		}
		before, value = made, secret.FromString(string(id))
	}
	edits, err := e.SetField(as.Field, value, create, ids)
	if err != nil {
		return nil, setError(err, as.Name)
	}
	*e = e.With(edits)
	return append(before, edits...), nil
}

// checkValue refuses what would be stored and then not be understood.
func checkValue(as assignment, value secret.Secret) (secret.Secret, error) {
	text := value.RevealString()
	switch as.Field.Alias {
	case "title":
		if strings.TrimSpace(text) == "" {
			return value, usagef("the title is empty")
		}
	case "favorite":
		if text != "true" && text != "false" {
			return value, usagef("favorite is true or false")
		}
	case "expires":
		t, ok := parseDay(text)
		if !ok {
			return value, usagef("expires is a date: 2030-12-31, or RFC 3339 with a time")
		}
		return secret.FromString(vault.FormatTime(t)), nil
	case "tag":
		if text == "" {
			return value, usagef("the tag is empty")
		}
	}
	return value, nil
}

func setError(err error, name string) error {
	if errors.Is(err, vault.ErrNoField) {
		return (&Error{Exit: ExitUsage, Code: "field.absent", Msg: "the entry has no " + name}).
			hint("--create makes a custom field of that name; #2 needs a first one")
	}
	return &Error{Exit: ExitUsage, Code: "field.value", Msg: name, Err: err}
}

func (a *App) generatePassword(e *vault.Entry, o generateOptions, ids vault.IDs) ([]vault.Edit, error) {
	value, _, err := generate(a, o)
	if err != nil {
		return nil, err
	}
	f, _ := vault.ParseFieldName("password")
	edits, err := e.SetField(f, value, false, ids)
	*e = e.With(edits)
	return edits, err
}

// ensureFolder finds a folder by its path (A/B) or makes what is missing of it.
func ensureFolder(ctx context.Context, s session.Session, path string, ids vault.IDs) (vault.ID, []vault.Edit, error) {
	if path == "" {
		return "", nil, nil
	}
	folders, err := s.Folders(ctx)
	if err != nil {
		return "", nil, err
	}
	var parent vault.ID
	var edits []vault.Edit
	for part := range strings.SplitSeq(path, "/") {
		if strings.TrimSpace(part) == "" {
			return "", nil, usagef("a folder in %q has no name", path)
		}
		i := slices.IndexFunc(folders, func(f session.Folder) bool { return f.Parent == parent && vault.Fold(f.Title) == vault.Fold(part) })
		if i >= 0 && len(edits) == 0 {
			parent = folders[i].ID
			continue
		}
		id := ids.Record()
		edits = append(edits, vault.NewFolder(id, part, parent)...)
		parent = id
	}
	return parent, edits, nil
}

// dedupe keeps the last edit of each field: a segment has at most one op per field.
func dedupe(edits []vault.Edit) []vault.Edit {
	last := map[vault.FieldRef]int{}
	for i, e := range edits {
		last[e.FieldRef] = i
	}
	out := edits[:0:0]
	for i, e := range edits {
		if last[e.FieldRef] == i {
			out = append(out, e)
		}
	}
	return out
}

// generateOptions are the rules of generate, shared with add and edit.
type generateOptions struct {
	Length int
	Words  int
}

func generate(a *App, o generateOptions) (secret.Secret, float64, error) {
	if o.Words != 0 {
		r := pwgen.DefaultPassphraseRules()
		r.Words = o.Words
		return pwgen.Passphrase(a.Rand, r)
	}
	r := pwgen.DefaultRules()
	if o.Length != 0 {
		r.Length = o.Length
	}
	return pwgen.Characters(a.Rand, r)
}
