package cli

// ExitCode is what the process ends with (product.md).
type ExitCode int

// The exit codes are an API: scripts branch on them.
const (
	ExitOK          ExitCode = 0
	ExitFailure     ExitCode = 1
	ExitUsage       ExitCode = 2
	ExitPartial     ExitCode = 3
	ExitNotFound    ExitCode = 4
	ExitAmbiguous   ExitCode = 5
	ExitNoVault     ExitCode = 10
	ExitInUse       ExitCode = 11
	ExitLocked      ExitCode = 12
	ExitHardware    ExitCode = 13
	ExitConflict    ExitCode = 14
	ExitInterrupted ExitCode = 130
)
