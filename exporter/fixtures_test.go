package exporter_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
	"signet/vault"
)

// fixture returns a file that another program wrote. They are other projects' test data and do not belong into this repository.
func fixture(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("SIGNET_FIXTURES")
	if dir == "" {
		t.Skip("SIGNET_FIXTURES is not set: it names the folder that holds formats/, the real files of other programs (see the table in formats/SOURCES.md)")
	}
	b, err := os.ReadFile(filepath.Join(dir, "formats", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func format(t testing.TB, name string) exporter.Format {
	t.Helper()
	f, err := exporter.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRealBitwardenNested(t *testing.T) {
	t.Parallel()
	text := fixture(t, "bitwarden/keepassxc-bitwarden_nested_export.json")
	v := formattest.NewVault()
	rep := v.ImportString(t, format(t, "bitwarden-json"), text)
	t.Log(rep)
	for _, f := range v.Records(vault.RecFolder) {
		t.Log(f.ID, strings.Join(v.Folder(f.ID), " > "))
	}
	for _, e := range v.All() {
		for _, f := range e.Folders {
			t.Log(e.Title, f)
		}
	}
}
