package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"signet/vault/format"
	"signet/vault/mirror"
	"signet/vault/unlock"
)

// States that only doctor gives to a file, beside those of logfile.go.
const (
	StateMissing  FileState = "missing"   // something names it and it is not there
	StateForeign  FileState = "foreign"   // not a name of ours: ignored, never touched
	StateLeftOver FileState = "left-over" // of a command that was cut off; nothing needs it
	StateSealed   FileState = "sealed"    // whole, but not looked into: the vault is locked, or it is not sealed to us
)

// FileReport is one file of the vault and what to do about it.
type FileReport struct {
	Path  string
	Size  int64
	State FileState
	Why   string
	Next  string // the exact next step, "" when nothing is to be done
}

// Level says how bad a problem is.
type Level string

// The levels. Only an error makes a vault not intact; warnings are surroundings and left-overs.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
)

// Problem is something that no single file's state says.
type Problem struct {
	Level Level
	Code  string // one word for machines
	Text  string
	Next  string // the exact next step
}

// Report is what doctor found.
type Report struct {
	Dir      string
	VaultID  string // unauthenticated while locked
	Unlocked bool
	Files    []FileReport // sorted by path
	Problems []Problem
}

// Intact reports whether no file is damaged, missing or quarantined and nothing else is an error.
func (r Report) Intact() bool {
	return !slices.ContainsFunc(r.Files, func(f FileReport) bool {
		return f.State == StateDamaged || f.State == StateMissing || f.State == StateQuarantined
	}) && !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Level == LevelError })
}

// Next steps.
const (
	nextRestore   = "put it back from a backup or another copy of the vault; nothing that other files hold is lost"
	nextKeep      = "nothing; it is kept, and never folded or deleted"
	nextDelete    = "nothing needs it: it may be deleted"
	nextForeign   = "nothing; Signet ignores it. If it is a copy made by a sync program, compare and delete it"
	nextDirectory = "remove it and put the directory back from a backup or another copy of the vault"
	nextUpgrade   = "install the newest Signet"
	nextSave      = "put the files back if a backup has them; otherwise signet doctor --accept writes it into the log again. Until then leave state/ alone"
	nextAccept    = "if a backup or another copy has them, put the files back; if they are gone for good: signet doctor --accept"
)

// doctor collects a report.
type doctor struct {
	m    *mirror.Mirror
	opt  Options
	rep  Report
	seen map[string]int // path → index in rep.Files
}

func newDoctor(m *mirror.Mirror, o Options) *doctor {
	return &doctor{m: m, opt: o, rep: Report{Dir: m.Dir()}, seen: map[string]int{}}
}

func (d *doctor) file(f FileReport) {
	if i, ok := d.seen[f.Path]; ok {
		f.Size = max(f.Size, d.rep.Files[i].Size)
		d.rep.Files[i] = f
		return
	}
	d.seen[f.Path] = len(d.rep.Files)
	d.rep.Files = append(d.rep.Files, f)
}

// judge sets the state of a file that was listed before, unless it is damaged, which no later look improves.
func (d *doctor) judge(name string, s FileState, why, next string) {
	if i, ok := d.seen[name]; ok && d.rep.Files[i].State == StateDamaged {
		return
	}
	d.file(FileReport{Path: name, State: s, Why: why, Next: next})
}

func (d *doctor) problem(l Level, code, next, text string, args ...any) {
	d.rep.Problems = append(d.rep.Problems, Problem{l, code, fmt.Sprintf(text, args...), next})
}

func (d *doctor) done() Report {
	slices.SortFunc(d.rep.Files, func(a, b FileReport) int { return strings.Compare(a.Path, b.Path) })
	return d.rep
}

// Doctor looks at a locked vault: names, hashes, left-overs and surroundings. It opens nothing and writes nothing.
func (d *Dir) Doctor(ctx context.Context) (Report, error) {
	x := newDoctor(d.m, d.opt)
	x.rep.VaultID = d.VaultID()
	if err := x.walk(ctx); err != nil {
		return Report{}, err
	}
	if d.hintErr != nil && d.Enrolled() {
		x.problem(LevelWarning, "device", "unlock the vault with a passphrase: device.json is then written anew", "device.json cannot be used (%v)", d.hintErr)
	}
	if !d.Enrolled() {
		x.problem(LevelWarning, "ways", "open it with the recovery code (--unlock recovery) and enrol this machine", "no way in on this machine")
	}
	return x.done(), nil
}

// roots are the names directly in the vault directory, and how deep each goes.
var roots = []struct {
	name   string
	synced bool
}{{"epochs", true}, {"roster", true}, {"log", true}, {"att", true}, {"members", true}, {"join", true},
	{unlockDir, false}, {boundDir, false}, {stateDir, false}, {lostDir, false}}

// walk lists every file and checks what needs no key.
func (d *doctor) walk(ctx context.Context) error {
	top, err := d.m.Names(".")
	if err != nil {
		return err
	}
	for _, name := range top {
		known := name == vaultName || name == deviceName
		for _, r := range roots {
			known = known || r.name == name
		}
		if !known {
			d.file(FileReport{Path: name, State: StateForeign, Next: nextForeign})
		}
	}
	for _, r := range roots[:6] {
		if err := d.walkSynced(ctx, r.name, 3); err != nil {
			return err
		}
	}
	if err := d.walkOwn(); err != nil {
		return err
	}
	d.surroundings()
	return nil
}

func (d *doctor) walkSynced(ctx context.Context, dir string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	names, err := d.m.Names(dir)
	if errors.Is(err, mirror.ErrNotRegular) {
		d.file(FileReport{Path: dir, State: StateDamaged, Why: "something else stands where a directory belongs", Next: nextDirectory})
		return nil
	}
	if err != nil {
		return err
	}
	for _, base := range names {
		name := dir + "/" + base
		info, err := d.m.Stat(name)
		if errors.Is(err, mirror.ErrNotRegular) {
			d.file(FileReport{Path: name, State: StateForeign, Why: "not a regular file", Next: nextForeign})
			continue
		}
		if retry(err) {
			continue
		}
		if err != nil {
			return err
		}
		if info.Dir && depth > 1 {
			if err := d.walkSynced(ctx, name, depth-1); err != nil {
				return err
			}
			continue
		}
		if err := d.checkSynced(name, info); err != nil {
			return err
		}
	}
	return nil
}

// checkSynced compares a file's bytes with its name (I2).
func (d *doctor) checkSynced(name string, info mirror.Info) error {
	n := format.ParseName(name)
	if n.Kind == format.FileUnknown || info.Dir {
		d.file(FileReport{Path: name, Size: info.Size, State: StateForeign, Next: nextForeign})
		return nil
	}
	if info.Size > maxFile(n.Kind) {
		d.file(FileReport{Path: name, Size: info.Size, State: StateDamaged, Why: "larger than any file of its kind may be", Next: nextRestore})
		return nil
	}
	sum, err := d.hash(name)
	if retry(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if sum.H32() != n.H32 {
		d.file(FileReport{Path: name, Size: info.Size, State: StateDamaged, Why: "its bytes are not the ones that its name says", Next: nextRestore})
		return nil
	}
	d.file(FileReport{Path: name, Size: info.Size, State: StateSealed})
	return nil
}

func (d *doctor) hash(name string) (format.Hash, error) {
	f, err := d.m.Open(name)
	if err != nil {
		return format.Hash{}, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return format.Hash{}, fmt.Errorf("read %s: %w", name, err)
	}
	return format.Hash(sum.Sum(nil)), nil
}

// walkOwn looks at this device's own files, as far as that needs no key.
func (d *doctor) walkOwn() error {
	if b, err := d.m.Read(vaultName, format.MaxHint); err != nil {
		d.file(FileReport{Path: vaultName, State: StateMissing, Why: "only a text for people", Next: "unlock the vault in doctor: it is written anew"})
	} else if _, err := format.ParseVaultHint(b); err != nil {
		d.file(FileReport{Path: vaultName, Size: int64(len(b)), State: StateDamaged, Why: "only a text for people", Next: "unlock the vault in doctor: it is written anew"})
	} else {
		d.file(FileReport{Path: vaultName, Size: int64(len(b)), State: StateOK})
	}
	for _, dir := range []string{unlockDir, boundDir, localDir} {
		files, err := d.m.List(dir)
		if err != nil {
			return err
		}
		for _, f := range files {
			d.file(FileReport{Path: dir + "/" + path.Base(f.Name), Size: f.Size, State: StateSealed})
		}
	}
	tmp, err := d.m.PendingTmp()
	if err != nil {
		return err
	}
	for _, f := range tmp {
		d.file(FileReport{Path: stateDir + "/tmp/" + path.Base(f.Name), Size: f.Size, State: StateLeftOver, Next: "nothing; the next edit clears it away"})
	}
	d.ways()
	return nil
}

// ways looks at the hints.
func (d *doctor) ways() {
	files, err := d.m.List(unlockDir)
	if err != nil {
		return
	}
	for _, f := range files {
		name := unlockDir + "/" + path.Base(f.Name)
		id, isHint := strings.CutSuffix(path.Base(f.Name), ".json")
		if !isHint {
			continue
		}
		w, err := readWay(d.m, id)
		switch {
		case err != nil || !wayID.MatchString(id):
			d.file(FileReport{Path: name, Size: f.Size, State: StateForeign, Why: "cannot be read as a way in", Next: nextForeign})
			continue
		case w.Kind == unlock.KindPassphrase && w.WorkFactor > 0 && w.WorkFactor < unlock.WeakWorkFactor:
			d.problem(LevelWarning, "weak", "signet slot change "+w.Name+" --work-factor 18",
				"slot %s has a work factor of %d: a guess costs less than it should", w.Name, w.WorkFactor)
		}
		d.file(FileReport{Path: name, Size: f.Size, State: StateOK})
	}
}

// surroundings warns about the place where the vault lies, and about what an init that was killed left beside it.
func (d *doctor) surroundings() {
	if d.opt.SyncedFolder != nil {
		if by, synced := d.opt.SyncedFolder(d.rep.Dir); synced {
			d.problem(LevelWarning, "synced-folder", "move the directory to a place that is not synchronised, and name it with --vault",
				"the vault lies in a folder that %s synchronises; unlock/ and state/ are this device's own", by)
		}
	}
	parent, own := filepath.Split(filepath.Clean(d.rep.Dir))
	entries, err := os.ReadDir(filepath.Clean(parent))
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+own+".new-") {
			d.problem(LevelWarning, "left-over", "delete it: rm -r "+filepath.Join(parent, e.Name()),
				"%s was left by an init that was cut off; it holds a vault that never came to be", e.Name())
		}
	}
}
