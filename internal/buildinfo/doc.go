// Package buildinfo knows which Signet this is. The version is set when the program is linked (internal/make/build.sh and
// .goreleaser.yaml, -X signet/internal/buildinfo.version=…); a plain `go build` or `go install` falls back to what the go
// command recorded. Commit and date come the same way. Nothing else belongs here: what a build can do is asked of the room that does it, such as fido.
package buildinfo
