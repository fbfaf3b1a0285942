package buildinfo

import (
	"runtime/debug"
	"testing"
)

func TestRecordedVersion(t *testing.T) {
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	dirty := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	for _, c := range []struct {
		info debug.BuildInfo
		want string
	}{
		{debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "1.2.3"},
		{debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{commit}}, "0123456789ab"},
		{debug.BuildInfo{Settings: []debug.BuildSetting{commit, dirty}}, "0123456789ab-dirty"},
		{debug.BuildInfo{}, "unknown"},
	} {
		if got := recorded(&c.info); got != c.want {
			t.Errorf("%+v: %q, want %q", c.info, got, c.want)
		}
	}
}

func TestVersionIsNeverEmpty(t *testing.T) {
	if Version() == "" {
		t.Error("empty version")
	}
}

func TestCommitAndDateComeFromTheBuild(t *testing.T) {
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	if got := setting(info, "vcs.revision", "vcs.modified"); got != "0123abcd-dirty" {
		t.Errorf("commit %q", got)
	}
	if got := setting(info, "vcs.time", ""); got != "2026-01-02T03:04:05Z" {
		t.Errorf("date %q", got)
	}
	if got := setting(&debug.BuildInfo{Settings: info.Settings[2:]}, "vcs.revision", "vcs.modified"); got != "" {
		t.Errorf("without a revision: %q", got)
	}
	if got := linkedOr("linked", "vcs.revision", ""); got != "linked" {
		t.Errorf("the linker's word loses: %q", got)
	}
}
