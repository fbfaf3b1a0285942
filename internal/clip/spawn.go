package clip

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// spawn starts a keeper, hands it its order, and waits until it is at its post.
func (o Options) spawn(ctx context.Context, ord order) (report, error) {
	if o.Keeper.Exe == "" {
		return report{}, errNoKeeper
	}
	cmd := exec.Command(o.Keeper.Exe, o.Keeper.Args...)
	cmd.Env, cmd.Dir = o.Host.childEnv(), rootDir()
	detach(cmd)
	cmd.Cancel = nil // belongs to exec.CommandContext; a keeper is not bound to a context of ours
	if ord.Path == OSC52 {
		tty, err := o.Host.ttyFile()
		if err != nil {
			return report{}, err
		}
		defer tty.Close()
		cmd.ExtraFiles = []*os.File{tty} // becomes ttyFD
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return report{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return report{}, err
	}
	if err := cmd.Start(); err != nil {
		return report{}, fmt.Errorf("start the process that clears: %v", err)
	}
	rep, err := converse(ctx, in, out, ord)
	if err != nil {
		_ = cmd.Process.Kill()
	}
	go func() { _ = cmd.Wait() }() // a TUI lives longer than its keepers
	return rep, err
}

// converse sends the order and reads the report, within a time limit.
func converse(ctx context.Context, in io.WriteCloser, out io.ReadCloser, ord order) (report, error) {
	ctx, cancel := context.WithTimeout(ctx, keeperTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _, _ = in.Close(), out.Close() })()
	if ord.Mode == modeOwn {
		ord.Size = len(ord.secret.Reveal())
	}
	line, err := json.Marshal(ord)
	if err != nil {
		return report{}, err
	}
	// A keeper that refuses may answer without reading on, so a failed write is no reason not to listen.
	_, _ = in.Write(append(line, '\n'))
	clear(line)
	if ord.Mode == modeOwn {
		_, _ = in.Write(ord.secret.Reveal())
	}
	_ = in.Close()
	return readReport(ctx, out)
}

func readReport(ctx context.Context, out io.Reader) (report, error) {
	line, err := bufio.NewReaderSize(io.LimitReader(out, maxLine), 4096).ReadBytes('\n')
	if ctx.Err() != nil {
		return report{}, errors.New("the process that clears does not answer")
	}
	var rep report
	if err != nil || json.Unmarshal(line, &rep) != nil {
		return report{}, errors.New("the process that clears ended early")
	}
	if rep.Error != "" {
		return report{}, errors.New(rep.Error)
	}
	return rep, nil
}

// wait is a sleep that a context ends.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
