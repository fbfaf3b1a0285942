package strength

import (
	"strings"

	"github.com/trustelem/zxcvbn/adjacency"
	"github.com/trustelem/zxcvbn/match"
)

// step is how one key lies to another: 0 when they are no neighbours, else the direction plus one, negative with shift.
type step int8

// board is a keyboard: the step from every key to every other, and the keys that need shift.
type board struct {
	name  string
	steps [128][128]step
	shift [128]bool
}

// shiftedKeys need shift on a full keyboard; a keypad has none.
const shiftedKeys = `~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?`

func newBoard(g *adjacency.Graph) board {
	b := board{name: g.Name}
	for key, neighbours := range g.Graph {
		for dir, keys := range neighbours {
			for at := range len(keys) {
				s := step(dir + 1)
				if at == 1 {
					s = -s
				}
				if old := &b.steps[key[0]&127][keys[at]&127]; *old == 0 {
					*old = s
				}
			}
		}
	}
	if g.Name == "qwerty" || g.Name == "dvorak" {
		for c := range b.shift {
			b.shift[c] = strings.IndexByte(shiftedKeys, byte(c)) >= 0
		}
	}
	return b
}

// minWalk is the shortest walk that counts.
const minWalk = 3

// spatial finds walks over neighbouring keys.
func (t *tables) spatial(p text, found []*match.Match) []*match.Match {
	for k := range t.boards {
		b := &t.boards[k]
		for i := 0; i < len(p.chars)-1; {
			end, turns, shifted := b.walk(p.chars[i:])
			if end >= minWalk {
				m := newMatch("spatial", p, i, i+end-1)
				m.Graph, m.Turns, m.ShiftedCount = b.name, turns, shifted
				found = append(found, m)
			}
			i += end
		}
	}
	return found
}

// walk follows neighbours from the first character; it returns how many it passed, how often the direction changed (the first
// step is a change) and how many needed shift.
func (b *board) walk(chars []byte) (n, turns, shifted int) {
	if chars[0] < firstWide && b.shift[chars[0]] {
		shifted++
	}
	var dir step
	for n = 1; n < len(chars); n++ {
		from, to := chars[n-1], chars[n]
		if from >= firstWide || to >= firstWide || b.steps[from][to] == 0 {
			break
		}
		s := b.steps[from][to]
		if s < 0 {
			shifted++
			s = -s
		}
		if s != dir {
			turns, dir = turns+1, s
		}
	}
	return n, turns, shifted
}
