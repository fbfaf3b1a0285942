// Package sanitize makes foreign text safe to show: names, RP IDs, user handles, notes, file names and error texts of
// other programs, everything that an import, a sync partner, a web site or a device may have chosen.
//
// A terminal obeys what it is sent. Without this package an entry called "\x1b]52;c;…\a" would write the clipboard, one
// with U+202E would turn "gpj.exe" around, and two names that differ by an invisible character would look alike. The
// renderer of Bubble Tea drops most escape sequences, but not the window title, not bidi controls, and it does not
// stand between the command line and the terminal (bubbletea.md, sections 2 and 4d.6).
//
// What is shown instead:
//
//	C0 controls and DEL                  their control picture (U+2400…U+2421), one for one
//	everything else that is refused      U+FFFD, one for one, so that nothing can hide
//
// Refused are C1 controls, bidi controls, zero-width and other invisible characters, line and paragraph separators, tag
// characters, private use, noncharacters, code points that this Go's Unicode does not know (nobody can say how a terminal
// draws them) and invalid UTF-8. Kept, because languages need them, are joiners between letters of a joining script,
// joiners and variation selectors inside emoji, one ideographic variation selector after a Han character, and up to
// eight combining marks on one base.
//
// [Line] is for one line, [Text] for several, [Domain] for host names and RP IDs, [Dirty] asks without changing. All are
// pure, and all are idempotent: the fuzz targets hold them to that. They are for display only. What is stored, compared,
// copied or exported stays exactly as it came.
//
// To refuse or allow one more character, change judge in sanitize.go and add the hostile string to the tables in
// sanitize_test.go; the package stays a leaf.
package sanitize
