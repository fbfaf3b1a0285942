package widget

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Bar draws a painted line again as the row under the cursor: over the whole width, in that row's style alone, because the colours of its parts
// were chosen for another background. What was underlined, the letters that matched, stays so. The pointer and the signs before the row are
// painted by who calls.
func Bar(f Frame, line string, w int) string {
	if f.Theme.Linear { // nothing but the words is heard; blanks up to the edge would be
		return Cut(f, line, w)
	}
	line = Cut(f, line, w)
	if f.Theme.Selected.GetReverse() || f.Theme.Selected.GetBackground() != (lipgloss.NoColor{}) {
		line = Pad(f, line, w)
	}
	var out, run strings.Builder
	under, state := false, byte(0)
	flush := func() {
		if run.Len() > 0 {
			out.WriteString(f.Theme.Selected.Underline(under).Render(run.String()))
			run.Reset()
		}
	}
	p := ansi.NewParser()
	for len(line) > 0 {
		seq, width, n, next := ansi.DecodeSequence(line, state, p)
		line, state = line[n:], next
		switch {
		case width > 0:
			run.WriteString(seq)
		case ansi.Cmd(p.Command()).Final() == 'm' && strings.HasPrefix(seq, "\x1b["):
			if on := underlined(p.Params(), under); on != under {
				flush()
				under = on
			}
		}
	}
	flush()
	return out.String()
}

// Parameters of a colour sequence that say something about underlining, or that take parameters themselves.
const (
	sgrReset       = 0
	sgrUnderline   = 4
	sgrNoUnderline = 24
	sgrForeground  = 38
	sgrBackground  = 48
	sgrRGB         = 2
)

// underlined is whether text is underlined behind a colour sequence.
func underlined(params ansi.Params, was bool) bool {
	if len(params) == 0 {
		return false
	}
	for i := 0; i < len(params); i++ {
		switch v := params[i].Param(0); v {
		case sgrReset, sgrNoUnderline:
			was = false
		case sgrUnderline:
			was = true
		case sgrForeground, sgrBackground:
			if i+1 < len(params) && params[i+1].Param(0) == sgrRGB {
				i += 2
			}
			i += 2
		}
	}
	return was
}
