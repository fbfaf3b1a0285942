#!/bin/sh
# Checks .goreleaser.yaml with the version of goreleaser that is known to build from source, then builds a snapshot of
# every target without publishing anything. SNAPSHOT=no stops after the check.
set -eu
goreleaser=github.com/goreleaser/goreleaser/v2@v2.12.5
go run "$goreleaser" check
[ "${SNAPSHOT:-yes}" = no ] || go run "$goreleaser" release --snapshot --clean --skip=publish,sign
