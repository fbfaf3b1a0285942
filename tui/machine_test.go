package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

// answered waits until the machine got its answer, and lets the program work meanwhile.
func (d *driver) answered(done <-chan struct{}) *driver {
	d.t.Helper()
	return d.until("the answer to the machine", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
}

func machine(m *tuitest.Machine) setting {
	return func(o *Options, _ *tuitest.Opener) { o.Ports.Machine = m }
}

// The screen goes at once; the machine may sleep only when the keys are wiped and what was typed is kept.
func TestSleepLocksFirst(t *testing.T) {
	t.Parallel()
	m := &tuitest.Machine{}
	d := drive(t, 80, 24, opened, machine(m)).want("15").keys("ctrl+x e").want("unchanged").typed("dr4ft").want("unsaved")
	d.keys("ctrl+x ctrl+x").until("somebody to listen", m.Listened)
	hold := make(chan struct{})
	d.vault.Slow(func(call string) {
		if call == "SaveDraft" {
			<-hold
		}
	})
	done := m.Tell(screen.LockedSuspend)
	d.want("was locked before the machine went to sleep", "Unsaved changes wait")
	select {
	case <-done:
		t.Fatal("the machine sleeps, and the vault is not locked yet")
	default:
	}
	close(hold)
	d.answered(done)
	if !d.vault.IsLocked() || d.vault.Kept() != 1 {
		t.Errorf("locked %v, %d drafts", d.vault.IsLocked(), d.vault.Kept())
	}
}

func TestTheScreensLockLocks(t *testing.T) {
	t.Parallel()
	m := &tuitest.Machine{}
	d := drive(t, 80, 24, opened, machine(m)).want("15").keys("ctrl+y").want("Password copied").until("somebody to listen", m.Listened)
	done := m.Tell(screen.LockedScreen)
	d.want("was locked with the screen", "Passphrase")
	d.answered(done).until("the clipboard to be cleared", func() bool { return d.clip.Holds() == "" })
	d.unlock().want("15").until("somebody to listen", m.Listened)
	d.answered(m.Tell(screen.LockedScreen)).want("was locked with the screen")
}

// What lock.on does not name locks nothing, and does not hold the machine up.
func TestLockOnIsObeyed(t *testing.T) {
	t.Parallel()
	m := &tuitest.Machine{}
	off := func(o *Options, op *tuitest.Opener) { op.Vault.Conf.LockSuspend = false }
	d := drive(t, 80, 24, opened, off, machine(m)).want("15").until("somebody to listen", m.Listened)
	d.answered(m.Tell(screen.LockedSuspend))
	if d.vault.IsLocked() || !d.is("GitHub") {
		t.Error("locked against the setting")
	}
	d.answered(m.Tell(screen.LockedScreen)).want("was locked with the screen")
}

// fakeStop stops nothing.
type fakeStop struct{ why string }

func (f *fakeStop) mayStop() string { return f.why }
func (f *fakeStop) away(bool)       {}

func (f *fakeStop) stop() {}

// While the process is stopped the clock goes on: it comes back locked, and nothing of the vault was drawn before.
func TestComingBackAfterLongFindsItLocked(t *testing.T) {
	t.Parallel()
	f := &fakeStop{}
	d := drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { o.stopper = f }).want("GitHub").keys("ctrl+z")
	if d.is("GitHub") {
		t.Errorf("something is drawn while the process stops:\n%s", d.picture())
	}
	d.clock.Advance(16 * time.Minute)
	d.send(tickMsg{})
	if d.is("GitHub") {
		t.Error("drawn before the clock was looked at")
	}
	d.send(tea.ResumeMsg{})
	if d.is("GitHub") || !d.is("was locked because nobody was there") {
		t.Errorf("after it goes on:\n%s", d.picture())
	}
}

func TestComingBackSoonGoesOn(t *testing.T) {
	t.Parallel()
	f := &fakeStop{}
	d := drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { o.stopper = f }).want("GitHub").keys("ctrl+z")
	d.clock.Advance(time.Minute)
	d.send(tea.ResumeMsg{})
	d.want("GitHub")
	f.why = "There is no shell here to go back to"
	d.keys("ctrl+z").want("There is no shell here to go back to", "GitHub")
}
