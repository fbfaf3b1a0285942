package cli

import (
	"runtime"

	"github.com/spf13/cobra"

	"signet/fido"
	"signet/internal/buildinfo"
)

type versionLine struct {
	Type     string `json:"type"`
	V        int    `json:"v"`
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Hardware bool   `json:"hardware_keys"`
	LibFIDO2 string `json:"libfido2,omitempty"`
	Reason   string `json:"hardware_keys_reason,omitempty"`
	Format   int    `json:"vault_format"`
}

func newVersionCmd(a *App) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which Signet this is", Example: "  signet version\n  signet version --json", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runVersion(a) },
	}
}

func runVersion(a *App) error {
	keys := fido.Available()
	l := versionLine{
		Type: "version", V: 1, Version: buildinfo.Version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Hardware: keys.Linked, LibFIDO2: keys.Version, Reason: keys.Reason, Format: 1,
	}
	if a.JSON {
		return a.line(l)
	}
	a.printf("signet %s (%s, %s)\n", l.Version, l.Platform, l.Go)
	a.printf("%s\n", keys.String())
	return nil
}
