package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"signet/tui/screen"
	"signet/tui/theme"
)

// Options are everything the program is started with.
type Options struct {
	Ports screen.Ports
	Vault screen.Vault // already open (an agent's, the demo's): no unlock screen at the start

	Light      bool // begin with the light theme; the terminal's answer decides later
	FixedTheme bool // do not ask the terminal
	NoColor    bool
	ASCII      bool
	Keys       *screen.Keys // nil: Keys(); else of BindKeys
	Theme      theme.Name   // auto asks the terminal which of dark and light fits
	Linear     bool         // for screen readers
	NoMouse    bool         // the mouse stays with the terminal at the start

	In          io.Reader // nil: the terminal
	Out         io.Writer // nil: the terminal
	Environment []string  // nil: the process's
	W, H        int       // a size to begin with, for tests
	Signals     bool      // handle SIGINT, SIGTERM and SIGHUP: true in the real program

	exec     func(tea.ExecCommand, tea.ExecCallback) tea.Cmd
	stopper  stopper                              // nil: the process is not stopped
	after    func(time.Duration, tea.Msg) tea.Cmd // tests: nothing happens by itself
	terminal io.Writer                            // Out behind a lock, for OSC 52
}

// traces are variables that make libraries write keys, pastes and clipboard contents to files (bubbletea.md 4d.1). harden.Init
// unsets them at the start; here they are unset once more, because nothing may depend on who starts the program.
var traces = []string{"TEA_TRACE", "TEA_DEBUG", "UV_DEBUG"}

// signals end the program in an orderly way. Bubble Tea's own handler knows no SIGHUP, and its SIGTERM never reaches Update.
var signals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// Run shows the program until the user quits, ctx ends or a signal comes. Whatever ends it, the vault is locked and the terminal
// is as it was before. A signal or the end of ctx gives an error that matches context.Canceled.
func Run(ctx context.Context, opt Options) error {
	for _, name := range traces {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	if opt.Ports.Now == nil {
		opt.Ports.Now = time.Now
	}
	if opt.Environment == nil && os.Getenv("NO_COLOR") != "" {
		opt.NoColor = true
	}
	if opt.Signals {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, signals...)
		defer stop()
	}
	out := opt.Out
	if out == nil {
		out = os.Stdout
	}
	var lockedOut io.Writer
	lockedOut, opt.terminal = share(out)
	// The program gets its own end: the session's commands may still need a context while the program is stopping.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var job *jobControl
	if opt.Signals {
		job = newStopper()
		opt.stopper = job
	}
	r := newRoot(life, opt)
	program := tea.NewProgram(r, programOptions(ctx, opt, lockedOut)...)
	r.pace = newPace(program)
	if job != nil {
		go job.listen(life, program)
	}
	_, err := program.Run()
	// Bubble Tea v2.0.10 leaves the cursor hidden when it is stopped between two frames of which only the second shows it.
	_, _ = io.WriteString(opt.terminal, ansi.SetModeTextCursorEnable)
	r.shutDown()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, tea.ErrInterrupted) {
		return context.Canceled
	}
	return err
}

func programOptions(ctx context.Context, opt Options, out io.Writer) []tea.ProgramOption {
	o := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithOutput(out)}
	if opt.In != nil {
		o = append(o, tea.WithInput(opt.In))
	}
	if opt.Environment != nil {
		o = append(o, tea.WithEnvironment(opt.Environment))
	}
	if opt.W > 0 && opt.H > 0 {
		o = append(o, tea.WithWindowSize(opt.W, opt.H))
	}
	if opt.NoColor {
		o = append(o, tea.WithColorProfile(colorprofile.Ascii))
	}
	return o
}

// endIn is how long the vault gets to lock and the clipboard to be cleared when the program ends.
const endIn = 5 * time.Second

// shutDown runs after the program ended, in whatever way: unsaved changes are kept in the store, secrets on screens are wiped, the vault is locked. The
// clipboard keeps its own time: what was copied may be pasted after the TUI is gone.
func (r *root) shutDown() {
	ctx, cancel := context.WithTimeout(context.Background(), endIn)
	defer cancel()
	if r.session.open() {
		if r.forget {
			r.dropAll()
		} else {
			failed, _ := r.keeper.save(ctx, r.session.vault, r.jobs())
			sealed{failed: failed}.Wipe()
		}
		r.keeper.purge(ctx, r.session.vault)
	}
	r.refuseAll(ctx)
	for _, l := range r.stack {
		l.s.Close()
	}
	sealed{failed: r.waiting}.Wipe()
	if r.locking != nil { // a lock that is still going on keeps drafts, too
		select {
		case <-r.locking:
		case <-ctx.Done():
		}
	}
	if !r.session.open() {
		return
	}
	r.session.cancel()
	_ = r.session.vault.Lock(ctx)
	r.session = session{}
}

// share puts a lock before the terminal, so that an OSC 52 sequence never lands inside a frame. What is a terminal stays one in
// Bubble Tea's eyes: it needs the file's descriptor for size and mode.
func share(w io.Writer) (program, direct io.Writer) {
	mu := &sync.Mutex{}
	if f, ok := w.(*os.File); ok {
		return &sharedFile{File: f, mu: mu}, &sharedWriter{w: f, mu: mu}
	}
	s := &sharedWriter{w: w, mu: mu}
	return s, s
}

type sharedWriter struct {
	w  io.Writer
	mu *sync.Mutex
}

func (s *sharedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

type sharedFile struct {
	*os.File
	mu *sync.Mutex
}

func (s *sharedFile) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.File.Write(p)
}

// WriteString keeps io.WriteString from going past the lock.
func (s *sharedFile) WriteString(p string) (int, error) { return s.Write([]byte(p)) }

// ReadFrom keeps io.Copy from going past the lock.
func (s *sharedFile) ReadFrom(r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	n, err := s.Write(b)
	return int64(n), err
}
