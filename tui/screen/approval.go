package screen

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/widget"
)

// Approval is the dialog in which a person answers what a program asks. It is a dialog.Dialog that appears by itself, over any screen. Nothing is allowed by
// accident: Enter counts only after the person did something in this dialog (chose a row, typed a secret); until then it says which key allows.
type Approval struct {
	req   ApprovalRequest
	keys  Keys
	nth   int
	of    int // how many questions wait, this one included
	list  widget.List
	way   int // index into req.Verify
	field widget.SecretField
	word  widget.Line // ApproveReset: the word that has to be typed
	meant bool        // the person did something here: Enter may answer
	hint  bool        // Enter came before that
	err   string
	busy  bool // the answer is on its way
	small bool // there is no room to say what has to be said: nothing can be allowed
}

// resetWord is what has to be typed before the virtual key is reset.
const resetWord = "reset"

// DecisionMade asks the root to bring an answer to the port.
type DecisionMade struct {
	ID       uint64
	Decision Decision
}

// Wipe implements Wiper.
func (d DecisionMade) Wipe() { d.Decision.Secret.Wipe() }

// AnswerStopped asks the root to give up an answer that takes long: the question stays.
type AnswerStopped struct{ ID uint64 }

// NewApproval makes the dialog of a question.
func NewApproval(keys Keys, req ApprovalRequest) *Approval {
	a := &Approval{req: req, keys: keys, nth: 1, of: 1}
	a.list.SetCount(a.choices())
	if req.Action == ApproveRegister && req.Choosable && req.Binding == BindingDevice {
		a.list.To(1)
	}
	a.word.Max = 64
	a.dress()
	return a
}

// ID is the question's.
func (a *Approval) ID() uint64 { return a.req.ID }

// Queue says how many questions wait.
func (a *Approval) Queue(of int) { a.of = of }

// Retell takes the question in other words; what was typed and chosen stays where it still fits.
func (a *Approval) Retell(req ApprovalRequest) {
	var way VerifyWay
	if a.asks() {
		way = a.req.Verify[a.way]
	}
	a.req = req
	a.list.SetCount(a.choices())
	if !a.asks() {
		return
	}
	if a.way = max(0, slices.Index(req.Verify, way)); req.Verify[a.way] != way {
		a.field.Wipe()
	}
	a.dress()
}

// Sized says how much room there is.
func (a *Approval) Sized(f widget.Frame) { a.small = !a.readable(f) }

// Busy reports whether the answer is on its way.
func (a *Approval) Busy() bool { return a.busy }

// Wrong reports whether a wrong secret was answered last.
func (a *Approval) Wrong() bool { return a.err != "" }

// Wipe forgets what was typed.
func (a *Approval) Wipe() {
	a.field.Wipe()
	a.word.Wipe()
}

// Failed brings the question back after an answer that was none: a wrong secret.
func (a *Approval) Failed(why string) {
	a.busy, a.err = false, why
	a.field.Wipe()
}

// choices are how many rows there are to choose from.
func (a *Approval) choices() int {
	switch {
	case a.req.Action == ApproveSignIn:
		return len(a.req.Accounts)
	case a.req.Action == ApproveRegister && a.req.Choosable && !a.req.Excluded:
		return len(bindingChoices)
	}
	return 0
}

// bindingChoices are the rows of a registration.
var bindingChoices = []Binding{BindingSynced, BindingDevice}

// asks reports whether a secret has to be typed.
func (a *Approval) asks() bool { return len(a.req.Verify) > 0 && !a.req.Verified }

// spells reports whether the word has to be typed.
func (a *Approval) spells() bool { return a.req.Action == ApproveReset && !a.asks() }

// Update implements dialog.Dialog.
func (a *Approval) Update(msg tea.Msg, _ dialog.Keys) (dialog.Dialog, dialog.Action) {
	switch msg := msg.(type) {
	case widget.Press:
		return a, a.key(msg)
	case tea.PasteMsg:
		a.paste(msg.Content)
	case dialog.Click:
		return a, a.click(msg)
	}
	return a, dialog.Action{}
}

func (a *Approval) paste(text string) {
	switch {
	case a.busy:
	case a.asks():
		a.field.Paste(text)
		a.err, a.meant = a.field.Refused, true
	case a.spells():
		a.word.Paste(text)
	}
}

func (a *Approval) key(p widget.Press) dialog.Action {
	k := a.keys.Request
	if a.busy {
		if key.Matches(p, k.Refuse) {
			return dialog.Action{Send: AnswerStopped{a.req.ID}}
		}
		return dialog.Action{}
	}
	if p.Typed() != "" {
		return a.typed(p)
	}
	switch {
	case key.Matches(p, k.Refuse):
		return a.refuse()
	case key.Matches(p, k.Allow):
		return a.allow()
	case key.Matches(p, k.Take):
		return a.enter()
	case key.Matches(p, k.Next):
		a.move(1)
	case key.Matches(p, k.Prev):
		a.move(-1)
	case key.Matches(p, k.Way):
		a.otherWay()
	case key.Matches(p, k.Show) && a.asks():
		a.field.Echo = widget.EchoPlain - a.field.Echo
	case a.asks():
		a.field.Key(a.keys.Edit, p)
	case a.spells():
		a.word.Key(a.keys.Edit, p)
	}
	return dialog.Action{}
}

// typed takes a character: it is text where something is typed, else a letter answers and a digit chooses.
func (a *Approval) typed(p widget.Press) dialog.Action {
	k := a.keys.Request
	switch {
	case a.asks():
		a.err, a.meant = "", true
		a.field.Key(a.keys.Edit, p)
	case a.spells():
		a.err = ""
		a.word.Key(a.keys.Edit, p)
	case key.Matches(p, k.Allow):
		return a.allow()
	case key.Matches(p, k.Refuse):
		return a.refuse()
	case key.Matches(p, k.Next):
		a.move(1)
	case key.Matches(p, k.Prev):
		a.move(-1)
	default:
		if n := strings.Index("123456789", p.Typed()); n >= 0 && n < a.list.Count {
			a.list.To(n)
			a.meant, a.hint = true, false
		}
	}
	return dialog.Action{}
}

func (a *Approval) move(by int) {
	if n := a.list.Count; n > 0 {
		a.list.To((a.list.Cursor + by + n) % n)
		a.meant, a.hint = true, false
	}
}

func (a *Approval) otherWay() {
	if len(a.req.Verify) > 1 && a.asks() {
		a.way = (a.way + 1) % len(a.req.Verify)
		a.field.Wipe()
		a.err = ""
		a.dress()
	}
}

// dress says in the empty field which secret is meant.
func (a *Approval) dress() {
	if !a.asks() {
		return
	}
	other := map[VerifyWay]string{VerifyPassphrase: "PIN", VerifyPIN: "passphrase"}
	a.field.Placeholder = map[VerifyWay]string{VerifyPassphrase: "of this vault", VerifyPIN: "of the virtual key"}[a.req.Verify[a.way]]
	if len(a.req.Verify) > 1 {
		a.field.Placeholder += ", " + a.keys.Request.Way.Help().Key + " " + other[a.req.Verify[a.way]]
	}
}

// enter answers where the person showed that they mean this dialog.
func (a *Approval) enter() dialog.Action {
	if !a.meant && !a.spells() {
		a.hint = true
		return dialog.Action{}
	}
	return a.allow()
}

func (a *Approval) refuse() dialog.Action {
	return dialog.Action{Send: DecisionMade{ID: a.req.ID}}
}

// allow answers when nothing is missing. What could not be read is not allowed.
func (a *Approval) allow() dialog.Action {
	if a.small {
		return dialog.Action{}
	}
	d := Decision{Allow: true, Binding: a.binding()}
	switch {
	case a.spells() && !strings.EqualFold(strings.TrimSpace(a.word.Text()), resetWord):
		a.err = "type the word " + resetWord + " to go on, or refuse"
		return dialog.Action{}
	case a.asks() && a.field.Len() == 0:
		a.err = "type the " + verifyName(a.req.Verify[a.way]) + " first"
		return dialog.Action{}
	case a.asks():
		d.Way, d.Secret = a.req.Verify[a.way], a.field.Secret()
	}
	if a.req.Action == ApproveSignIn {
		d.Account = a.list.Cursor
	}
	a.busy, a.err, a.hint = true, "", false
	return dialog.Action{Send: DecisionMade{a.req.ID, d}}
}

// binding is the one that a new passkey gets.
func (a *Approval) binding() Binding {
	if a.req.Action == ApproveRegister && a.choices() > 0 {
		return bindingChoices[a.list.Cursor]
	}
	return a.req.Binding
}

func verifyName(w VerifyWay) string {
	switch w {
	case VerifyPassphrase:
		return "passphrase of this vault"
	case VerifyPIN:
		return "PIN of the virtual key"
	}
	return string(w)
}

// Keys implements dialog.Dialog.
func (a *Approval) Keys(dialog.Keys) []key.Binding {
	k := a.keys.Request
	refuse := k.Refuse
	if a.busy {
		refuse.SetHelp(refuse.Help().Key, "stop")
		return []key.Binding{refuse}
	}
	typing := a.asks() || a.spells()
	ks := []key.Binding{k.Allow}
	if typing {
		take := k.Take
		take.SetHelp(take.Help().Key, "allow")
		ks, refuse = []key.Binding{take}, widget.Typing(refuse)
	}
	if a.list.Count > 1 {
		next, prev := k.Next, k.Prev
		if typing {
			next, prev = widget.Typing(next), widget.Typing(prev)
		}
		ks = append(ks, next, prev)
	}
	if a.asks() {
		ks = append(ks, k.Show)
	}
	if a.asks() && len(a.req.Verify) > 1 {
		ks = append(ks, k.Way)
	}
	return append(ks, refuse) // the last one is shown wherever one is
}
