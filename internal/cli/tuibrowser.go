package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// errNoBrowser says that nothing here can show a web site.
var errNoBrowser = errors.New("no browser can be opened here")

// tuiBrowser opens web sites for the screens.
type tuiBrowser struct{ a *App }

// browserTimeout is how long a program that opens a browser may take; a browser that stays is left alone.
const browserTimeout = 4 * time.Second

// maxURL bounds what is given to another program.
const maxURL = 8 << 10

// Open implements screen.Browser. The address is one argument of a program: no shell ever sees it.
func (b tuiBrowser) Open(ctx context.Context, address string) error {
	if err := checkWeb(address); err != nil {
		return err
	}
	args, err := browserArgs(runtime.GOOS, b.a.Env, exec.LookPath, address)
	if err != nil {
		return err
	}
	return started(ctx, args)
}

// checkWeb lets only addresses of the web through: other schemes start programs, read files or run scripts.
func checkWeb(address string) error {
	u, err := url.Parse(address)
	switch {
	case len(address) > maxURL:
		return fmt.Errorf("open web site: the address is longer than %d bytes", maxURL)
	case err != nil || u.Host == "" || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return errors.New("open web site: this is no web address")
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("open web site: only http and https are opened")
	}
	return nil
}

// browserArgs says which program opens an address: $BROWSER where it names one, else the system's.
func browserArgs(system string, env func(string) string, look func(string) (string, error), address string) ([]string, error) {
	for _, word := range strings.Split(env("BROWSER"), ":") {
		// A word may hold arguments, and %s where the address goes. A path of Windows holds a colon and is left to the system.
		parts := strings.Fields(word)
		if len(parts) == 0 || system == "windows" {
			continue
		}
		exe, err := look(parts[0])
		if err != nil {
			continue
		}
		return fill(append([]string{exe}, parts[1:]...), address), nil
	}
	switch system {
	case "darwin":
		return []string{"/usr/bin/open", address}, nil
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", address}, nil
	}
	if env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == "" && env("WSL_DISTRO_NAME") == "" {
		return nil, fmt.Errorf("%w: there is no display", errNoBrowser)
	}
	for _, name := range []string{"xdg-open", "wslview"} {
		if exe, err := look(name); err == nil {
			return []string{exe, address}, nil
		}
	}
	return nil, fmt.Errorf("%w: xdg-open is not installed", errNoBrowser)
}

func fill(args []string, address string) []string {
	used := false
	for i, a := range args[1:] {
		if strings.Contains(a, "%s") {
			args[i+1], used = strings.ReplaceAll(a, "%s", address), true
		}
	}
	if used {
		return args
	}
	return append(args, address)
}

// started runs a program until it ends or has shown that it stays. Its output is nobody's: the screen is ours.
func started(ctx context.Context, args []string) error {
	c := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // chosen by the user's own settings; a browser outlives the program
	apart(c)
	if err := c.Start(); err != nil {
		return fmt.Errorf("open web site: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("open web site: %s: %w", args[0], err)
		}
	case <-time.After(browserTimeout):
	case <-ctx.Done():
	}
	return nil
}
