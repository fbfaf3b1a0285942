package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLooksAreReadFromACapture(t *testing.T) {
	t.Parallel()
	lines := parse("\x1b[1m\x1b[38;2;255;0;16mab\x1b[0m c\n\x1b[7mx\x1b[27;48;5;196my\x1b[39;49mz\x1b]0;no\n\x1b[31;4mé世\x1b[22;24m!\n")
	want := [][]run{
		{{0, "ab", look{fg: "#ff0010", bold: true}}, {2, " c", look{}}},
		{{0, "x", look{reverse: true}}, {1, "y", look{bg: "#ff0000"}}, {2, "z", look{}}, {3, "]0;no", look{}}},
		{{0, "é世", look{fg: sixteen[1], underline: true}}, {3, "!", look{fg: sixteen[1]}}},
	}
	for i, w := range want {
		if !slices.Equal(lines[i], w) {
			t.Errorf("line %d: %+v, want %+v", i, lines[i], w)
		}
	}
}

func TestAPictureIsWellFormedAndKeepsItsGrid(t *testing.T) {
	t.Parallel()
	got := draw("A <title>", 10, 2, parse("\x1b[48;2;1;2;3m a&b\x1b[0m ╭─█\n"), cursor{2, 1, true})
	for _, want := range []string{
		"<title>A &lt;title&gt;</title>", `viewBox="0 0 108 60"`, `<rect x="12" y="12" width="33.6" height="18" fill="#010203"/>`,
		`<text x="20.4" y="25.5" textLength="25.2" fill="#e4e4ef">a&amp;b</text>`, `fill-opacity="0.5"`, `Q58.2 21`, `<rect x="70.8" y="12" width="8.4" height="18" fill="#e4e4ef"/>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "%!") || strings.Contains(got, "\x1b") {
		t.Errorf("not drawn cleanly:\n%s", got)
	}
}

// Every scene has its picture, docs/TOUR.md shows it, and nothing else lies there.
func TestTheTourShowsEveryPicture(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "docs")
	tour, err := os.ReadFile(filepath.Join(root, "TOUR.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "pictures", "*"))
	if err != nil || len(files) != len(scenes) {
		t.Errorf("%d files for %d scenes: run make pictures (%v)", len(files), len(scenes), err)
	}
	for _, s := range scenes {
		if _, err := os.Stat(filepath.Join(root, "pictures", s.name+".svg")); err != nil {
			t.Errorf("%v: run make pictures", err)
		}
		if !strings.Contains(string(tour), "](pictures/"+s.name+".svg)") {
			t.Errorf("docs/TOUR.md does not show %s", s.name)
		}
	}
}
