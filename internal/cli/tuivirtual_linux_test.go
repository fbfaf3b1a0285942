package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"signet/fido"
	"signet/passkeys"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
)

// keyDesk is a desk with a virtual key whose questions come to the test.
type keyDesk struct {
	*desk
	asks    *tuiApprovals
	virtual *tuiVirtual
	news    <-chan screen.ApprovalRequest
}

func newKeyDesk(t *testing.T) *keyDesk {
	t.Helper()
	d := newDesk(t)
	asks := newTUIApprovals(d.app, d.opener.dir)
	v := newTUIVirtual(d.app, asks)
	v.route = routePTY
	k := &keyDesk{desk: d, asks: asks, virtual: v, news: asks.Approvals(t.Context())}
	t.Cleanup(v.close)
	return k
}

// next is what the person at the screen gets to see next.
func (k *keyDesk) next() screen.ApprovalRequest {
	k.Helper()
	select {
	case r, ok := <-k.news:
		if !ok {
			k.Fatal("nothing is asked any more")
		}
		return r
	case <-time.After(30 * time.Second):
		k.Fatal("nothing is asked")
	}
	return screen.ApprovalRequest{}
}

func (k *keyDesk) asked(a screen.ApprovalAction) screen.ApprovalRequest {
	k.Helper()
	r := k.next()
	if r.Action != a || r.Over != "" {
		k.Fatalf("asked %+v, want %s", r, a)
	}
	return r
}

func (k *keyDesk) over(id uint64, text string) {
	k.Helper()
	if r := k.next(); id != 0 && r.ID != id || !strings.Contains(r.Over, text) {
		k.Fatalf("told %+v, want the end of %d: %s", r, id, text)
	}
}

type answered4 struct {
	answer passkeys.Answer
	err    error
}

func (k *keyDesk) approve(ctx context.Context, ask passkeys.Ask) <-chan answered4 {
	ch := make(chan answered4, 1)
	go func() {
		a, err := k.asks.Approve(ctx, ask)
		ch <- answered4{a, err}
	}()
	return ch
}

func phrase(s string) screen.Decision {
	return screen.Decision{Allow: true, Way: screen.VerifyPassphrase, Secret: secret.FromString(s)}
}

func TestQuestionsReachTheScreens(t *testing.T) {
	t.Parallel()
	k := newKeyDesk(t)
	k.asks.Opened(k.vault)
	ask := signIn("ada", "bob")
	done := k.approve(t.Context(), ask)
	r := k.asked(screen.ApproveSignIn)
	if r.Site != "bank.example" || len(r.Accounts) != 2 || r.Accounts[1].Name != "bob" || len(r.Verify) != 0 || r.Until.Before(time.Now()) {
		t.Errorf("%+v", r)
	}
	if err := k.asks.Answer(t.Context(), r.ID, screen.Decision{Allow: true, Account: 2}); !errors.Is(err, errNoChoice) {
		t.Errorf("an account that is not there: %v", err)
	}
	k.must(k.asks.Answer(t.Context(), r.ID, screen.Decision{Allow: true, Account: 1}))
	if got := <-done; got.err != nil || !got.answer.Allowed || got.answer.Chosen != 1 || got.answer.Verified {
		t.Errorf("%+v", got)
	}
	if err := k.asks.Answer(t.Context(), r.ID, screen.Decision{}); !errors.Is(err, errQuestionOver) {
		t.Errorf("answered twice: %v", err)
	}
}

func TestScreensVerify(t *testing.T) {
	t.Parallel()
	k := newKeyDesk(t)
	k.asks.Opened(k.vault)
	ask := signIn("ada")
	ask.Verify = true
	wrong := k.app.tuiFaults().WrongSecret
	done := k.approve(t.Context(), ask)
	r := k.asked(screen.ApproveSignIn)
	if !slices.Equal(r.Verify, []screen.VerifyWay{screen.VerifyPassphrase}) {
		t.Fatalf("%+v", r)
	}
	if err := k.asks.Answer(t.Context(), r.ID, screen.Decision{Allow: true}); err == nil {
		t.Error("allowed without a secret")
	}
	if err := k.asks.Answer(t.Context(), r.ID, phrase("wrong")); !wrong(err) {
		t.Errorf("%v", err)
	}
	if again := k.asked(screen.ApproveSignIn); again.ID != r.ID || again.Until.Before(r.Until) {
		t.Errorf("%+v", again)
	}
	k.must(k.asks.Answer(t.Context(), r.ID, phrase(deskPass)))
	if got := <-done; got.err != nil || !got.answer.Verified {
		t.Errorf("%+v", got)
	}
	done = k.approve(t.Context(), ask)
	r = k.asked(screen.ApproveSignIn)
	for i := range proveTries {
		if err := k.asks.Answer(t.Context(), r.ID, phrase("wrong")); !wrong(err) {
			t.Errorf("%v", err)
		}
		if i < proveTries-1 {
			k.asked(screen.ApproveSignIn)
		}
	}
	k.over(r.ID, "too many wrong tries")
	if got := <-done; !errors.Is(got.err, passkeys.ErrNotVerified) || got.answer.Allowed {
		t.Errorf("%+v", got)
	}
}

func TestQuestionsOfScreensEnd(t *testing.T) {
	t.Parallel()
	k := newKeyDesk(t)
	k.asks.Opened(k.vault)
	ctx, cancel := context.WithCancel(t.Context())
	done := k.approve(ctx, signIn("ada"))
	r := k.asked(screen.ApproveSignIn)
	cancel()
	k.over(r.ID, "no longer asks")
	if got := <-done; !errors.Is(got.err, context.Canceled) {
		t.Errorf("%+v", got)
	}
	if _, err := k.asks.ask(t.Context(), screen.ApprovalRequest{Action: screen.ApproveSelect}, time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	late := k.asked(screen.ApproveSelect)
	k.over(late.ID, "Nobody answered")
	if err := k.asks.Answer(t.Context(), late.ID, screen.Decision{Allow: true}); !errors.Is(err, errQuestionOver) {
		t.Errorf("allowed after the time: %v", err)
	}
}

// Nobody looks: nothing is allowed.
func TestNoScreenAllowsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	asks := newTUIApprovals(d.app, d.opener.dir)
	asks.Opened(d.vault)
	if got, err := asks.Approve(t.Context(), signIn("ada")); err == nil || got.Allowed || asks.canVerify() {
		t.Errorf("%+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	news := asks.Approvals(ctx)
	done := make(chan error, 1)
	go func() {
		_, err := asks.Approve(context.Background(), signIn("ada"))
		done <- err
	}()
	<-news
	cancel()
	if err := <-done; err == nil {
		t.Error("a question outlived the screens")
	}
}

// Programs learn nothing of a demo vault and of one that can only be read; unlocking is no answer while one is shown.
func TestProgramsDoNotReachOtherVaults(t *testing.T) {
	t.Parallel()
	k := newKeyDesk(t)
	demo := &tuiVault{a: k.app, s: k.vault.s, demo: true}
	reading, err := k.opener.Open(t.Context(), vault.MethodRecovery, secret.FromString(k.code))
	k.must(err)
	t.Cleanup(func() { _ = reading.Lock(context.Background()) })
	for _, v := range []screen.Vault{demo, reading} {
		k.asks.Opened(nil)
		opened := make(chan error, 1)
		go func() { opened <- k.asks.door.Open(t.Context(), nil) }()
		asked := k.asked(screen.ApproveUnlock)
		k.asks.Opened(v)
		k.over(asked.ID, "Refused")
		if err := <-opened; !errors.Is(err, passkeys.ErrLocked) {
			t.Error(err)
		}
		if err := k.asks.door.Open(t.Context(), nil); !errors.Is(err, passkeys.ErrLocked) {
			t.Error(err)
		}
	}
}

// A whole sign-in through libfido2 while the terminal interface is locked at first: the unlock screen opens the vault, which verifies as well.
func TestVirtualKeyOfTheScreens(t *testing.T) {
	t.Parallel()
	if !fido.Available().Linked {
		t.Skip("this build has no libfido2: make deps installs it, and cgo has to be on")
	}
	k := newKeyDesk(t)
	changes := k.virtual.Changes(t.Context())
	k.must(k.virtual.Switch(t.Context(), true))
	<-changes
	st := k.virtual.Status()
	if !st.On || st.Path == "" || st.Route != routePTY || st.Fault != "" {
		t.Fatalf("%+v", st)
	}
	k.must(k.virtual.Switch(t.Context(), true)) // it is on already
	k.asks.Opened(k.vault)
	k.asks.Opened(nil) // a host that only looks needs no open vault once it was open
	h := hostAt(t, st.Path)
	made := h.register("bank.example", "ada")
	unlock := k.asked(screen.ApproveUnlock)
	if err := k.asks.Answer(t.Context(), unlock.ID, screen.Decision{Allow: true}); err == nil {
		t.Error("a key press opened the vault")
	}
	opened, err := k.opener.Open(t.Context(), "passphrase", secret.FromString(deskPass))
	k.must(err)
	t.Cleanup(func() { _ = opened.Lock(context.Background()) })
	k.asks.Opened(opened)
	k.over(unlock.ID, "Unlocked")
	r := k.asked(screen.ApproveVerify)
	if r.Site != "bank.example" || !r.Verified || len(r.Verify) != 0 {
		t.Errorf("the passphrase of the same request is asked for again: %+v", r)
	}
	k.must(k.asks.Answer(t.Context(), r.ID, screen.Decision{Allow: true}))
	r = k.asked(screen.ApproveRegister)
	if r.Site != "bank.example" || r.Account != "ada" || len(r.Verify) != 0 || !r.Choosable || !r.Stays || r.Route != routeWords(routePTY) {
		t.Errorf("%+v", r)
	}
	k.must(k.asks.Answer(t.Context(), r.ID, screen.Decision{Allow: true, Binding: screen.BindingDevice}))
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	saved := k.next()
	if !saved.Done || saved.Step == "" || !strings.Contains(saved.Over, "bank.example (ada) saved") {
		t.Errorf("%+v", saved)
	}
	rows, err := tuiPasskeys{k.app}.List(t.Context(), k.vault)
	if err != nil || len(rows) != 1 || rows[0].Binding != screen.BindingDevice || rows[0].User != "ada" {
		t.Errorf("%+v, %v", rows, err)
	}
	log, err := tuiRequests{}.Requests(t.Context(), k.vault)
	if err != nil || len(log) != 2 || log[0].What != "new passkey" || !log[0].UV || !log[0].Good || log[0].Site != "bank.example" {
		t.Errorf("%+v, %v", log, err)
	}
	if _, err := k.vault.Undo(t.Context(), saved.Step); err != nil {
		t.Error(err)
	}
	if rows, err := (tuiPasskeys{k.app}).List(t.Context(), k.vault); err != nil || len(rows) != 0 {
		t.Errorf("taken back, and there: %+v, %v", rows, err)
	}
	// Locked again, the key stays, and a refusal of the unlock screen is one of the request.
	k.asks.Opened(nil)
	made = h.register("bank.example", "bob")
	unlock = k.asked(screen.ApproveUnlock)
	k.must(k.asks.Answer(t.Context(), unlock.ID, screen.Decision{}))
	if err := <-made; err == nil {
		t.Error("registered in a locked vault")
	}
	k.must(k.virtual.Switch(t.Context(), false))
	if st := k.virtual.Status(); st.On || st.Path != "" || st.Fault != "" {
		t.Errorf("%+v", st)
	}
}

// libHost is libfido2 at a device.
type libHost struct {
	t   *testing.T
	key *fido.Key
}

func hostAt(t *testing.T, path string) libHost {
	t.Helper()
	key, err := fido.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = key.Close() })
	return libHost{t, key}
}

// register begins a registration of a discoverable passkey with verification.
func (h libHost) register(rp, user string) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := h.key.MakeCredential(h.t.Context(), fido.MakeRequest{
			ClientDataHash: make([]byte, 32), RPID: rp, RPName: "The Site", User: fido.User{ID: []byte(user), Name: user}, Algorithm: -7, Resident: fido.Yes, UV: fido.Yes,
		})
		done <- err
	}()
	return done
}
