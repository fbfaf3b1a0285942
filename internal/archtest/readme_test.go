package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The README shows the commands that exist, all of them and no others: compared with what the built program says.
func TestReadmeNamesTheCommandsThatExist(t *testing.T) {
	t.Parallel()
	bin := filepath.Join(t.TempDir(), "signet")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	help := exec.Command(bin, "--help")
	help.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := help.Output()
	if err != nil {
		t.Fatalf("signet --help: %v", err)
	}
	exist := helpCommands(string(out))
	if len(exist) < 10 {
		t.Fatalf("only %d commands found in --help: %v", len(exist), exist)
	}
	shown := shownCommands(read(t, "README.md"))
	for _, c := range exist {
		if c != "help" && !slices.Contains(shown, c) {
			t.Errorf("README.md does not show `signet %s`", c)
		}
	}
	for _, c := range shown {
		if !slices.Contains(exist, c) {
			t.Errorf("README.md shows `signet %s`, which `signet --help` does not know", c)
		}
	}
}

// helpCommands reads the names below headings that end in "ommands:".
func helpCommands(help string) []string {
	var out []string
	in := false
	for _, line := range strings.Split(help, "\n") {
		switch {
		case line != "" && !strings.HasPrefix(line, " "):
			in = strings.HasSuffix(strings.TrimSpace(line), "ommands:")
		case in && strings.HasPrefix(line, "  "):
			if f := strings.Fields(line); len(f) > 1 {
				out = append(out, f[0])
			}
		}
	}
	return out
}

var (
	codeBlock   = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	commandCall = regexp.MustCompile(`(?:^|[^\w./-])signet((?: --?[a-z-]+(?:[= ][A-Z./~\w-]*[A-Z./~][\w./~-]*)?)*) ([a-z][a-z-]*)`)
)

// shownCommands reads "signet name" from the code in a Markdown text.
func shownCommands(text string) []string {
	var out []string
	for _, code := range codeBlock.FindAllString(text, -1) {
		for _, m := range commandCall.FindAllStringSubmatch(code, -1) {
			if !slices.Contains(out, m[2]) {
				out = append(out, m[2])
			}
		}
	}
	return out
}

func TestReadingCommands(t *testing.T) {
	t.Parallel()
	help := "Passwords\n\nUsage:\n  signet [flags]\n\nAvailable Commands:\n  add         add an entry\n  ls          list\n\nFlags:\n  --json  x\n"
	if got := helpCommands(help); !slices.Equal(got, []string{"add", "ls"}) {
		t.Errorf("help: %v", got)
	}
	text := "Run `signet ls QUERY` or:\n```\n$ signet --vault DIR get x\n  bin/signet nothing\nsignet otp --watch | cat\n```\nsignet prose is not a command\n"
	if got := shownCommands(text); !slices.Equal(got, []string{"ls", "get", "otp"}) {
		t.Errorf("README: %v", got)
	}
}
