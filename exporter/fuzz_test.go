package exporter_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
)

// fuzzFormat imports whatever comes. A file is refused with one of the errors that a caller knows, or it is taken over: then a second import changes nothing, and
// Signet's own export of the result can be read.
func fuzzFormat(f *testing.F, name string, seeds ...string) {
	files, err := filepath.Glob(filepath.Join("testdata", name, "*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if !strings.HasSuffix(file, ".golden") && len(data) < 20_000 {
			f.Add(data)
		}
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	target := format(f, name)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = exporter.Detect(data)
		v := formattest.NewVault()
		rep, _, err := v.Import(target, bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, exporter.ErrDamaged) && !errors.Is(err, exporter.ErrUnsupported) && !errors.Is(err, exporter.ErrEncrypted) {
				t.Fatalf("%v", err)
			}
			return
		}
		again, edits, err := v.Import(target, bytes.NewReader(data))
		if err != nil || edits != 0 {
			t.Fatalf("the second import wrote %d edits: %v\n%s\n%s", edits, err, formattest.DumpReport(rep), formattest.DumpReport(again))
		}
		text, _ := export(t, v)
		other := formattest.NewVaultSeed(1)
		if back := other.ImportString(t, format(t, "signet-json"), text); back.Counts[exporter.Added] != len(v.All()) {
			t.Fatalf("of %d entries came back %s", len(v.All()), formattest.DumpReport(back))
		}
	})
}

func FuzzBitwarden(f *testing.F) {
	fuzzFormat(f, "bitwarden-json", `{"items":[{"type":1,"name":"a","login":{"totp":"otpauth://hotp/x?secret=AA&counter=1"}}]}`,
		`{"items":[{"type":5,"name":"k","sshKey":{"privateKey":"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n"}}]}`)
}

func FuzzChrome(f *testing.F) {
	fuzzFormat(f, "chrome-csv", "name,url,username,password\n\"a\"\"\",,\"\r\n\",\r\r\n")
}

func FuzzSignet(f *testing.F) {
	page, err := os.ReadFile("../docs/EXPORT.md")
	if err != nil {
		f.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "## 6. Example\n\n```\n")
	example, _, _ = strings.Cut(example, "```")
	fuzzFormat(f, "signet-json", example)
}
