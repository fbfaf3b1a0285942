//go:build unix

package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Many processes write at once. Every one says that it is done, and nothing that any of them wrote is lost.
func TestManyProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.must("add", "login", "Shared", "username=start")
	const processes, edits = 6, 12
	var wg sync.WaitGroup
	for p := range processes {
		wg.Go(func() {
			for n := range edits {
				switch n % 3 {
				case 0:
					h.must("add", "login", fmt.Sprintf("of %d %d", p, n), "--generate")
				case 1:
					h.must("edit", "Shared", fmt.Sprintf("tag=t-%d-%d", p, n))
				case 2:
					h.must("edit", "Shared", fmt.Sprintf("username=u-%d-%d", p, n))
				}
			}
		})
	}
	wg.Wait()
	titles := h.titles()
	for p := range processes {
		for n := 0; n < edits; n += 3 {
			if titles[fmt.Sprintf("of %d %d", p, n)] != 1 {
				t.Errorf("the entry of %d %d is there %d times", p, n, titles[fmt.Sprintf("of %d %d", p, n)])
			}
		}
	}
	tags := h.must("ls", "Shared").lines(t)[0]["tags"].([]any)
	if len(tags) != processes*edits/3 {
		t.Errorf("%d of %d tags", len(tags), processes*edits/3)
	}
	past := map[string]bool{h.value("Shared", "username"): true}
	for _, l := range h.must("history", "Shared", "--reveal").lines(t) {
		past[l["value"].(string)] = true
	}
	for p := range processes {
		for n := 2; n < edits; n += 3 {
			if name := fmt.Sprintf("u-%d-%d", p, n); !past[name] {
				t.Errorf("%s is neither there nor in the history", name)
			}
		}
	}
	h.intact()
}

// A counter-based code is given out once, however many ask for it at the same time.
func TestCodesOfACounterComeOnce(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write("key", "otpauth://hotp/Example:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0")
	if a := h.feeds(h.read("key"), "add", "totp", "Counter", "totp=-"); a.code != 0 {
		t.Fatal(a)
	}
	const processes, codes = 4, 6
	var mu sync.Mutex
	seen := map[string]int{}
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			for range codes {
				code := h.must("otp", "Counter").lines(t)[0]["code"].(string)
				mu.Lock()
				seen[code]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != processes*codes {
		t.Errorf("%d different codes of %d: %v", len(seen), processes*codes, seen)
	}
	next := h.must("otp", "Counter").lines(t)[0]["code"].(string)
	if seen[next] > 0 {
		t.Errorf("%s came again", next)
	}
}

// Readers get an answer while a writer is at work, and never half of an edit.
func TestReadersSeeWholeEdits(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.must("add", "login", "Pair", "username=0", "notes=0")
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(done)
		for n := 1; n <= 25; n++ {
			h.must("edit", "Pair", fmt.Sprintf("username=%d", n), fmt.Sprintf("notes=%d", n))
		}
	})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				text := string(h.must("get", "Pair", "--reveal").out)
				var user, notes string
				for _, part := range strings.Split(text, `"name":"`) {
					if v, ok := strings.CutPrefix(part, "username"); ok {
						user = cut(v)
					}
					if v, ok := strings.CutPrefix(part, "content"); ok {
						notes = cut(v)
					}
				}
				if user == "" || user != notes {
					t.Errorf("user name %q with notes %q: %s", user, notes, text)
					return
				}
			}
		})
	}
	wg.Wait()
}

func cut(s string) string {
	_, v, _ := strings.Cut(s, `"value":"`)
	v, _, _ = strings.Cut(v, `"`)
	return v
}
