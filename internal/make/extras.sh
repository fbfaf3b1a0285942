#!/bin/sh
# extras.sh man|completions: what a release carries besides the program, written by the program itself.
set -eu
case ${1:-} in
man)
	mkdir -p dist-extra/man
	./bin/signet man --dir dist-extra/man
	;;
completions)
	mkdir -p dist-extra/completions
	for shell in bash zsh fish powershell; do
		./bin/signet completion "$shell" >"dist-extra/completions/signet.$shell"
	done
	;;
*)
	echo "usage: extras.sh man|completions" >&2
	exit 2
	;;
esac
