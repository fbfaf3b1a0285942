package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"signet/internal/audit"
	"signet/internal/session"
)

// auditJob is one audit of an open vault, for the command and for the TUI.
type auditJob struct {
	a       *App
	s       session.Session
	auditor *audit.Auditor
	fetch   audit.Fetcher
	kinds   []audit.Kind
	hashes  string // the list of hashes; "": the one of the configuration
	online  bool   // asked for this time; the vault's setting counts as well
	old     time.Duration
	howTo   string // how to have breaches looked up, in the words of who asks
	workers int    // 0: one for every processor
	work    func(stage audit.Stage, done, total int)

	askedOnline bool // the service is one of the sources
}

// run audits. What could not be looked up is a gap of the report.
func (j *auditJob) run(ctx context.Context) (audit.Report, error) {
	set, err := j.s.Settings(ctx)
	if err != nil {
		return audit.Report{}, err
	}
	count, err := j.s.Count(ctx)
	if err != nil {
		return audit.Report{}, err
	}
	o := audit.Options{
		Now: j.a.Now(), Kinds: j.kinds, OldAfter: j.old, Total: count.Entries, Progress: j.work, Workers: j.workers,
		NoSource: audit.Gap{What: "passwords known from breaches", Why: "no downloaded list of hashes is named, and asking the service is off", Todo: j.howTo},
	}
	sources, gaps, done := j.sources(set.AuditOnline)
	defer done()
	o.Sources = sources
	if len(gaps) > 0 && len(sources) == 0 {
		o.NoSource, gaps = gaps[0], gaps[1:]
	}
	rep, err := j.auditor.Run(ctx, j.s.All(ctx, session.GetOptions{Reveal: true}), o)
	rep.Gaps = append(rep.Gaps, gaps...)
	return rep, err
}

// sources are the places where breaches are looked up: the downloaded list, and the service where it is allowed.
func (j *auditJob) sources(allowed bool) (out []audit.Source, gaps []audit.Gap, done func()) {
	done = func() {}
	path, err := j.hashList()
	if err == nil && path != "" {
		var list audit.Source
		if list, done, err = openHashes(path); err == nil {
			out = append(out, list)
		}
	}
	if err != nil {
		gaps = append(gaps, audit.Gap{What: "passwords known from breaches", Why: err.Error(), Todo: "the rest of the audit is complete", Failed: true})
	}
	if j.online || allowed {
		j.askedOnline = true
		out = append(out, audit.Online{Fetch: j.fetch, Service: strings.TrimPrefix(breachService, "https://")})
	}
	return out, gaps, done
}

func (j *auditJob) hashList() (string, error) {
	if j.hashes != "" {
		return j.hashes, nil
	}
	cfg, err := j.a.config()
	return j.a.expandHome(cfg.Audit.Hashes), err
}

// openHashes opens a list of hashes: one file, or a directory of range files. It is looked at before it is opened: opening a named pipe
// would wait for ever.
func openHashes(path string) (audit.Source, func(), error) {
	list, done, err := findHashes(path)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, func() {}, fmt.Errorf("the hash list %s: %w", path, err)
	}
	return list, done, nil
}

func findHashes(path string) (audit.Source, func(), error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	name, id := "the hash list "+path, fmt.Sprintf("%s %d %d", path, st.Size(), st.ModTime().UnixNano())
	if st.IsDir() {
		d, err := audit.OpenHashDir(os.DirFS(path), name, id)
		return d, func() {}, err
	}
	if !st.Mode().IsRegular() {
		return nil, nil, errors.New("it is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	list, err := audit.OpenHashFile(f, st.Size(), name, id)
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return list, func() { _ = f.Close() }, nil
}
