package cli

import (
	"io"
	"os"
	"strconv"
)

// isTTYWriter reports whether w is a terminal.
func isTTYWriter(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isTerminal(f)
}

func itoa(n int) string { return strconv.Itoa(n) }
