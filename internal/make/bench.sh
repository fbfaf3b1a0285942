#!/bin/sh
# bench.sh: the real program at several sizes (internal/bench), then the Go benchmarks of every package that has some.
# SIZES=100,10000 and RUNS=10 make it shorter.
set -eu
sh internal/make/deps.sh --soft build test
bench=$(mktemp -d)
trap 'rm -rf "$bench"' EXIT
go build -o "$bench/bench" ./internal/bench
"$bench/bench" -bin bin/signet -sizes "${SIZES:-100,10000,100000}" -runs "${RUNS:-25}"

dirs=$(git ls-files --cached --others --exclude-standard '*_test.go' | xargs grep -l '^func Benchmark[A-Z]' | xargs -n1 dirname | sort -u)
for d in $dirs; do
	echo
	go test -run '^$' -bench . -benchmem "./$d"
done
