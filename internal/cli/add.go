package cli

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/session"
	"signet/vault"
	"signet/vault/format"
	"signet/vault/secret"
)

func newAddCmd(a *App) *cobra.Command {
	var o writeOptions
	c := &cobra.Command{
		Use:   "add KIND TITLE [FIELD=VALUE…]",
		Short: "Add an entry",
		Long: "KIND is " + kindNames() + ".\n" +
			"FIELD=- reads the value from standard input, FIELD alone asks for it. Secrets are not taken from the command line.\n" +
			"url, tag may come several times; folder=A/B makes the folders that are missing; custom.LABEL makes a custom field.",
		Example: "  signet add login GitHub username=ada url=https://github.com --generate\n  signet add login GitHub username=ada password\n" +
			"  pass show x | signet add login X password=-\n  signet add note Plan notes=-\n  signet add totp Mail totp\n  signet add file Deed --attach deed.pdf",
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: completeKind,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Args, o.Create = args[2:], true
			return runAdd(cmd.Context(), a, args[0], args[1], o)
		},
	}
	o.flags(c)
	c.Flags().StringArrayVar(&o.Files, "attach", nil, "put `FILE` into the entry (several times for several)")
	return c
}

// kindCredential is the credential that makes an entry of a kind.
var kindCredential = map[vault.Kind]string{
	vault.KindLogin: vault.BasicAuth, vault.KindNote: vault.Note, vault.KindCard: vault.CreditCard, vault.KindIdentity: vault.PersonName,
	vault.KindSSH: vault.SSHKey, vault.KindAPI: vault.APIKey, vault.KindWiFi: vault.WiFi, vault.KindTOTP: vault.TOTP,
	vault.KindDocument: "identity-document", vault.KindFile: vault.File, vault.KindCustom: vault.CustomType,
}

// kindNames lists the kinds that can be added, in the order of the design.
func kindNames() string {
	var names []string
	for _, k := range vault.Kinds() {
		if _, ok := kindCredential[k]; ok {
			names = append(names, string(k))
		}
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func runAdd(ctx context.Context, a *App, kind, title string, o writeOptions) error {
	typ, ok := kindCredential[vault.Kind(strings.ToLower(kind))]
	switch {
	case !ok:
		return usagef("no kind is called %q", kind).hint("%s", kindNames())
	case strings.TrimSpace(title) == "":
		return usagef("the title is empty")
	case typ == vault.File && len(o.Files) == 0:
		return usagef("a file entry needs a file").hint("signet add file TITLE --attach FILE")
	}
	if err := o.parse(a); err != nil {
		return err
	}
	if err := checkFiles(o.Files); err != nil {
		return err
	}
	return a.withSession(ctx, func(s session.Session) error {
		id, edits, err := a.newEntry(ctx, s, typ, title, o)
		if err != nil {
			return err
		}
		if _, err := s.Apply(ctx, nil, edits); err != nil {
			return err
		}
		return a.changed("added", id, title)
	})
}

// newEntry collects everything that a new entry consists of: one edit, so that no half of it can be seen.
func (a *App) newEntry(ctx context.Context, s session.Session, typ, title string, o writeOptions) (vault.ID, []vault.Edit, error) {
	ids := vault.IDs{Rand: a.Rand}
	e := vault.Entry{ID: ids.Record(), Title: title, Created: a.Now()}
	all, err := e.Edits(ids)
	if err != nil {
		return "", nil, err
	}
	e = e.With(all)
	edits, err := a.edits(ctx, s, e, o)
	if err != nil {
		return "", nil, err
	}
	all, e = append(all, edits...), e.With(edits)
	creds, err := storeFiles(ctx, s, o.Files)
	if err != nil {
		return "", nil, err
	}
	if _, has := e.Credential(typ); !has && typ != vault.File {
		creds = append([]vault.Credential{{Type: typ}}, creds...)
	}
	for _, c := range creds {
		more, err := e.AddCredential(c, ids)
		if err != nil {
			return "", nil, err
		}
		all, e = append(all, more...), e.With(more)
	}
	return e.ID, dedupe(all), nil
}

// checkFiles refuses what cannot be attached before anything is opened or asked.
func checkFiles(files []string) error {
	for _, path := range files {
		st, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !st.Mode().IsRegular() {
			return usagef("%s is not a regular file", path)
		}
		if st.Size() > format.MaxAttachment {
			return failf("attachment.too_large", "%s has %s: the limit is %s", path, byteSize(st.Size()), byteSize(format.MaxAttachment))
		}
	}
	return nil
}

func storeFiles(ctx context.Context, s session.Session, files []string) ([]vault.Credential, error) {
	var out []vault.Credential
	for _, path := range files {
		c, err := storeFile(ctx, s, path)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// storeFile keeps a file's bytes and describes them as a credential (CXF "File").
func storeFile(ctx context.Context, s session.Session, path string) (vault.Credential, error) {
	f, err := os.Open(path)
	if err != nil {
		return vault.Credential{}, err
	}
	defer f.Close()
	sum, size := sha256.New(), counter(0)
	where, err := s.Store(ctx, io.TeeReader(f, io.MultiWriter(sum, &size)))
	if err != nil {
		return vault.Credential{}, err
	}
	name := filepath.Base(path)
	text := func(name, value string) vault.Member {
		return vault.Member{Name: name, Value: secret.FromString(value)}
	}
	members := []vault.Member{
		text("name", name), text("decryptedSize", strconv.FormatInt(int64(size), 10)),
		text("integrityHash", base64.RawURLEncoding.EncodeToString(sum.Sum(nil))), where,
	}
	if t := mime.TypeByExtension(filepath.Ext(name)); t != "" {
		members = slices.Insert(members, 1, text("signet:type", t))
	}
	return vault.Credential{Type: vault.File, Members: members}, nil
}

// counter counts the bytes written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
