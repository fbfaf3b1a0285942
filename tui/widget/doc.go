// Package widget holds the reusable parts of the screens: text fields, the secret field, lists, forms, boxes, the help line and
// the status line. A widget knows nothing of vaults: it gets plain values and a Frame, and draws.
//
// Rules that every widget keeps:
//   - Drawing is pure: View takes a Frame and returns a string; it works at any size, 0×0 included, and changes nothing.
//   - Foreign text goes through sanitize before it is measured, because what is not shown has another width. Line, Text and
//     Fit do that; nothing else writes a string into a frame.
//   - Text under edit, secret or not, lives in a Buffer, whose bytes stand behind a secret.Secret: no %+v of any model prints them.
//   - Keys are never named here: EditKeys is filled by tui/keys.go, the only file that names keys.
//
// To add a widget, give it a value type, Update-like methods that return what happened, and a View(Frame); test it without a
// program.
package widget
