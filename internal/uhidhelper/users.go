package uhidhelper

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// UsersFile lists who may have a security key: one user number each line, a comment after '#'. Only the administrator writes it.
const UsersFile = "/etc/signet/uhid-users"

// Bounds of the list.
const (
	maxUsersFile = 1 << 16
	maxUsers     = 256
	maxUID       = 1<<32 - 3 // the two above are no users
	nobody       = 65534     // whoever the kernel cannot name here: never a user of ours
)

// User is a row of the list.
type User struct {
	UID  int
	Name string // for people
}

// ParseUsers reads the list. One bad line spoils it all: a list that cannot be read allows nobody.
func ParseUsers(b []byte) ([]User, error) {
	if len(b) > maxUsersFile {
		return nil, fmt.Errorf("list of users has more than %d bytes", maxUsersFile)
	}
	var out []User
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		number, comment, _ := strings.Cut(lines.Text(), "#")
		number = strings.TrimSpace(number)
		if number == "" {
			continue
		}
		uid, err := ParseUID(number)
		if err != nil {
			return nil, fmt.Errorf("list of users, line %d: %w", n, err)
		}
		out = append(out, User{uid, strings.TrimSpace(comment)})
		if len(out) > maxUsers {
			return nil, fmt.Errorf("list of users has more than %d", maxUsers)
		}
	}
	return out, lines.Err()
}

// ParseUID reads the number of a user who may have a key.
func ParseUID(s string) (int, error) {
	uid, err := strconv.ParseUint(s, 10, 32)
	if err != nil || strconv.FormatUint(uid, 10) != s || uid > maxUID || uid == nobody {
		return 0, errors.New("not the number of a user")
	}
	return int(uid), nil
}

// FormatUsers writes the list.
func FormatUsers(users []User) []byte {
	b := []byte("# Users who may have a virtual security key (signet passkey serve), by number.\n")
	for _, u := range users {
		b = fmt.Appendf(b, "%d # %s\n", u.UID, u.Name)
	}
	return b
}
