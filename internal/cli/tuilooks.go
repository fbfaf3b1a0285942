package cli

import (
	"runtime"
	"strings"

	"signet/tui"
	"signet/tui/theme"
)

// looks fills how the terminal interface looks: from the configuration, the environment and the flags, the later one winning.
func (a *App) looks(cfg config, o tui.Options) (tui.Options, error) {
	if a.Env("TERM") == "dumb" {
		return o, usagef("TERM is \"dumb\": such a terminal cannot show more than lines, and the terminal interface needs the whole screen").
			hint("use the commands ('signet ls', 'signet get'), or set TERM to what your terminal is, like TERM=xterm-256color")
	}
	flat, err := cfg.Keys.flat()
	if err != nil {
		return o, err
	}
	keys, err := tui.BindKeys(flat)
	if err != nil {
		return o, err
	}
	o.Keys = &keys
	o.Theme = theme.Name(cfg.UI.Theme)
	o.Light, o.NoColor = o.Theme == theme.Light, a.Env("NO_COLOR") != ""
	o.ASCII = a.ASCII || orElse(cfg.UI.ASCII, !utf8Locale(a.Env, runtime.GOOS))
	o.Linear = screenReader(a.Env("SIGNET_SCREEN_READER"), cfg.UI.ScreenReader)
	o.NoMouse = !orElse(cfg.UI.Mouse, !o.Linear)
	return o, nil
}

func orElse(b *bool, other bool) bool {
	if b == nil {
		return other
	}
	return *b
}

// screenReader decides by the variable, then by the file. Nothing tells a program for certain that a screen reader runs, so nothing
// is guessed.
func screenReader(variable string, file *bool) bool {
	switch strings.ToLower(variable) {
	case "":
		return orElse(file, false)
	case "0", "false", "no", "off":
		return false
	}
	return true
}

// utf8Locale reports whether the locale's characters are UTF-8. Where no variable says anything they are taken to be: containers and
// remote logins often set none, on terminals that all know UTF-8.
func utf8Locale(env func(string) string, goos string) bool {
	if goos == "windows" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}
