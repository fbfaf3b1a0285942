package tuitest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"signet/tui/screen"
	"signet/vault/secret"
)

// Importer pretends to read files: "bad" fails, "locked" wants the passphrase "open", "old" holds nothing new, everything else a thousand entries.
type Importer struct {
	Block chan struct{} // when set, an import waits for it or for its context
	Look  chan struct{} // likewise a look
}

// ErrFile says that a file is encrypted.
var ErrFile = errors.New("the file is encrypted")

// Formats implements screen.Importer.
func (i *Importer) Formats() []string { return []string{"Bitwarden JSON", "Chrome CSV"} }

// Inspect implements screen.Importer.
func (i *Importer) Inspect(ctx context.Context, _ screen.Vault, path string, pass secret.Secret, progress func(int, int)) (screen.Plan, error) {
	given := pass.RevealString()
	progress(7, 0)
	if err := wait(ctx, i.Look); err != nil {
		return screen.Plan{}, err
	}
	switch {
	case strings.Contains(path, "bad"):
		return screen.Plan{}, errors.New("bad.json, line 7: not a file that Signet can read")
	case strings.Contains(path, "locked") && given == "":
		return screen.Plan{}, ErrFile
	case strings.Contains(path, "locked") && given != "open":
		return screen.Plan{}, ErrWrong
	case strings.Contains(path, "old"):
		return screen.Plan{Path: path, Format: "Chrome CSV", Size: 512, Tally: screen.Tally{Items: 3, Same: 3}}, nil
	}
	t := screen.Tally{
		Items: 1003, Added: 997, Same: 3, Differ: 2, Skipped: 1, Lost: 1, Kinds: []screen.KindCount{{Kind: "login", N: 900}, {Kind: "note", N: 103}},
		Rows: []screen.ItemRow{
			{Title: "Old bank", Place: "item 7", What: "new", Values: []screen.ValueRow{{Field: "custom field “linked”", Fate: "kept in another form", Note: "as text"}}},
			{Title: "Contracts", Place: "item 9", What: "new", Bad: true, Values: []screen.ValueRow{{Field: "attachment", Fate: "lost", Note: "the file does not hold its content", Lost: true}}},
			{Title: "Mail", Place: "item 12", What: "yours is different and stays", Bad: true},
		},
		More: 40,
	}
	return screen.Plan{Path: path, Format: "Bitwarden JSON", Size: 1_300_000, Encrypted: strings.Contains(path, "locked"), Tally: t}, nil
}

func wait(ctx context.Context, block chan struct{}) error {
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// Import implements screen.Importer.
func (i *Importer) Import(ctx context.Context, v screen.Vault, p screen.Plan, _ secret.Secret, progress func(int, int)) (screen.Report, error) {
	progress(1, p.Items)
	if err := wait(ctx, i.Block); err != nil {
		return screen.Report{}, err
	}
	a, err := v.Apply(ctx, nil, importedEdits())
	return screen.Report{Applied: a, Encrypted: p.Encrypted, Tally: p.Tally}, err
}

// Exporter writes nowhere and remembers what it was asked to write.
type Exporter struct {
	Block   chan struct{} // when set, an export waits for it or for its context
	Err     error
	mu      sync.Mutex
	Written []screen.ExportOptions // with copies of the passphrases
}

// Formats implements screen.Exporter.
func (x *Exporter) Formats() []screen.ExportFormat {
	return []screen.ExportFormat{{Name: "signet-json", Label: "Signet JSON", Ext: ".signet.jsonl", Clear: true}, {Name: "other", Label: "Other JSON", Ext: ".json", Clear: true}}
}

// Preview implements screen.Exporter.
func (x *Exporter) Preview(_ context.Context, _ screen.Vault, o screen.ExportOptions, progress func(int, int)) (screen.Tally, error) {
	progress(3, 15)
	if o.Recipient == "nobody" {
		return screen.Tally{}, errors.New("recipient is none: age1pq1… or age1… is expected")
	}
	t := screen.Tally{Items: 15, Kinds: []screen.KindCount{{Kind: "login", N: 15}}}
	if o.IDs != nil {
		t.Items, t.Kinds = len(o.IDs), nil
	}
	if o.Format == "other" {
		t.Lost, t.Rows = 1, []screen.ItemRow{{Title: "webauthn.io", What: "written", Bad: true, Values: []screen.ValueRow{{Field: "passkey", Fate: "lost", Note: "the format has none", Lost: true}}}}
	}
	return t, nil
}

// Export implements screen.Exporter.
func (x *Exporter) Export(ctx context.Context, v screen.Vault, o screen.ExportOptions, progress func(int, int)) (screen.Exported, error) {
	o.Passphrase = o.Passphrase.Clone()
	progress(1, 15)
	if err := wait(ctx, x.Block); err != nil {
		return screen.Exported{}, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.Err != nil {
		return screen.Exported{}, x.Err
	}
	x.Written = append(x.Written, o)
	t, err := x.Preview(ctx, v, o, progress)
	return screen.Exported{Tally: t, Path: o.Path, Size: 4096, Mode: "0600", Next: "'signet import' reads it."}, err
}

// Asked are the exports that were written.
func (x *Exporter) Asked() []screen.ExportOptions {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.Written)
}

// Files is a home with a few files.
type Files struct{}

var files = []string{"~/Documents/", "~/Downloads/", "~/Downloads/bitwarden.json", "~/Downloads/bitwarden-old.json", "~/notes.txt", "~/.config/"}

// Complete implements screen.Files.
func (Files) Complete(_ context.Context, typed string) ([]string, error) {
	var out []string
	for _, f := range files {
		rest, ok := strings.CutPrefix(f, typed)
		dot := strings.HasPrefix(rest, ".") && !strings.HasSuffix(typed, ".")
		if inner := strings.TrimSuffix(rest, "/"); ok && inner != "" && !strings.Contains(inner, "/") && !dot {
			out = append(out, f)
		}
	}
	return out, nil
}

// Look implements screen.Files.
func (Files) Look(_ context.Context, path string) (screen.FileState, error) {
	s := screen.FileState{Path: path, Exists: slices.Contains(files, path), Dir: slices.Contains(files, path+"/")}
	s.Exists = s.Exists || s.Dir
	s.Usual = s.Exists && !s.Dir
	return s, nil
}
