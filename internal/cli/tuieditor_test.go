//go:build unix

package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/vault/secret"
)

// editorIn is an editor port whose only place is a directory of the test, said to be in memory or not.
func editorIn(t *testing.T, script string, inMemory bool) (*tuiEditor, string) {
	t.Helper()
	base := t.TempDir()
	prog := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(prog, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	a := &App{Env: func(name string) string {
		if name == "EDITOR" {
			return prog + " --flag"
		}
		return ""
	}}
	return &tuiEditor{
		a: a, ctx: t.Context(), bases: func() []string { return []string{base} }, inMemory: func(string) (bool, error) { return inMemory, nil },
	}, base
}

// left lists what stands in a directory after an editor ran.
func left(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestAnOutsideEditorChangesTheNote(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, before, after, wrong string }{
		"changed":            {`printf new >"$2"`, "old", "new", ""},
		"a last line end":    {`printf 'a\nb\n' >"$2"`, "a", "a\nb", ""},
		"its own line end":   {`printf 'a\nb\n' >"$2"`, "a\n", "a\nb\n", ""},
		"untouched":          {":", "old", "old", ""},
		"failed":             {`printf new >"$2"; exit 3`, "old", "new", "ended with an error"},
		"removed the file":   {`rm "$2"`, "old", "old", "the note is as it was"},
		"no text":            {`printf '\377x' >"$2"`, "old", "\ufffdx", ""},
		"too long":           {`yes x | tr -d '\n' | head -c 2000000 >"$2"`, "old", strings.Repeat("x", maxEdited), "cut off"},
		"kept a backup":      {`cp "$2" "$2~"; printf new >"$2"`, "old", "new", ""},
		"only for this user": {`ls -ld . "$2" | cut -c1-10 | tr '\n' ' ' >o; mv o "$2"`, "old", "drwx------ -rw------- ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, base := editorIn(t, c.script, true)
			if got, err := e.Check(t.Context()); got != "editor" || err != nil {
				t.Fatalf("%q, %v", got, err)
			}
			run := e.Open(secret.FromString(c.before))
			if err := run.Run(); err != nil {
				t.Fatal(err)
			}
			text, err := run.Text()
			if got := text.RevealString(); got != c.after {
				t.Errorf("%.40q, want %.40q", got, c.after)
			}
			if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("error %v, want %q", err, c.wrong)
			}
			if names := left(t, base); len(names) > 0 {
				t.Errorf("left behind: %v", names)
			}
		})
	}
}

func TestAnOutsideEditorIsRefusedOnADisk(t *testing.T) {
	t.Parallel()
	e, base := editorIn(t, "printf new >\"$2\"", false)
	if _, err := e.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "written to a disk") {
		t.Errorf("%v", err)
	}
	run := e.Open(secret.FromString("old"))
	_ = run.Run()
	if text, err := run.Text(); err == nil || text.RevealString() != "old" || len(left(t, base)) > 0 {
		t.Errorf("%q, %v, %v", text.RevealString(), err, left(t, base))
	}
}

// What a killed program left goes at the next start; what a living one works on, and what is somebody else's, stays.
func TestLeftOversOfAnEditorAreSwept(t *testing.T) {
	t.Parallel()
	e, base := editorIn(t, ":", true)
	dir := func(name string, mode os.FileMode) string {
		d := filepath.Join(base, name)
		if err := errors.Join(os.Mkdir(d, 0o700), os.WriteFile(filepath.Join(d, "note.txt"), []byte("canary"), 0o600), os.Chmod(d, mode)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	dead, alive, open, other := dir(editorPrefix+"1", 0o700), dir(editorPrefix+"2", 0o700), dir(editorPrefix+"3", 0o755), dir("another", 0o700)
	release, err := holdDir(alive)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := os.Symlink(other, filepath.Join(base, editorPrefix+"link")); err != nil {
		t.Fatal(err)
	}
	e.sweep()
	for d, want := range map[string]bool{dead: false, alive: true, open: true, other: true} {
		if _, err := os.Stat(filepath.Join(d, "note.txt")); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(d), err)
		}
	}
}
