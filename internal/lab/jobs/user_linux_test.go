package jobs

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// browserOf makes `chromium` a browser of an ordinary user's, whose rights are all that it has.
func browserOf(t *testing.T, uid int) {
	t.Helper()
	dir := t.TempDir()
	profile := fmt.Sprintf("/tmp/browser-%d", uid)
	if err := os.Mkdir(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	if err := os.Chown(profile, uid, uid); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\ncd / && HOME=" + profile + " exec " + strings.Join(as(uid, "/usr/bin/chromium"), " ") + " \"$@\" --user-data-dir=" + profile + "\n"
	if err := os.WriteFile(filepath.Join(dir, "chromium"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

// The whole way of an ordinary user: the two commands of the documentation, then a browser that registers and signs in. Neither the program nor the browser
// has any right of root's.
func TestAUserSignsInInTheBrowser(t *testing.T) {
	// A second Chromium costs a minute and a half. Where a slow machine has used its time up, the other jobs have shown the parts: the helper, and the browser.
	if end, ok := t.Deadline(); ok && time.Until(end) < 150*time.Second {
		t.Skip("the lab's time is nearly over: make lab RUN=TestAUser runs this alone")
	}
	installedHelper(t)
	k := userKey(t)
	browserOf(t, ada)
	w := &world{site: newSite(t, chromium(t)), key: k, ann: newAccount("ann")}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("Chromium:\n%s", w.said())
		}
	})
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", k.cmd.Process.Pid)); err != nil || !strings.Contains(string(b), "Uid:\t"+strconv.Itoa(ada)) {
		t.Errorf("the key is served by somebody else: %v %s", err, b)
	}
	w.with(t, w.ann)
	c := w.signing(t, nil)
	k.prove()
	if got := c.signedIn(t, w.ann); got.account != w.ann {
		t.Error("signed in as somebody else")
	}
}
