// Package paths says where Signet's files live on each platform, and whether such a place is a folder that something
// else synchronises. It computes names and looks at markers; it creates nothing.
//
//	             Linux, BSD                      macOS                                  Windows
//	data         $XDG_DATA_HOME, ~/.local/share  ~/Library/Application Support          %LOCALAPPDATA%
//	config       $XDG_CONFIG_HOME, ~/.config     ~/Library/Application Support          %APPDATA%
//	cache        $XDG_CACHE_HOME, ~/.cache       ~/Library/Caches                       %LOCALAPPDATA%
//	runtime      $XDG_RUNTIME_DIR                $XDG_RUNTIME_DIR                       $XDG_RUNTIME_DIR
//
// An XDG variable that is set to an absolute path wins on every platform; one with a relative path is ignored, as the
// XDG Base Directory specification demands. On Windows the data directory is the local one, not the roaming one, because
// a vault's unlock/ and state/ belong to this machine and must never be copied to another (decisions.md, "Names of
// things on a machine").
//
// The environment is a parameter ([Env]); production code passes os.Getenv. To support another sync program, add a row to
// the tables in synced.go; to support another platform, a case in dirs.go. Nothing here may read a vault.
package paths
