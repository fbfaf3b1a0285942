//go:build unix

package uhidsetup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/internal/uhidhelper"
)

// tree lists every file below a root with its mode and content.
func tree(t *testing.T, root Root) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(string(root), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(path, string(root))
		if info.Mode()&fs.ModeSymlink != 0 {
			to, err := os.Readlink(path)
			out[rel] = "-> " + to
			return err
		}
		b, err := os.ReadFile(path)
		out[rel] = info.Mode().String() + " " + string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func did(done []Change) (out []string) {
	for _, c := range done {
		out = append(out, c.Did+" "+c.Path)
	}
	return out
}

func installed(t *testing.T, root Root, p Plan) []Change {
	t.Helper()
	done, err := root.Install(p)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func copied(t *testing.T) Plan {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "signet")
	if err := os.WriteFile(exe, []byte("a program"), 0o700); err != nil {
		t.Fatal(err)
	}
	return Plan{Way: Helper, Users: []uhidhelper.User{ada}, Program: BinaryCopy, CopyFrom: exe}
}

func TestEverythingIsWrittenAndRemoved(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Plan{"helper": plans["helper"], "copy": copied(t), "rule": plans["rule"]} {
		root := Root(t.TempDir())
		installed(t, root, p)
		got := tree(t, root)
		if len(got) != len(p.Files()) {
			t.Errorf("%s: %d files, want %d", name, len(got), len(p.Files()))
		}
		for _, f := range p.Files() {
			want := f.Mode.String() + " " + f.Content
			switch f.Kind {
			case Link:
				want = "-> " + f.Content
			case Copy:
				want = f.Mode.String() + " a program"
			}
			if got[f.Path] != want {
				t.Errorf("%s: %s is %q", name, f.Path, got[f.Path])
			}
		}
		if _, err := root.Uninstall(); err != nil {
			t.Error(err)
		}
		if left := tree(t, root); len(left) != 0 {
			t.Errorf("%s: left over %v", name, left)
		}
		if _, err := os.Stat(root.path("/etc/signet")); !errors.Is(err, fs.ErrNotExist) {
			t.Error("/etc/signet is left over")
		}
	}
}

func TestInstallingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	root, p := Root(t.TempDir()), copied(t)
	installed(t, root, p)
	before := tree(t, root)
	for _, c := range installed(t, root, p) {
		if c.Did != "unchanged" {
			t.Errorf("%s: %s", c.Path, c.Did)
		}
	}
	if after := tree(t, root); len(before) != len(after) {
		t.Error(after)
	}
}

// A newer program, a changed mode and a shortened file are put right.
func TestInstallingAgainMends(t *testing.T) {
	t.Parallel()
	root, p := Root(t.TempDir()), copied(t)
	installed(t, root, p)
	err := errors.Join(
		os.WriteFile(p.CopyFrom, []byte("a newer program"), 0o700),
		os.Chmod(root.path(UsersFile), 0o666),
		os.WriteFile(root.path(ServiceUnit), []byte(mark), 0o644),
	)
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, c := range installed(t, root, p) {
		if c.Did == "written" {
			written = append(written, c.Path)
		}
	}
	if want := []string{BinaryCopy, UsersFile, ServiceUnit}; !slices.Equal(written, want) {
		t.Errorf("written %v, want %v", written, want)
	}
	if got := tree(t, root)[UsersFile]; !strings.HasPrefix(got, "-rw-r--r-- ") {
		t.Error(got)
	}
}

func TestASecondUserIsAdded(t *testing.T) {
	t.Parallel()
	root := Root(t.TempDir())
	installed(t, root, Plan{Users: With(nil, bob), Program: "/bin/true"})
	users, err := root.Users()
	if err != nil {
		t.Fatal(err)
	}
	installed(t, root, Plan{Users: With(With(users, ada), ada), Program: "/bin/true"})
	users, err = root.Users()
	if err != nil || !slices.Equal(users, []uhidhelper.User{ada, bob}) {
		t.Errorf("%v %v", users, err)
	}
}

// Another list of users changes the list and the rule, nothing else: what runs goes on.
func TestAnInstallationForOtherUsers(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Plan{"helper": plans["helper"], "copy": copied(t), "rule": plans["rule"]} {
		root := Root(t.TempDir())
		installed(t, root, p)
		var pending []string
		again := root.Installation([]uhidhelper.User{bob})
		for _, f := range root.Pending(again) {
			pending = append(pending, f.Path)
		}
		slices.Sort(pending)
		if want := []string{UsersFile, RulesFile}; !slices.Equal(pending, want) {
			t.Errorf("%s: %v", name, pending)
		}
		before := len(tree(t, root))
		installed(t, root, again)
		if got := tree(t, root); len(got) != before || !strings.Contains(got[UsersFile], "1001 # bob") || strings.Contains(got[RulesFile], "1000") {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The other way's files go: whoever chose the helper after the rule is not left with the rule.
func TestChangingTheWay(t *testing.T) {
	t.Parallel()
	root := Root(t.TempDir())
	installed(t, root, plans["rule"])
	if !root.HasRule() {
		t.Error("the rule is not seen")
	}
	installed(t, root, plans["helper"])
	if root.HasRule() {
		t.Error("the rule is still there")
	}
	done := installed(t, root, plans["rule"])
	for _, want := range []string{"removed " + SocketLink, "removed " + SocketUnit, "removed " + ServiceUnit} {
		if !slices.Contains(did(done), want) {
			t.Errorf("%q is not in %q", want, did(done))
		}
	}
	if got := tree(t, root); len(got) != len(plans["rule"].Files()) {
		t.Error(got)
	}
}

// What an administrator wrote there stays, and nothing is installed around it.
func TestForeignFilesStay(t *testing.T) {
	t.Parallel()
	for _, path := range []string{ModulesFile, RulesFile, UsersFile, ServiceUnit, SocketUnit, SocketLink} {
		root := Root(t.TempDir())
		if err := errors.Join(root.makeDir(filepath.Dir(path)), os.WriteFile(root.path(path), []byte("# mine\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := root.Install(plans["helper"]); !errors.Is(err, ErrForeign) && !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		if done, err := root.Uninstall(); err != nil || len(done) != 0 {
			t.Errorf("%s: removed %v, %v", path, did(done), err)
		}
		if got := tree(t, root); len(got) != 1 || got[path] != "-rw------- # mine\n" {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestAListThatCannotBeReadStopsIt(t *testing.T) {
	t.Parallel()
	root := Root(t.TempDir())
	installed(t, root, plans["helper"])
	if err := os.WriteFile(root.path(UsersFile), []byte(mark+"ada\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if users, err := root.Users(); err == nil {
		t.Error(users)
	}
}

func TestDirectoriesCanBeEntered(t *testing.T) {
	t.Parallel()
	root := Root(t.TempDir())
	installed(t, root, plans["helper"])
	for _, dir := range []string{"/etc", "/etc/signet", "/etc/systemd/system/sockets.target.wants"} {
		if info, err := os.Stat(root.path(dir)); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v %v", dir, info, err)
		}
	}
}

// A program that somebody else than root could change never runs as root.
func TestAProgramOfAUserIsCopied(t *testing.T) {
	t.Parallel()
	exe := filepath.Join(t.TempDir(), "signet")
	if err := os.WriteFile(exe, []byte("x"), 0o777); err != nil {
		t.Fatal(err)
	}
	program, from, err := Program(exe)
	if err != nil || program != BinaryCopy || from == "" {
		t.Error(program, from, err)
	}
	link := exe + "-link"
	if err := os.Symlink(exe, link); err != nil {
		t.Fatal(err)
	}
	if _, from, _ := Program(link); filepath.Base(from) != "signet" {
		t.Errorf("the link was taken for the program: %s", from)
	}
	if _, _, err := Program(exe + "-none"); err == nil {
		t.Error("a program that is not there was taken")
	}
	if system, err := filepath.EvalSymlinks("/bin/sh"); err == nil && rootOnly(system) {
		if program, from, err := Program("/bin/sh"); err != nil || program != system || from != "" {
			t.Errorf("a program of the system was copied: %s %s %v", program, from, err)
		}
	}
}
