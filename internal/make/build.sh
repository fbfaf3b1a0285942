#!/bin/sh
# build.sh OUTPUT: builds Signet after goenv.sh has looked at the machine, and says plainly what the result can do.
set -eu
out=$1
version=$(git describe --tags --always --dirty 2>/dev/null || echo unknown)
flags="-s -w -X signet/internal/buildinfo.version=$version"

build() { go build -trimpath -buildvcs=false -ldflags "$flags" -o "$out" .; }

mkdir -p "$(dirname "$out")"
if [ "$SIGNET_FIDO" = yes ]; then
	if build; then
		echo "built $out ($version) with hardware keys"
		exit 0
	fi
	# Only macOS, where the library's place differs between machines, gets a second try: elsewhere the error is ours.
	[ "$(uname -s)" = Darwin ] || exit 1
	SIGNET_FIDO="linking libfido2 failed, see above"
	export GOFLAGS="$(go env GOFLAGS) -tags=nolibfido2"
fi
CGO_ENABLED=0 build
echo "built $out ($version) WITHOUT hardware keys: $SIGNET_FIDO"
