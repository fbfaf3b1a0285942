package tui

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The README's table and docs/KEYS.md are made from the key map. Write them with: go test ./tui -run KeyPages -update
func TestKeyPages(t *testing.T) {
	t.Parallel()
	readme := filepath.Join("..", "README.md")
	const begin, end = "<!-- keys:begin -->\n", "<!-- keys:end -->"
	text := file(t, readme)
	head, rest, ok := strings.Cut(text, begin)
	_, foot, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("README.md has no place for the keys")
	}
	for name, want := range map[string]string{readme: head + begin + KeyTable() + end + foot, filepath.Join("..", "docs", "KEYS.md"): KeyPage()} {
		if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil { //nolint:gosec // a document
				t.Fatal(err)
			}
		}
		if file(t, name) != want {
			t.Errorf("%s is not what the key map says: run go test ./tui -run KeyPages -update", name)
		}
	}
}

func file(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}
