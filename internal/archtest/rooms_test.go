package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// room is one row of the house's plan: a package, or a subtree "x/...", and which of our packages it may import. Its test
// files may import the same and everything below that, conformance suites (suites), and what stands in tests.
type room struct {
	name  string
	may   []string
	tests []string
}

// rooms is the plan. The first row that covers a package counts.
var rooms = []room{
	{name: ".", may: []string{"internal/cli", "internal/harden"}},
	{name: "internal/cli/...", may: []string{
		"tui/...", "vault", "vault/secret", "vault/totp", "vault/pwgen", "vault/sshkey", "vault/unlock", "vault/pair", "vault/store", "vault/entry", "vault/format",
		"passkeys/...", "fido", "exporter", "internal/...",
	}, tests: []string{"vault/...", "exporter/..."}},

	{name: "tui/theme"},
	{name: "tui/widget", may: []string{"tui/theme", "internal/sanitize", "vault/secret"}},
	{name: "tui/dialog", may: []string{"tui/widget", "tui/theme", "vault", "vault/entry", "vault/secret", "internal/sanitize"}},
	{name: "tui/screen", may: []string{
		"tui/dialog", "tui/widget", "tui/theme", "vault", "vault/entry", "vault/secret", "vault/totp", "vault/sshkey", "internal/sanitize",
	}},
	{name: "tui/tuitest/...", may: []string{"tui/...", "vault/entry", "vault/format", "vault/secret"}},
	{name: "tui", may: []string{"tui/...", "vault", "vault/entry", "vault/secret", "internal/sanitize"}},

	// The session's interface speaks of dots and sids, which vault/format names; nothing else of that room is used above.
	{name: "internal/session/sessiontest", may: []string{"internal/session", "vault", "vault/entry", "vault/format", "vault/secret"}},
	{name: "internal/session", may: []string{"vault", "vault/entry", "vault/format", "vault/secret", "passkeys"}},
	{name: "internal/agent/...", may: []string{"internal/session", "vault", "vault/entry", "vault/format", "vault/secret"}},

	{name: "passkeys/ctaphid"},
	{name: "passkeys/uhid/uhidtest"},
	{name: "passkeys/uhid", may: []string{"passkeys/ctaphid"}},
	{name: "passkeys/pty", may: []string{"passkeys/ctaphid"}, tests: []string{"passkeys", "passkeys/device", "passkeys/passkeystest", "passkeys/client", "vault/secret"}},
	{name: "passkeys/device", may: []string{"passkeys", "passkeys/ctaphid"}, tests: []string{"passkeys/passkeystest"}},
	{name: "passkeys/passkeystest", may: []string{"passkeys", "vault/secret"}},
	{name: "passkeys/client", may: []string{"passkeys", "vault/secret"}},
	{name: "passkeys/browser", may: []string{"passkeys", "passkeys/client", "vault/secret"}},
	{name: "passkeys/hybrid", may: []string{"passkeys", "passkeys/client", "vault/secret"}},
	{name: "passkeys", may: []string{"vault/secret"}, tests: []string{"passkeys/passkeystest"}},

	{name: "fido/...", may: []string{"fido", "vault/secret"}},
	{name: "exporter/formattest", may: []string{"exporter", "vault", "vault/entry", "vault/format", "vault/secret"}},
	{name: "exporter/...", may: []string{"exporter", "vault", "vault/entry", "vault/secret", "vault/totp"}},

	{name: "vault/secret"},
	{name: "vault/format", may: []string{"vault/secret"}},
	{name: "vault/roster", may: []string{"vault/format", "vault/secret"}},
	{name: "vault/fold", may: []string{"vault/format", "vault/secret"}},
	{name: "vault/entry", may: []string{"vault/format", "vault/fold", "vault/totp", "vault/secret"}},
	{name: "vault/totp", may: []string{"vault/secret"}},
	{name: "vault/pwgen", may: []string{"vault/secret"}},
	{name: "vault/sshkey", may: []string{"vault/secret"}},
	{name: "vault/seal", may: []string{"vault/format", "vault/secret"}},
	{name: "vault/cache", may: []string{"vault/format", "vault/fold", "vault/entry", "vault/seal", "vault/secret"}},
	{name: "vault/mirror", may: []string{"internal/atomicfile"}},
	{name: "vault/mirror/crashfs", may: []string{"vault/mirror"}},
	{name: "vault/store/..."},
	{name: "vault/unlock", may: []string{"vault/format", "vault/roster", "vault/seal", "vault/secret"}},
	{name: "vault/pair", may: []string{"vault/format", "vault/roster", "vault/seal", "vault/secret"}},
	{name: "vault", may: []string{"vault/...", "internal/atomicfile", "internal/buildinfo"}},

	{name: "internal/uhidhelper", may: []string{"passkeys/uhid", "passkeys/ctaphid"}},
	{name: "internal/uhidsetup", may: []string{"passkeys/uhid", "internal/uhidhelper", "internal/atomicfile"}},
	{name: "internal/sanitize"},
	{name: "internal/logind"},
	{name: "internal/requester"},
	{name: "internal/clip", may: []string{"internal/sanitize", "vault/secret"}},
	{name: "internal/atomicfile"},
	{name: "internal/harden"},
	{name: "internal/paths"},
	{name: "internal/buildinfo"},
	{name: "internal/make"},
	{name: "internal/strength", may: []string{"vault/secret"}},
	{name: "internal/audit", may: []string{"internal/strength", "vault/entry", "vault/secret"}}, // the network comes in as a Fetcher
	{name: "internal/archtest", tests: []string{"internal/cli"}},
	{name: "internal/bench", may: []string{}},
	{name: "internal/lab", may: []string{}},
	{name: "internal/lab/jobs", tests: []string{"vault/...", "passkeys/...", "internal/..."}},
	{name: "internal/pictures", may: []string{}},
	{name: "internal/pictures/still", may: []string{"internal/cli"}},
	{name: "internal/e2e", tests: []string{"vault/...", "passkeys/...", "fido/...", "exporter/...", "tui/...", "internal/..."}},
}

// suites are packages for tests of other packages: conformance suites, fakes, harnesses. Product code never imports them.
var suites = []string{
	"internal/session/sessiontest", "exporter/formattest", "vault/store/storetest", "vault/mirror/crashfs", "tui/tuitest", "tui/tuitest/demo", "fido/fidotest", "fido/loopback",
	"passkeys/passkeystest", "passkeys/uhid/uhidtest",
}

// pure rooms turn values into values: no files, no network, no programs, no clock, no randomness of their own.
var pure = []string{"vault/format", "vault/fold", "vault/roster", "vault/totp", "vault/pwgen", "vault/sshkey", "vault/entry"}

// impure is what a pure room must not import itself.
var impure = []string{
	"os/...", "net", "net/http/...", "net/netip", "syscall", "unsafe", "crypto/rand", "io/ioutil", "path/filepath",
	"golang.org/x/sys/...", "golang.org/x/term", "filippo.io/age/...",
}

// pureBut are single exceptions from impure, each with its reason.
var pureBut = map[string]string{
	"vault/pwgen embed":       "the word list is data of the program, not a file that is opened",
	"vault/entry crypto/rand": "the default source of new ids; every function takes the source as a parameter",
}

// modules says which rooms may import a module of somebody else directly, in code that is not a test. A module that no row
// names may be imported by nobody.
var modules = []struct {
	path string
	may  []string
}{
	{"charm.land", []string{"tui/...", "internal/cli/..."}},
	{"github.com/charmbracelet", []string{"tui/...", "internal/cli/..."}},
	{"github.com/mattn/go-runewidth", []string{"tui/...", "internal/cli/..."}},
	{"github.com/rivo/uniseg", []string{"tui/...", "internal/cli/...", "internal/sanitize"}},
	{"github.com/spf13/cobra", []string{"internal/cli/..."}},
	{"github.com/spf13/pflag", []string{"internal/cli/..."}},
	{"github.com/pelletier/go-toml", []string{"internal/cli/...", "internal/paths"}},
	{"github.com/fxamacker/cbor", []string{"passkeys/..."}},
	{"github.com/junegunn/fzf", []string{"tui/screen"}},
	{"github.com/trustelem/zxcvbn", []string{"internal/strength"}},
	{"rsc.io/qr", []string{"tui/...", "internal/cli/..."}},
	{"github.com/aymanbagabas/go-osc52", []string{"tui/...", "internal/clip", "internal/cli/..."}},
	{"github.com/zalando/go-keyring", []string{"vault/unlock"}},
	{"github.com/godbus/dbus", []string{"vault/unlock", "internal/agent/...", "internal/logind"}},
	{"github.com/danieljoos/wincred", []string{"vault/unlock"}},
	{"github.com/keys-pub/go-libfido2", []string{"fido"}},
	{"filippo.io/age", []string{"vault", "vault/seal", "vault/unlock", "vault/pair", "fido", "exporter"}},
	{"filippo.io/mldsa", []string{"passkeys"}},
	{"filippo.io/hpke", []string{"vault/seal", "vault/unlock"}},
	{"golang.org/x/crypto", []string{"vault", "vault/seal", "vault/cache", "vault/unlock", "vault/pair", "vault/format", "passkeys/...", "fido"}},
	{"github.com/go-json-experiment/json", []string{"vault/...", "exporter/...", "internal/cli/...", "internal/session/...", "passkeys/client"}},
	{"golang.org/x/net", []string{"passkeys/client", "internal/session"}}, // idna and publicsuffix: names as browsers know them, and what belongs to strangers
	{"golang.org/x/sys", []string{
		"vault/mirror", "vault/unlock", "vault/secret", "internal/atomicfile", "internal/harden", "internal/clip", "internal/cli/...",
		"internal/agent/...", "passkeys/uhid", "passkeys/pty", "tui/...", "internal/paths", "internal/uhidhelper", "internal/uhidsetup", "fido",
	}},
	{"golang.org/x/term", []string{"internal/cli/...", "tui/..."}},
	{"golang.org/x/text", []string{"vault/...", "exporter/...", "internal/sanitize", "tui/...", "internal/cli/...", "passkeys/client"}},
	{"golang.org/x/sync", []string{"vault/...", "exporter/...", "internal/..."}},
	// Only suites and tests: no room at all, see testOnly.
	{"pgregory.net/rapid", nil},
	{"github.com/rogpeppe/go-internal", nil},
	{"github.com/go-webauthn", nil},
	{"github.com/creack/pty", []string{"passkeys/pty"}},
}

func roomOf(pkg string) (room, bool) {
	for _, r := range rooms {
		if covers(r.name, pkg) {
			return r, true
		}
	}
	return room{}, false
}

// ours turns an import path into a package of this module.
func ours(importPath string) (string, bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func TestEveryPackageHasARoom(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range sources(t) {
		if _, ok := roomOf(s.pkg); !ok && !seen[s.pkg] {
			seen[s.pkg] = true
			t.Errorf("package %s has no row in rooms (rooms_test.go): add one with what it may import", s.pkg)
		}
	}
}

// Arrows point down: product code imports what its row allows and nothing else of ours.
func TestRoomsImportWhatTheyMay(t *testing.T) {
	for _, s := range product(t) {
		r, ok := roomOf(s.pkg)
		if !ok {
			continue
		}
		for _, imp := range s.imports() {
			pkg, own := ours(imp)
			if !own {
				continue
			}
			suite := anyCovers(suites, pkg) && !anyCovers(suites, s.pkg)
			if suite || !anyCovers(r.may, pkg) {
				t.Errorf("%s: %s may not import %s", s.name, s.pkg, pkg)
			}
		}
	}
}

// Test files may look further down, and at suites, never sideways or up.
func TestTestsImportWhatTheyMay(t *testing.T) {
	for _, s := range sources(t) {
		r, ok := roomOf(s.pkg)
		if !ok || !s.test {
			continue
		}
		for _, imp := range s.imports() {
			pkg, own := ours(imp)
			if !own || pkg == s.pkg || anyCovers(suites, pkg) || anyCovers(r.tests, pkg) || below(r, pkg, nil) {
				continue
			}
			t.Errorf("%s: tests of %s may not import %s", s.name, s.pkg, pkg)
		}
	}
}

// below says whether a package can be reached by following the rows down from r.
func below(r room, pkg string, seen []string) bool {
	if anyCovers(r.may, pkg) {
		return true
	}
	for _, next := range rooms {
		if slices.Contains(seen, next.name) || !mayImportRoom(r, next) {
			continue
		}
		if below(next, pkg, append(seen, r.name)) {
			return true
		}
	}
	return false
}

func mayImportRoom(r, next room) bool {
	return anyCovers(r.may, strings.TrimSuffix(next.name, "/..."))
}

// The four doors never meet below internal/cli, whatever the rows above say.
func TestDoorsNeverMeet(t *testing.T) {
	doors := []string{"passkeys/...", "fido/...", "exporter/...", "tui/..."}
	for _, s := range sources(t) {
		from := slices.IndexFunc(doors, func(d string) bool { return covers(d, s.pkg) })
		if from < 0 {
			continue
		}
		for _, imp := range s.imports() {
			pkg, own := ours(imp)
			if to := slices.IndexFunc(doors, func(d string) bool { return covers(d, pkg) }); own && to >= 0 && to != from {
				t.Errorf("%s: %s imports %s: these two meet only in internal/cli", s.name, s.pkg, pkg)
			}
		}
	}
}

func TestPureRoomsStayPure(t *testing.T) {
	for _, s := range product(t) {
		if !slices.Contains(pure, s.pkg) {
			continue
		}
		for _, imp := range s.imports() {
			if anyCovers(impure, imp) && pureBut[s.pkg+" "+imp] == "" {
				t.Errorf("%s: %s is pure and may not import %s", s.name, s.pkg, imp)
			}
		}
		s.calls("time", func(name string, n *ast.SelectorExpr) {
			if slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc"}, name) {
				t.Errorf("%s: %s is pure and may not read the clock (time.%s): take a time as a parameter", s.line(n), s.pkg, name)
			}
		})
	}
}

// Modules of others come in only where the table says so; tests may use any module that go.mod names.
func TestModulesComeInWhereTheyMay(t *testing.T) {
	for _, s := range product(t) {
		if anyCovers(suites, s.pkg) || covers("internal/bench", s.pkg) {
			continue
		}
		for _, imp := range s.imports() {
			if _, own := ours(imp); own || !strings.Contains(strings.Split(imp, "/")[0], ".") {
				continue
			}
			if !moduleAllowed(imp, s.pkg) {
				t.Errorf("%s: %s may not import %s (modules in rooms_test.go)", s.name, s.pkg, imp)
			}
		}
	}
}

func moduleAllowed(importPath, pkg string) bool {
	for _, m := range modules {
		if covers(m.path+"/...", importPath) {
			return anyCovers(m.may, pkg)
		}
	}
	return false
}

// reach says what must not be reached from some rooms by any number of steps, through anybody's packages.
var reach = []struct {
	from   []string
	banned []string
	why    string
}{
	{pure, []string{"filippo.io/age/...", "net", "os/exec"}, "the room is pure"},
	{
		[]string{"vault/mirror", "vault/store/..."},
		[]string{"filippo.io/age/...", "signet/vault/seal", "signet/vault/unlock", "signet/vault/secret"},
		"the room holds sealed bytes only",
	},
	{
		[]string{"vault/...", "passkeys/...", "exporter/...", "fido/...", "internal/session/...", "internal/agent/...", "internal/clip", "internal/harden"},
		[]string{"charm.land/...", "github.com/charmbracelet/...", "github.com/spf13/cobra/..."},
		"only tui and internal/cli draw and parse commands",
	},
	{
		[]string{"vault/...", "passkeys/...", "exporter/...", "tui/...", "internal/session/...", "internal/agent/...", "internal/harden"},
		[]string{"github.com/keys-pub/go-libfido2/..."},
		"libfido2 belongs to fido",
	},
	{
		[]string{".", "internal/strength"},
		[]string{"github.com/trustelem/zxcvbn", "github.com/trustelem/zxcvbn/matching", "github.com/trustelem/zxcvbn/frequency"},
		"its package init builds tables: up to 16 ms of every start",
	},
	{
		[]string{"tui/widget", "tui/theme"},
		[]string{"filippo.io/age/...", "signet/vault", "signet/vault/format"},
		"parts of the screen know nothing of vaults",
	},
}

func TestNothingBannedIsReached(t *testing.T) {
	graph := dependencies(t)
	for pkg := range graph {
		own, ok := ours(pkg)
		if !ok {
			continue
		}
		for _, rule := range reach {
			if !anyCovers(rule.from, own) {
				continue
			}
			if way := shortest(graph, pkg, rule.banned); way != nil {
				t.Errorf("%s: %s", strings.Join(way, " → "), rule.why)
			}
		}
	}
}

// dependencies asks the go command once for the import graph of this system's build, without tests.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, stderr.String())
	}
	graph := map[string][]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return graph
		} else if err != nil {
			t.Fatal(err)
		}
		graph[p.ImportPath] = p.Imports
	}
}

// shortest finds the shortest way from a package to a banned one, or nil.
func shortest(graph map[string][]string, from string, banned []string) []string {
	type step struct {
		pkg  string
		prev *step
	}
	seen := map[string]bool{from: true}
	for queue := []*step{{pkg: from}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at.prev != nil && anyCovers(banned, at.pkg) {
			var way []string
			for ; at != nil; at = at.prev {
				way = append([]string{at.pkg}, way...)
			}
			return way
		}
		for _, next := range graph[at.pkg] {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, &step{next, at})
			}
		}
	}
	return nil
}
