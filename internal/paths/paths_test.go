package paths

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// env makes an environment of "NAME=value" pairs.
func env(pairs ...string) Env {
	return func(name string) string {
		for _, p := range pairs {
			if n, v, _ := strings.Cut(p, "="); n == name {
				return v
			}
		}
		return ""
	}
}

func TestBaseDirectoriesPerPlatform(t *testing.T) {
	t.Parallel()
	win := env(`USERPROFILE=C:\Users\ada`, `LOCALAPPDATA=D:\Local`, `APPDATA=\\srv\roam`)
	for _, c := range []struct {
		name, goos string
		place      place
		env        Env
		want, fail string
	}{
		{"linux data", "linux", dataHome, env("HOME=/h"), "/h/.local/share", ""},
		{"linux config", "linux", configHome, env("HOME=/h"), "/h/.config", ""},
		{"linux cache", "linux", cacheHome, env("HOME=/h"), "/h/.cache", ""},
		{"freebsd data", "freebsd", dataHome, env("HOME=/h"), "/h/.local/share", ""},
		{"xdg wins", "linux", dataHome, env("HOME=/h", "XDG_DATA_HOME=/x/./d/"), "/x/d", ""},
		{"xdg without home", "linux", dataHome, env("XDG_DATA_HOME=/x"), "/x", ""},
		{"relative xdg is ignored", "linux", dataHome, env("HOME=/h", "XDG_DATA_HOME=x/d"), "/h/.local/share", ""},
		{"empty xdg is unset", "linux", configHome, env("HOME=/h", "XDG_CONFIG_HOME="), "/h/.config", ""},
		{"no home", "linux", dataHome, env(), "", "find data directory: HOME is not set (set it, or XDG_DATA_HOME)"},
		{"relative home", "linux", configHome, env("HOME=h"), "", "find configuration directory: HOME is not an absolute path (set it, or XDG_CONFIG_HOME)"},
		{"mac data", "darwin", dataHome, env("HOME=/h"), "/h/Library/Application Support", ""},
		{"mac config", "darwin", configHome, env("HOME=/h"), "/h/Library/Application Support", ""},
		{"mac cache", "darwin", cacheHome, env("HOME=/h"), "/h/Library/Caches", ""},
		{"mac with xdg", "darwin", configHome, env("HOME=/h", "XDG_CONFIG_HOME=/x"), "/x", ""},
		{"windows data is local", "windows", dataHome, win, `D:\Local`, ""},
		{"windows config roams", "windows", configHome, win, `\\srv\roam`, ""},
		{"windows relative", "windows", dataHome, env(`LOCALAPPDATA=C:x`, `USERPROFILE=C:\U`), filepath.Join(`C:\U`, "AppData", "Local"), ""},
		{"windows nothing", "windows", cacheHome, env(), "", "find cache directory: USERPROFILE is not set (set it, or XDG_CACHE_HOME)"},
	} {
		got, err := base(c.env, c.goos, c.place)
		if got != c.want || (err == nil) != (c.fail == "") || err != nil && err.Error() != c.fail {
			t.Errorf("%s: got %q, %v; want %q, %q", c.name, got, err, c.want, c.fail)
		}
	}
}

func TestNamedFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the expected paths are those of Unix; run this test there")
	}
	t.Parallel()
	e := env("HOME=/h", "XDG_DATA_HOME=/d", "XDG_CONFIG_HOME=/c", "XDG_CACHE_HOME=/k", "XDG_RUNTIME_DIR=/run/user/7")
	for _, c := range []struct {
		name string
		f    func(Env) (string, error)
		want string
	}{
		{"DefaultVault", DefaultVault, "/d/signet/default"},
		{"ConfigFile", ConfigFile, "/c/signet/config.toml"},
		{"CacheDir", CacheDir, "/k/signet"},
		{"RuntimeDir", RuntimeDir, "/run/user/7/signet"},
	} {
		if got, err := c.f(e); err != nil || got != c.want {
			t.Errorf("%s = %q, %v, want %q", c.name, got, err, c.want)
		}
		if got, err := c.f(env()); err == nil || got != "" {
			t.Errorf("%s in an empty environment = %q, %v", c.name, got, err)
		}
	}
	if got, err := ConfigFile(env("SIGNET_CONFIG=rel/my.toml")); err != nil || got != "rel/my.toml" {
		t.Errorf("SIGNET_CONFIG gives %q, %v", got, err)
	}
	if _, err := RuntimeDir(env("HOME=/h", "XDG_RUNTIME_DIR=run")); !errors.Is(err, ErrNoRuntimeDir) {
		t.Errorf("a relative XDG_RUNTIME_DIR gives %v", err)
	}
}

func TestSyncedFolderByMarker(t *testing.T) {
	t.Parallel()
	for mark, want := range map[string]string{
		".stfolder":                             "Syncthing",
		".dropbox.cache":                        "Dropbox",
		".sync_1a2b3c.db":                       "Nextcloud or ownCloud",
		"._sync_9f.db":                          "Nextcloud or ownCloud",
		".nextcloudsync.log":                    "Nextcloud",
		".tmp.driveupload":                      "Google Drive",
		".849C9593-D756-4E56-8D6E-42412F2A707B": "OneDrive",
	} {
		top := filepath.Join(t.TempDir(), "a[b", "tree")
		mkdir(t, filepath.Join(top, mark))
		deep := filepath.Join(top, "x", "not", "yet", "there")
		if got, ok := SyncedFolder(deep); !ok || got != want {
			t.Errorf("%s: %q, %v, want %q", mark, got, ok, want)
		}
	}
}

func TestSyncedFolderByName(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for dir, want := range map[string]string{
		"Dropbox/vault":                                  "Dropbox",
		"Dropbox (Personal)/vault":                       "Dropbox",
		"OneDrive - Example AG/v":                        "OneDrive",
		"Library/Mobile Documents/com~apple~CloudDocs/v": "iCloud Drive",
		"Library/CloudStorage/GoogleDrive-ada@example/v": "Google Drive",
		"Library/CloudStorage/Tresorit/v":                "a cloud folder of macOS",
		"Nextcloud/Documents/signet":                     "Nextcloud",
		"iCloudDrive/v":                                  "iCloud Drive",
		"Documents/signet":                               "",
		"dropbox-notes/v":                                "",
		"OneDriveless/v":                                 "",
		"Mobile Documents/v":                             "",
	} {
		got, ok := SyncedFolder(filepath.Join(root, dir))
		if got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v, want %q", dir, got, ok, want)
		}
	}
}

func TestSyncedFolderThroughALink(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	mkdir(t, filepath.Join(root, "real", ".stfolder"))
	link := filepath.Join(root, "link")
	if err := os.Symlink(filepath.Join(root, "real"), link); err != nil {
		t.Skipf("this system makes no symbolic links: %v", err)
	}
	if got, ok := SyncedFolder(filepath.Join(link, "signet", "default")); !ok || got != "Syncthing" {
		t.Errorf("behind a link: %q, %v", got, ok)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
