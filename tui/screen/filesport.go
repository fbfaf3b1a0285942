package screen

import "context"

// Files looks at the user's files where a path is typed.
type Files interface {
	// Complete lists what a path that is being typed may become, in the order of names; a folder ends in a separator. It lists at most
	// MaxPaths, and hidden ones only when their dot was typed.
	Complete(ctx context.Context, typed string) ([]string, error)
	// Look says what stands at a path. Nothing there is no error.
	Look(ctx context.Context, path string) (FileState, error)
}

// MaxPaths bounds a list of completions.
const MaxPaths = 100

// FileState is what stands at a path.
type FileState struct {
	Path   string // whole, as the file will be called
	Exists bool
	Dir    bool
	Usual  bool // a file as files are: no folder, pipe or device
	Size   int64
}
