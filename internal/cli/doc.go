// Package cli is the command line: every command, flag, prompt and JSON line of Signet, and the only room that may join all
// others. It hands small interfaces down (session to TUI ports, clipboard, keyring prompts) and turns errors into exit codes
// in one place, errors.go.
//
// A new command is one file named after its verb: an options struct, newXCmd(app) that only fills it, and runX(ctx, app, opts)
// that does the work on app's streams; a row in commands (commands.go), an Example, a testdata/script/<verb>.txtar, and a line
// in the README, which a test compares with --help. Prompts go to the controlling terminal (terminal.go), never to standard
// output; foreign text passes through app.out, which sanitises it when standard output is a terminal.
package cli
