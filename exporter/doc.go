// Package exporter brings entries in from other programs and takes them out again, and says item by item what was kept,
// changed or dropped.
//
// A format is one file with one Format value; formats.go is the table of them, in the order in which Detect asks. To add
// one, copy chromecsv.go (small) or bitwarden.go (rich): same order of functions (detect, import, export, mapping), add its line
// to the table, a sample of our own in testdata/<format>/ and one call of formattest.Run. Readers stream: one item at a time, never the
// whole file; every length and count is bounded by limits.go.
//
// Nothing is lost silently. What the entry model can hold goes there, in CXF's terms; what it cannot goes to Entry.Sources
// (src/<format>/<name>), which an export writes back; what can be kept in no form is a Loss and makes the exit code 3.
//
// A reader yields Items that know nothing of the vault. Plan (plan.go) compares them with what is there and turns them into edits:
// importing the same file twice changes nothing.
package exporter
