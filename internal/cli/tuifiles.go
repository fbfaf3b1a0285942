package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"signet/tui/screen"
)

// tuiFiles completes paths and looks at them for the screens.
type tuiFiles struct{ a *App }

// maxNames bounds how many names of a folder are read for a completion.
const maxNames = 10_000

func (t tuiFiles) Complete(ctx context.Context, typed string) ([]string, error) {
	folder := typed[:strings.LastIndexAny(typed, pathSeparators)+1]
	start := typed[len(folder):]
	dir := t.a.expandHome(folder)
	if dir == "" {
		dir = "."
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(maxNames)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !strings.HasPrefix(e.Name(), start) || strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(start, ".") {
			continue
		}
		name := folder + e.Name()
		if isFolder(dir, e) {
			name += string(filepath.Separator)
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out[:min(len(out), screen.MaxPaths)], nil
}

// pathSeparators are both kinds; on Unix a backslash is part of a name, but nobody is served by treating it as one here.
const pathSeparators = `/\`

// isFolder follows links: a link to a folder is one.
func isFolder(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	st, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && st.IsDir()
}

func (t tuiFiles) Look(_ context.Context, path string) (screen.FileState, error) {
	whole, err := filepath.Abs(t.a.expandHome(path))
	if err != nil {
		return screen.FileState{}, err
	}
	out := screen.FileState{Path: whole}
	st, err := os.Stat(whole)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Exists, out.Dir, out.Usual, out.Size = true, st.IsDir(), st.Mode().IsRegular(), st.Size()
	return out, nil
}
