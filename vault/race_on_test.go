//go:build race

package vault

// raced says that the race detector is on. It makes these tests ten times slower and sees nothing in most of their worlds, so
// they look at fewer; the plain run looks at all.
const raced = true
