package clip

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"signet/internal/sanitize"
)

// program is one way through external programs: full command lines, the first word a name to look up in PATH. get and
// clear belong to set: together they are one clipboard.
type program struct {
	set, get, clear []string
	conceal         []string // arguments behind set that mark the value as sensitive
	probe           []string // prints whether conceal is understood; nil: it is
	concealed       bool     // set marks it by itself
	timeout         time.Duration
	note            string
}

var programs = map[Path]program{
	XClip: {
		set: []string{"xclip", "-selection", "clipboard", "-in"}, get: []string{"xclip", "-selection", "clipboard", "-out"},
		clear: []string{"xclip", "-selection", "clipboard", "-in", "/dev/null"},
	},
	XSel: { // without --logfile it writes a log to the home directory
		set: []string{"xsel", "--logfile", "/dev/null", "--clipboard", "--input"}, get: []string{"xsel", "--logfile", "/dev/null", "--clipboard", "--output"},
		clear: []string{"xsel", "--logfile", "/dev/null", "--clipboard", "--clear"},
	},
	WLCopy: { // with a type it asks no xdg-mime
		set: []string{"wl-copy", "--type", "text/plain"}, get: []string{"wl-paste", "--no-newline", "--type", "text/plain"},
		clear: []string{"wl-copy", "--clear"}, conceal: []string{"--sensitive"}, probe: []string{"wl-copy", "--help"},
		note: "wl-copy keeps the value in a file below /tmp until the clipboard changes, and leaves it there when the session ends first",
	},
	PBCopy:  {set: []string{"pbcopy"}, get: []string{"pbpaste"}, clear: []string{"pbcopy"}},
	ClipEXE: {set: []string{"clip.exe"}, get: powershell(psGet), clear: powershell(psClear), timeout: slowTimeout},
	PowerShell: {
		set: powershell(psSet), get: powershell(psGet), clear: powershell(psClear), concealed: true, timeout: slowTimeout,
	},
	OSAScript: {
		set: []string{"osascript", "-l", "JavaScript", "-e", jxaSet}, get: []string{"pbpaste"}, clear: []string{"pbcopy"},
		concealed: true, timeout: slowTimeout,
	},
}

func powershell(script string) []string {
	return []string{"powershell.exe", "-NoProfile", "-NonInteractive", "-Sta", "-Command", script}
}

// The scripts for PowerShell read and write UTF-8, whatever the console's code page. psSet adds the formats by which
// Windows keeps a value out of its clipboard history and out of the cloud.
const (
	psSet = `$ErrorActionPreference='Stop';Add-Type -AssemblyName System.Windows.Forms;` +
		`$r=New-Object IO.StreamReader([Console]::OpenStandardInput(),(New-Object Text.UTF8Encoding($false)));` +
		`$d=New-Object Windows.Forms.DataObject;$d.SetText($r.ReadToEnd());` +
		`$z=New-Object IO.MemoryStream(,[byte[]](0,0,0,0));` +
		`foreach($f in 'ExcludeClipboardContentFromMonitorProcessing','CanIncludeInClipboardHistory','CanUploadToCloudClipboard'){$d.SetData($f,$z)};` +
		`[Windows.Forms.Clipboard]::SetDataObject($d,$true)`
	psGet = `$ErrorActionPreference='Stop';Add-Type -AssemblyName System.Windows.Forms;` +
		`$b=(New-Object Text.UTF8Encoding($false)).GetBytes([Windows.Forms.Clipboard]::GetText());` +
		`[Console]::OpenStandardOutput().Write($b,0,$b.Length)`
	psClear = `Add-Type -AssemblyName System.Windows.Forms;[Windows.Forms.Clipboard]::Clear()`

	// jxaSet is JavaScript for macOS: the text from standard input, with the type by which clipboard managers know passwords
	// (nspasteboard.org).
	jxaSet = `ObjC.import('AppKit');` +
		`var d=$.NSFileHandle.fileHandleWithStandardInput.readDataToEndOfFile;` +
		`var s=$.NSString.alloc.initWithDataEncoding(d,$.NSUTF8StringEncoding);` +
		`var p=$.NSPasteboard.generalPasteboard;p.clearContents;` +
		`p.setStringForType(s,'public.utf8-plain-text');p.setStringForType($(''),'org.nspasteboard.ConcealedType');undefined`
)

func (p program) limit() time.Duration {
	if p.timeout > 0 {
		return p.timeout
	}
	return programTimeout
}

// runSet copies through a program and reports whether the value is marked as sensitive.
func (h Host) runSet(ctx context.Context, path Path, value []byte, conceal bool) (bool, error) {
	p := programs[path]
	line, marked := p.set, p.concealed && conceal
	if conceal && p.conceal != nil && h.understands(ctx, p) {
		line, marked = append(append([]string{}, line...), p.conceal...), true
	}
	if path == ClipEXE {
		value = utf16LE(value)
		defer clear(value)
	}
	if _, err := h.run(ctx, p.limit(), value, 0, line); err != nil {
		return false, err
	}
	if p.timeout > 0 {
		return marked, nil
	}
	return marked, h.confirm(ctx, p, value)
}

// How often, and how far apart, a clipboard that was just set is looked at.
const (
	confirmTries = 20
	confirmPause = 50 * time.Millisecond
)

// confirm reads the clipboard back. xclip ends before the X server knows of the new owner: without this, a paste (or the end
// of the X connection) right after Copy would find the old content.
func (h Host) confirm(ctx context.Context, p program, value []byte) error {
	for range confirmTries {
		got, err := h.run(ctx, p.limit(), nil, len(value)+1, p.get)
		same := err == nil && subtle.ConstantTimeCompare(got, value) == 1
		clear(got)
		var no refusal
		switch {
		case same:
			return nil
		case err != nil && !errors.As(err, &no):
			return err
		case !wait(ctx, confirmPause):
			return ctx.Err()
		}
	}
	return fmt.Errorf("%s did not put the value on the clipboard", p.set[0])
}

// understands asks a program's help text for an option that older versions refuse.
func (h Host) understands(ctx context.Context, p program) bool {
	if p.probe == nil {
		return true
	}
	out, err := h.run(ctx, p.limit(), nil, 1<<16, p.probe)
	return err == nil && bytes.Contains(out, []byte(p.conceal[0]))
}

// refusal is a program that ran and said no. When reading, that is a clipboard with nothing in it.
type refusal struct{ error }

// run starts a program with input, waits, and returns at most limit bytes of its output (0: the output is not read). The
// program gets a session of its own: those that stay behind to serve the clipboard survive the terminal. They also keep
// their error output open, so it is a pipe that nobody waits for.
func (h Host) run(ctx context.Context, timeout time.Duration, input []byte, limit int, line []string) ([]byte, error) {
	exe, err := h.lookPath(line[0])
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, line[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.WaitDelay = h.childEnv(), rootDir(), bytes.NewReader(input), 500*time.Millisecond
	detach(cmd)
	said, errW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer said.Close()
	defer errW.Close()
	cmd.Stderr = errW
	var out io.ReadCloser
	if limit > 0 {
		if out, err = cmd.StdoutPipe(); err != nil {
			return nil, err
		}
		defer context.AfterFunc(ctx, func() { _ = out.Close() })()
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %v", line[0], err)
	}
	var got []byte
	if out != nil {
		got = readSome(out, limit)
	}
	err = cmd.Wait()
	if err == nil || limit > 0 && len(got) == limit {
		return got, nil
	}
	clear(got)
	return nil, fault(ctx, line[0], err, said)
}

// readSome reads at most limit bytes and then hangs up. The buffer has its full size from the start: a growing one would
// leave copies behind.
func readSome(r io.ReadCloser, limit int) []byte {
	buf := make([]byte, limit)
	n, _ := io.ReadFull(r, buf)
	_ = r.Close()
	return buf[:n]
}

// fault words the failure of a program; what it printed is foreign text.
func fault(ctx context.Context, name string, err error, said *os.File) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%s does not answer", name)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := make([]byte, 1024)
	_ = said.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	n, _ := said.Read(text)
	out := fmt.Errorf("%s: %v", name, err)
	if s := sanitize.Line(oneLine(text[:n])); s != "" {
		out = fmt.Errorf("%s: %v: %s", name, err, strings.TrimPrefix(s, name+": "))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return refusal{out}
	}
	return out
}

// utf16LE is what clip.exe reads without asking the code page.
func utf16LE(b []byte) []byte {
	out := make([]byte, 2, 2+2*len(b))
	out[0], out[1] = 0xff, 0xfe
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		b = b[n:]
		for _, u := range utf16.AppendRune(nil, r) {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}
