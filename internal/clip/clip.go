package clip

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signet/vault/secret"
)

// Limits of what is copied and of what is waited for.
const (
	MaxSize        = 1 << 20          // bytes; a value of the vault is no longer
	MaxClear       = 24 * time.Hour   // a clipboard that holds longer should be asked for as "never"
	programTimeout = 3 * time.Second  // one external program
	slowTimeout    = 10 * time.Second // powershell.exe and osascript take their time
	keeperTimeout  = 5 * time.Second  // until the child says that it is ready
)

// Path names the way on which a value went to the clipboard.
type Path string

// The ways. Those named after a program use it.
const (
	Wayland    Path = "wayland"
	X11        Path = "x11"
	Windows    Path = "windows"
	WLCopy     Path = "wl-copy"
	XClip      Path = "xclip"
	XSel       Path = "xsel"
	OSAScript  Path = "osascript"
	PBCopy     Path = "pbcopy"
	PowerShell Path = "powershell"
	ClipEXE    Path = "clip.exe"
	OSC52      Path = "osc52"
)

// Method says which ways may be used.
type Method int

// Auto is OSC 52 over SSH and native everywhere else.
const (
	Auto Method = iota
	Native
	Terminal // OSC 52
)

// ErrNoClipboard says that there is no clipboard here; the text says what was looked for.
var ErrNoClipboard = errors.New("no clipboard")

// Keeper is how to start the child that clears: this program with a hidden command, which calls [RunClearer].
type Keeper struct {
	Exe  string   // absolute path of this program
	Args []string // the hidden command
	Dir  string   // where waiting children are remembered; "" for nowhere, then ClearNow finds none
}

// Options say how to copy.
type Options struct {
	Host   Host // System() outside of tests
	Method Method
	Keeper Keeper
	After  time.Duration // until it is cleared; 0 for never
	Blind  bool          // clear what cannot be read back (OSC 52) all the same; the user has been told
	Public bool          // not a secret (a user name): clipboard managers may keep it
}

// Result says what happened, for the user to know.
type Result struct {
	Path      Path
	Concealed bool          // clipboard managers were told not to keep it
	Clears    time.Duration // until it is cleared, 0 when it will not be
	Blind     bool          // the clearing does not look first
	Notes     []string      // what is weaker than usual, one sentence each
}

// Summary is one line for the user, without the notes: "copied (wayland, marked as sensitive), cleared in 45s".
func (r Result) Summary() string {
	out := "copied (" + string(r.Path)
	if r.Concealed {
		out += ", marked as sensitive"
	}
	switch {
	case r.Clears == 0:
		return out + "), not cleared by itself"
	case r.Blind:
		return out + fmt.Sprintf("), cleared in %v whatever is there by then", r.Clears)
	}
	return out + fmt.Sprintf("), cleared in %v", r.Clears)
}

// Copy puts the value on the clipboard. When it returns, the value can be pasted, and what was promised in Clears holds
// even when this process ends at once.
func Copy(ctx context.Context, o Options, value secret.Secret) (Result, error) {
	switch n := len(value.Reveal()); {
	case n == 0:
		return Result{}, errors.New("copy to the clipboard: the value is empty")
	case n > MaxSize:
		return Result{}, fmt.Errorf("copy to the clipboard: the value is longer than %d bytes", MaxSize)
	case o.After < 0 || o.After > MaxClear:
		return Result{}, fmt.Errorf("copy to the clipboard: the time until clearing is not between 0 and %v", MaxClear)
	}
	ways, err := o.ways()
	if err != nil {
		return Result{}, err
	}
	var faults []string
	for _, p := range ways {
		r, err := o.try(ctx, p, value)
		if err == nil {
			if !p.owned() { // owning the X11 selection where Wayland offers no way (GNOME) is no weaker
				r.Notes = append(r.Notes, weaker(faults)...)
			}
			return r, nil
		}
		faults = append(faults, fmt.Sprintf("%s: %v", p, err))
		if ctx.Err() != nil {
			break
		}
	}
	return Result{}, fmt.Errorf("copy to the clipboard: %s", strings.Join(faults, "; "))
}

// weaker turns the ways that failed before one worked into a note.
func weaker(faults []string) []string {
	if len(faults) == 0 {
		return nil
	}
	return []string{"tried first: " + strings.Join(faults, "; ")}
}

// try copies on one way and starts the child that clears.
func (o Options) try(ctx context.Context, p Path, value secret.Secret) (Result, error) {
	if p.owned() {
		return o.own(ctx, p, value)
	}
	r, err := o.set(ctx, p, value.Reveal())
	if err != nil || o.After == 0 {
		return r, err
	}
	if p == OSC52 && !o.Blind {
		r.Notes = append(r.Notes, "a terminal cannot be asked whether the clipboard is still ours, so it is not cleared by itself")
		return r, nil
	}
	if _, err := o.spawn(ctx, o.watchOrder(p, value)); err != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("it will not be cleared: %v", err))
		return r, nil
	}
	r.Clears, r.Blind = o.After, p == OSC52
	return r, nil
}

// set puts the value on a clipboard that keeps it without us.
func (o Options) set(ctx context.Context, p Path, value []byte) (Result, error) {
	r := Result{Path: p}
	var err error
	switch p {
	case OSC52:
		r.Notes, err = o.Host.writeOSC52(ctx, value)
	case Windows:
		r.Concealed = !o.Public
		err = setWindows(value, r.Concealed)
	default:
		r.Concealed, err = o.Host.runSet(ctx, p, value, !o.Public)
		if n := programs[p].note; n != "" {
			r.Notes = append(r.Notes, n)
		}
	}
	if err != nil {
		return Result{}, err
	}
	return r, nil
}

// own starts a child that owns the clipboard itself.
func (o Options) own(ctx context.Context, p Path, value secret.Secret) (Result, error) {
	ord := o.order(p, modeOwn)
	ord.Conceal = !o.Public
	ord.secret = value
	rep, err := o.spawn(ctx, ord)
	if err != nil {
		return Result{}, err
	}
	r := Result{Path: p, Concealed: rep.Concealed, Clears: o.After}
	if rep.Note != "" {
		r.Notes = append(r.Notes, rep.Note)
	}
	return r, nil
}
