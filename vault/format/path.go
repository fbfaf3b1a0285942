package format

import "errors"

// Field paths: segments separated by '/', each percent-encoded outside [A-Za-z0-9._:-], 512 bytes in all. What the
// segments mean is the business of vault/entry; here only the alphabet and the length are checked, so that a path needs no
// escaping in JSON and paths of newer versions are kept.

var errPath = errors.New("malformed field path")

// CheckPath refuses a path that no version may write.
func CheckPath(path string) error {
	if !validPath(path) {
		return errPath
	}
	return nil
}

func validPath(path string) bool {
	if path == "" || len(path) > MaxPath {
		return false
	}
	for i := range len(path) {
		if !pathBytes[path[i]] {
			return false
		}
	}
	return true
}

var pathBytes = func() (set [256]bool) {
	for c := range 256 {
		b := byte(c)
		set[c] = isBase64URL(b) || b == '.' || b == ':' || b == '/' || b == '%'
	}
	return set
}()

// HistoryPath names the history field that saves what dot wrote.
func HistoryPath(d Dot) string { return "hist/" + d.String() }

// HistoryDot is the inverse of HistoryPath.
func HistoryDot(path string) (Dot, bool) {
	if !IsHistory(path) {
		return Dot{}, false
	}
	d, err := ParseDot(path[len("hist/"):])
	return d, err == nil
}

// valueLimit returns the most bytes that a value of that field may have.
func valueLimit(path string) int {
	if IsHistory(path) {
		return MaxHistValue
	}
	return MaxValue
}
