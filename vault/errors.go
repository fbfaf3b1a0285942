package vault

import (
	"errors"
	"fmt"
	"strings"

	"signet/vault/entry"
	"signet/vault/mirror"
	"signet/vault/unlock"
)

// Errors that a caller branches on.
var (
	ErrLocked          = errors.New("vault is locked")
	ErrWrongPassphrase = unlock.ErrWrongPassphrase
	ErrNoIdentity      = errors.New("nothing here opens this vault")
	ErrCorrupt         = errors.New("vault is damaged")
	ErrNewerFormat     = errors.New("written by a newer version of Signet")
	ErrInUse           = mirror.ErrInUse
	ErrNoVault         = mirror.ErrNoVault
	ErrDiskFull        = mirror.ErrDiskFull
	ErrConflict        = errors.New("changed in the meantime")
	ErrNotFound        = errors.New("not found")
	ErrReadOnly        = errors.New("vault is open for reading only")
	ErrHeadsLost       = errors.New("high-water marks lost") // until the user accepts what is there: doctor
	ErrTooLarge        = errors.New("larger than a vault allows")
	ErrRevoked         = errors.New("this device was removed from the vault")
	ErrWayChanged      = errors.New("the way in was changed: unlock again")
	ErrUnsure          = errors.New("the disk failed while the edit was being saved: it may be there or not")
	ErrRotate          = errors.New("a new epoch must begin before anything is written")
)

// ChangedError says that fields were changed since the caller read them. Nothing was written.
type ChangedError struct{ Fields []Conflict }

// Error names the fields, never their values.
func (e *ChangedError) Error() string {
	var paths []string
	for _, f := range e.Fields {
		paths = append(paths, f.Path)
	}
	return fmt.Sprintf("apply edit: %s %v", strings.Join(paths, ", "), ErrConflict)
}

// Is makes it an ErrConflict.
func (e *ChangedError) Is(target error) bool { return target == ErrConflict }

// UndoError says which fields were edited since, so that the edit cannot be taken back. Nothing was written.
type UndoError struct{ Fields []entry.FieldRef }

// Error names the fields.
func (e *UndoError) Error() string {
	var paths []string
	for _, f := range e.Fields {
		paths = append(paths, f.Path)
	}
	return fmt.Sprintf("undo: %s %v", strings.Join(paths, ", "), ErrConflict)
}

// Is makes it an ErrConflict.
func (e *UndoError) Is(target error) bool { return target == ErrConflict }
