package exporter_test

import (
	"io"
	"testing"

	"signet/exporter"
	"signet/exporter/formattest"
)

// BenchmarkImport10000 is reader and planner together, into an empty vault, without writing.
func BenchmarkImport10000(b *testing.B) {
	for _, c := range []struct {
		name   string
		stream func(int) io.Reader
	}{
		{"bitwarden-json", bitwardenStream},
		{"chrome-csv", chromeStream},
		{"signet-json", signetStream},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, n := formattest.NewVault().Planner(c.name), 0
				err := p.Import(b.Context(), format(b, c.name), c.stream(10_000), exporter.ReadOptions{}, func(exporter.Planned) error {
					n++
					return nil
				})
				if err != nil || n < 10_000 {
					b.Fatalf("%d items: %v", n, err)
				}
			}
		})
	}
}

// BenchmarkExport10000 writes Signet's own format.
func BenchmarkExport10000(b *testing.B) {
	v := formattest.NewVault()
	if _, _, err := v.Import(format(b, "bitwarden-json"), bitwardenStream(10_000)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		text, _ := export(b, v)
		b.SetBytes(int64(len(text)))
	}
}
