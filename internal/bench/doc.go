// Command bench measures the real program, whole processes on a real disk against a real Secret Service, and prints the
// table that stands in the README. `make bench` runs it; plain `go test` runs only the tests of its parts.
//
// generate.go writes Bitwarden exports of any size, always the same ones. keyring.go starts a session bus and
// gnome-keyring for itself alone. run.go starts a command and takes time, memory and bytes written. cases.go is the list of
// what is measured: a new row of the table is a new function there. report.go prints. Nothing here imports the rest of
// Signet: it knows the command line only, as a user does.
package main
