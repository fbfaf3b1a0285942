// Package make holds what the Makefile's targets do when that is more than one command: finding out what this machine can
// build (goenv.sh), installing what is missing (deps.sh), building, linting, fuzzing, measuring and checking a release.
//
// The scripts are POSIX sh, run from the repository's root, and never ask a question. deps.sh holds one table of packages
// per package manager: a new need of the build or of the tests is one row there, with the command that shows that it is
// present. The package has no Go code beside its tests, which run the scripts against fake package managers and compare
// the exact calls.
package make
