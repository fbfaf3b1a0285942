package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"signet/internal/session"
	"signet/passkeys"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/unlock"
)

// tuiApprovals puts what programs ask before whoever uses the terminal interface. It is the approver of the virtual key there, and opens its vault.
type tuiApprovals struct {
	a         *App
	dir       string
	door      *session.Door
	verifier  verifier
	route     func() string // in words
	requester func() string // in words

	mu        sync.Mutex
	listening bool
	last      uint64 // id of a question
	open      map[uint64]*tuiQuestion
	allowed   map[uint64]outcome // requests that were allowed, by their number
	waiting   []screen.ApprovalRequest
	news      chan struct{} // something waits to be sent
	vault     *session.Local
	closed    bool   // another vault is shown, or one that is only read: unlocking is no answer now
	provedFor uint64 // the request within which somebody opened the vault by its passphrase
}

// outcome is what to say when a request that was allowed is done, or was not.
type outcome struct {
	done, failed string
	undo         bool   // what it changed may be undone as a whole
	step         string // that
}

// tuiQuestion is one that is being asked.
type tuiQuestion struct {
	req     screen.ApprovalRequest
	request uint64 // the request it belongs to
	wrong   int    // secrets
	within  time.Duration
	moved   chan struct{} // Until changed
	done    chan tuiDecision
}

type tuiDecision struct {
	answer passkeys.Answer
	vault  *session.Local // of an unlock
	err    error
}

var (
	_ passkeys.Approver = (*tuiApprovals)(nil)
	_ screen.Approvals  = (*tuiApprovals)(nil)
)

var (
	errQuestionOver = errors.New("the question is over already")
	errNoChoice     = errors.New("there is no such account")
	errNoSecret     = errors.New("this needs the passphrase or the PIN")
)

const maxAllowed = 64 // requests that were allowed and did not end yet

// newTUIApprovals makes one whose vault is locked.
func newTUIApprovals(a *App, dir string) *tuiApprovals {
	t := &tuiApprovals{
		a: a, dir: dir, open: map[uint64]*tuiQuestion{}, allowed: map[uint64]outcome{}, news: make(chan struct{}, 1),
		route: func() string { return "" }, requester: func() string { return "" },
	}
	t.door = session.NewDoor(session.DoorOptions{Open: t.unlock, Dir: dir, Now: a.Now, Rand: a.Rand, Changed: t.changed})
	t.verifier = vaultVerifier{dir: dir, state: t.door.State(), local: t.current}
	return t
}

func (t *tuiApprovals) current() *session.Local {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.vault
}

// canVerify is passkeys.Options.WithUV.
func (t *tuiApprovals) canVerify() bool {
	t.mu.Lock()
	listening := t.listening
	t.mu.Unlock()
	return listening && len(t.verifier.ways(context.Background())) > 0
}

// Approvals implements screen.Approvals.
func (t *tuiApprovals) Approvals(ctx context.Context) <-chan screen.ApprovalRequest {
	out := make(chan screen.ApprovalRequest)
	t.mu.Lock()
	t.listening = true
	t.mu.Unlock()
	go func() {
		defer close(out)
		defer t.hangUp()
		for {
			req, ok := t.next(ctx)
			if !ok {
				return
			}
			select {
			case out <- req:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (t *tuiApprovals) next(ctx context.Context) (screen.ApprovalRequest, bool) {
	for {
		t.mu.Lock()
		if len(t.waiting) > 0 {
			req := t.waiting[0]
			t.waiting = slices.Delete(t.waiting, 0, 1)
			t.mu.Unlock()
			return req, true
		}
		t.mu.Unlock()
		select {
		case <-t.news:
		case <-ctx.Done():
			return screen.ApprovalRequest{}, false
		}
	}
}

// hangUp ends all questions: nobody looks any more.
func (t *tuiApprovals) hangUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listening, t.waiting = false, nil
	for _, q := range t.open {
		q.decide(tuiDecision{err: errNobody})
	}
}

// send puts something into the queue; t.mu is held.
func (t *tuiApprovals) send(req screen.ApprovalRequest) {
	t.waiting = append(t.waiting, req)
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// decide answers a question once; later answers are dropped.
func (q *tuiQuestion) decide(d tuiDecision) bool {
	select {
	case q.done <- d:
		return true
	default:
		return false
	}
}

// ask puts a question and waits for its end.
func (t *tuiApprovals) ask(ctx context.Context, req screen.ApprovalRequest, within time.Duration) (tuiDecision, error) {
	q := &tuiQuestion{req: req, request: passkeys.RequestID(ctx), within: within, moved: make(chan struct{}, 1), done: make(chan tuiDecision, 1)}
	t.mu.Lock()
	if !t.listening {
		t.mu.Unlock()
		return tuiDecision{}, errNobody
	}
	t.last++
	q.req.ID, q.req.Requester, q.req.Route, q.req.Until = t.last, t.requester(), t.route(), time.Now().Add(within)
	t.open[q.req.ID] = q
	t.send(q.req)
	t.mu.Unlock()
	d, over, err := t.await(ctx, q)
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, q.req.ID)
	if over != "" {
		t.send(screen.ApprovalRequest{ID: q.req.ID, Action: req.Action, Over: over})
	}
	return d, err
}

// await returns the decision, or in words why there is none.
func (t *tuiApprovals) await(ctx context.Context, q *tuiQuestion) (tuiDecision, string, error) {
	for {
		t.mu.Lock()
		left := time.Until(q.req.Until)
		t.mu.Unlock()
		late := time.NewTimer(left)
		select {
		case d := <-q.done:
			late.Stop()
			return d, overWords(d.err), d.err
		case <-q.moved:
			late.Stop()
		case <-ctx.Done():
			late.Stop()
			return tuiDecision{}, "The program no longer asks", ctx.Err()
		case <-late.C:
			return tuiDecision{}, "Nobody answered in time: refused", context.DeadlineExceeded
		}
	}
}

func overWords(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, passkeys.ErrVerifyBlocked):
		return "Refused: the PIN is blocked after too many wrong tries"
	case errors.Is(err, passkeys.ErrNotVerified):
		return "Refused after too many wrong tries"
	}
	return "Refused"
}

// Approve implements passkeys.Approver.
func (t *tuiApprovals) Approve(ctx context.Context, ask passkeys.Ask) (passkeys.Answer, error) {
	if clearAlready(ask) {
		t.note(ctx, ask, 0)
		return passkeys.Answer{Allowed: true}, nil
	}
	req := t.requestOf(ctx, ask)
	within := answerWithin
	if ask.Verify && !req.Verified {
		if req.Verify = t.verifier.ways(ctx); len(req.Verify) == 0 {
			return passkeys.Answer{}, passkeys.ErrVerifyBlocked
		}
		within = proveWithin
	}
	d, err := t.ask(ctx, req, within)
	if err == nil && d.answer.Allowed {
		d.answer.Verified = d.answer.Verified || ask.Verify && req.Verified
		t.note(ctx, ask, d.answer.Chosen)
	}
	return d.answer, err
}

// requestOf is a question as the screens show it.
func (t *tuiApprovals) requestOf(ctx context.Context, ask passkeys.Ask) screen.ApprovalRequest {
	id := passkeys.RequestID(ctx)
	t.mu.Lock()
	proved := id != 0 && id == t.provedFor
	t.mu.Unlock()
	req := screen.ApprovalRequest{
		Action: approvalAction(ask.Action), Site: ask.RPID, SiteName: ask.RPName, Account: ask.User.Name, Display: ask.User.DisplayName,
		Verified: ask.Verify && proved, Binding: bindingName(ask.Binding), Choosable: ask.Action == passkeys.ActionRegister && !ask.Excluded,
		Stays: ask.Discoverable, Excluded: ask.Excluded, Replaces: ask.Replaces, Setting: settingWords(ask.Setting), Passkeys: ask.Passkeys,
	}
	if ask.Action == passkeys.ActionVerify {
		req.Setting = permissionWords(ask.Permissions)
	}
	if ask.RPID == "" && len(ask.SiteHash) > 0 {
		req.SiteName = unnamedSite(ask.SiteHash)
	}
	req.Accounts = t.accounts(ctx, ask)
	return req
}

// unnamedSite is what is known of a site that asked by the old protocol.
func unnamedSite(hash []byte) string {
	return fmt.Sprintf("not told; its mark is %x", hash[:min(8, len(hash))])
}

func approvalAction(a passkeys.Action) screen.ApprovalAction {
	return map[passkeys.Action]screen.ApprovalAction{
		passkeys.ActionRegister: screen.ApproveRegister, passkeys.ActionSignIn: screen.ApproveSignIn, passkeys.ActionVerify: screen.ApproveVerify,
		passkeys.ActionSelect: screen.ApproveSelect, passkeys.ActionConfigure: screen.ApproveConfigure, passkeys.ActionReset: screen.ApproveReset,
	}[a]
}

func bindingName(b passkeys.Binding) screen.Binding {
	if b == passkeys.Device {
		return screen.BindingDevice
	}
	return screen.BindingSynced
}

// accounts names those to choose from, with what the vault knows of them.
func (t *tuiApprovals) accounts(ctx context.Context, ask passkeys.Ask) []screen.ApprovalAccount {
	if ask.Action != passkeys.ActionSignIn {
		return nil
	}
	var known []session.Passkey
	if l := t.current(); l != nil && ask.RPID != "" {
		known, _ = l.Passkeys(ctx, session.PasskeyQuery{RPID: ask.RPID}) // what cannot be read is only not shown
	}
	var out []screen.ApprovalAccount
	for _, u := range ask.Users {
		acc := screen.ApprovalAccount{Name: u.User.Name, Display: u.User.DisplayName, Binding: bindingName(u.Binding)}
		for _, p := range known {
			if bytes.Equal(p.CredentialID, u.CredentialID) {
				acc.Entry, acc.Title, acc.LastUsed = p.Entry, p.Title, p.LastUsed
			}
		}
		out = append(out, acc)
	}
	return out
}

// note remembers what to say when a request that was allowed is done.
func (t *tuiApprovals) note(ctx context.Context, ask passkeys.Ask, chosen int) {
	var o outcome
	switch {
	case ask.Action == passkeys.ActionRegister && !ask.Excluded:
		o.done = fmt.Sprintf("Passkey for %s (%s) saved", siteLine(ask.RPID), accountLine(ask.User))
		if !ask.Discoverable {
			o.done = fmt.Sprintf("Passkey for %s made; the site keeps it", siteLine(ask.RPID))
		}
		o.failed, o.undo = "no passkey for "+siteLine(ask.RPID)+" was made", true
	case ask.Action == passkeys.ActionSignIn:
		o.done, o.failed = "signed in to "+siteLine(ask.RPID), "not signed in to "+siteLine(ask.RPID)
		if chosen >= 0 && chosen < len(ask.Users) {
			o.done += " as " + accountLine(ask.Users[chosen].User)
		}
	case ask.Action == passkeys.ActionReset:
		o.done, o.failed = "The virtual key was reset; its passkeys are in the trash", "the virtual key was not reset"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if id := passkeys.RequestID(ctx); o.done != "" && id != 0 && len(t.allowed) < maxAllowed {
		t.allowed[id] = o
	}
}

// changed remembers what a request changed in the vault: session.DoorOptions.Changed.
func (t *tuiApprovals) changed(ctx context.Context, done session.Applied) {
	applied, err := (&tuiVault{}).applied(done, nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	if o, ok := t.allowed[passkeys.RequestID(ctx)]; ok && o.undo && err == nil {
		o.step = applied.Step
		t.allowed[passkeys.RequestID(ctx)] = o
	}
}

// ended tells what became of a request that was allowed.
func (t *tuiApprovals) ended(e passkeys.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, ok := t.allowed[e.Request]
	delete(t.allowed, e.Request)
	if !ok || !t.listening {
		return
	}
	t.last++
	if e.Status != passkeys.StatusOK {
		t.send(screen.ApprovalRequest{ID: t.last, Over: o.failed + ": " + statusWords(e.Status)})
		return
	}
	t.send(screen.ApprovalRequest{ID: t.last, Over: o.done, Done: true, Step: o.step})
}

// unlock waits for the vault to be opened on the unlock screen: session.DoorOptions.Open.
func (t *tuiApprovals) unlock(ctx context.Context, waiting func(bool)) (*session.Local, error) {
	t.mu.Lock()
	l, closed := t.vault, t.closed
	t.mu.Unlock()
	switch {
	case l != nil:
		return l, nil
	case closed:
		return nil, passkeys.ErrLocked
	}
	waiting(true)
	defer waiting(false)
	d, err := t.ask(ctx, screen.ApprovalRequest{Action: screen.ApproveUnlock}, proveWithin)
	switch {
	case errors.Is(err, errNobody):
		return nil, passkeys.ErrLocked
	case err != nil:
		return nil, err
	case d.vault == nil:
		return nil, passkeys.ErrLocked
	}
	return d.vault, nil
}

// Opened implements screen.Approvals.
func (t *tuiApprovals) Opened(v screen.Vault) {
	tv, _ := v.(*tuiVault)
	var l *session.Local
	if tv != nil && !tv.demo { // a demo vault is nobody's: programs do not learn of it
		l, _ = tv.s.(*session.Local)
	}
	if l != nil && l.Vault().ReadOnly() { // PINs, counters and the log could not be kept
		l = nil
	}
	t.door.Use(l)
	proved := l != nil && t.byPassphrase(l)
	if l != nil {
		_, _ = t.door.State().Read(context.Background()) // so that a host that only looks finds an answer when it is locked again
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.vault, t.provedFor, t.closed = l, 0, tv != nil && l == nil
	for _, q := range t.open {
		if q.req.Action != screen.ApproveUnlock || l == nil && !t.closed {
			continue
		}
		if t.closed {
			q.decide(tuiDecision{err: passkeys.ErrLocked})
			continue
		}
		if proved {
			t.provedFor = q.request
		}
		q.decide(tuiDecision{vault: l})
		t.send(screen.ApprovalRequest{ID: q.req.ID, Action: q.req.Action, Over: "Unlocked", Done: true})
	}
}

// byPassphrase reports whether the vault was opened by a passphrase, which says who opened it.
func (t *tuiApprovals) byPassphrase(l *session.Local) bool {
	ctx := context.Background()
	info, err := l.Info(ctx)
	if err != nil {
		return false
	}
	slots, err := l.Vault().Slots(ctx)
	return err == nil && slices.ContainsFunc(slots, func(s vault.Slot) bool { return s.Name == info.OpenedBy && s.Kind == string(unlock.KindPassphrase) })
}

// Answer implements screen.Approvals.
func (t *tuiApprovals) Answer(ctx context.Context, id uint64, d screen.Decision) error {
	defer d.Secret.Wipe()
	t.mu.Lock()
	q := t.open[id]
	if q == nil {
		t.mu.Unlock()
		return errQuestionOver
	}
	req := q.req
	t.mu.Unlock()
	answer := passkeys.Answer{Allowed: d.Allow, Chosen: d.Account, Binding: map[screen.Binding]passkeys.Binding{
		screen.BindingDevice: passkeys.Device, screen.BindingSynced: passkeys.Synced,
	}[d.Binding]}
	switch {
	case !d.Allow:
		answer = passkeys.Answer{}
	case req.Action == screen.ApproveUnlock:
		return errNoSecret // an open vault is the answer
	case len(req.Accounts) > 0 && (d.Account < 0 || d.Account >= len(req.Accounts)):
		return errNoChoice
	case len(req.Verify) > 0 && !req.Verified:
		if err := t.prove(ctx, q, d); err != nil {
			return err
		}
		answer.Verified = true
	}
	if !q.decide(tuiDecision{answer: answer}) {
		return errQuestionOver
	}
	return nil
}

// prove checks the secret of a decision. After too many wrong ones the question is over.
func (t *tuiApprovals) prove(ctx context.Context, q *tuiQuestion, d screen.Decision) error {
	if d.Secret.IsEmpty() || !slices.Contains(q.req.Verify, d.Way) {
		return errNoSecret
	}
	err := t.verifier.verify(ctx, d.Way, d.Secret)
	if err == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var miss *wrongSecretError
	switch {
	case errors.As(err, &miss):
		if q.wrong++; q.wrong >= proveTries {
			q.decide(tuiDecision{err: passkeys.ErrNotVerified})
			return err
		}
	case errors.Is(err, passkeys.ErrVerifyBlocked) && len(q.req.Verify) > 1:
		q.req.Verify = slices.DeleteFunc(slices.Clone(q.req.Verify), func(w screen.VerifyWay) bool { return w == d.Way })
		err = &wrongSecretError{Way: d.Way, Left: 0}
	default:
		q.decide(tuiDecision{err: err})
		return err
	}
	q.req.Until = time.Now().Add(q.within) // who mistyped gets the whole time again
	select {
	case q.moved <- struct{}{}:
	default:
	}
	t.send(q.req)
	return err
}
