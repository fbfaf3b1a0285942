//go:build unix

package clip

import (
	"os"
	"slices"
	"testing"
	"time"
)

// way is one real clipboard on which the rules of clearing are tried.
type way struct {
	path  Path
	setup func(t *testing.T) (Options, env)
}

func viaX11(t *testing.T) (Options, env) {
	x := xserver(t)
	return Options{Host: host(x), Keeper: keeperFor(t)}, x
}

// viaProgram hides every other program, and the protocols by a display that only the program may use.
func viaProgram(name string) func(t *testing.T) (Options, env) {
	return func(t *testing.T) (Options, env) {
		x := xserver(t)
		full := need(t, name)
		dir := t.TempDir()
		if err := os.Symlink(full, dir+"/"+name); err != nil {
			t.Fatal(err)
		}
		vars := env{"PATH": dir}
		for k, v := range x {
			vars[k] = v
		}
		return Options{Host: host(vars), Keeper: keeperFor(t)}, x
	}
}

func ways() []way {
	return []way{{X11, viaX11}, {Wayland, viaWayland}, {WLCopy, viaWayland}, {XClip, viaProgram("xclip")}, {XSel, viaProgram("xsel")}}
}

// only copies on one way.
func only(t *testing.T, o Options, p Path, value string) Result {
	t.Helper()
	r, err := o.try(t.Context(), p, say(value))
	if err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	return r
}

// TestClearing tries every rule on every clipboard, one server for each.
func TestClearing(t *testing.T) {
	t.Parallel()
	rules := []struct {
		name string
		try  func(t *testing.T, p Path, o Options, vars env)
	}{
		{"the value is cleared after its time", clearedAfterItsTime},
		{"what somebody else copied is left alone", othersAreLeftAlone},
		{"at a request it is cleared at once", clearedAtARequest},
		{"a later copy releases the earlier keeper", laterCopyReleases},
		{"our value in other hands is cleared too", copiesOfOursAreCleared},
		{"a keeper that is ended clears", endedKeeperClears},
	}
	for _, w := range ways() {
		t.Run(string(w.path), func(t *testing.T) {
			t.Parallel()
			o, vars := w.setup(t)
			for _, r := range rules {
				t.Run(r.name, func(t *testing.T) {
					o.Keeper = keeperFor(t)
					r.try(t, w.path, o, vars)
				})
			}
		})
	}
}

func clearedAfterItsTime(t *testing.T, p Path, o Options, vars env) {
	o.After = 8 * time.Second
	if r := only(t, o, p, canary); r.Clears != o.After {
		t.Fatalf("result %+v", r)
	}
	if got := paste(t, vars); got != canary {
		t.Fatalf("pasted %q", got)
	}
	eventually(t, "the clipboard is empty", func() bool { return paste(t, vars) == "" })
	eventually(t, "the keeper has left", func() bool { return len(Waiting(o.Keeper.Dir)) == 0 })
}

func othersAreLeftAlone(t *testing.T, p Path, o Options, vars env) {
	o.After = time.Second
	only(t, o, p, canary)
	somebodyCopies(t, vars, "something else")
	eventually(t, "the keeper has left", func() bool { return len(Waiting(o.Keeper.Dir)) == 0 })
	if got := paste(t, vars); got != "something else" {
		t.Errorf("pasted %q", got)
	}
}

func clearedAtARequest(t *testing.T, p Path, o Options, vars env) {
	o.After = time.Hour
	only(t, o, p, canary)
	got := ClearNow(t.Context(), o.Keeper.Dir)
	if !slices.Equal(got, []Ended{{p, Cleared, nil}}) {
		t.Fatalf("outcomes %+v", got)
	}
	if left := paste(t, vars); left != "" {
		t.Errorf("pasted %q after clearing", left)
	}
	only(t, o, p, canary)
	somebodyCopies(t, vars, "something else")
	got = ClearNow(t.Context(), o.Keeper.Dir)
	if !slices.Equal(got, []Ended{{p, NotOurs, nil}}) || paste(t, vars) != "something else" {
		t.Errorf("outcomes %+v, pasted %q", got, paste(t, vars))
	}
}

// laterCopyReleases: the same value copied again must live its full time, so the first keeper, whose time comes sooner, may
// not touch it.
func laterCopyReleases(t *testing.T, p Path, o Options, vars env) {
	o.After = 2 * time.Second
	only(t, o, p, canary)
	first := Waiting(o.Keeper.Dir)
	o.After = time.Hour
	only(t, o, p, canary)
	now := Waiting(o.Keeper.Dir)
	if len(first) != 1 || len(now) != 1 || now[0].PID == first[0].PID {
		t.Fatalf("waiting %+v, then %+v", first, now)
	}
	eventually(t, "the first keeper has ended", func() bool { return !alive(first[0].PID) })
	if got := paste(t, vars); got != canary {
		t.Errorf("pasted %q", got)
	}
}

// copiesOfOursAreCleared: a clipboard manager that takes the clipboard over with our value holds our value.
func copiesOfOursAreCleared(t *testing.T, p Path, o Options, vars env) {
	o.After = time.Hour
	only(t, o, p, canary)
	somebodyCopies(t, vars, canary)
	got := ClearNow(t.Context(), o.Keeper.Dir)
	if !slices.Equal(got, []Ended{{p, Cleared, nil}}) || paste(t, vars) != "" {
		t.Errorf("outcomes %+v, pasted %q", got, paste(t, vars))
	}
}

// endedKeeperClears: logout sends SIGTERM.
func endedKeeperClears(t *testing.T, p Path, o Options, vars env) {
	o.After = time.Hour
	only(t, o, p, canary)
	terminate(t, Waiting(o.Keeper.Dir)[0].PID)
	eventually(t, "the clipboard is empty", func() bool { return paste(t, vars) == "" })
}
