//go:build linux

package uhidhelper

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestTheListOfUsers(t *testing.T) {
	t.Parallel()
	users := []User{{1000, "ada"}, {0, "root"}, {4294967293, "bob # the other"}}
	got, err := ParseUsers(FormatUsers(users))
	if err != nil || !reflect.DeepEqual(got, users) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := ParseUsers([]byte("\n  # nobody yet\n\t7\n")); err != nil || len(got) != 1 || got[0].UID != 7 {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []string{"ada", "1000 ada", "-1", "+1", "01", "1.0", "0x10", "4294967294", "4294967295", "4294967296", "65534", "1000,1001", strings.Repeat("1\n", 257), strings.Repeat("#", 1<<17)} {
		if got, err := ParseUsers([]byte(bad)); err == nil {
			t.Errorf("%.20q gave %v", bad, got)
		}
	}
}

// One bad line and nobody is allowed: who wrote it meant something that is not known.
func TestABadListAllowsNobody(t *testing.T) {
	t.Parallel()
	if users, err := ParseUsers([]byte("1000\nx\n")); err == nil || users != nil {
		t.Error(users, err)
	}
}

func TestOnlyTheAdministratorsListCounts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users")
	allowed := func() (bool, error) { return AllowedBy(path)(1000) }
	if ok, err := allowed(); ok || err == nil {
		t.Error("no list")
	}
	if err := os.WriteFile(path, FormatUsers([]User{{1000, "ada"}}), 0o644); err != nil {
		t.Fatal(err)
	}
	if ok, err := allowed(); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, _ := AllowedBy(path)(1001); ok {
		t.Error("another user is allowed")
	}
	for _, mode := range []os.FileMode{0o664, 0o646, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if ok, err := allowed(); ok || err == nil {
			t.Errorf("a list with mode %o counts", mode)
		}
	}
	link := path + "2"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if ok, err := AllowedBy(link)(1000); ok || err == nil {
		t.Error("a link counts")
	}
}

func FuzzParseUsers(f *testing.F) {
	f.Add([]byte("1000 # ada\n"))
	f.Add([]byte("# none\n\n0\n"))
	f.Add([]byte("65534"))
	f.Fuzz(func(t *testing.T, b []byte) {
		users, err := ParseUsers(b)
		if err != nil && users != nil {
			t.Error("an error with users")
		}
		for _, u := range users {
			if u.UID < 0 || u.UID == nobody {
				t.Errorf("user %d", u.UID)
			}
		}
	})
}
