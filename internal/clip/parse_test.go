package clip

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestOrdersAreRead(t *testing.T) {
	t.Parallel()
	h32 := bytes.Repeat([]byte{1}, 32)
	good := order{V: 1, Mode: modeOwn, Path: X11, After: time.Second, Size: 5}
	watch := order{V: 1, Mode: modeWatch, Path: XClip, After: time.Second, Size: 5, Key: h32, Sum: h32}
	line := func(o order, change func(*order)) string {
		if change != nil {
			change(&o)
		}
		b, _ := json.Marshal(o)
		return string(b) + "\n"
	}
	got, err := readOrder(strings.NewReader(line(good, nil) + "valueXX"))
	if err != nil || got.secret.RevealString() != "value" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := readOrder(strings.NewReader(line(watch, nil))); err != nil {
		t.Error(err)
	}
	for want, in := range map[string]string{
		"no complete line":           "{}",
		"no complete line ":          strings.Repeat("x", maxLine+1),
		"not JSON":                   "hello\n",
		"unknown version or mode":    line(good, func(o *order) { o.V = 2 }),
		"unknown version or mode ":   line(good, func(o *order) { o.Mode = "sell" }),
		"a number is out of range":   line(good, func(o *order) { o.Size = -1 }),
		"a number is out of range ":  line(good, func(o *order) { o.Size = MaxSize + 1 }),
		"a number is out of range  ": line(good, func(o *order) { o.After = -1 }),
		"nothing to do":              line(good, func(o *order) { o.Size = 0 }),
		"nothing to do ":             line(watch, func(o *order) { o.After = 0 }),
		"no hash":                    line(watch, func(o *order) { o.Sum = nil }),
		"no hash ":                   line(watch, func(o *order) { o.Key = h32[:31] }),
		"the value is cut short":     line(good, nil) + "val",
	} {
		if _, err := readOrder(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%.60q: %v, want %q", in, err, want)
		}
	}
}

func TestDisplays(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]display{
		":0": {"", 0}, ":1.0": {"", 1}, "unix:2": {"", 2}, "host/unix:3": {"", 3}, "localhost:10.0": {"localhost", 10}, "::1:4": {"::1", 4},
		"/private/tmp/launch/org.xquartz:0": {"", 0},
	} {
		if got, err := parseDisplay(in); err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "0", ":", ":x", ":-1", ":99999", ":1x"} {
		if got, err := parseDisplay(in); err == nil {
			t.Errorf("%q: %+v", in, got)
		}
	}
}

// entry writes one entry of an Xauthority file.
func entry(family uint16, parts ...string) []byte {
	b := binary.BigEndian.AppendUint16(nil, family)
	for _, p := range parts {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(p))), p...)
	}
	return b
}

func TestCookies(t *testing.T) {
	t.Parallel()
	const mit = "MIT-MAGIC-COOKIE-1"
	file := bytes.Join([][]byte{
		entry(256, "other", "5", mit, "other host"), entry(65535, "", "5", mit, "any host"), entry(256, "here", "5", mit, "this host"),
		entry(256, "here", "6", "XDM-AUTHORIZATION-1", "no"), entry(256, "here", "6", mit, "six"),
	}, nil)
	for number, want := range map[string]string{"5": "this host", "6": "six", "7": ""} {
		if _, got := pickCookie(file, number, "here"); string(got) != want {
			t.Errorf("display %s: %q, want %q", number, got, want)
		}
	}
	if _, got := pickCookie(file, "5", "elsewhere"); string(got) != "any host" {
		t.Errorf("elsewhere: %q", got)
	}
	if _, got := pickCookie(file[:len(file)-1], "6", "here"); len(got) != 0 {
		t.Errorf("a cut file gives %q", got)
	}
}

func FuzzReadOrder(f *testing.F) {
	f.Add([]byte(`{"v":1,"mode":"own","path":"x11","size":3}` + "\nabc"))
	f.Add([]byte(`{"v":1,"mode":"watch","path":"osc52","after":1}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		ord, err := readOrder(bytes.NewReader(b))
		if err == nil && len(ord.secret.Reveal()) != ord.Size && ord.Mode == modeOwn {
			t.Fatalf("%q: %+v", b, ord)
		}
		if err != nil && !ord.secret.IsEmpty() {
			t.Fatalf("%q: a failed read returns a value", b)
		}
	})
}

func FuzzXServer(f *testing.F) {
	f.Add(make([]byte, 40), entry(256, "h", "0", "MIT-MAGIC-COOKIE-1", "x"), ":0")
	f.Add(append(make([]byte, 16), 4, 0, 255, 255, 1, 1, 0, 0), []byte{1, 0, 0, 9}, "a/unix:7.1")
	f.Fuzz(func(t *testing.T, setup, auth []byte, name string) {
		c := &x11Conn{order: binary.LittleEndian}
		_ = c.setup(setup)
		_, _ = pickCookie(auth, "0", "h")
		_, _ = parseDisplay(name)
	})
}
