// Package cli is the command line: every command, flag, prompt and JSON line of Signet, and the only room that may join all
// others. It hands small interfaces down (session to TUI ports, clipboard, keyring prompts) and turns errors into exit codes
// in one place, errors.go.
//
// A new command is one file named after its verb: an options struct, newXCmd(app) that only fills it, and runX(ctx, app, opts)
// that does the work on app's streams; a row in commands (commands.go), an Example, a testdata/script/<verb>.txtar, and a line
// in the README, which a test compares with --help. Prompts go to the controlling terminal (terminal.go), never to standard
// output; foreign text passes through app.out, which sanitises it when standard output is a terminal.
//
// The virtual security key: virtualkey.go joins a device, the authenticator and a vault; virtualdevice.go has the devices, one row for each route;
// virtualvault.go keeps the vault of a long-lived command and locks it by its rules. Who is asked is an approver: terminalPerson (person*.go) at the
// controlling terminal, tuiApprovals in the terminal interface, yesSayer for --approve always. How a person proves who they are is a verifier
// (personverify.go): the vault's passphrase and the PIN of the virtual key. Another proof, as the system's own check (fprintd, polkit) or a touch
// and PIN of a hardware key, is one more screen.VerifyWay: a case in vaultVerifier.ways, true only where it can be asked now, one in verify, and
// its words in person.go and tui/screen; nothing else needs to know of it.
package cli
