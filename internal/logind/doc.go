// Package logind tells when the machine is about to sleep and when its screen is locked, so that an open vault can be locked first.
//
// On Linux it listens to systemd-logind on the system bus (PrepareForSleep, and Lock and LockedHint of the user's sessions) and to the screen savers
// on the session bus. While somebody listens it holds a delay inhibitor: the machine waits with sleeping until the vault is locked, or until logind's
// own patience ends (5 s by default). Where a bus is missing, or on other systems, nothing is ever told, and Probe says why.
//
// A false signal locks a vault and does nothing else; no signal unlocks one. To listen to another screen saver, add its interface to the list in
// screen.go.
package logind
