// Package archtest holds no code: its tests read the sources of the whole module and fail where a rule of the house is
// broken. The rules and their reasons:
//
//   - rooms_test.go: which room may import which (arrows point down; passkeys, fido, exporter and tui meet only in
//     internal/cli), which modules of others each room may use, and what pure rooms must not reach. A new package is a new
//     row there, with the fewest rights that let it work; a row that grows needs its reason in the commit.
//   - source_test.go: how the sources are read: every file of every system, parsed once.
//   - code_test.go: names, package documentation, no init functions, no printing outside the command line, no weak
//     randomness, no secrets from the environment, tests that are skipped only with a way out, sizes.
//   - release_test.go: versions that must not come back, and the release's targets against those that CI builds.
//   - readme_test.go: the README's list of commands is the program's own.
//
// The tests parse files instead of asking a linter, so that they run wherever `go test` runs.
package archtest
