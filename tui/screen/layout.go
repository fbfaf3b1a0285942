package screen

// Rect is a part of a screen.
type Rect struct{ X, Y, W, H int }

// browseLayout is where the parts of the list screen stand.
type browseLayout struct{ Search, List, Detail Rect }

// Limits of the two-pane layout.
const (
	twoPanes  = 96 // columns from which list and detail stand side by side
	listMost  = 120
	roomyFrom = 8 // rows from which there is an empty line below the search
)

// splitBrowse divides the list screen. It is pure, and gives a sane answer for every size.
func splitBrowse(w, h int) browseLayout {
	l := onePane(w, h)
	w, h = max(w, 0), max(h, 0)
	if w >= twoPanes {
		l.List.W = min(w*45/100, listMost)
		l.Search.W = l.List.W
		l.Detail = Rect{l.List.W + 3, 0, w - l.List.W - 3, h}
	}
	return l
}

// onePane is the list screen without the entry beside it.
func onePane(w, h int) browseLayout {
	w, h = max(w, 0), max(h, 0)
	gap := 0
	if h >= roomyFrom {
		gap = 1
	}
	top := min(h, 1+gap)
	return browseLayout{Search: Rect{0, 0, w, min(h, 1)}, List: Rect{0, top, w, h - top}}
}
