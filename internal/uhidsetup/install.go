package uhidsetup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"signet/internal/atomicfile"
	"signet/internal/uhidhelper"
)

// Root is the directory below which everything lies: "" is the machine's own.
type Root string

func (r Root) path(p string) string {
	if r == "" {
		return p
	}
	return filepath.Join(string(r), p)
}

// ErrForeign means that something stands where a file of ours would go.
var ErrForeign = errors.New("is not from Signet; it stays as it is")

// Change is what was done to a file, or would be.
type Change struct {
	File
	Did string // "written", "unchanged", "removed"
}

// Users reads who is installed already. No list means nobody.
func (r Root) Users() ([]uhidhelper.User, error) {
	b, err := os.ReadFile(r.path(UsersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return uhidhelper.ParseUsers(b)
}

// With adds a user to a list; somebody who is on it stays once.
func With(users []uhidhelper.User, u uhidhelper.User) []uhidhelper.User {
	out := slices.DeleteFunc(slices.Clone(users), func(o uhidhelper.User) bool { return o.UID == u.UID })
	out = append(out, u)
	slices.SortFunc(out, func(a, b uhidhelper.User) int { return a.UID - b.UID })
	return out
}

// Without takes a user off a list.
func Without(users []uhidhelper.User, uid int) []uhidhelper.User {
	return slices.DeleteFunc(slices.Clone(users), func(o uhidhelper.User) bool { return o.UID == uid })
}

// Installation is the plan of what is installed, for other users.
func (r Root) Installation(users []uhidhelper.User) Plan {
	if r.HasRule() {
		return Plan{Way: Rule, Users: users}
	}
	p := Plan{Way: Helper, Users: users, Program: r.Program()}
	if p.Program == BinaryCopy {
		p.CopyFrom = r.path(BinaryCopy) // stays as it is
	}
	return p
}

// Program is what an installed service runs, "" where none is installed.
func (r Root) Program() string {
	b, err := os.ReadFile(r.path(ServiceUnit))
	if err != nil {
		return ""
	}
	_, line, _ := strings.Cut(string(b), "\nExecStart=")
	line, _, _ = strings.Cut(line, " passkey ")
	return unquoteExec(line)
}

// Pending lists what of a plan is not there yet as it should be.
func (r Root) Pending(p Plan) []File {
	var out []File
	for _, f := range p.Files() {
		if same, err := r.state(f); err != nil || !same {
			out = append(out, f)
		}
	}
	return out
}

// Check refuses a plan that would replace something of somebody else's, before anything is written.
func (r Root) Check(p Plan) error {
	var found []error
	for _, f := range p.Files() {
		if _, err := r.state(f); err != nil {
			found = append(found, err)
		}
	}
	return errors.Join(found...)
}

// Install makes every file of the plan and removes what another way had installed. What is there already and right is left alone.
func (r Root) Install(p Plan) ([]Change, error) {
	if err := r.Check(p); err != nil {
		return nil, err
	}
	var done []Change
	for _, f := range p.Files() {
		same, err := r.state(f)
		if err != nil {
			return done, err
		}
		if same {
			done = append(done, Change{f, "unchanged"})
			continue
		}
		if err := r.write(f); err != nil {
			return done, err
		}
		done = append(done, Change{f, "written"})
	}
	removed, err := r.remove(func(path string) bool {
		return !slices.ContainsFunc(p.Files(), func(f File) bool { return f.Path == path })
	})
	return append(done, removed...), err
}

// state reports whether a file is there as it should be; something of somebody else's is an error.
func (r Root) state(f File) (same bool, err error) {
	path := r.path(f.Path)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case f.Kind == Link:
		to, err := os.Readlink(path)
		if err != nil || to != f.Content {
			return false, foreign(f.Path)
		}
		return true, nil
	case !info.Mode().IsRegular():
		return false, foreign(f.Path)
	case f.Kind == Copy:
		same, err := sameFile(path, f.Content)
		return same && info.Mode().Perm() == f.Mode, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	if !ours(b) {
		return false, foreign(f.Path)
	}
	return string(b) == f.Content && info.Mode().Perm() == f.Mode, nil
}

func ours(b []byte) bool { return bytes.HasPrefix(b, []byte(mark)) }

func foreign(path string) error { return fmt.Errorf("%s %w", path, ErrForeign) }

func (r Root) write(f File) error {
	path := r.path(f.Path)
	if err := r.makeDir(filepath.Dir(f.Path)); err != nil {
		return err
	}
	if f.Kind == Link {
		return os.Symlink(f.Content, path)
	}
	err := atomicfile.Write(path, true, func(w io.Writer) error {
		if f.Kind == Text {
			_, err := io.WriteString(w, f.Content)
			return err
		}
		from, err := os.Open(f.Content)
		if err != nil {
			return err
		}
		defer from.Close() //nolint:errcheck // only read
		_, err = io.Copy(w, from)
		return err
	})
	if err != nil {
		return err
	}
	return os.Chmod(path, f.Mode)
}

// makeDir makes what is missing of a directory, readable for everybody whatever this process's mask says.
func (r Root) makeDir(dir string) error {
	var missing []string
	for d := dir; d != "/" && d != "."; d = filepath.Dir(d) {
		if _, err := os.Stat(r.path(d)); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append(missing, d)
	}
	if r != "" {
		if err := os.MkdirAll(string(r), 0o755); err != nil {
			return err
		}
	}
	for _, d := range slices.Backward(missing) {
		if err := errors.Join(os.Mkdir(r.path(d), 0o755), os.Chmod(r.path(d), 0o755)); err != nil {
			return err
		}
	}
	return nil
}

// HasRule reports whether the rule that opens /dev/uhid is installed.
func (r Root) HasRule() bool {
	b, err := os.ReadFile(r.path(RulesFile))
	return err == nil && ours(b) && bytes.Contains(b, []byte("\n"+ruleLine))
}

// Installed lists what there is of ours.
func (r Root) Installed() []File {
	var out []File
	for _, f := range everything() {
		if r.is(f) {
			out = append(out, f)
		}
	}
	return out
}

// is reports whether a file of ours is there. The copy of the program carries no mark; its name is nobody else's.
func (r Root) is(f File) bool {
	path := r.path(f.Path)
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	switch f.Kind {
	case Link:
		to, err := os.Readlink(path)
		return err == nil && to == f.Content
	case Copy:
		return info.Mode().IsRegular()
	}
	b, err := os.ReadFile(path)
	return err == nil && info.Mode().IsRegular() && ours(b)
}

// Uninstall removes what was installed, and nothing else.
func (r Root) Uninstall() ([]Change, error) {
	return r.remove(func(string) bool { return true })
}

// remove removes what is ours and chosen, and the directory that only we use.
func (r Root) remove(chosen func(path string) bool) (done []Change, err error) {
	for _, f := range r.Installed() {
		if !chosen(f.Path) {
			continue
		}
		if err := os.Remove(r.path(f.Path)); err != nil {
			return done, err
		}
		done = append(done, Change{f, "removed"})
	}
	if dir := filepath.Dir(UsersFile); chosen(UsersFile) && strings.HasSuffix(dir, "/signet") {
		_ = os.Remove(r.path(dir)) // stays while something of somebody else's is in it
	}
	return done, nil
}
