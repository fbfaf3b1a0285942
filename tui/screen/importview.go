package screen

import (
	"fmt"
	"strings"

	"signet/tui/widget"
)

// importHead is how many lines stand above the form and the told lines.
const importHead = 2

// View implements Screen.
func (s *Import) View(f widget.Frame) (string, widget.Cursor) {
	lines := s.head(f)
	room := f.Sized(f.W, f.H-len(lines))
	if !s.asks() {
		return widget.Lines(f, append(lines, s.text.view(room, s.told)...)), widget.Cursor{Y: len(lines), Shown: f.Theme.Linear && room.H > 0}
	}
	body, cur := s.form.View(room)
	if s.task.busy() {
		cur.Shown = false
	}
	return widget.Lines(f, append(lines, strings.Split(body, "\n")...)), cur.Moved(0, len(lines))
}

// head is what stands above the form or the told lines.
func (s *Import) head(f widget.Frame) []string {
	lines := []string{widget.Ends(f, f.Theme.Title.Render("Import"), f.Theme.Muted.Render(s.stepName()), f.W), ""}
	if v := s.task.view(f, s.env); len(v) > 0 {
		lines[1] = v[0]
	}
	if s.err != "" {
		lines = append(lines, tellText(f, f.Theme.Danger, s.err)...)
	}
	if s.asks() && f.H >= 12 {
		lines = append(lines, tellText(f, f.Theme.Muted, "Reads "+strings.Join(s.env.Ports.Importer.Formats(), ", ")+". Nothing changes before you have seen what would happen.")...)
		lines = append(lines, "")
	}
	return lines
}

func (s *Import) stepName() string {
	switch {
	case s.report != nil:
		return "done"
	case s.plan != nil:
		return "what would happen"
	}
	return ""
}

// told are all lines of the plan or the report.
func (s *Import) told(w int) []toldLine {
	switch {
	case s.report != nil:
		return s.reportLines(w)
	case s.plan != nil:
		return s.planLines(w)
	}
	return nil
}

func (s *Import) planLines(w int) []toldLine {
	p := s.plan
	what := p.Format + ", " + fileSize(p.Size)
	if p.Encrypted {
		what += ", encrypted"
	}
	next := s.env.Keys.Setup.Continue.Help().Key + " imports it. One undo takes all of it back."
	if !s.changes() {
		next = "There is nothing new in this file. " + s.env.Keys.Setup.Continue.Help().Key + " goes back."
	}
	lines := append(toldText(toldAccent, what, w), toldText(toldPlain, next, w)...)
	return append(append(lines, toldLine{}), tallyLines(w, p.Tally, "Everything comes over.")...)
}

func (s *Import) reportLines(w int) []toldLine {
	var lines []toldLine
	if !s.report.Encrypted {
		text := "Delete the file when all is well: it holds secrets in clear, and deleting may leave them on the disk and in backups."
		lines = append(toldText(toldWarn, text, w), toldLine{})
	}
	return append(lines, tallyLines(w, s.report.Tally, "Everything came over.")...)
}

// fileSize is a size as people say it.
func fileSize(n int64) string {
	if n < 1024 {
		return plural(int(n), "byte", "bytes")
	}
	size := float64(n) / 1024
	for _, unit := range []string{"KiB", "MiB"} {
		if size < 1024 {
			return fmt.Sprintf("%.1f %s", size, unit)
		}
		size /= 1024
	}
	return fmt.Sprintf("%.1f GiB", size)
}
