package vault

import (
	"errors"
	"strings"

	"signet/vault/format"
	"signet/vault/seal"
)

// cutOff reports whether a log file is what a restore left here that was cut off before its roster file: it is of the device that
// the restore's mark names (in state/, or in lost/ when another restore followed), no member has its log, and it is sealed to an
// epoch of which nobody has heard. What it restates stands in the files that it was made from.
func (v *Vault) cutOff(t *trust, f *logFile) bool {
	if _, known := t.roster.ByShort(f.name.Log); known || f.name.Seq != 1 || !v.unfinished()[f.name.Log] {
		return false
	}
	file, err := v.m.Open(f.path())
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // nothing was written
	_, _, err = v.whichEpoch(t, file, file.Size())
	return errors.Is(err, seal.ErrNotForUs)
}

// unfinished are the logs of devices that restores began and did not finish here.
func (v *Vault) unfinished() map[string]bool {
	marks := []string{enrolMark}
	dirs, err := v.m.Dirs(lostDir)
	if err != nil {
		return nil
	}
	for _, dir := range dirs {
		marks = append(marks, lostDir+"/"+dir+strings.TrimPrefix(enrolMark, stateDir))
	}
	out := map[string]bool{}
	for _, name := range marks {
		b, err := v.m.Read(name, format.MaxHint)
		if err != nil {
			continue
		}
		if id, err := format.ParseMemberID(strings.TrimSpace(string(b))); err == nil {
			out[id.Short()] = true
		}
	}
	return out
}
