package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"signet/internal/atomicfile"
	"signet/internal/session"
	"signet/vault"
)

func newAttachmentCmd(a *App) *cobra.Command {
	c := &cobra.Command{
		Use:     "attachment",
		Aliases: []string{"attach"},
		Short:   "Files kept in entries",
		Example: "  signet attachment add passport scan.pdf\n  signet attachment ls passport\n  signet attachment get passport scan.pdf -o out.pdf\n  signet attachment rm passport scan.pdf",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("attachment needs a verb").hint("ls, add, get or rm")
		},
	}
	c.AddCommand(attachmentLs(a), attachmentAdd(a), attachmentGet(a), attachmentRm(a))
	return c
}

func attachmentLs(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "ls ENTRY", Short: "List the files of an entry", Example: "  signet attachment ls passport", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeEntries,
		RunE: func(cmd *cobra.Command, args []string) error { return runAttachmentLs(cmd.Context(), a, args[0]) },
	}
}

func attachmentAdd(a *App) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use: "add ENTRY FILE…", Short: "Put files into an entry", Example: "  signet attachment add passport scan.pdf", Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if name != "" && len(args) > 2 {
				return usagef("--name takes one file")
			}
			return runAttachmentAdd(cmd.Context(), a, args[0], args[1:], name)
		},
	}
	c.Flags().StringVar(&name, "name", "", "keep the file under this name")
	return c
}

func attachmentGet(a *App) *cobra.Command {
	var o getOptions
	c := &cobra.Command{
		Use: "get ENTRY NAME", Short: "Write a file out", Example: "  signet attachment get passport scan.pdf -o out.pdf", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Ref, o.Field = args[0], args[1]
			return runAttachmentGet(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVarP(&o.Output, "output", "o", "", "write to `FILE` (mode 0600; default: standard output)")
	c.Flags().BoolVar(&o.Force, "force", false, "let --output replace a file")
	return c
}

func attachmentRm(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "rm ENTRY NAME", Short: "Remove a file from an entry", Example: "  signet attachment rm passport scan.pdf", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAttachmentRm(cmd.Context(), a, args[0], args[1])
		},
	}
}

// withEntry opens the vault and finds one entry.
func (a *App) withEntry(ctx context.Context, ref string, f func(session.Session, vault.Entry) error) error {
	return a.withSession(ctx, func(s session.Session) error {
		id, err := s.Resolve(ctx, ref, session.ResolveOptions{})
		if err != nil {
			return a.refError(ref, err)
		}
		e, err := s.Get(ctx, id, session.GetOptions{})
		if err != nil {
			return err
		}
		return f(s, e)
	})
}

type fileLine struct {
	Type string `json:"type"`
	V    int    `json:"v"`
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	MIME string `json:"media_type,omitempty"`
}

func runAttachmentLs(ctx context.Context, a *App, ref string) error {
	return a.withEntry(ctx, ref, func(_ session.Session, e vault.Entry) error {
		n := 0
		for _, c := range e.Credentials {
			if c.Type != vault.File {
				continue
			}
			n++
			if a.JSON {
				if err := a.line(fileLine{"file", 1, c.ID, c.Text("name"), c.Size(), c.Text("signet:type")}); err != nil {
					return err
				}
				continue
			}
			a.row(c.Text("name"), byteSize(c.Size()))
		}
		if n == 0 {
			a.note("%s has no files", e.Title)
		}
		return nil
	})
}

func runAttachmentAdd(ctx context.Context, a *App, ref string, files []string, name string) error {
	if err := checkFiles(files); err != nil {
		return err
	}
	return a.withEntry(ctx, ref, func(s session.Session, e vault.Entry) error {
		for _, path := range files {
			if err := a.attach(ctx, s, e, path, name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *App) attach(ctx context.Context, s session.Session, e vault.Entry, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if name == "" {
		name = filepath.Base(path)
	}
	if _, err := s.Attach(ctx, e.ID, name, mime.TypeByExtension(filepath.Ext(name)), st.Size(), f); err != nil {
		return err
	}
	return a.changed("attached "+name+" to", e.ID, e.Title)
}

// attachmentNamed finds a file by name or by id.
func attachmentNamed(e vault.Entry, name string) (vault.Credential, error) {
	for _, c := range e.Credentials {
		if c.Type == vault.File && (c.Text("name") == name || c.ID == name) {
			return c, nil
		}
	}
	return vault.Credential{}, (&Error{Exit: ExitNotFound, Code: "attachment.not_found", Msg: e.Title + " has no file called " + name}).
		hint("'signet attachment ls ENTRY' lists them")
}

func runAttachmentGet(ctx context.Context, a *App, o getOptions) error {
	if err := a.freeTarget(o.Output, o.Force); err != nil {
		return err
	}
	return a.withEntry(ctx, o.Ref, func(s session.Session, e vault.Entry) error {
		c, err := attachmentNamed(e, o.Field)
		if err != nil {
			return err
		}
		return a.writeAttachment(ctx, s, e, c, o)
	})
}

// getFile is 'get ENTRY file'.
func getFile(ctx context.Context, a *App, s session.Session, id vault.ID, o getOptions) error {
	e, err := s.Get(ctx, id, session.GetOptions{})
	if err != nil {
		return err
	}
	c, err := e.FileAt(o.Field)
	if err != nil {
		return absentField(e, o.Field)
	}
	return a.writeAttachment(ctx, s, e, c, o)
}

func (a *App) writeAttachment(ctx context.Context, s session.Session, e vault.Entry, c vault.Credential, o getOptions) error {
	ref := vault.FieldRef{Record: e.ID, Path: vault.AttachmentPath(c)}
	if o.Output != "" {
		err := a.writeFile(o.Output, o.Force, func(w io.Writer) error { return s.Attachment(ctx, ref, w) })
		return a.written(err, c.Text("name"), o.Output)
	}
	if a.OutTTY || a.JSON {
		return usagef("a file is not printed on a terminal or as JSON").hint("use --output FILE, or a pipe without --json")
	}
	return s.Attachment(ctx, ref, a.Out)
}

func runAttachmentRm(ctx context.Context, a *App, ref, name string) error {
	return a.withEntry(ctx, ref, func(s session.Session, e vault.Entry) error {
		c, err := attachmentNamed(e, name)
		if err != nil {
			return err
		}
		if _, err := s.Apply(ctx, nil, e.RemoveAll("cred/"+c.ID)); err != nil {
			return err
		}
		return a.changed("removed "+c.Text("name")+" from", e.ID, e.Title)
	})
}

// writeFile writes a file durably with mode 0600 and never replaces one unless told to.
func (a *App) writeFile(path string, force bool, write func(io.Writer) error) error {
	return fileError(atomicfile.Write(path, force, write))
}

// freeTarget refuses a target that is taken before anything is opened or asked; "" and - are no files.
func (a *App) freeTarget(path string, force bool) error {
	if path == "" || path == "-" || force {
		return nil
	}
	_, err := os.Lstat(path)
	if err == nil {
		return fileError(fmt.Errorf("write %s: %w", path, atomicfile.ErrExists))
	}
	return nil
}

func fileError(err error) error {
	switch {
	case errors.Is(err, atomicfile.ErrExists):
		return &Error{Exit: ExitFailure, Code: "file.exists", Err: err, Hint: "choose another name, or replace it with --force"}
	case errors.Is(err, atomicfile.ErrNotRegular):
		return &Error{Exit: ExitFailure, Code: "file.not_regular", Err: err, Hint: "name a file that is not there yet"}
	}
	return err
}

func byteSize(n int64) string {
	const unit = 1024
	switch {
	case n < 0:
		return "unknown size"
	case n < unit:
		return plural(int(n), "byte")
	case n < unit*unit:
		return fmt.Sprintf("%.1f KiB", float64(n)/unit)
	case n < unit*unit*unit:
		return fmt.Sprintf("%.1f MiB", float64(n)/(unit*unit))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(unit*unit*unit))
}
