package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"signet/exporter"
)

type deletedLine struct {
	Type string `json:"type"`
	V    int    `json:"v"`
	File string `json:"file"`
}

// cleanupExport deletes a file that is recognised as an export, and says what deleting cannot promise. Overwriting first would
// promise no more: a solid-state disk and a copying file system write elsewhere.
func (a *App) cleanupExport(ctx context.Context, o exportOptions) error {
	if err := a.mustAnswer(o.Yes, "--cleanup"); err != nil {
		return err
	}
	format, err := recognise(o.File)
	if err != nil {
		return err
	}
	if !o.Yes {
		if err := a.asked(ctx, fmt.Sprintf("Delete %s (%s)?", o.File, format), "nothing was deleted"); err != nil {
			return err
		}
	}
	if err := os.Remove(o.File); err != nil {
		return err
	}
	a.warn("cleanup.remains", "%s is deleted, but its content may still be on the disk: overwriting promises nothing on solid-state disks and on file systems that "+
		"copy, and backups keep theirs", o.File)
	if a.JSON {
		return a.line(deletedLine{"deleted", 1, o.File})
	}
	return nil
}

// recognise names the format of a file, so that nothing else is deleted by a slip.
func recognise(name string) (string, error) {
	st, err := os.Lstat(name)
	if err != nil {
		return "", err
	}
	if !st.Mode().IsRegular() {
		return "", usagef("%s is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, exporter.DetectBytes)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	defer clear(head)
	if exporter.IsAge(head[:n]) {
		return "an encrypted export", nil
	}
	format, err := exporter.Detect(head[:n])
	if err != nil {
		return "", failf("cleanup.unknown", "%s is no export that Signet knows: it is not deleted", name)
	}
	return format.Label, nil
}
