package buildinfo

import (
	"runtime/debug"
	"strings"
)

// Set by the linker; all may be empty.
var version, commit, date string

// Version gives the version to show: the release or `git describe`, else the module's or commit's, else "unknown".
func Version() string {
	if version != "" {
		return strings.TrimPrefix(version, "v")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return recorded(info)
}

// recorded reads what the go command wrote into the program.
func recorded(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return strings.TrimPrefix(v, "v")
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "-dirty"
		}
	}
	if len(revision) < 12 {
		return "unknown"
	}
	return revision[:12] + modified
}

// Commit is the full commit that was built, with "-dirty" when there were changes beside it, or "".
func Commit() string { return linkedOr(commit, "vcs.revision", "vcs.modified") }

// Date is the commit's time in RFC 3339, or "": the time of the build is left out so that builds can be repeated.
func Date() string { return linkedOr(date, "vcs.time", "") }

// linkedOr returns what the linker set, else what the go command recorded under key.
func linkedOr(linked, key, dirtyKey string) string {
	info, ok := debug.ReadBuildInfo()
	if linked != "" || !ok {
		return linked
	}
	return setting(info, key, dirtyKey)
}

func setting(info *debug.BuildInfo, key, dirtyKey string) string {
	value, suffix := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == key:
			value = s.Value
		case dirtyKey != "" && s.Key == dirtyKey && s.Value == "true":
			suffix = "-dirty"
		}
	}
	if value == "" {
		return ""
	}
	return value + suffix
}
