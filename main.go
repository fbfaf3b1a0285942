// Command signet is a password and passkey manager that lives in the terminal.
package main

import (
	"os"

	"signet/internal/cli"
	"signet/internal/harden"
)

func main() {
	os.Exit(int(cli.Main(os.Args[1:], harden.Init())))
}
