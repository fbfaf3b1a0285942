package uhidsetup

import (
	"fmt"
	"io/fs"

	"signet/internal/uhidhelper"
)

// Way is how users come to a virtual security key.
type Way int

// The ways. Helper is the safer one and the default.
const (
	Helper Way = iota
	Rule
)

func (w Way) String() string {
	if w == Rule {
		return "rule"
	}
	return "helper"
}

// ParseWay reads what String writes.
func ParseWay(s string) (Way, error) {
	for _, w := range []Way{Helper, Rule} {
		if s == w.String() {
			return w, nil
		}
	}
	return 0, fmt.Errorf("%q is neither helper nor rule", s)
}

// Plan is what is to be installed.
type Plan struct {
	Way   Way
	Users []uhidhelper.User // all who may have a key afterwards
	// Program is what the service runs: the installed Signet, or BinaryCopy, which is then made from CopyFrom.
	Program  string
	CopyFrom string
}

// Kind says how a file is made.
type Kind int

// The kinds.
const (
	Text Kind = iota
	Link      // symbolic, to Content
	Copy      // of the program at Content
)

// File is one thing that is installed.
type File struct {
	Path    string
	Kind    Kind
	Mode    fs.FileMode
	Content string
	Why     string // for people
}

// Files lists what is installed, in the order in which it is.
func (p Plan) Files() []File {
	out := []File{
		{ModulesFile, Text, 0o644, modulesText, "load the kernel's module uhid at every start"},
		{RulesFile, Text, 0o644, rulesText(p.Way, p.Users), p.rulesWhy()},
	}
	if p.Way == Rule {
		return append(out, File{UsersFile, Text, 0o644, p.usersText(), "whose keys the rules give to their user alone"})
	}
	if p.CopyFrom != "" {
		out = append(out, File{BinaryCopy, Copy, 0o755, p.CopyFrom, "a copy of this program that only the administrator can change, because it runs as root"})
	}
	return append(out,
		File{UsersFile, Text, 0o644, p.usersText(), "who may have a key"},
		File{ServiceUnit, Text, 0o644, serviceText(p.Program), "the helper: it makes security keys and no other device"},
		File{SocketUnit, Text, 0o644, socketText, "where programs of these users ask the helper"},
		File{SocketLink, Link, 0, SocketUnit, "listen there at every start"},
	)
}

func (p Plan) rulesWhy() string {
	if p.Way == Rule {
		return "let whoever sits at the machine open /dev/uhid, and give each user's keys to that user alone"
	}
	return "give each user's keys to that user alone"
}

func (p Plan) usersText() string { return mark + string(uhidhelper.FormatUsers(p.Users)) }

// everything lists what any plan can have installed, in the order in which it is removed: who asks first, what answers last.
func everything() []File {
	return []File{
		{Path: SocketLink, Kind: Link, Content: SocketUnit},
		{Path: SocketUnit}, {Path: ServiceUnit}, {Path: UsersFile}, {Path: RulesFile}, {Path: ModulesFile},
		{Path: BinaryCopy, Kind: Copy},
	}
}
