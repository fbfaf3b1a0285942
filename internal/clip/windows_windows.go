package clip

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The Win32 clipboard ("Clipboard Formats" and "Cloud Clipboard and Clipboard History Formats" on learn.microsoft.com).
const (
	cfUnicodeText = 13
	gmemMoveable  = 2
	openTries     = 25 // another program may have it open for a moment
	openPause     = 20 * time.Millisecond
)

// excluded are the formats that keep a value out of monitors, history and cloud; the content of each is the DWORD 0.
var excluded = [...]string{"ExcludeClipboardContentFromMonitorProcessing", "CanIncludeInClipboardHistory", "CanUploadToCloudClipboard"}

var errFormat = errors.New("the clipboard holds no text")

func user32(name string) *windows.LazyProc {
	return windows.NewLazySystemDLL("user32.dll").NewProc(name)
}
func kernel32(name string) *windows.LazyProc {
	return windows.NewLazySystemDLL("kernel32.dll").NewProc(name)
}

// withClipboard opens the clipboard for one function. It belongs to a thread, so the goroutine stays on its own.
func withClipboard(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var err error
	for range openTries {
		var ok uintptr
		if ok, _, err = user32("OpenClipboard").Call(0); ok != 0 {
			defer func() { _, _, _ = user32("CloseClipboard").Call() }()
			return f()
		}
		time.Sleep(openPause)
	}
	return fmt.Errorf("open the clipboard: %v", err)
}

// setWindows replaces the clipboard.
func setWindows(value []byte, conceal bool) error {
	text := utf16LE(value)[2:] // without the byte order mark
	text = append(text, 0, 0)
	defer clear(text)
	return withClipboard(func() error {
		if ok, _, err := user32("EmptyClipboard").Call(); ok == 0 {
			return fmt.Errorf("empty the clipboard: %v", err)
		}
		if conceal { // before the text: monitors look as soon as there is something
			for _, name := range excluded {
				if err := setFormat(name); err != nil {
					return err
				}
			}
		}
		return setData(cfUnicodeText, text)
	})
}

func setFormat(name string) error {
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err
	}
	format, _, err := user32("RegisterClipboardFormatW").Call(uintptr(unsafe.Pointer(wide)))
	if format == 0 {
		return fmt.Errorf("register clipboard format: %v", err)
	}
	return setData(format, make([]byte, 4))
}

// setData hands a block of global memory over; it belongs to the system after success only.
func setData(format uintptr, b []byte) error {
	block, _, err := kernel32("GlobalAlloc").Call(gmemMoveable, uintptr(len(b)))
	if block == 0 {
		return fmt.Errorf("allocate clipboard memory: %v", err)
	}
	at, _, err := kernel32("GlobalLock").Call(block)
	if at != 0 {
		_, _, _ = kernel32("RtlMoveMemory").Call(at, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		_, _, _ = kernel32("GlobalUnlock").Call(block)
		var ok uintptr
		if ok, _, err = user32("SetClipboardData").Call(format, block); ok != 0 {
			return nil
		}
	}
	_, _, _ = kernel32("GlobalFree").Call(block)
	return fmt.Errorf("set clipboard data: %v", err)
}

// getWindows reads at most limit bytes of text.
func getWindows(limit int) ([]byte, error) {
	var out []byte
	err := withClipboard(func() error {
		block, _, _ := user32("GetClipboardData").Call(cfUnicodeText)
		if block == 0 {
			return errFormat
		}
		size, _, _ := kernel32("GlobalSize").Call(block)
		at, _, err := kernel32("GlobalLock").Call(block)
		if at == 0 {
			return fmt.Errorf("lock clipboard memory: %v", err)
		}
		defer func() { _, _, _ = kernel32("GlobalUnlock").Call(block) }()
		units := make([]uint16, min(int(size)/2, limit+1))
		if len(units) > 0 {
			_, _, _ = kernel32("RtlMoveMemory").Call(uintptr(unsafe.Pointer(&units[0])), at, uintptr(2*len(units)))
		}
		for i, u := range units {
			if u == 0 {
				units = units[:i]
				break
			}
		}
		out = utf8Of(units)
		clear(units)
		return nil
	})
	return out, err
}

func utf8Of(units []uint16) []byte {
	out := make([]byte, 0, 3*len(units))
	for _, r := range utf16.Decode(units) {
		out = append(out, string(r)...)
	}
	return out
}

// winWatcher watches the Win32 clipboard.
type winWatcher struct{ fingerprint }

func windowsWatcher(ord order) (holder, error) {
	return &winWatcher{fingerprint{ord.Key, ord.Sum, ord.Size}}, nil
}

func (w *winWatcher) ours(context.Context) (bool, error) {
	got, err := getWindows(w.size + 1)
	defer clear(got)
	if errors.Is(err, errFormat) {
		return false, nil
	}
	return err == nil && w.is(got), err
}

func (w *winWatcher) clear(context.Context) error {
	return withClipboard(func() error {
		if ok, _, err := user32("EmptyClipboard").Call(); ok == 0 {
			return fmt.Errorf("empty the clipboard: %v", err)
		}
		return nil
	})
}

func (w *winWatcher) lost() <-chan struct{} { return nil }

func (w *winWatcher) close() {}
