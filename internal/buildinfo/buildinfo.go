package buildinfo

import (
	"runtime/debug"
	"strings"
)

// version is set by the linker.
var version string

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
