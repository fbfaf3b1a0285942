package main

import (
	"context"
	"flag"
	"io"
	"os"
	"strings"
	"time"

	"signet/tui"
	"signet/tui/screen"
	"signet/tui/tuitest"
)

func main() {
	start := flag.String("screen", "open", "open, kinds, unlock, welcome, nokeyring, recovery or empty")
	n := flag.Int("n", 0, "number of entries instead of the samples")
	ascii := flag.Bool("ascii", false, "ASCII only")
	light := flag.Bool("light", false, "light theme")
	slow := flag.Duration("slow", 0, "how long every opening takes")
	idle := flag.Duration("idle", 15*time.Minute, "idle lock")
	ask := flag.String("ask", "", "what programs ask for after a moment: signin, choose, verify, new, excluded, select, reset, unlock; several with commas")
	passkeys := flag.Int("passkeys", 0, "number of passkeys instead of the samples")
	flag.Parse()
	ports, opener, _, clock := tuitest.Ports()
	clock.Real = true
	if *n > 0 {
		opener.Vault = tuitest.Many(clock, *n)
	}
	if *passkeys > 0 {
		ports.Passkeys = tuitest.ManyPasskeys(*passkeys)
	}
	if a, ok := ports.Approvals.(*tuitest.Approvals); ok && *ask != "" {
		go askFor(a, strings.Split(*ask, ","))
	}
	if *slow > 0 {
		opener.Block = make(chan struct{})
		go func() {
			for {
				time.Sleep(*slow)
				opener.Block <- struct{}{}
			}
		}()
	}
	opener.Vault.Conf.LockIdle = *idle
	opt := tui.Options{Ports: ports, ASCII: *ascii, Light: *light, FixedTheme: *light, NoColor: os.Getenv("NO_COLOR") != "", Signals: true}
	switch *start {
	case "open":
		opt.Vault = opener.Vault
	case "kinds":
		opt.Vault = tuitest.Kinds(clock)
	case "empty":
		opt.Vault = tuitest.NewVault(clock)
	case "welcome":
		opener.None, opener.Vault = true, tuitest.NewVault(clock)
	case "nokeyring":
		opener.None, opener.Vault = true, tuitest.NewVault(clock)
		opener.Machine = screen.Survey{Dir: "~/.local/share/signet/default", KeyringFound: "no D-Bus session bus", KeyringHint: "Log in with a desktop session, or use the passphrase."}
	case "recovery":
		opener.Vault.About.ReadOnly = true
		opt.Vault = opener.Vault
	}
	if err := tui.Run(context.Background(), opt); err != nil {
		_, _ = io.WriteString(os.Stderr, "demo: "+err.Error()+"\n")
		os.Exit(1)
	}
}
