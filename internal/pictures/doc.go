// Command pictures takes the pictures of the terminal interface that stand in the README and in docs/: it runs the real program in tmux on a
// vault with made-up entries, presses keys as a person does, reads the screen with its colours, and writes it as SVG. `make pictures` runs it.
//
// scenes.go lists the pictures: a new one is a new row there. terminal.go drives tmux. ansi.go reads what tmux captured, svg.go draws it. still is
// the program with a clock that stands still and with dice that always fall the same, so that a second run writes the same bytes. Nothing
// else of Signet is imported here: pictures know the program only from the outside, as a user does.
package main
