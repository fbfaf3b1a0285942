//go:build unix

package clip

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fakes makes a PATH with scripts in place of the real programs; only faults are injected this way.
func fakes(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	// A child that another test forks at this moment would inherit the file open for writing, and running it would fail.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for name, body := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAProgramThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"xclip": "/bin/sleep 60 & wait", "xsel": "/bin/cat >/dev/null; exec /bin/sleep 60"})
	_, err := Copy(t.Context(), Options{Host: host(env{"PATH": dir, "DISPLAY": ":1"})}, say(canary))
	if err == nil || err.Error() != "copy to the clipboard: xclip: xclip does not answer; xsel: xsel does not answer" {
		t.Errorf("error %v", err)
	}
}

func TestAProgramThatFailsIsNamedAndTheNextTried(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{
		"xclip": `echo "xclip: no \033[31mdisplay" >&2; exit 1`,
		"xsel":  `case "$*" in *--input*) cat >"$0.data";; *--output*) cat "$0.data";; esac`,
	})
	r, err := Copy(t.Context(), Options{Host: host(env{"PATH": dir + ":/bin:/usr/bin", "DISPLAY": ":1"})}, say(canary))
	if err != nil || r.Path != XSel {
		t.Fatalf("result %+v, %v", r, err)
	}
	if want := []string{"tried first: xclip: xclip: exit status 1: no ␛[31mdisplay"}; !slices.Equal(r.Notes, want) {
		t.Errorf("notes %q, want %q", r.Notes, want)
	}
}

func TestAProgramThatDoesNothingIsFoundOut(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{"xclip": `/bin/cat >/dev/null; echo old`})
	_, err := Copy(t.Context(), Options{Host: host(env{"PATH": dir, "DISPLAY": ":1"})}, say(canary))
	if err == nil || !strings.Contains(err.Error(), "xclip did not put the value on the clipboard") {
		t.Errorf("error %v", err)
	}
}

func TestWLCopyIsAskedForSensitiveWhenItCan(t *testing.T) {
	t.Parallel()
	for help, marked := range map[string]bool{"--sensitive  Mark as sensitive": true, "--primary": false} {
		dir := fakes(t, map[string]string{
			"wl-copy":  `case "$1" in --help) echo "` + help + `"; exit;; esac; echo "$@" >"$0.args"; cat >"$0.data"`,
			"wl-paste": `cat "${0%paste}copy.data"`,
		})
		h := host(env{"PATH": dir + ":/bin:/usr/bin", "WAYLAND_DISPLAY": "none"})
		r, err := Copy(t.Context(), Options{Host: h}, say(canary))
		args, _ := os.ReadFile(filepath.Join(dir, "wl-copy.args"))
		if err != nil || r.Concealed != marked || strings.Contains(string(args), "--sensitive") != marked || strings.Contains(string(args), "canary") {
			t.Errorf("%s: result %+v, %v, arguments %q", help, r, err, args)
		}
		if r, err = Copy(t.Context(), Options{Host: h, Public: true}, say("ada")); err != nil || r.Concealed {
			t.Errorf("%s: a user name is marked: %+v, %v", help, r, err)
		}
	}
}

func TestProgramsFromRelativeDirectoriesAreNotRun(t *testing.T) {
	t.Parallel()
	h := host(env{"PATH": ".::bin:" + t.TempDir()})
	if p, err := h.lookPath("sh"); err == nil {
		t.Errorf("found %s", p)
	}
	if p, err := host(env{"PATH": "bin:/bin"}).lookPath("sh"); err != nil || p != "/bin/sh" {
		t.Errorf("found %s, %v", p, err)
	}
}

func TestChildrenGetNoForeignVariables(t *testing.T) {
	t.Parallel()
	h := host(env{"DISPLAY": ":1", "SIGNET_PASSPHRASE": canary, "LD_PRELOAD": "/x.so", "AWS_SECRET_ACCESS_KEY": canary})
	if got := strings.Join(h.childEnv(), "\n"); strings.Contains(got, "canary") || strings.Contains(got, "LD_PRELOAD") || !strings.Contains(got, "DISPLAY=:1") {
		t.Errorf("environment %q", got)
	}
}

func TestAKeeperThatFailsIsToldAndNothingHangs(t *testing.T) {
	t.Parallel()
	dir := fakes(t, map[string]string{
		"dies": "exit 3", "talks": "echo nonsense", "sorry": `echo '{"error":"no display"}'`, "hangs": "/bin/sleep 60 & wait",
		"xclip": `case "$*" in *-out) cat "$0.data";; *) cat >"$0.$$"; mv "$0.$$" "$0.data";; esac`,
	})
	for name, want := range map[string]string{
		"dies": "ended early", "talks": "ended early", "sorry": "no display", "hangs": "does not answer", "absent": "start the process",
	} {
		o := Options{Host: host(env{"PATH": dir + ":/bin:/usr/bin", "DISPLAY": ":none"}), Keeper: Keeper{Exe: filepath.Join(dir, name)}, After: time.Hour}
		t.Run("watching: "+name, func(t *testing.T) {
			t.Parallel()
			r, err := o.try(t.Context(), XClip, say(canary))
			last := ""
			if len(r.Notes) > 0 {
				last = r.Notes[len(r.Notes)-1]
			}
			if err != nil || r.Clears != 0 || !strings.HasPrefix(last, "it will not be cleared: ") || !strings.Contains(last, want) {
				t.Errorf("result %+v, %v, want %q", r, err, want)
			}
		})
		t.Run("owning: "+name, func(t *testing.T) {
			t.Parallel()
			if _, err := o.try(t.Context(), X11, say(canary)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
}

func TestWithoutADirectoryTheValueIsStillCleared(t *testing.T) {
	t.Parallel()
	x := xserver(t)
	k := keeperFor(t)
	k.Dir = ""
	r := copyFor(t, Options{Host: host(x), Keeper: k, After: time.Second}, canary)
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "locking will not clear it at once") {
		t.Errorf("result %+v", r)
	}
	eventually(t, "the clipboard is empty", func() bool { return paste(t, x) == "" })
}

func TestAnEndedCopyIsNoCopy(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := fakes(t, map[string]string{"xclip": "cat >/dev/null", "xsel": "cat >/dev/null"})
	if r, err := Copy(ctx, Options{Host: host(env{"PATH": dir, "DISPLAY": ":1"})}, say(canary)); err == nil {
		t.Errorf("result %+v", r)
	}
}

func TestValuesAndTimesAreBounded(t *testing.T) {
	t.Parallel()
	h := host(env{"DISPLAY": ":1"})
	for want, c := range map[string]struct {
		o     Options
		value string
	}{
		"the value is empty":      {Options{Host: h}, ""},
		"longer than 1048576":     {Options{Host: h}, strings.Repeat("x", MaxSize+1)},
		"not between 0 and 24h":   {Options{Host: h, After: -1}, "x"},
		"is not between 0 and 24": {Options{Host: h, After: 25 * time.Hour}, "x"},
	} {
		if _, err := Copy(t.Context(), c.o, say(c.value)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestWhereThereIsNoClipboard(t *testing.T) {
	t.Parallel()
	_, err := Copy(t.Context(), Options{Host: host(nil)}, say(canary))
	if !errors.Is(err, ErrNoClipboard) || !strings.Contains(err.Error(), "neither WAYLAND_DISPLAY nor DISPLAY is set") {
		t.Errorf("error %v", err)
	}
}
