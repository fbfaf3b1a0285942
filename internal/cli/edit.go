package cli

import (
	"context"
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
	Value secret.Secret
	Ask   bool
	Stdin bool
}

// parseAssignment reads FIELD=VALUE, FIELD=- (standard input) and FIELD (ask). The name is checked against what a field can
// be called; whether the entry has it is decided later.
func parseAssignment(arg string) (assignment, vault.FieldName, error) {
	name, value, has := strings.Cut(arg, "=")
	f, err := vault.ParseFieldName(name)
	if err != nil {
		return assignment{}, f, fieldError(err, name)
	}
	as := assignment{Name: name, Ask: !has, Stdin: has && value == "-"}
	if has && !as.Stdin {
		as.Value = secret.FromString(value)
	}
	return as, f, nil
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

// resolve turns an assignment into a value: given, read from standard input, or asked for.
func (a *App) resolveValue(ctx context.Context, as assignment, f vault.FieldName, insecure bool) (secret.Secret, error) {
	switch {
	case as.Stdin:
		return a.readStdin(format.MaxValue)
	case as.Ask:
		return a.askValue(ctx, as.Name, secretField(f))
	case secretField(f) && !insecure:
		return secret.Secret{}, usagef("%s is a secret: other programs can read it on the command line", as.Name).
			hint("use %s=- and standard input, or %s alone to be asked, or insist with --insecure-args", as.Name, as.Name)
	case secretField(f):
		a.note(ctx, "warning: %s was given on the command line, where other programs and the shell's history can read it", as.Name)
	}
	return as.Value, nil
}

func (a *App) askValue(ctx context.Context, name string, isSecret bool) (secret.Secret, error) {
	if !a.interactive() {
		return secret.Secret{}, usagef("%s has no value", name).hint("write %s=VALUE, or %s=- to read standard input", name, name)
	}
	if !isSecret {
		line, err := a.Terminal.Line(ctx, name+":")
		return secret.FromString(line), err
	}
	return a.Terminal.Secret(ctx, name+":")
}

type writeOptions struct {
	Args     []string
	Insecure bool
	Generate bool
	Create   bool
	Remove   []string
	Untag    []string
	Rules    generateOptions
}

func (o *writeOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.Insecure, "insecure-args", false, "take secrets from the command line in spite of the danger")
	f.BoolVarP(&o.Generate, "generate", "g", false, "generate the password")
	f.IntVar(&o.Rules.Length, "length", 0, "length of the generated password")
	f.IntVar(&o.Rules.Words, "words", 0, "generate a passphrase of `N` words instead")
}

// edits collects what the arguments ask for, against the entry as it is (for add: the empty entry).
func (a *App) edits(ctx context.Context, s session.Session, e vault.Entry, o writeOptions) ([]vault.Edit, error) {
	ids := vault.IDs{Rand: a.Rand}
	var edits []vault.Edit
	for _, arg := range o.Args {
		as, f, err := parseAssignment(arg)
		if err != nil {
			return nil, err
		}
		value, err := a.resolveValue(ctx, as, f, o.Insecure)
		if err != nil {
			return nil, err
		}
		more, err := a.setField(ctx, s, &e, f, as.Name, value, o.Create, ids)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	if o.Generate || o.Rules.Words > 0 || o.Rules.Length > 0 {
		more, err := a.generatePassword(&e, o.Rules, ids)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	return edits, nil
}

// setField makes the edits of one assignment and moves e on, so that a second assignment to a new credential joins it.
func (a *App) setField(ctx context.Context, s session.Session, e *vault.Entry, f vault.FieldName, name string, value secret.Secret, create bool, ids vault.IDs) ([]vault.Edit, error) {
	var before []vault.Edit
	if f.Alias == "folder" {
		id, made, err := ensureFolder(ctx, s, value.RevealString(), ids)
		if err != nil {
			return nil, err
		}
		before, value = made, secret.FromString(string(id))
	}
	edits, err := e.SetField(f, value, create, ids)
	if err != nil {
		return nil, setError(err, name)
	}
	*e = e.With(edits)
	return append(before, edits...), nil
}

func setError(err error, name string) error {
	if err == vault.ErrNoField {
		return (&Error{Exit: ExitUsage, Code: "field.absent", Msg: "the entry has no " + name}).
			hint("--create makes a custom field of that name")
	}
	return (&Error{Exit: ExitUsage, Code: "field.value", Msg: name, Err: err})
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

func newAddCmd(a *App) *cobra.Command {
	var o writeOptions
	c := &cobra.Command{
		Use:   "add KIND TITLE [FIELD=VALUE…]",
		Short: "Add an entry",
		Long: "KIND is login, note, card, identity, ssh, api, wifi, totp, document, file or custom.\n" +
			"FIELD=- reads the value from standard input, FIELD alone asks for it. Secrets are not taken from the command line.",
		Example: "  signet add login GitHub username=ada url=https://github.com --generate\n  signet add login GitHub username=ada password\n" +
			"  pass show x | signet add login X password=-\n  signet add note Plan notes=-\n  signet add totp Mail totp",
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: completeKind,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Args, o.Create = args[2:], true
			return runAdd(cmd.Context(), a, args[0], args[1], o)
		},
	}
	o.flags(c)
	return c
}

// kindCredential is the credential that makes an entry of a kind.
var kindCredential = map[vault.Kind]string{
	vault.KindLogin: vault.BasicAuth, vault.KindNote: vault.Note, vault.KindCard: vault.CreditCard, vault.KindIdentity: vault.PersonName,
	vault.KindSSH: vault.SSHKey, vault.KindAPI: vault.APIKey, vault.KindWiFi: vault.WiFi, vault.KindTOTP: vault.TOTP,
	vault.KindDocument: "identity-document", vault.KindFile: vault.File, vault.KindCustom: vault.CustomType,
}

func runAdd(ctx context.Context, a *App, kind, title string, o writeOptions) error {
	typ, ok := kindCredential[vault.Kind(strings.ToLower(kind))]
	if !ok {
		return usagef("unknown kind %q", kind).hint("login, note, card, identity, ssh, api, wifi, totp, document, file or custom")
	}
	if strings.TrimSpace(title) == "" {
		return usagef("the title is empty")
	}
	return a.withSession(ctx, func(s session.Session) error {
		ids := vault.IDs{Rand: a.Rand}
		e := vault.Entry{ID: ids.Record(), Title: title, Created: a.Now()}
		base, err := e.Edits(ids)
		if err != nil {
			return err
		}
		e = e.With(base)
		edits, err := a.edits(ctx, s, e, o)
		if err != nil {
			return err
		}
		all := append(base, edits...)
		if !hasType(e.With(edits), typ) {
			more, err := e.With(edits).AddCredential(vault.Credential{Type: typ}, ids)
			if err != nil {
				return err
			}
			all = append(all, more...)
		}
		if _, err := s.Apply(ctx, nil, all); err != nil {
			return err
		}
		return a.changed(ctx, "added", e.ID, title)
	})
}

func hasType(e vault.Entry, typ string) bool {
	_, ok := e.Credential(typ)
	return ok
}

type changedLine struct {
	Type   string `json:"type"`
	V      int    `json:"v"`
	Action string `json:"action"`
	ID     string `json:"id"`
	Title  string `json:"title"`
}

// changed says what an edit did.
func (a *App) changed(ctx context.Context, action string, id vault.ID, title string) error {
	if a.JSON {
		return a.line(changedLine{"changed", 1, action, string(id), title})
	}
	a.note(ctx, "%s %s (%s)", action, title, string(id)[:8])
	return nil
}

func newEditCmd(a *App) *cobra.Command {
	var o writeOptions
	c := &cobra.Command{
		Use:   "edit ENTRY [FIELD=VALUE…]",
		Short: "Change fields of an entry",
		Long:  "The old value goes to the history. FIELD=- reads standard input, FIELD alone asks. tag=NAME adds a tag, folder=A/B moves the entry.",
		Example: "  signet edit github username=lovelace\n  signet edit github password\n  signet edit github --generate --length 24\n" +
			"  signet edit github tag=work folder=Code/Hosting\n  signet edit github --remove notes --untag old",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeAssign,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Args = args[1:]
			return runEdit(cmd.Context(), a, args[0], o)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&o.Create, "create", false, "make a custom field that is not there yet")
	c.Flags().StringArrayVar(&o.Remove, "remove", nil, "remove `FIELD` (its value stays in the history)")
	c.Flags().StringArrayVar(&o.Untag, "untag", nil, "remove a `TAG`")
	return c
}

func runEdit(ctx context.Context, a *App, ref string, o writeOptions) error {
	if len(o.Args)+len(o.Remove)+len(o.Untag) == 0 && !o.Generate && o.Rules == (generateOptions{}) {
		return usagef("nothing to change").hint("signet edit ENTRY FIELD=VALUE, --remove FIELD, --untag TAG or --generate")
	}
	return a.withSession(ctx, func(s session.Session) error {
		id, err := s.Resolve(ctx, ref, session.ResolveOptions{})
		if err != nil {
			return a.refError(ref, err)
		}
		e, err := s.Get(ctx, id, session.GetOptions{})
		if err != nil {
			return err
		}
		edits, err := a.edits(ctx, s, e, o)
		if err != nil {
			return err
		}
		removed, err := removals(e, o)
		if err != nil {
			return err
		}
		if _, err := s.Apply(ctx, nil, dedupe(append(edits, removed...))); err != nil {
			return err
		}
		return a.changed(ctx, "changed", id, e.Title)
	})
}

func removals(e vault.Entry, o writeOptions) (edits []vault.Edit, err error) {
	for _, name := range o.Remove {
		f, err := vault.ParseFieldName(name)
		if err != nil {
			return nil, fieldError(err, name)
		}
		found, err := e.Find(f)
		if err != nil {
			return nil, absentField(e, name)
		}
		edits = append(edits, e.RemoveField(found)...)
	}
	for _, tag := range o.Untag {
		if !slices.Contains(e.Tags, tag) {
			return nil, absentField(e, "tag "+tag)
		}
		edits = append(edits, e.RemoveTag(tag))
	}
	return edits, nil
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
	if o.Words > 0 {
		r := pwgen.DefaultPassphraseRules()
		r.Words = o.Words
		return pwgen.Passphrase(a.Rand, r)
	}
	r := pwgen.DefaultRules()
	if o.Length > 0 {
		r.Length = o.Length
	}
	return pwgen.Characters(a.Rand, r)
}
