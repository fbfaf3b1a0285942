package unlock

// What is said to a person when the keyring does not open. Each text names what was found and the exact next step; the
// passphrase is offered in words only, never taken by itself (vault.md 5.10).
const (
	noticeWaiting = "waiting for the keyring: it may be showing a dialog"

	orPassphrase = "or open the vault with its passphrase: --unlock passphrase"

	hintNoBus = "start a session with a keyring: dbus-run-session -- sh -c 'gnome-keyring-daemon --unlock --components=secrets; exec $SHELL' " +
		"(type the keyring's password, then Ctrl-D), " + orPassphrase
	hintNoService    = "install and start one: gnome-keyring, KWallet, or KeePassXC with Secret Service integration switched on; " + orPassphrase
	hintNoCollection = "create a keyring named login: log in once on the desktop, or use Passwords and Keys (seahorse), File, New, " +
		"Password keyring; " + orPassphrase
	hintLocked      = "unlock it: run the command again where a dialog can appear and without --no-input, or log in on the desktop; " + orPassphrase
	hintDismissed   = "run the command again and answer the keyring's dialog, " + orPassphrase
	hintHanging     = "look for a dialog on another screen or workspace, or restart the keyring service, then run the command again; " + orPassphrase
	hintLost        = "run the command again and confirm the keyring's dialog, or choose a passphrase instead: --unlock passphrase"
	hintMacSSH      = "run: security unlock-keychain (asks for the login password), then the command again in the same session; " + orPassphrase
	hintUnsupported = "use a passphrase on this system: --unlock passphrase"
)
