// Package theme turns a palette into the styles and glyphs that the screens use. Everything here is a plain value: a Theme is
// made once for a background and handed down by value, so nothing can change under a view that is being drawn.
//
// Styles are named by role ("Danger", "Selected"), never by colour; a screen that needs a new look asks for a new role here.
// Every role must also be told apart without colour (NO_COLOR): by weight, underline, reverse video or a glyph. Glyphs have
// a twin in ASCII. To add a theme, add its palette to palette.go and its name to New.
package theme
