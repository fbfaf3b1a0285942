package tui

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
	"signet/vault/secret"
)

// What programs ask of the person at this terminal. The port sends questions as they come; they wait in a queue, and the first one is shown above
// everything else while a vault is open. While it is locked, the unlock screen says who waits. A question leaves the queue when it was answered, when
// the port says that it is over, and when its time ran out.

// approvals are the questions that wait.
type approvals struct {
	queue    []screen.ApprovalRequest // oldest first
	stop     context.CancelFunc       // of the answer that is on its way
	passing  uint64                   // the question that it is for
	failed   uint64                   // the last question that ended with an error, which was told
	blurred  bool                     // the terminal said that somebody works elsewhere
	told     string                   // what the unlock screen was told last
	after    dialog.Grace             // a dialog went by itself: what was meant for it does not reach the screen below
	announce func(screen.Vault) tea.Cmd
}

// maxWaiting bounds the queue: more questions than that are refused, so that no program can bury a person under them.
const maxWaiting = 16

// overdue is how long after its time a question that the port does not take back is dropped.
const overdue = 2 * time.Second

// Messages of the port.
type (
	asked struct {
		req    screen.ApprovalRequest
		from   <-chan screen.ApprovalRequest
		closed bool
	}
	decided struct {
		req screen.ApprovalRequest
		d   screen.Decision // without its secret
		err error
	}
)

// listen begins to take questions.
func (r *root) listen() tea.Cmd {
	port, ctx := r.opt.Ports.Approvals, r.ctx
	if port == nil {
		return nil
	}
	r.approvals.announce = announce(port)
	return func() tea.Msg { return nextAsked(port.Approvals(ctx)) }
}

func nextAsked(from <-chan screen.ApprovalRequest) tea.Msg {
	req, ok := <-from
	return asked{req, from, !ok}
}

// took puts a question into the queue, or takes one back.
func (r *root) took(m asked) tea.Cmd {
	if m.closed {
		return nil
	}
	next := func() tea.Msg { return nextAsked(m.from) }
	a := &r.approvals
	at := slices.IndexFunc(a.queue, func(q screen.ApprovalRequest) bool { return q.ID == m.req.ID })
	switch {
	case m.req.Over != "":
		r.isOver(m.req, at)
		return tea.Batch(next, r.broadcast(screen.RequestAnswered{}))
	case at >= 0: // the same question with other words
		a.queue[at] = m.req
		if d := r.approval(); d != nil && d.ID() == m.req.ID {
			d.Retell(m.req)
		}
	case len(a.queue) >= maxWaiting:
		r.say(screen.Notify{Level: screen.Bad, Text: "Refused: too many programs ask at once"})
		return tea.Batch(next, r.cmdDecide(m.req, screen.Decision{}))
	default:
		a.queue = append(a.queue, m.req)
		if m.req.Action == screen.ApproveUnlock && r.session.ready { // it asked while the vault was being opened: the port is told once more
			return tea.Batch(next, r.vaultIs(r.session.vault))
		}
		return tea.Batch(next, r.ring())
	}
	return next
}

// isOver takes a question out of the queue and says why, or what became of one that was answered.
func (r *root) isOver(req screen.ApprovalRequest, at int) {
	text, level := screen.Sentence(req.Over), screen.Plain
	if at >= 0 {
		if d := r.approval(); d != nil && d.ID() == req.ID && d.Wrong() {
			level = screen.Bad
		}
		r.vanish(req.ID)
	}
	switch {
	case req.Done && req.Action == screen.ApproveUnlock: // everybody sees that it is open
	case req.Done && req.Step != "":
		r.stepped(screen.Stepped{Step: req.Step, Done: text, Name: "“" + text + "”"})
	case req.Done:
		r.say(screen.Notify{Level: screen.Good, Text: text})
	case at >= 0:
		r.say(screen.Notify{Level: level, Text: text})
	case req.ID != r.approvals.failed:
		r.request(screen.Notify{Level: screen.Bad, Text: text})
	}
}

// unqueue forgets a question; its dialog goes with the next look at the queue.
func (r *root) unqueue(id uint64) {
	a := &r.approvals
	a.queue = slices.DeleteFunc(a.queue, func(q screen.ApprovalRequest) bool { return q.ID == id })
}

// vanish forgets a question whose dialog somebody may be typing into: the rest of a passphrase must not become commands of the list.
func (r *root) vanish(id uint64) {
	if d := r.approval(); d != nil && d.ID() == id {
		r.approvals.after = dialog.NewGrace(r.now())
	}
	r.unqueue(id)
}

// late reports whether a key or a click was meant for a dialog that just vanished.
func (r *root) late() bool { return len(r.dialogs) == 0 && r.approvals.after.Swallows(r.now()) }

// ring makes the terminal ring where nobody looks at it.
func (r *root) ring() tea.Cmd {
	w := r.opt.terminal
	if w == nil || !r.approvals.blurred {
		return nil
	}
	return func() tea.Msg {
		_, _ = io.WriteString(w, "\a")
		return nil
	}
}

// decide brings an answer to the port. A refusal closes the dialog at once; leave is given when the port took it.
func (r *root) decide(m screen.DecisionMade) tea.Cmd {
	i := slices.IndexFunc(r.approvals.queue, func(q screen.ApprovalRequest) bool { return q.ID == m.ID })
	if i < 0 {
		m.Wipe()
		return nil
	}
	req := r.approvals.queue[i]
	if !m.Decision.Allow {
		m.Wipe()
		r.unqueue(m.ID)
		r.say(screen.Notify{Text: screen.Refused(req)})
		return r.cmdDecide(req, screen.Decision{})
	}
	return r.cmdDecide(req, m.Decision)
}

// cmdDecide calls the port. An answer that was given up ends with its context.
func (r *root) cmdDecide(req screen.ApprovalRequest, d screen.Decision) tea.Cmd {
	ctx, stop := context.WithCancel(r.ctx)
	if d.Allow {
		r.approvals.stop, r.approvals.passing = stop, req.ID
	}
	port := r.opt.Ports.Approvals
	return func() tea.Msg {
		defer stop()
		err := port.Answer(ctx, req.ID, d)
		d.Secret = secret.Secret{} // the port took it over
		return decided{req, d, err}
	}
}

// decisionTaken goes on after the port took an answer, or did not.
func (r *root) decisionTaken(m decided) tea.Cmd {
	a := &r.approvals
	if a.passing == m.req.ID {
		a.stop, a.passing = nil, 0
	}
	waits := slices.ContainsFunc(a.queue, func(q screen.ApprovalRequest) bool { return q.ID == m.req.ID })
	if !waits { // refused, or over meanwhile
		return r.broadcast(screen.RequestAnswered{})
	}
	env := r.env(rootID)
	f := r.opt.Ports.Faults
	switch {
	case m.err == nil:
		r.unqueue(m.req.ID)
		r.say(screen.Notify{Level: screen.Good, Text: screen.Granted(m.req, m.d)})
		return r.broadcast(screen.RequestAnswered{})
	case f.WrongSecret != nil && f.WrongSecret(m.err):
		why := env.Explain(m.err)
		if m.d.Way == screen.VerifyPassphrase {
			why += " (Caps Lock? " + r.keys.Request.Show.Help().Key + " shows it)"
		}
		r.failed(m.req.ID, why)
	case errors.Is(m.err, context.Canceled):
		r.failed(m.req.ID, "stopped: nothing was answered yet")
	case f.Locked != nil && f.Locked(m.err) && r.session.open():
		return r.lock(screen.LockedElsewhere)
	default:
		r.vanish(m.req.ID)
		a.failed = m.req.ID
		r.say(screen.Notify{Level: screen.Bad, Text: "Not answered: " + env.Explain(m.err)})
	}
	return nil
}

// failed brings the dialog of a question back.
func (r *root) failed(id uint64, why string) {
	if d := r.approval(); d != nil && d.ID() == id {
		d.Failed(why)
	}
}

// forgetTitles takes out of the questions what came from the vault, when that is locked.
func (r *root) forgetTitles() {
	for i := range r.approvals.queue {
		q := &r.approvals.queue[i]
		q.Accounts = slices.Clone(q.Accounts)
		for j := range q.Accounts {
			q.Accounts[j].Title, q.Accounts[j].Entry, q.Accounts[j].LastUsed = "", "", time.Time{}
		}
	}
}

// approval is the dialog that is shown now, or nil.
func (r *root) approval() *screen.Approval {
	if n := len(r.dialogs); n > 0 {
		d, _ := r.dialogs[n-1].d.(*screen.Approval)
		return d
	}
	return nil
}

// stopAnswer gives up an answer that takes long.
func (r *root) stopAnswer(id uint64) {
	if a := &r.approvals; a.stop != nil && a.passing == id {
		a.stop()
	}
}

// expire drops questions whose time is long over, should the port not have said so.
func (r *root) expire() {
	now := r.now()
	for _, q := range slices.Clone(r.approvals.queue) {
		if !q.Until.IsZero() && now.Sub(q.Until) > overdue {
			r.isOver(screen.ApprovalRequest{ID: q.ID, Over: screen.TimedOut(q)}, 0)
		}
	}
}

// asking are the questions that a dialog answers: none while no vault is open, and none that ask for nothing but an open one.
func (r *root) asking() (out []screen.ApprovalRequest) {
	if !r.session.ready {
		return nil
	}
	for _, q := range r.approvals.queue {
		if q.Action != screen.ApproveUnlock {
			out = append(out, q)
		}
	}
	return out
}

// front keeps the dialog of the first question above everything else while a vault is open, and tells the unlock screen while none is. It runs after every
// message and changes nothing where everything is as it should be.
func (r *root) front() tea.Cmd {
	var cmd tea.Cmd
	asks := r.asking()
	var first *screen.ApprovalRequest
	if len(asks) > 0 {
		first = &asks[0]
	}
	if first != nil && r.session.info.Demo { // nobody can sign in with what is not theirs
		cmd = r.decide(screen.DecisionMade{ID: first.ID})
		first = nil
	}
	r.dialogs = slices.DeleteFunc(r.dialogs, func(o overlay) bool {
		d, ok := o.d.(*screen.Approval)
		gone := ok && (first == nil || d.ID() != first.ID)
		if gone {
			d.Wipe()
		}
		return gone
	})
	if first != nil && r.approval() == nil {
		r.pending = false
		r.status.work = ""
		r.dialogs = append(r.dialogs, overlay{to: rootID, d: screen.NewApproval(r.keys, *first), grace: dialog.NewGrace(r.now())})
	}
	if d := r.approval(); d != nil {
		d.Queue(len(asks))
		d.Sized(r.dialogFrame())
	}
	return tea.Batch(cmd, r.tellWaiting())
}

// tellWaiting tells the unlock screen who waits.
func (r *root) tellWaiting() tea.Cmd {
	if r.session.open() || len(r.stack) == 0 {
		r.approvals.told = ""
		return nil
	}
	w := screen.WaitingFor(r.approvals.queue)
	if key := w.Key(); key != r.approvals.told {
		r.approvals.told = key
		return r.broadcast(w)
	}
	return nil
}

// refuseWaiting answers every question with no, because the person wants to leave.
func (r *root) refuseWaiting() tea.Cmd {
	var cmds []tea.Cmd
	for _, q := range slices.Clone(r.approvals.queue) {
		cmds = append(cmds, r.decide(screen.DecisionMade{ID: q.ID}))
	}
	return tea.Batch(cmds...)
}

// refuseAll answers every question with no, when the program ends.
func (r *root) refuseAll(ctx context.Context) {
	for _, q := range r.approvals.queue {
		_ = r.opt.Ports.Approvals.Answer(ctx, q.ID, screen.Decision{})
	}
	r.approvals.queue = nil
	for _, o := range r.dialogs {
		if d, ok := o.d.(*screen.Approval); ok {
			d.Wipe()
		}
	}
}
