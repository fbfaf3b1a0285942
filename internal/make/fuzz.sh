#!/bin/sh
# fuzz.sh T TOTAL: finds every fuzz target and runs them one after another. With T every target gets that long; without,
# all of them share TOTAL, building included, so that CI knows when it ends. Seeds run in `make test` already.
# A finding is written to the package's testdata/fuzz, as `go test -fuzz` does; the run goes on and fails at the end.
set -eu
each=${1:-} total=${2:-4m}

seconds() { # 90, 90s, 4m, 1h → seconds
	case $1 in
	*h) echo $((${1%h} * 3600)) ;; *m) echo $((${1%m} * 60)) ;; *s) echo "${1%s}" ;; *) echo "$1" ;;
	esac
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
start=$(date +%s)

# One grep first: only packages that hold a target are built.
dirs=$(git ls-files --cached --others --exclude-standard '*_test.go' | xargs grep -l '^func Fuzz[A-Z]' | xargs -n1 dirname | sort -u)
[ -n "$dirs" ] || { echo "no fuzz targets"; exit 0; }

n=0
for d in $dirs; do
	name=$(echo "$d" | tr / _)
	# Built once with the fuzzer's instrumentation, then run per target.
	go test -c -fuzz=. -o "$work/$name.test" "./$d"
	(cd "$d" && "$work/$name.test" -test.list '^Fuzz') | grep '^Fuzz' >"$work/$name.list" || true
	n=$((n + $(wc -l <"$work/$name.list")))
done
[ "$n" -gt 0 ] || { echo "no fuzz targets for this system"; exit 0; }

if [ -n "$each" ]; then
	per=$(seconds "$each")
else
	per=$((($(seconds "$total") - ($(date +%s) - start)) / n - 1)) # a second goes into starting each
	[ "$per" -ge 1 ] || per=1
fi
echo "$n fuzz targets, $per s each (building took $(($(date +%s) - start)) s)"

# out_of_time LOG: Go's fuzzer sometimes reports the end of its own time as a failure. A finding always says more: the failing input, a panic, a
# process that hung.
out_of_time() {
	grep -qx ' *context deadline exceeded' "$1" && ! grep -qiE 'failing input|panic|hung|terminated|race|[a-z_]+\.go:[0-9]+' "$1"
}

cache=$(go env GOCACHE)/fuzz/signet
failed=
for d in $dirs; do
	name=$(echo "$d" | tr / _)
	for target in $(cat "$work/$name.list"); do
		log=$work/log
		if (cd "$d" && "$work/$name.test" -test.run='^$' -test.fuzz="^$target\$" -test.fuzztime="${per}s" \
			-test.fuzzminimizetime=5s -test.fuzzcachedir="$cache/$d") >"$log" 2>&1 || out_of_time "$log"; then
			echo "ok    $d $target $(sed -n 's/.*\(execs: [0-9]*\).*/\1/p' "$log" | tail -n 1)"
		else
			echo "FAIL  $d $target"
			sed 's/^/      /' "$log" | tail -n 40
			failed="$failed $d:$target"
		fi
	done
done
[ -z "$failed" ] || { echo "fuzzing found something in:$failed" >&2; exit 1; }
