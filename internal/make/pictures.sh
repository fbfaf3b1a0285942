#!/bin/sh
# pictures.sh: take the pictures of the README and docs/TOUR.md from the real program (internal/pictures). Needs tmux. ONLY=list takes one.
set -eu
command -v tmux >/dev/null || { echo "pictures: tmux is missing: install it and run this again" >&2; exit 1; }
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
go build -o "$made/signet" ./internal/pictures/still
go run ./internal/pictures -bin "$made/signet" -out docs/pictures -demo internal/cli/demo -only "${ONLY:-}"
