package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Change notes have the form that docs/changelog/README.md describes, so that a release can be put together by a program.
func TestChangeNotesHaveTheirForm(t *testing.T) {
	first := regexp.MustCompile(`^(Security|Fix|Change|Enhancement): \S.{0,71}[^.]$`)
	last := regexp.MustCompile(`^#\d+( #\d+)*$`)
	files, err := filepath.Glob(filepath.Join(root, "docs", "changelog", "*", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no change notes found: %v", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
		if !first.MatchString(lines[0]) {
			t.Errorf("%s: first line %q is not \"Kind: what the user sees\"", name, lines[0])
		}
		if !last.MatchString(lines[len(lines)-1]) {
			t.Errorf("%s: last line names no issue, as #12", name)
		}
	}
}
