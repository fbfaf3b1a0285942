#!/bin/sh
# Formatting, then golangci-lint with our rules where it is installed, else go vet and a pinned staticcheck.
set -eu
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.7.0

bad=$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l)
[ -z "$bad" ] || { echo "gofmt would change:"; echo "$bad"; exit 1; }
if command -v golangci-lint >/dev/null 2>&1; then
	exec golangci-lint run ./...
fi
echo "golangci-lint is not installed; running go vet and $staticcheck"
go vet ./...
go run "$staticcheck" ./...
