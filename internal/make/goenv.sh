# Sourced by every recipe: finds out once what this machine can build, and says it through the environment.
#   SIGNET_FIDO   yes, or the reason why hardware keys are off
#   SIGNET_RACE   -race where it works
#   GOFLAGS, CGO_ENABLED, GOTOOLCHAIN as the go command reads them
# POSIX sh; a compile of three lines is the slowest step.

signet_go_version() { # 1.26.8 → 1026
	v=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed -n 's/^\(devel \)*go\([0-9]*\)\.\([0-9]*\).*/\2 \3/p')
	[ -n "$v" ] && echo $((${v% *} * 1000 + ${v#* }))
}

signet_check_go() {
	if ! command -v go >/dev/null 2>&1; then
		echo "signet: Go is not installed, or not on PATH: see https://go.dev/dl/" >&2
		return 1
	fi
	have=$(signet_go_version)
	need=$(sed -n 's/^go \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' go.mod)
	need=$((${need% *} * 1000 + ${need#* }))
	if [ "${have:-0}" -lt 1021 ]; then
		echo "signet: $(go version 2>&1 | head -n 1) is too old: Go 1.26 is needed (1.21 and later fetch it by themselves): see https://go.dev/dl/" >&2
		return 1
	fi
	# Some distributions pin the toolchain to the installed one and switch the checksum database off. Where that Go is too
	# old for this module, fetch the right one the way upstream Go does, checksum included.
	if [ "$have" -lt "$need" ]; then
		[ "$(go env GOTOOLCHAIN)" = local ] && export GOTOOLCHAIN=auto
		[ "$(go env GOSUMDB)" = off ] && export GOSUMDB=sum.golang.org
	fi
	return 0
}

signet_cc() {
	for c in ${CC:-} cc gcc clang; do
		command -v "$c" >/dev/null 2>&1 && { echo "$c"; return 0; }
	done
	return 1
}

# The same question that the linker will ask: a header without its library is no libfido2.
signet_fido_links() {
	printf '#include <fido.h>\n#include <fido/credman.h>\nint main(void){fido_init(0);return 0;}\n' |
		"$1" -x c ${CGO_CFLAGS:-} -I/usr/include/fido - ${CGO_LDFLAGS:-} -lfido2 -o /dev/null >/dev/null 2>&1
}

# Homebrew's folders are not on the compiler's path by themselves.
signet_brew_flags() {
	[ "$(uname -s)" = Darwin ] || return 0
	for p in /opt/homebrew /usr/local; do
		[ -f "$p/opt/libfido2/include/fido.h" ] || continue
		export CGO_CFLAGS="${CGO_CFLAGS:-} -I$p/opt/libfido2/include -I$p/opt/openssl@3/include"
		export CGO_LDFLAGS="${CGO_LDFLAGS:-} -L$p/opt/libfido2/lib -L$p/lib -lz"
		return 0
	done
}

signet_goenv() {
	signet_check_go || return 1
	SIGNET_FIDO=yes SIGNET_RACE=
	if [ "${CGO_ENABLED:-1}" = 0 ]; then
		SIGNET_FIDO="cgo is switched off (CGO_ENABLED=0)"
	elif ! cc=$(signet_cc); then
		SIGNET_FIDO="there is no C compiler"
		export CGO_ENABLED=0
	else
		signet_brew_flags
		signet_fido_links "$cc" || SIGNET_FIDO="libfido2 is not installed (make deps installs it)"
		case "$(go env GOOS)/$(go env GOARCH)" in
		linux/amd64 | linux/arm64 | darwin/* | windows/amd64) SIGNET_RACE=-race ;;
		esac
	fi
	[ "$SIGNET_FIDO" = yes ] || export GOFLAGS="$(go env GOFLAGS) -tags=nolibfido2"
	export SIGNET_FIDO SIGNET_RACE
}

signet_goenv
