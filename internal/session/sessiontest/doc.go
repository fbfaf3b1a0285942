// Package sessiontest is the suite that every session.Session passes: the local one today, the agent's client later. Run it
// with a function that makes a fresh, empty, open session; everything is tested through the interface.
package sessiontest
