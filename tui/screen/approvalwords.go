package screen

import (
	"slices"
	"strconv"
	"strings"

	"signet/internal/sanitize"
)

// What an approval says. Each action has a short and a long wording; the short one is for small terminals and never leaves out what matters.

// approvalTitle is the question itself.
func approvalTitle(r ApprovalRequest) string {
	switch r.Action {
	case ApproveRegister:
		if r.Excluded {
			return "Another passkey?"
		}
		return "New passkey?"
	case ApproveSignIn:
		return "Sign in?"
	case ApproveVerify:
		return "Is it you?"
	case ApproveSelect:
		return "Take this key?"
	case ApproveConfigure:
		return "Change a setting?"
	case ApproveReset:
		return "Reset the virtual key?"
	}
	return "May it?"
}

// approvalWants says in three words what a program waits for: "asks to sign in".
func approvalWants(a ApprovalAction) string {
	switch a {
	case ApproveRegister:
		return "asks to make a passkey"
	case ApproveSignIn:
		return "asks to sign in"
	case ApproveVerify:
		return "asks who you are"
	case ApproveSelect:
		return "asks which key to take"
	case ApproveConfigure:
		return "asks to change a setting"
	case ApproveReset:
		return "asks to reset the virtual key"
	}
	return "asks for a passkey"
}

// asker is who asks, as short as it can be said. It is foreign text.
func (r ApprovalRequest) asker() string {
	switch {
	case r.Site != "":
		return briefSite(PasskeyRow{RP: r.Site})
	case r.Requester != "":
		return brief(r.Requester)
	}
	return "A program"
}

// Sentence is a text of a port as it stands in the status line. A site at its beginning stays as it is spelled.
func Sentence(text string) string {
	text = sanitize.Line(text)
	if first, _, _ := strings.Cut(text, " "); strings.Contains(first, ".") {
		return text
	}
	return title(text)
}

// TimedOut is what is said when nobody answered in time.
func TimedOut(r ApprovalRequest) string { return "Nobody answered in time: " + r.asker() + " gave up" }

// Waiting tells an unlock screen who waits for the vault.
type Waiting struct{ asked []ApprovalRequest }

// WaitingFor makes it.
func WaitingFor(queue []ApprovalRequest) Waiting { return Waiting{slices.Clone(queue)} }

// Key is different for everything that the screen would say differently.
func (w Waiting) Key() string {
	var b strings.Builder
	for _, r := range w.asked {
		b.WriteString(strconv.FormatUint(r.ID, 10) + " " + r.asker() + " " + string(r.Action) + "\n")
	}
	return b.String()
}

// lines say who waits, the first one in full.
func (w Waiting) lines(k Keys) string {
	if len(w.asked) == 0 {
		return ""
	}
	text := w.asked[0].asker() + " " + approvalWants(w.asked[0].Action)
	if more := len(w.asked) - 1; more > 0 {
		text += ", and " + plural(more, "other waits", "others wait")
	}
	return text + ": unlock to answer, " + k.Request.Refuse.Help().Key + " refuses"
}

// Granted is what is said when the port took a leave, until it says what became of it.
func Granted(r ApprovalRequest, d Decision) string {
	account := ""
	if r.Action == ApproveSignIn && d.Account < len(r.Accounts) {
		account = firstWord(r.Accounts[d.Account].Name, r.Accounts[d.Account].Display)
	}
	switch {
	case account != "":
		return "Allowed: sign-in to " + r.asker() + " as " + brief(account)
	case r.Site != "":
		return "Allowed: " + r.asker()
	}
	return "Allowed"
}

// Refused is what is said after a refusal.
func Refused(r ApprovalRequest) string {
	switch r.Action {
	case ApproveRegister:
		return "Refused: " + r.asker() + " gets no passkey"
	case ApproveSignIn:
		return "Refused: no sign-in to " + r.asker()
	case ApproveUnlock:
		return "Refused: the vault stays locked"
	}
	return "Refused: nothing happens"
}

// approvalMeans is what happens when it is allowed, in plain words, and a shorter wording.
func approvalMeans(r ApprovalRequest) (long, short string) {
	switch r.Action {
	case ApproveRegister:
		return registerMeans(r)
	case ApproveSignIn:
		return "The site gets a signature that proves the account. The key itself stays here.", "It proves the account; the key stays here."
	case ApproveVerify:
		text := "The program goes on only when it is you."
		if r.Setting != "" {
			text = "When it is you, the program may " + r.Setting + "."
		}
		return text, text
	case ApproveSelect:
		return "The program found several security keys. Allowing takes this one, Signet's; nothing else happens yet.", "It takes this security key of several."
	case ApproveConfigure:
		text := "It would " + r.Setting + "."
		if r.Setting == "" {
			text = "It would change a setting of the virtual key."
		}
		return text + " Nothing protects the virtual key with a PIN yet, so a key press is enough.", text
	case ApproveReset:
		return resetMeans(r)
	}
	return "", ""
}

func registerMeans(r ApprovalRequest) (long, short string) {
	switch {
	case r.Excluded:
		return "You have a passkey for this account here already: nothing will be made. Allowing tells the site that there is one.",
			"You have one here: nothing is made."
	case r.Replaces:
		return "A new passkey is made and kept in this vault. It replaces your present one of this account, which goes to the trash.",
			"It replaces yours, which goes to the trash."
	case r.Stays:
		return "A new passkey is made and kept in this vault, in the entry of the site.", "It is kept in this vault."
	}
	return "A new passkey is made. The site keeps it, sealed, and shows it at each sign-in; the list of passkeys here will not have it.",
		"The site keeps it, sealed."
}

func resetMeans(r ApprovalRequest) (long, short string) {
	n := "No passkey is touched."
	switch {
	case r.Passkeys == 1:
		n = "1 passkey goes to the trash."
	case r.Passkeys == 2:
		n = "Both passkeys go to the trash."
	case r.Passkeys > 2:
		n = "All " + thousands(r.Passkeys) + " passkeys go to the trash."
	}
	return n + " The PIN is forgotten, and passkeys that sites keep stop working. Passkeys can be taken out of the trash again.", n + " The PIN is forgotten."
}

// bindingChoice is the row of a binding in a registration.
func bindingChoice(b Binding) string {
	if b == BindingDevice {
		return "This device only: lost with it"
	}
	return "Synced: wherever this vault is"
}

// count is a place in a queue: "2 of 12".
func countOf(n, of int) string { return strconv.Itoa(n) + " of " + strconv.Itoa(of) }
