package cli

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"strings"

	"signet/internal/uhidhelper"
	"signet/internal/uhidsetup"
)

// plan decides what is installed, and for whom.
func (i *installing) plan() (uhidsetup.Plan, uhidhelper.User, error) {
	way, err := uhidsetup.ParseWay(i.f.way)
	if err != nil {
		return uhidsetup.Plan{}, uhidhelper.User{}, usagef("--way is helper or rule, not %q", i.f.way)
	}
	who, err := i.who()
	if err != nil {
		return uhidsetup.Plan{}, who, err
	}
	users, err := i.root.Users()
	if err != nil {
		return uhidsetup.Plan{}, who, err
	}
	p := uhidsetup.Plan{Way: way, Users: uhidsetup.With(users, who)}
	if way == uhidsetup.Helper {
		exe, err := os.Executable()
		if err != nil {
			return p, who, err
		}
		if p.Program, p.CopyFrom, err = uhidsetup.Program(exe); err != nil {
			return p, who, err
		}
	}
	return p, who, nil
}

// who is the user that gets a key: the one that is named, or whoever became root to run this.
func (i *installing) who() (uhidhelper.User, error) {
	name := i.f.user
	env := i.a.Env
	switch {
	case name != "":
	case os.Geteuid() != 0:
		name = strconv.Itoa(os.Geteuid())
	case env("SUDO_UID") != "":
		name = env("SUDO_UID")
	case env("PKEXEC_UID") != "":
		name = env("PKEXEC_UID")
	case env("DOAS_USER") != "":
		name = env("DOAS_USER")
	default:
		return uhidhelper.User{}, usagef("which user gets a key is not known: this was not started by sudo").hint("add --user NAME")
	}
	u, err := findUser(name)
	switch {
	case err != nil:
		return u, usagef("there is no user %q here", name).hint("--user takes a name, or a number")
	case u.UID == 0:
		return u, usagef("root opens /dev/uhid by itself; the key is for the user who uses the browser").hint("add --user NAME")
	}
	return u, nil
}

// findUser looks a name or a number up. A number without an entry is taken as it is: it may come from a directory that this machine asks by other ways.
func findUser(name string) (uhidhelper.User, error) {
	if uid, err := uhidhelper.ParseUID(name); err == nil {
		u, err := user.LookupId(name)
		if err != nil {
			return uhidhelper.User{UID: uid}, nil
		}
		return uhidhelper.User{UID: uid, Name: plainName(u.Username)}, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return uhidhelper.User{}, err
	}
	uid, err := uhidhelper.ParseUID(u.Uid)
	return uhidhelper.User{UID: uid, Name: plainName(u.Username)}, errors.Join(err)
}

// plainName keeps a name out of files where it would be more than a comment.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '#' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

func nameOf(u uhidhelper.User) string {
	if u.Name == "" {
		return "user " + strconv.Itoa(u.UID)
	}
	return u.Name
}
