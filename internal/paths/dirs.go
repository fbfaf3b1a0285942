package paths

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// Env looks up one environment variable; an unset one is "".
type Env func(string) string

// app is the name of Signet's own folder inside each base directory.
const app = "signet"

// ErrNoRuntimeDir says that this system offers no per-user directory for sockets; the caller then uses the vault's
// state directory.
var ErrNoRuntimeDir = errors.New("find runtime directory: XDG_RUNTIME_DIR is not set to an absolute path")

// DataHome returns the user's base directory for data.
func DataHome(env Env) (string, error) { return base(env, runtime.GOOS, dataHome) }

// ConfigHome returns the user's base directory for configuration.
func ConfigHome(env Env) (string, error) { return base(env, runtime.GOOS, configHome) }

// CacheHome returns the user's base directory for what can be made again.
func CacheHome(env Env) (string, error) { return base(env, runtime.GOOS, cacheHome) }

// DefaultVault returns the vault that Signet uses when neither --vault nor SIGNET_VAULT names one.
func DefaultVault(env Env) (string, error) { return under(DataHome, env, "default") }

// CacheDir returns Signet's own directory inside CacheHome.
func CacheDir(env Env) (string, error) { return under(CacheHome, env) }

// ConfigFile returns the configuration file: SIGNET_CONFIG as it stands (made absolute by nobody: it is the user's own
// word), else config.toml in Signet's configuration directory.
func ConfigFile(env Env) (string, error) {
	if own := env("SIGNET_CONFIG"); own != "" {
		return own, nil
	}
	return under(ConfigHome, env, "config.toml")
}

// RuntimeDir returns Signet's directory for sockets and for what must not outlive the login, or [ErrNoRuntimeDir].
func RuntimeDir(env Env) (string, error) {
	if dir, ok := absolute(env, runtime.GOOS, "XDG_RUNTIME_DIR"); ok {
		return filepath.Join(dir, app), nil
	}
	return "", ErrNoRuntimeDir
}

func under(home func(Env) (string, error), env Env, more ...string) (string, error) {
	dir, err := home(env)
	if err != nil {
		return "", err
	}
	return filepath.Join(append([]string{dir, app}, more...)...), nil
}

// place is one base directory: the XDG variable that names it, and where it is without.
type place struct {
	what, xdg           string
	unix, darwin        string // below HOME
	windows, windowsDef string // a variable, and its usual value below USERPROFILE
}

var (
	dataHome   = place{"data", "XDG_DATA_HOME", ".local/share", "Library/Application Support", "LOCALAPPDATA", "AppData/Local"}
	configHome = place{"configuration", "XDG_CONFIG_HOME", ".config", "Library/Application Support", "APPDATA", "AppData/Roaming"}
	cacheHome  = place{"cache", "XDG_CACHE_HOME", ".cache", "Library/Caches", "LOCALAPPDATA", "AppData/Local"}
)

func base(env Env, goos string, p place) (string, error) {
	if dir, ok := absolute(env, goos, p.xdg); ok {
		return dir, nil
	}
	home, sub := "HOME", p.unix
	switch goos {
	case "darwin", "ios":
		sub = p.darwin
	case "windows":
		if dir, ok := absolute(env, goos, p.windows); ok {
			return dir, nil
		}
		home, sub = "USERPROFILE", p.windowsDef
	}
	dir, ok := absolute(env, goos, home)
	if ok {
		return filepath.Join(dir, filepath.FromSlash(sub)), nil
	}
	return "", fmt.Errorf("find %s directory: %s (set it, or %s)", p.what, fault(env, home), p.xdg)
}

// fault says what is wrong with a variable that should hold an absolute path.
func fault(env Env, name string) string {
	if env(name) == "" {
		return name + " is not set"
	}
	return name + " is not an absolute path"
}

// absolute returns a variable that holds an absolute path, cleaned.
func absolute(env Env, goos, name string) (string, bool) {
	v := env(name)
	if !isAbs(goos, v) {
		return "", false
	}
	return filepath.Clean(v), true
}

// isAbs is filepath.IsAbs for a named platform, so that every platform's rules are tested on every platform.
func isAbs(goos, p string) bool {
	if goos != "windows" {
		return strings.HasPrefix(p, "/")
	}
	unc := strings.HasPrefix(p, `\\`) && len(p) > 2
	drive := len(p) > 2 && p[1] == ':' && (p[2] == '\\' || p[2] == '/') && (p[0]|0x20 >= 'a' && p[0]|0x20 <= 'z')
	return unc || drive
}
