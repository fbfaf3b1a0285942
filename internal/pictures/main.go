package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Secrets of the made-up vault.
const (
	passphrase = "analytical engine"
	filePass   = "jacquard loom cards"
)

func main() {
	bin := flag.String("bin", "", "the program")
	out := flag.String("out", "docs/pictures", "folder for the pictures")
	demo := flag.String("demo", "internal/cli/demo", "folder with the made-up entries")
	only := flag.String("only", "", "one picture, by its name")
	flag.Parse()
	if err := all(*bin, *out, *demo, *only); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// all makes a vault and takes every picture of it, each with a program of its own.
func all(bin, out, demo, only string) error {
	dir, err := os.MkdirTemp("", "signet-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p := &program{bin: bin, dir: dir, home: filepath.Join(dir, "home")}
	if err := os.MkdirAll(p.home, 0o700); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := p.fill(demo); err != nil {
		return err
	}
	var failed []error // the others are still worth having
	for _, s := range scenes {
		if only != "" && s.name != only {
			continue
		}
		if err := p.take(s, filepath.Join(out, s.name+".svg")); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			continue
		}
		fmt.Fprintln(os.Stderr, "took", s.name)
	}
	return errors.Join(failed...)
}

// program is Signet in a home of its own.
type program struct{ bin, dir, home string }

// env has nothing of the user's: no keyring, no configuration, a fixed zone.
func (p *program) env() []string {
	return []string{"HOME=" + p.home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + p.dir, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "TZ=UTC"}
}

// fill makes the vault: two ways in and a recovery code, and everything of the demo.
func (p *program) fill(demo string) error {
	for _, args := range [][]string{
		{"init", "--unlock", "passphrase", "--device-name", "laptop", "--recovery-file", filepath.Join(p.dir, "recovery.txt")},
		{"import", filepath.Join(demo, "bitwarden.json")},
		{"import", filepath.Join(demo, "more.signet.jsonl")},
		{"slot", "add", "passphrase", "--name", "desk", "--new-passphrase-fd", "4"},
	} {
		if err := p.run(args...); err != nil {
			return err
		}
	}
	return nil
}

// run runs a command, with the vault's passphrase on descriptor 3 and another one on 4.
func (p *program) run(args ...string) error {
	cmd := exec.Command(p.bin, append([]string{"--no-input", "--passphrase-fd", "3"}, args...)...)
	cmd.Env = p.env()
	for _, text := range []string{passphrase, "another " + passphrase} {
		f, err := p.handed(text)
		if err != nil {
			return err
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("signet %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// handed is a file that holds a text and has no name any more.
func (p *program) handed(text string) (*os.File, error) {
	f, err := os.CreateTemp(p.dir, "fd-")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name())
	if _, err := f.WriteString(text + "\n"); err != nil {
		return nil, err
	}
	_, err = f.Seek(0, 0)
	return f, err
}

// take runs the program, does what the scene says, and writes its picture.
func (p *program) take(s scene, name string) error {
	t, err := start(p.dir, s.name, s.w, s.h, p.env(), p.bin)
	if err != nil {
		return err
	}
	defer t.close()
	if err := s.do(t); err != nil {
		return err
	}
	text, at, err := t.shot()
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(draw("Signet: "+s.title, s.w, s.h, parse(text), at)), 0o644)
}
