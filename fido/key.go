//go:build cgo && !nolibfido2

package fido

/*
#include <stdlib.h>
#include <string.h>
#include <fido.h>
*/
import "C"

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"signet/vault/secret"
)

// Times of a key.
const (
	reportWait  = 60 * time.Second       // libfido2 itself gives up: behind every deadline of a caller
	cancelEvery = 100 * time.Millisecond // a cancel that came before the request is lost, so it is repeated
	abandonWait = 3 * time.Second        // how long a cancelled call may take to end
	busyWait    = 2 * time.Second        // how long another program may hold the device
)

// Key is one open hardware key. Its calls may come from any goroutine and are served one at a time, all on one thread of the system, because libfido2
// keeps state per thread. A call ends when its context does: the key is told to cancel.
type Key struct {
	path string
	jobs chan func()
	gone chan struct{} // closed when the thread has ended

	mu   sync.Mutex // guards dev against a cancel while it is freed
	dev  *C.fido_dev_t
	once sync.Once
	stop chan struct{}
}

// Open opens a key by its path. It waits a moment for another program to be done with it.
func Open(ctx context.Context, path string) (*Key, error) {
	if err := reachable(ctx, path); err != nil {
		return nil, err
	}
	k := &Key{path: path, jobs: make(chan func()), gone: make(chan struct{}), stop: make(chan struct{})}
	opened := make(chan C.int, 1)
	go k.run(opened)
	select {
	case r := <-opened:
		if r != C.FIDO_OK {
			return nil, openFailure(ctx, int(r))
		}
		return k, nil
	case <-ctx.Done():
		_ = k.Close()
		return nil, failure(ctx, "open key", 0)
	}
}

// openFailure tells why a device that could be reached is no key to libfido2.
func openFailure(ctx context.Context, status int) error {
	e := failure(ctx, "open key", status)
	if e.Code == Failed || e.Code == Invalid {
		e.Code = Absent // a device, but none that answers as a FIDO key
	}
	return e
}

// run is the thread of a key.
func (k *Key) run(opened chan<- C.int) {
	runtime.LockOSThread() // never unlocked: the thread ends with its state
	defer close(k.gone)
	C.fido_init(0) // its state belongs to the thread
	path := C.CString(k.path)
	defer C.free(unsafe.Pointer(path))
	dev := C.fido_dev_new()
	if dev == nil {
		opened <- C.FIDO_ERR_INTERNAL
		return
	}
	r := C.fido_dev_open(dev, path)
	if r == C.FIDO_OK {
		C.fido_dev_set_timeout(dev, C.int(reportWait/time.Millisecond))
		k.mu.Lock()
		k.dev = dev
		k.mu.Unlock()
	}
	opened <- r
	if r == C.FIDO_OK {
		k.serve()
		C.fido_dev_close(dev)
	}
	k.mu.Lock()
	k.dev = nil
	C.fido_dev_free(&dev)
	k.mu.Unlock()
}

func (k *Key) serve() {
	for {
		select {
		case job := <-k.jobs:
			job()
		case <-k.stop:
			return
		}
	}
}

// Path is the device that the key was opened by.
func (k *Key) Path() string { return k.path }

// Close ends what is at work and frees the key. It is idempotent.
func (k *Key) Close() error {
	k.once.Do(func() { close(k.stop) })
	k.cancel()
	tick := time.NewTicker(cancelEvery)
	defer tick.Stop()
	late := time.After(abandonWait)
	for {
		select {
		case <-k.gone:
			return nil
		case <-tick.C:
			k.cancel()
		case <-late:
			return &Error{Op: "close key", Code: Failed, Retries: -1}
		}
	}
}

// cancel tells the key that nobody waits for its answer any more (CTAPHID_CANCEL). Without a request at work it does nothing.
func (k *Key) cancel() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dev != nil {
		C.fido_dev_cancel(k.dev)
	}
}

var errClosed = errors.New("the key is closed")

// call runs f on the key's thread and returns what it answers as an error. f owns everything that it touches: a call that does not end is left behind.
func (k *Key) call(ctx context.Context, op string, f func(dev *C.fido_dev_t) C.int) error {
	done := make(chan C.int, 1)
	select {
	case k.jobs <- func() { done <- f(k.dev) }:
	case <-ctx.Done():
		return failure(ctx, op, 0)
	case <-k.gone:
		return &Error{Op: op, Code: Unplugged, Retries: -1, cause: errClosed}
	case <-k.stop:
		return &Error{Op: op, Code: Cancelled, Retries: -1, cause: errClosed}
	}
	select {
	case r := <-done:
		return k.ended(ctx, op, r)
	case <-ctx.Done():
		return k.abandon(ctx, op, done)
	}
}

// ask is a call with an answer. What f fills is its own until it has ended well, so that a call that was left behind writes to nobody's memory.
func ask[T any](ctx context.Context, k *Key, op string, f func(dev *C.fido_dev_t, out *T) C.int) (T, error) {
	out := new(T)
	if err := k.call(ctx, op, func(dev *C.fido_dev_t) C.int { return f(dev, out) }); err != nil {
		var none T
		return none, err
	}
	return *out, nil
}

func (k *Key) ended(ctx context.Context, op string, r C.int) error {
	if r == C.FIDO_OK {
		return nil
	}
	return failure(ctx, op, int(r))
}

// abandon cancels until the call ends. One that succeeded at the last moment has succeeded.
func (k *Key) abandon(ctx context.Context, op string, done <-chan C.int) error {
	tick := time.NewTicker(cancelEvery)
	defer tick.Stop()
	late := time.After(abandonWait)
	for {
		k.cancel()
		select {
		case r := <-done:
			return k.ended(ctx, op, r)
		case <-tick.C:
		case <-late:
			return failure(ctx, op, 0)
		}
	}
}

// pin gives f a PIN as C wants it, and wipes that copy. Without one f gets nil.
func pin(s secret.Secret, f func(*C.char) C.int) C.int {
	if s.IsEmpty() {
		return f(nil)
	}
	b := s.Reveal()
	c := (*C.char)(C.malloc(C.size_t(len(b) + 1)))
	defer func() {
		C.memset(unsafe.Pointer(c), 0, C.size_t(len(b)+1)) //nolint:gocritic // freed memory keeps nothing
		C.free(unsafe.Pointer(c))
	}()
	text := unsafe.Slice((*byte)(unsafe.Pointer(c)), len(b)+1)
	copy(text, b)
	text[len(b)] = 0
	return f(c)
}

// checkPIN refuses what cannot be a PIN before a key spends a try on it.
func checkPIN(op string, s secret.Secret) error {
	if b := s.Reveal(); len(b) > maxPINBytes || containsNUL(b) {
		return &Error{Op: op, Code: PINPolicy, Retries: -1}
	}
	return nil
}

func containsNUL(b []byte) bool {
	for _, c := range b {
		if c == 0 {
			return true
		}
	}
	return false
}

// texts are C strings that live as long as one call.
type texts []*C.char

func (t *texts) of(s string) *C.char {
	c := C.CString(s)
	*t = append(*t, c)
	return c
}

func (t *texts) optional(s string) *C.char {
	if s == "" {
		return nil
	}
	return t.of(s)
}

func (t *texts) free() {
	for _, c := range *t {
		C.free(unsafe.Pointer(c))
	}
}

// bytesOf gives Go's bytes to C for the length of one call; nil for none, which element zero of an empty slice would not be.
func bytesOf(b []byte) (*C.uchar, C.size_t) {
	if len(b) == 0 {
		return nil, 0
	}
	return (*C.uchar)(unsafe.Pointer(&b[0])), C.size_t(len(b))
}

// goBytes copies what C holds.
func goBytes(p *C.uchar, n C.size_t) []byte {
	if p == nil || n == 0 || n > maxLargeBlob {
		return nil
	}
	return C.GoBytes(unsafe.Pointer(p), C.int(n))
}

// goSecret copies a secret that C holds.
func goSecret(p *C.uchar, n C.size_t) secret.Secret {
	b := goBytes(p, n)
	if b == nil {
		return secret.Secret{}
	}
	return secret.New(b)
}

// goText copies a text of a key, which may be as long as a message.
func goText(p *C.char) string {
	if p == nil {
		return ""
	}
	return C.GoStringN(p, C.int(C.strnlen(p, maxText)))
}

const maxText = 4096

func tri(t Tri) C.fido_opt_t {
	switch t {
	case No:
		return C.FIDO_OPT_FALSE
	case Yes:
		return C.FIDO_OPT_TRUE
	}
	return C.FIDO_OPT_OMIT
}
