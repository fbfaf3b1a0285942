package clip

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"signet/vault/secret"
)

// mode is what a keeper does: own the clipboard, or watch over one that a program (or the terminal) set.
type mode string

const (
	modeOwn   mode = "own"
	modeWatch mode = "watch"
)

// order is what a keeper is told, as one line of JSON on its standard input. In own mode, Size bytes of the value follow;
// in watch mode the keeper never sees the value.
type order struct {
	V       int           `json:"v"`
	Mode    mode          `json:"mode"`
	Path    Path          `json:"path"`
	After   time.Duration `json:"after"`
	Dir     string        `json:"dir"`
	Place   string        `json:"place"`
	Conceal bool          `json:"conceal"`
	Wrap    wrapping      `json:"wrap"`
	Size    int           `json:"size"`
	Key     []byte        `json:"key,omitempty"`
	Sum     []byte        `json:"sum,omitempty"`

	secret secret.Secret
}

// report is the keeper's answer, one line of JSON on its standard output, when the clipboard is set and watched.
type report struct {
	Error     string `json:"error,omitempty"`
	Concealed bool   `json:"concealed,omitempty"`
	Note      string `json:"note,omitempty"`
}

const (
	orderVersion = 1
	maxLine      = 64 << 10
	ttyFD        = 3 // where a keeper finds the terminal for OSC 52
)

// holder is a clipboard as a keeper sees it.
type holder interface {
	ours(ctx context.Context) (bool, error) // whether it still holds our value
	clear(ctx context.Context) error
	lost() <-chan struct{} // closed when somebody else took an owned clipboard; nil when that cannot be known
	close()
}

// order fills in what all orders share.
func (o Options) order(p Path, m mode) order {
	return order{V: orderVersion, Mode: m, Path: p, After: o.After, Dir: o.Keeper.Dir, Place: o.Host.place(p)}
}

// watchOrder makes the keyed hash by which the keeper will know the value.
func (o Options) watchOrder(p Path, value secret.Secret) order {
	ord := o.order(p, modeWatch)
	if p == OSC52 {
		ord.Wrap, _, _ = o.Host.multiplexer(context.Background())
		return ord
	}
	ord.Key = make([]byte, sha256.Size)
	_, _ = rand.Read(ord.Key) // never fails since Go 1.24
	ord.Sum, ord.Size = keyed(ord.Key, value.Reveal()), len(value.Reveal())
	return ord
}

func keyed(key, value []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(value)
	return mac.Sum(nil)
}

// RunClearer is the body of the hidden command: it reads one order, takes its post, answers, and stays until the value is
// cleared, taken over or released. in and out are the standard streams of the process. Its error is for nobody: the
// parent has been told, or is gone.
func RunClearer(ctx context.Context, in io.Reader, out io.Writer) error {
	h := System()
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	ord, err := readOrder(in)
	if err == nil {
		var k *keeper
		if k, err = takePost(ctx, h, ord); err == nil {
			defer k.end()
			answer(out, report{Concealed: ord.Conceal, Note: k.note})
			return k.stay(ctx)
		}
	}
	answer(out, report{Error: err.Error()})
	return err
}

// answer writes the report and hangs up, so that the parent need not wait for the end of this process.
func answer(out io.Writer, r report) {
	b, _ := json.Marshal(r)
	_, _ = out.Write(append(b, '\n'))
	if c, ok := out.(io.Closer); ok {
		_ = c.Close()
	}
}

func readOrder(in io.Reader) (order, error) {
	r := bufio.NewReaderSize(in, maxLine)
	line, err := r.ReadSlice('\n')
	if err != nil {
		return order{}, errors.New("read order: no complete line")
	}
	var ord order
	if err := json.Unmarshal(line, &ord); err != nil {
		return order{}, errors.New("read order: not JSON")
	}
	clear(line)
	switch {
	case ord.V != orderVersion || ord.Mode != modeOwn && ord.Mode != modeWatch:
		return order{}, errors.New("read order: unknown version or mode")
	case ord.Size < 0 || ord.Size > MaxSize || ord.After < 0 || ord.After > MaxClear:
		return order{}, errors.New("read order: a number is out of range")
	case ord.Mode == modeOwn && ord.Size == 0, ord.Mode == modeWatch && ord.After == 0:
		return order{}, errors.New("read order: nothing to do")
	case ord.Mode == modeWatch && ord.Path.reading() && (len(ord.Key) != sha256.Size || len(ord.Sum) != sha256.Size):
		return order{}, errors.New("read order: no hash")
	}
	if ord.Mode == modeOwn {
		b := make([]byte, ord.Size)
		if _, err := io.ReadFull(r, b); err != nil {
			return order{}, errors.New("read order: the value is cut short")
		}
		ord.secret = secret.New(b)
	}
	return ord, nil
}

// keeper is a child at its post.
type keeper struct {
	holder holder
	after  time.Duration
	until  time.Time // zero for never
	post   post
	note   string
}

// takePost opens the clipboard and leaves word where it can be found.
func takePost(ctx context.Context, h Host, ord order) (*keeper, error) {
	hold, err := openHolder(ctx, h, ord)
	if err != nil {
		return nil, err
	}
	k := &keeper{holder: hold, after: ord.After}
	if ord.After > 0 {
		k.until = time.Now().Add(ord.After)
	}
	if k.post, err = leaveWord(ord.Dir, ord.Place, ord.Path, k.until); err != nil {
		k.note = fmt.Sprintf("locking will not clear it at once: %v", err)
	}
	return k, nil
}

func openHolder(ctx context.Context, h Host, ord order) (holder, error) {
	switch {
	case ord.Mode == modeOwn:
		return openOwner(ctx, h, ord)
	case ord.Path == OSC52:
		return &terminal{tty: os.NewFile(ttyFD, "tty"), wrap: ord.Wrap}, nil
	case ord.Path == Windows:
		return windowsWatcher(ord)
	}
	if _, ok := programs[ord.Path]; !ok {
		return nil, errors.New("unknown way to the clipboard")
	}
	return &watcher{host: h, p: programs[ord.Path], fingerprint: fingerprint{ord.Key, ord.Sum, ord.Size}}, nil
}

// openOwner speaks the protocol of the display.
func openOwner(ctx context.Context, h Host, ord order) (holder, error) {
	switch ord.Path {
	case Wayland:
		return openWayland(ctx, h, ord)
	case X11:
		return openX11(ctx, h, ord)
	}
	return nil, errors.New("unknown display")
}

// How often a keeper looks for requests, and how long it lets a clipboard manager put the value back before it looks again.
const (
	tick   = 100 * time.Millisecond
	settle = 300 * time.Millisecond
)

// stay waits for the end: the time, a request, a later copy, the end of the process, or (when nothing is to be cleared) the
// loss of the clipboard. Time is measured twice: the clock that stops while a laptop sleeps, and the one on the wall.
func (k *keeper) stay(ctx context.Context) error {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	var due <-chan time.Time
	if k.after > 0 {
		timer := time.NewTimer(time.Until(k.until))
		defer timer.Stop()
		due = timer.C
	}
	lost := k.holder.lost()
	for {
		select {
		case <-ctx.Done():
			return k.clearOnce(context.WithoutCancel(ctx))
		case <-due:
			return k.clearOnce(ctx)
		case <-lost:
			if k.after == 0 {
				return nil
			}
			lost = nil // a clipboard manager may have taken a copy: look again when the time has come
		case <-ticks.C:
			switch {
			case k.post.released():
				return nil
			case k.post.asked(), k.after > 0 && time.Now().Round(0).After(k.until.Round(0)):
				return k.clearOnce(ctx)
			}
		}
	}
}

// clearOnce clears what is still ours, and does so again when a clipboard manager put it back.
func (k *keeper) clearOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 4*slowTimeout)
	defer cancel()
	out := NotOurs
	for range 2 {
		ours, err := k.holder.ours(ctx)
		if err == nil && ours {
			err = k.holder.clear(ctx)
			out = Cleared
		}
		if err != nil {
			k.post.done(Failed)
			return err
		}
		if _, blind := k.holder.(*terminal); blind || !ours {
			break
		}
		time.Sleep(settle)
	}
	k.post.done(out)
	return nil
}

func (k *keeper) end() {
	k.post.leave()
	k.holder.close()
}

// fingerprint knows a value without holding it.
type fingerprint struct {
	key, sum []byte
	size     int
}

func (f fingerprint) is(value []byte) bool {
	return len(value) == f.size && hmac.Equal(keyed(f.key, value), f.sum)
}

// watcher watches a clipboard that programs set and read.
type watcher struct {
	fingerprint
	host Host
	p    program
}

func (w *watcher) ours(ctx context.Context) (bool, error) {
	got, err := w.host.run(ctx, w.p.limit(), nil, w.size+1, w.p.get)
	var no refusal
	if errors.As(err, &no) {
		return false, nil
	}
	defer clear(got)
	return err == nil && w.is(got), err
}

func (w *watcher) clear(ctx context.Context) error {
	_, err := w.host.run(ctx, w.p.limit(), nil, 0, w.p.clear)
	return err
}

func (w *watcher) lost() <-chan struct{} { return nil }

func (w *watcher) close() {}
