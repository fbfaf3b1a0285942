// Package exporter brings entries in from other programs and takes them out again, and says item by item what was kept,
// changed or dropped.
//
// # Rules
//
// Nothing is lost silently. What the entry model can hold goes there, in CXF's terms; what it cannot goes to Entry.Sources
// (src/<format>/<name>), which an export writes back; what can be kept in no form is a Loss with Dropped and makes the exit code 3.
// Readers stream: one item at a time, never the whole file; every length and count is bounded by limits.go. A file that is not
// whole, or not what it says, is an error that names the place and quotes nothing.
//
// A reader yields Items that know nothing of the vault. The Planner (plan.go, planfolders.go, fingerprint.go) compares them with what is there and turns
// them into edits: importing the same file twice changes nothing, a file that changed brings its changes, and what somebody edited in
// the vault stays.
//
// # Where what lives
//
//	exporter.go report.go formats.go limits.go   the types that callers see, the table of formats, the bounds
//	plan*.go fingerprint.go                      items to edits
//	csv.go jsonobject.go jsonitem.go sshkey.go   what several formats need: foreign CSV, foreign JSON, ids, SSH keys
//	crypt.go                                     age around whole files
//	bitwarden*.go chromecsv.go signet*.go        one format each; docs/EXPORT.md describes Signet's own
//
// # Adding a format
//
//  1. Copy chromecsv.go (small) or bitwarden.go (rich): the same order of functions, from detect over import and export to the mapping. Add its
//     Format to the table in formats.go, the surest signature first.
//  2. Put samples of your own making into testdata/<format>/, with something of everything and what goes wrong in the wild.
//  3. Call formattest.Run in a test and add a line to fuzz_test.go. SIGNET_UPDATE=1 go test writes the golden files: read them, line by line,
//     against the sample.
//  4. Judge it by real files (fixtures_test.go): they are found through SIGNET_FIXTURES and never copied here.
//
// Give ids to nothing but a credential whose path history needs (credentialID): the planner gives the rest, the same in every
// import, so that a changed item changes just its fields.
package exporter
