package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The same size gives the same vault, so that numbers of two days can be compared.
func TestGenerateIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	a, b := export(t, 200), export(t, 200)
	// SSH keys carry a random check value, everything else is drawn from the seed.
	if len(a) != len(b) || strings.Count(a, `"type":1`) != strings.Count(b, `"type":1`) {
		t.Error("two exports of one size differ")
	}
}

func export(t *testing.T, size int) string {
	t.Helper()
	var b bytes.Buffer
	if err := generate(&b, size); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The mix is that of a real vault: mostly logins, a fifth of them with a one-time code, and every kind occurs.
func TestGenerateLooksLikeAVault(t *testing.T) {
	t.Parallel()
	var d struct {
		Items []struct {
			Name  string
			Type  int
			Login *struct {
				TOTP  *string
				FIDO2 []struct{ KeyValue string } `json:"fido2Credentials"`
			}
		}
	}
	const size = 5000
	if err := json.Unmarshal([]byte(export(t, size)), &d); err != nil {
		t.Fatal(err)
	}
	kinds, codes, passkeys, probed := map[int]int{}, 0, 0, 0
	for _, it := range d.Items {
		kinds[it.Type]++
		if strings.HasPrefix(it.Name, "Probe ") {
			probed++
		}
		if it.Login != nil && it.Login.TOTP != nil {
			codes++
		}
		if it.Login != nil {
			for _, p := range it.Login.FIDO2 {
				passkeys++
				if len(p.KeyValue) < 150 {
					t.Errorf("passkey without a key: %q", p.KeyValue)
				}
			}
		}
	}
	within := func(what string, got, of, low, high int) {
		if got*100 < low*of || got*100 > high*of {
			t.Errorf("%s: %d of %d, want %d to %d per cent", what, got, of, low, high)
		}
	}
	within("logins", kinds[1], size, 80, 95)
	within("one-time codes", codes, kinds[1], 15, 25)
	within("passkeys", passkeys, kinds[1], 3, 8)
	for kind := 2; kind <= 5; kind++ {
		within("type", kinds[kind], size, 1, 10)
	}
	if len(d.Items) != size || probed != maxProbes {
		t.Errorf("%d items, %d of them probes", len(d.Items), probed)
	}
}

// An edit's cost on the disk: new and rewritten files whole, appended ones by their growth, untouched ones nothing.
func TestWrittenCountsWhatAnEditWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("same", "12345")
	put("grows", "12345")
	put("rewritten", "12345")
	before, err := contents(dir)
	if err != nil {
		t.Fatal(err)
	}
	put("grows", "12345678")
	put("rewritten", "54321")
	put("new", "1234567")
	got, err := written(before, dir)
	if want := int64(3 + 5 + 7); err != nil || got != want {
		t.Errorf("%d bytes, %v; want %d", got, err, want)
	}
}

func TestMedianIsNotMovedByOneSlowRun(t *testing.T) {
	t.Parallel()
	s := series{times: []time.Duration{9, 1, 2, 3, 1000}}
	if got := s.median(); got != 3 {
		t.Errorf("median %d", got)
	}
}

func TestDearestInits(t *testing.T) {
	t.Parallel()
	trace := "init runtime @0.03 ms, 0.02 ms clock, 0 bytes, 0 allocs\n" +
		"init golang.org/x/text/unicode @0.5 ms, 1.5 ms clock, 100 bytes, 2 allocs\nnoise\n" +
		"init os @0.7 ms, 0.1 ms clock, 10 bytes, 1 allocs\n"
	got := dearest(trace, 2)
	if len(got) != 2 || got[0] != (initCost{"golang.org/x/text/unicode", 1.5}) || got[1] != (initCost{"os", 0.1}) {
		t.Errorf("%v", got)
	}
}

func TestTableCanBePasted(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	table(&b, []column{
		{size: 100, values: map[string]float64{"get": 10, "edit-bytes": 4096}},
		{size: 100000, values: map[string]float64{"get": 12.5, "edit-bytes": 4096}},
	})
	for _, want := range []string{
		"| | 100 | 100,000 | last ÷ first | aim |\n|---|--:|--:|--:|---|\n",
		"| `signet get`, keyring slot | 10.0 ms | 12.5 ms | 1.25 | 100,000 within 1.5 × 100 |\n",
		"| bytes written per edit | 4,096 | 4,096 | 1.00 | independent of size |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}

// The measured program sees neither this session's bus nor its configuration.
func TestCleanEnvironment(t *testing.T) {
	t.Parallel()
	got := clean([]string{"PATH=/bin", "DBUS_SESSION_BUS_ADDRESS=unix:x", "XDG_DATA_HOME=/d", "SIGNET_VAULT=/v", "DISPLAY=:0"})
	if len(got) != 1 || got[0] != "PATH=/bin" {
		t.Errorf("%v", got)
	}
}
