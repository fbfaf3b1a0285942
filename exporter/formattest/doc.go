// Package formattest is the suite that every format of package exporter passes, and what tests of formats need: a vault in memory, and a view of it as
// text.
//
// A format's test calls Run with samples of its own making from testdata/<format>/; what is special about the format is tested beside it.
package formattest
