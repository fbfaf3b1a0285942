package audit

import (
	"bytes"
	"context"
	"slices"
	"testing"
)

// Any file ends: with an error, or with an answer for every hash.
func FuzzHashFile(f *testing.F) {
	f.Add([]byte("0000000000000000000000000000000000000001:3\r\nFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:1\r\n"), []byte("password"))
	f.Add([]byte("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:1\n0000000000000000000000000000000000000001:3\n"), []byte("x"))
	f.Add([]byte("0123456789ABCDEF0123456789ABCDEF:5\n"), []byte{})
	f.Fuzz(func(t *testing.T, list, password []byte) {
		h, err := OpenHashFile(bytes.NewReader(list), int64(len(list)), "list", "1")
		if err != nil {
			if h != nil {
				t.Fatal("a file with an error was opened")
			}
			return
		}
		hashes := []Hash{breachHash(password), breachHash([]byte("other"))}
		slices.SortFunc(hashes, func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
		answers := 0
		if err := h.Look(context.Background(), hashes, func(int, int) { answers++ }, func(int, int) {}); err == nil && answers != len(hashes) {
			t.Fatalf("%d answers and no error", answers)
		}
	})
}

// Any answer of a service is read within bounds, and nothing of it becomes a hash that it is not.
func FuzzRange(f *testing.F) {
	f.Add([]byte("0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\n"))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		seen, err := parseRange(body)
		if err != nil && seen != nil {
			t.Fatal("an answer with an error has hashes")
		}
		for suffix, n := range seen {
			if len(suffix) != suffixLen || n < 1 {
				t.Fatalf("%q seen %d times", suffix, n)
			}
		}
	})
}

// Any URL and any date is read without harm.
func FuzzText(f *testing.F) {
	for _, s := range []string{"https://a.co.uk:1/x", "::", "http://[::1", "2026-13", "12/26", "\xff", "http://a@b@c"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		site(s)
		local(s)
		endOf(s)
	})
}
