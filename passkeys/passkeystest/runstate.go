package passkeystest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"signet/passkeys"
	"signet/vault/secret"
)

// RunState checks what every State promises of an open vault. open returns a new one, each time another.
func RunState(t *testing.T, open func(t *testing.T) passkeys.State) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, passkeys.State){
		"New": newState, "RoundTrip": stateRoundTrip, "Fails": stateFails, "Reset": stateReset, "Concurrent": stateConcurrent, "Copies": stateCopies,
		"LargeBlobs": stateLargeBlobs,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func read(t *testing.T, s passkeys.State) passkeys.Memory {
	t.Helper()
	m, err := s.Read(t.Context())
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return m
}

func update(t *testing.T, s passkeys.State, change func(m *passkeys.Memory)) {
	t.Helper()
	if err := s.Update(t.Context(), func(m *passkeys.Memory) error { change(m); return nil }); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func sameMemory(t *testing.T, what string, got, want passkeys.Memory) {
	t.Helper()
	keys := func(a, b passkeys.SealKey) bool { return a.Binding == b.Binding && a.Key.Equal(b.Key) }
	for field, equal := range map[string]bool{
		"PIN": got.PIN.Equal(want.PIN), "PINSalt": bytes.Equal(got.PINSalt, want.PINSalt), "PINLength": got.PINLength == want.PINLength,
		"PINMisses": got.PINMisses == want.PINMisses, "ForceChangePIN": got.ForceChangePIN == want.ForceChangePIN,
		"MinPINLength": got.MinPINLength == want.MinPINLength, "MinPINRPs": slices.Equal(got.MinPINRPs, want.MinPINRPs),
		"AlwaysUV": got.AlwaysUV == want.AlwaysUV, "PersistentToken": got.PersistentToken.Equal(want.PersistentToken),
		"Identifier": bytes.Equal(got.Identifier, want.Identifier),
		"LargeBlobs": bytes.Equal(got.LargeBlobs, want.LargeBlobs), "SealKeys": slices.EqualFunc(got.SealKeys, want.SealKeys, keys),
		"RetiredKeys": slices.EqualFunc(got.RetiredKeys, want.RetiredKeys, keys),
	} {
		if !equal {
			t.Errorf("%s: %s is another", what, field)
		}
	}
}

func newState(t *testing.T, s passkeys.State) {
	sameMemory(t, "a new one", read(t, s), passkeys.Memory{})
}

// full is a memory with everything in it.
func full() passkeys.Memory {
	return passkeys.Memory{
		PIN: filled(4), PINSalt: []byte("0123456789abcdef"), PINLength: 6, PINMisses: 3, ForceChangePIN: true, MinPINLength: 6,
		MinPINRPs: []string{"a.example", "../b", "\u202e"}, AlwaysUV: true, PersistentToken: filled(5), LargeBlobs: []byte("blobs"),
		Identifier:  []byte("fedcba9876543210"),
		SealKeys:    []passkeys.SealKey{{Binding: passkeys.Synced, Key: filled(6)}, {Binding: passkeys.Device, Key: filled(7)}},
		RetiredKeys: []passkeys.SealKey{{Binding: passkeys.Device, Key: filled(8)}, {Binding: passkeys.Synced, Key: filled(9)}},
	}
}

func stateRoundTrip(t *testing.T, s passkeys.State) {
	update(t, s, func(m *passkeys.Memory) { *m = full() })
	sameMemory(t, "everything", read(t, s), full())
	update(t, s, func(m *passkeys.Memory) { m.PINMisses++; m.AlwaysUV = false })
	want := full()
	want.PINMisses, want.AlwaysUV = 4, false
	sameMemory(t, "a second change", read(t, s), want)
	update(t, s, func(*passkeys.Memory) {})
	sameMemory(t, "no change", read(t, s), want)
}

func stateFails(t *testing.T, s passkeys.State) {
	update(t, s, func(m *passkeys.Memory) { *m = full() })
	err := s.Update(t.Context(), func(m *passkeys.Memory) error { *m = passkeys.Memory{}; return passkeys.StatusPINAuthInvalid })
	if !errors.Is(err, passkeys.StatusPINAuthInvalid) {
		t.Errorf("Update: %v", err)
	}
	sameMemory(t, "after a change that failed", read(t, s), full())
}

func stateReset(t *testing.T, s passkeys.State) {
	update(t, s, func(m *passkeys.Memory) { *m = full() })
	want := passkeys.Memory{RetiredKeys: append(full().SealKeys, full().RetiredKeys...)}
	update(t, s, func(m *passkeys.Memory) { *m = passkeys.Memory{RetiredKeys: append(m.SealKeys, m.RetiredKeys...)} })
	sameMemory(t, "after a reset", read(t, s), want)
}

// stateConcurrent: several processes serve one device, and no change of one is lost for another's.
func stateConcurrent(t *testing.T, s passkeys.State) {
	const workers, each = 4, 8
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range each {
				if err := s.Update(t.Context(), func(m *passkeys.Memory) error { m.PINMisses++; return nil }); err != nil {
					t.Error(err)
				}
				if _, err := s.Read(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := read(t, s).PINMisses; got != workers*each {
		t.Errorf("%d changes are left of %d", got, workers*each)
	}
}

func stateCopies(t *testing.T, s passkeys.State) {
	update(t, s, func(m *passkeys.Memory) { *m = full() })
	m := read(t, s)
	clear(m.PINSalt)
	clear(m.LargeBlobs)
	clear(m.MinPINRPs)
	clear(m.SealKeys)
	clear(m.RetiredKeys)
	sameMemory(t, "after what was read was changed", read(t, s), full())
}

// stateLargeBlobs: the whole array fits, and gives room again.
func stateLargeBlobs(t *testing.T, s passkeys.State) {
	for _, size := range []int{16 << 10, 17, 16 << 10} {
		blobs := bytes.Repeat(fmt.Append(nil, size)[:2], size/2)
		update(t, s, func(m *passkeys.Memory) { m.LargeBlobs = bytes.Clone(blobs); m.PIN = secret.New([]byte{1}) })
		if got := read(t, s).LargeBlobs; !bytes.Equal(got, blobs) {
			t.Errorf("%d bytes came back as %d others", len(blobs), len(got))
		}
	}
}
