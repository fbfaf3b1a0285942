package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// go-runewidth v0.0.26 and v0.0.27 build a table over all code points in their package init: 34 ms instead of 6 ms for
// every start of the program (decisions.md, "Start-up cost"). Modules that we use ask for them, so go.mod asks for more.
func TestRunewidthStartsFast(t *testing.T) {
	m := regexp.MustCompile(`github.com/mattn/go-runewidth v0\.0\.(\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if m == nil {
		t.Fatal("go.mod does not require github.com/mattn/go-runewidth v0.0.28 or later")
	}
	if n, _ := strconv.Atoi(m[1]); n < 28 {
		t.Errorf("go-runewidth v0.0.%d takes 30 ms at every start; require v0.0.28 or later", n)
	}
}

// What is released without cgo is what CI builds and vets without cgo, plus the system that CI runs on.
func TestReleaseTargetsAreBuiltInCI(t *testing.T) {
	m := regexp.MustCompile(`(?m)^CROSS := (.+)$`).FindStringSubmatch(read(t, "Makefile"))
	if m == nil {
		t.Fatal("the Makefile has no line CROSS := …")
	}
	want := append(strings.Fields(m[1]), "linux/amd64")
	got := releaseTargets(t, "static")
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf(".goreleaser.yaml releases %v without cgo, CI builds %v", got, want)
	}
	if fido := releaseTargets(t, "fido"); !slices.Equal(fido, []string{"linux/amd64"}) {
		t.Errorf(".goreleaser.yaml links libfido2 for %v; CI builds that for linux/amd64 only", fido)
	}
}

// releaseTargets reads the list "targets:" of one build in .goreleaser.yaml, which keeps it in block style, one a line.
func releaseTargets(t *testing.T, id string) []string {
	t.Helper()
	var out []string
	build, list := "", false
	for _, line := range strings.Split(read(t, ".goreleaser.yaml"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "- id: "):
			build, list = strings.TrimPrefix(trimmed, "- id: "), false
		case trimmed == "targets:":
			list = build == id
		case list && strings.HasPrefix(trimmed, "- "):
			parts := strings.Split(strings.TrimPrefix(trimmed, "- "), "_")
			out = append(out, parts[0]+"/"+parts[1])
		case trimmed != "" && !strings.HasPrefix(trimmed, "#"):
			list = false
		}
	}
	return out
}

// Our release uses what the free goreleaser can do: keys of the paid edition fail only on the day of the release.
func TestReleaseNeedsNoPaidFeatures(t *testing.T) {
	for _, key := range []string{"includes:", "from_url:", "partial:", "prebuilt", "split:", "template_files:"} {
		if strings.Contains(read(t, ".goreleaser.yaml"), key) {
			t.Errorf(".goreleaser.yaml uses %q, which only the paid edition knows", key)
		}
	}
}

// The release and the Makefile build the same program: same flags, same place of the version.
func TestReleaseBuildsLikeTheMakefile(t *testing.T) {
	release, build := read(t, ".goreleaser.yaml"), read(t, "internal/make/build.sh")
	for _, want := range []string{"-trimpath", "-X signet/internal/buildinfo.version="} {
		if !strings.Contains(release, want) || !strings.Contains(build, want) {
			t.Errorf("%q is not in both .goreleaser.yaml and internal/make/build.sh", want)
		}
	}
	if !strings.Contains(release, "mod_timestamp") {
		t.Error(".goreleaser.yaml does not set mod_timestamp: releases would not be reproducible")
	}
}
