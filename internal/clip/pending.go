package clip

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"signet/internal/sanitize"
)

// Outcome is how one waiting clearing ended.
type Outcome string

// The outcomes.
const (
	Cleared  Outcome = "cleared"
	NotOurs  Outcome = "not ours" // something else had been copied; it was left alone
	Failed   Outcome = "failed"
	NoAnswer Outcome = "no answer" // the process that clears is gone
)

// Pending describes one value that waits to be cleared.
type Pending struct {
	V     int       `json:"v"`
	Path  Path      `json:"path"`
	Place string    `json:"place"`
	PID   int       `json:"pid"`
	Until time.Time `json:"until"` // zero for never

	id string
}

// The files of one keeper: its word, the request to clear now, and the answer.
const (
	wordSuffix = ".clip"
	askSuffix  = ".now"
	doneSuffix = ".done"
	maxPending = 64      // files looked at in one directory
	maxWord    = 4 << 10 // bytes of one
)

// answerTimeout is how long ClearNow waits for a keeper.
const answerTimeout = 3 * time.Second

// post is a keeper's place in the directory; the zero value is nowhere.
type post struct{ base string }

// leaveWord writes the file by which a keeper is found and releases those that watched over the same clipboard before: what
// they watched over has been replaced.
func leaveWord(dir, place string, p Path, until time.Time) (post, error) {
	if dir == "" {
		return post{}, errors.New("no directory for it")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return post{}, err
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id)
	name := hex.EncodeToString(id)
	word, err := json.Marshal(Pending{V: orderVersion, Path: p, Place: place, PID: os.Getpid(), Until: until.Round(0)})
	if err != nil {
		return post{}, err
	}
	base := filepath.Join(dir, name)
	if err := writeNew(base+wordSuffix, word); err != nil {
		return post{}, err
	}
	for _, old := range Waiting(dir) {
		if old.Place == place && old.id != name {
			remove(filepath.Join(dir, old.id))
		}
	}
	return post{base}, nil
}

// writeNew writes a small file under its name in one step, so that nobody reads half of it.
func writeNew(name string, b []byte) error {
	tmp := name + ".tmp"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// released reports that the word was taken away: a later copy has replaced the value.
func (p post) released() bool { return p.base != "" && !exists(p.base+wordSuffix) }

// asked reports a request to clear at once.
func (p post) asked() bool { return p.base != "" && exists(p.base+askSuffix) }

// done leaves the answer for whoever asked.
func (p post) done(o Outcome) {
	if p.asked() {
		_ = writeNew(p.base+doneSuffix, []byte(o))
	}
}

// leave takes the word away, last of all.
func (p post) leave() {
	if p.base != "" {
		_ = os.Remove(p.base + askSuffix)
		_ = os.Remove(p.base + wordSuffix)
	}
}

func remove(base string) {
	for _, s := range []string{wordSuffix, askSuffix, doneSuffix} {
		_ = os.Remove(base + s)
	}
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// Waiting lists the values that wait to be cleared. Files that are none of ours are passed over.
func Waiting(dir string) []Pending {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(8 * maxPending)
	var out []Pending
	for _, n := range names {
		id, ok := strings.CutSuffix(n, wordSuffix)
		if !ok || len(out) == maxPending {
			continue
		}
		if p, err := readWord(filepath.Join(dir, n)); err == nil {
			p.id = id
			out = append(out, p)
		}
	}
	return out
}

func readWord(name string) (Pending, error) {
	st, err := os.Lstat(name)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxWord {
		return Pending{}, errors.New("not a keeper's file")
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return Pending{}, err
	}
	var p Pending
	if err := json.Unmarshal(b, &p); err != nil || p.V != orderVersion {
		return Pending{}, errors.New("not a keeper's file")
	}
	return p, nil
}

// Ended is the answer of one keeper to ClearNow. Err is set when the value may still be on the clipboard.
type Ended struct {
	Path    Path
	Outcome Outcome
	Err     error
}

// ClearNow asks every waiting keeper to clear at once, and waits for their answers.
func ClearNow(ctx context.Context, dir string) []Ended {
	waiting := Waiting(dir)
	for _, p := range waiting {
		_ = writeNew(filepath.Join(dir, p.id+askSuffix), nil)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var out []Ended
	for _, p := range waiting {
		e := Ended{Path: p.Path, Outcome: collect(ctx, filepath.Join(dir, p.id))}
		if e.Outcome == Failed || e.Outcome == NoAnswer && !p.over() {
			e.Err = fmt.Errorf("clear the clipboard (%s): %s", sanitize.Line(string(p.Path)), e.Outcome)
		}
		out = append(out, e)
	}
	return out
}

// over reports that the keeper should have ended by itself long ago.
func (p Pending) over() bool { return !p.Until.IsZero() && time.Now().After(p.Until.Add(time.Minute)) }

// collect waits until one keeper has left and returns its answer.
func collect(ctx context.Context, base string) Outcome {
	defer remove(base)
	for exists(base + wordSuffix) {
		if !wait(ctx, 20*time.Millisecond) {
			return NoAnswer
		}
	}
	b, err := os.ReadFile(base + doneSuffix)
	switch o := Outcome(b); {
	case err != nil:
		return NotOurs // it ended between our look and our request, or was released by a later copy
	case o == Cleared || o == NotOurs:
		return o
	}
	return Failed
}
