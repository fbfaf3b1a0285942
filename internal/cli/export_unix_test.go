//go:build unix

package cli

// GetTermios is the request that reads a terminal's settings on this system.
const GetTermios = getTermios
