//go:build race

package client_test

// raced says that the race detector is on. It makes signatures ten times slower and finds nothing in them, so that fewer bytes are changed then; the plain
// run changes all.
const raced = true
