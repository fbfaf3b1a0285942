#!/bin/sh
# deps.sh [--soft] build|test|lab...: installs what building and testing Signet need and this machine lacks.
# A thing is looked for by its command or by a trial link, never by asking the package manager, so a machine that has
# everything is through in a fraction of a second and needs no rights. --soft turns "cannot install" into a warning.
set -eu
cd "$(dirname "$0")/../.."

# The table. Columns: for what | how to see that it is there | apt-get | dnf | pacman | brew | why it is wanted.
# "cmd:x" looks for a command, "probe:x" calls a function below; "-" means: nothing to install there, do not look.
table() {
	cat <<'TABLE'
build | probe:cc                 | gcc libc6-dev | gcc                     | gcc             | -          | cgo, race detector
build | probe:libfido2           | libfido2-dev  | libfido2-devel          | libfido2        | libfido2   | hardware keys
build | cmd:pkg-config           | pkg-config    | pkgconf-pkg-config      | pkgconf         | pkgconf    | finding C libraries
build | cmd:git                  | git           | git                     | git             | git        | the version
test  | cmd:dbus-run-session     | dbus          | dbus-daemon             | dbus            | -          | a session bus for the keyring tests
test  | cmd:gnome-keyring-daemon | gnome-keyring | gnome-keyring           | gnome-keyring   | -          | a real Secret Service
test  | probe:dbusmock           | python3-dbusmock | python3-dbusmock     | python-dbusmock | -          | somebody else's logind, to judge locking before sleep
test  | cmd:tmux                 | tmux          | tmux                    | tmux            | tmux       | the TUI in a real terminal
test  | cmd:fido2-token          | fido2-tools   | fido2-tools             | libfido2        | libfido2   | foreign clients that judge our passkeys
test  | probe:pyfido2            | python3-fido2 | python3-fido2           | python-fido2    | -          | another foreign client, which shares no code with libfido2
test  | probe:pytest             | python3-pytest | python3-pytest         | python-pytest   | -          | running the tests that are written in Python
test  | cmd:ssh-keygen           | openssh-client | openssh-clients        | openssh         | -          | the same for SSH keys
test  | cmd:Xvfb                 | xvfb          | xorg-x11-server-Xvfb    | xorg-server-xvfb | -         | an X server for the clipboard tests
test  | cmd:xclip                | xclip         | xclip                   | xclip           | -          | clipboard
test  | cmd:xsel                 | xsel          | xsel                    | xsel            | -          | clipboard
test  | cmd:node                 | nodejs        | nodejs                  | nodejs          | node       | a foreign relying party that judges our passkeys
test  | cmd:npm                  | npm           | nodejs-npm              | npm             | node       | fetching that relying party
test  | cmd:wl-copy              | wl-clipboard  | wl-clipboard            | wl-clipboard    | -          | clipboard under Wayland
test  | cmd:systemd-analyze      | systemd       | systemd                 | systemd         | -          | a judge of the units that we install; the lab starts them
lab   | cmd:qemu-system-x86_64   | qemu-system-x86 | -                     | -               | -          | the machine of the kernel lab, which needs Debian's kernel package
lab   | cmd:busybox              | busybox-static | -                      | -               | -          | its first program
lab   | cmd:kmod                 | kmod          | -                       | -               | -          | the order of its kernel modules
lab   | cmd:udevadm              | udev          | -                       | -               | -          | the device nodes that security key clients look for
lab   | cmd:systemctl            | systemd       | -                       | -               | -          | starts the privileged helper as on a desktop
lab   | cmd:chromium             | chromium      | -                       | -               | -          | a browser that judges our passkeys
TABLE
}

. internal/make/goenv.sh || exit 1

say() { echo "signet: $*" >&2; }

probe_cc() { signet_cc >/dev/null; }
# The system's own Python is the one that packages install modules for; another one that stands before it on PATH knows nothing of them.
python=${SIGNET_PYTHON:-/usr/bin/python3}
probe_pyfido2() { "$python" -c 'import fido2' >/dev/null 2>&1; }
probe_pytest() { "$python" -c 'import pytest' >/dev/null 2>&1; }
probe_dbusmock() { "$python" -c 'import dbusmock' >/dev/null 2>&1; }
probe_libfido2() { cc=$(signet_cc) && signet_fido_links "$cc"; }

present() { # present cmd:x | probe:x
	case $1 in
	cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
	probe:*) "probe_${1#probe:}" ;;
	esac
}

manager() {
	for m in apt-get dnf pacman brew; do
		command -v "$m" >/dev/null 2>&1 && { echo "$m"; return; }
	done
	echo none
}

# missing MANAGER STAGE...: prints "packages|reason" for every row of these stages that is not there.
missing() {
	mgr=$1
	shift
	table | while IFS='|' read -r stage look apt dnf pacman brew why; do
		stage=$(echo $stage) look=$(echo $look)
		case " $* " in *" $stage "*) ;; *) continue ;; esac
		case $mgr in
		apt-get) p=$apt ;; dnf) p=$dnf ;; pacman) p=$pacman ;; brew) p=$brew ;; none) p="${look#*:}" ;;
		esac
		p=$(echo $p)
		[ "$p" = - ] && continue
		present "$look" || echo "$p|$(echo $why)"
	done
}

fail() { # fail MESSAGE: the end, or with --soft a warning
	say "$*"
	if [ -n "$soft" ]; then
		say "going on without; what needs them is switched off or says what it lacks"
		exit 0
	fi
	exit 1
}

install() { # install MANAGER PACKAGE...
	mgr=$1
	shift
	case $mgr in
	apt-get)
		$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq || say "going on with the package lists that are there"
		$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
		;;
	dnf) $root dnf install -y --setopt=install_weak_deps=False "$@" ;;
	pacman)
		# A fresh container has no package lists; elsewhere lists newer than the system would be half an upgrade.
		$root pacman -S --noconfirm --needed "$@" || $root pacman -Sy --noconfirm --needed "$@"
		;;
	brew) HOMEBREW_NO_AUTO_UPDATE=1 NONINTERACTIVE=1 brew install "$@" ;;
	esac
}

# The relying party itself comes from npm, as its lock file names it, into the folder of the tests that ask it.
judge=${SIGNET_JUDGE:-passkeys/client/testdata/simplewebauthn}
fetch_judge() { # fetch_judge STAGE...
	case " $* " in *" test "*) ;; *) return 0 ;; esac
	[ "$judge/node_modules/.package-lock.json" -nt "$judge/package-lock.json" ] && return 0
	command -v npm >/dev/null 2>&1 || return 0
	say "fetching @simplewebauthn/server with npm (a foreign relying party that judges our passkeys)"
	(cd "$judge" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 || fail "npm could not fetch it"
}

soft=
[ "${1:-}" = --soft ] && { soft=yes; shift; }
[ $# -gt 0 ] || { say "usage: deps.sh [--soft] build|test|lab..."; exit 2; }

mgr=$(manager)
if [ "$(uname -s)" = Darwin ] && ! probe_cc; then
	say "there is no C compiler: xcode-select --install gives one; without it hardware keys are off"
fi
rows=$(missing "$mgr" "$@")
[ -n "$rows" ] || { fetch_judge "$@"; exit 0; }
packages=
for p in $(echo "$rows" | cut -d'|' -f1); do # one package may stand in several rows
	case " $packages " in *" $p "*) ;; *) packages="$packages${packages:+ }$p" ;; esac
done
reasons=$(echo "$rows" | sed 's/^\(.*\)|\(.*\)$/  \1 (\2)/')

root=
if [ "$mgr" = none ]; then
	fail "missing, and no apt-get, dnf, pacman or brew to install it with:
$reasons"
elif [ "$mgr" != brew ] && [ "$(id -u)" != 0 ]; then
	root=$(command -v sudo || command -v doas || true)
	[ -n "$root" ] || fail "missing, and neither root nor sudo to install it; ask an administrator for:
$reasons"
fi

say "installing with $mgr:"
echo "$reasons" >&2
# shellcheck disable=SC2086 # packages is a list of words
install "$mgr" $packages >&2 || fail "$mgr could not install:
$reasons"

# In some containers the keyring daemon may not start because its file asks for a capability (locked memory) that the
# container has not got. There it works without; on a real machine this never triggers.
mend_keyring() {
	command -v gnome-keyring-daemon >/dev/null 2>&1 && command -v setcap >/dev/null 2>&1 || return 0
	gnome-keyring-daemon --version >/dev/null 2>&1 && return 0
	say "gnome-keyring-daemon may not use its capability here; removing it from the file"
	$root setcap -r "$(command -v gnome-keyring-daemon)" || true
}
[ "$mgr" = brew ] || mend_keyring

left=$(missing "$mgr" "$@")
[ -z "$left" ] || fail "$mgr ended well, and still missing:
$(echo "$left" | sed 's/^\(.*\)|\(.*\)$/  \1 (\2)/')"
fetch_judge "$@"
