package paths

import (
	"os"
	"path/filepath"
	"strings"
)

// maxDepth bounds the walk towards the root.
const maxDepth = 128

// A marker is something that a sync program leaves in the folder that it owns: a name, or a pattern of path.Match.
type marker struct{ program, pattern string }

// markers are files and folders that stand in the top folder of a synchronised tree.
var markers = []marker{
	{"Dropbox", ".dropbox.cache"},
	{"OneDrive", ".849C9593-D756-4E56-8D6E-42412F2A707B"},
	{"Google Drive", ".tmp.drivedownload"},
	{"Google Drive", ".tmp.driveupload"},
	{"Nextcloud", ".nextcloudsync.log"},
	{"ownCloud", ".owncloudsync.log"},
	{"Nextcloud or ownCloud", "._sync_*.db"},
	{"Nextcloud or ownCloud", ".sync_*.db"},
	{"Syncthing", ".stfolder"},
	{"Resilio Sync", ".sync/ID"},
	{"Seafile", ".seafile-data"},
	{"MEGA", ".megasync"},
}

// A wellKnown is the name that a sync program gives its folder. Folders of that name are reported without a marker too:
// a needless warning costs less than a vault in two places.
type wellKnown struct {
	program string
	match   func(name, parent string) bool
}

var wellKnownFolders = []wellKnown{
	{"Dropbox", either("Dropbox", "Dropbox (")},
	{"OneDrive", either("OneDrive", "OneDrive - ")},
	{"Google Drive", either("Google Drive", "GoogleDrive-")},
	{"Google Drive", func(name, parent string) bool { return name == "My Drive" && parent == "Google Drive" }},
	{"iCloud Drive", func(name, parent string) bool {
		return name == "Mobile Documents" && parent == "Library" || name == "iCloudDrive" || name == "iCloud Drive"
	}},
	{"a cloud folder of macOS", func(name, parent string) bool { return name == "CloudStorage" && parent == "Library" }},
	{"Nextcloud", either("Nextcloud", "")},
	{"ownCloud", either("ownCloud", "")},
	{"pCloud", either("pCloudDrive", "")},
	{"MEGA", either("MEGA", "MEGAsync")},
	{"Proton Drive", either("Proton Drive", "ProtonDrive-")},
	{"Box", either("Box Sync", "")},
}

func either(exact, prefix string) func(name, parent string) bool {
	return func(name, _ string) bool { return name == exact || prefix != "" && strings.HasPrefix(name, prefix) }
}

// SyncedFolder reports whether dir lies in a folder that a sync program copies to other machines, and which program that
// seems to be. The path is looked at as given and with its links resolved; dir need not exist. The answer is for a
// warning (doctor): absence of a marker proves nothing.
func SyncedFolder(dir string) (name string, ok bool) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	if name, ok = syncedAbove(abs); ok {
		return name, true
	}
	if real, err := filepath.EvalSymlinks(existing(abs)); err == nil && real != abs {
		return syncedAbove(real)
	}
	return "", false
}

// existing returns the longest leading part of p that exists.
func existing(p string) string {
	for range maxDepth {
		if _, err := os.Lstat(p); err == nil {
			return p
		}
		p = filepath.Dir(p)
	}
	return p
}

func syncedAbove(dir string) (string, bool) {
	for range maxDepth {
		if name, ok := syncedHere(dir); ok {
			return name, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return "", false
}

func syncedHere(dir string) (string, bool) {
	name, parent := filepath.Base(dir), filepath.Base(filepath.Dir(dir))
	for _, w := range wellKnownFolders {
		if w.match(name, parent) {
			return w.program, true
		}
	}
	for _, m := range markers {
		if hasMarker(dir, m.pattern) {
			return m.program, true
		}
	}
	return "", false
}

// hasMarker looks for one marker. Patterns are matched against the names in dir, so that a folder whose own name holds
// pattern characters does no harm.
func hasMarker(dir, pattern string) bool {
	if !strings.Contains(pattern, "*") {
		return fileExists(filepath.Join(dir, filepath.FromSlash(pattern)))
	}
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()
	names, _ := f.Readdirnames(4096)
	for _, n := range names {
		if ok, _ := filepath.Match(pattern, n); ok {
			return true
		}
	}
	return false
}

func fileExists(p string) bool {
	_, err := os.Lstat(p)
	return err == nil
}
