package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"signet/internal/uhidsetup"
)

// installFlags are those of `signet passkey serve` that set the machine up instead of serving.
type installFlags struct {
	install, uninstall, dry, yes bool
	way, user, root              string
}

func (f *installFlags) add(c *cobra.Command) {
	fs := c.Flags()
	fs.BoolVar(&f.install, "install", false, "set this machine up for the key that browsers find (needs root, asks first)")
	fs.BoolVar(&f.uninstall, "uninstall", false, "take away what --install put there (needs root, asks first)")
	fs.BoolVar(&f.dry, "dry-run", false, "with --install or --uninstall: print exactly what would be done, and do nothing")
	fs.StringVar(&f.way, "way", uhidsetup.Helper.String(), "with --install: `helper`, or rule (less safe: programs of the session can make keyboards)")
	fs.StringVar(&f.user, "user", "", "with --install: for this `USER`, by name or number (default: whoever called sudo); with --uninstall: for this one only")
	fs.StringVar(&f.root, "root", "", "with --install: below this directory instead of / (for packagers)")
	fs.BoolVarP(&f.yes, "yes", "y", false, "with --install or --uninstall: do not ask")
	c.MarkFlagsMutuallyExclusive("install", "uninstall")
}

// wanted reports whether the command sets up rather than serves.
func (f installFlags) wanted() bool { return f.install || f.uninstall }

// check finds flags that mean nothing without the one that they belong to.
func (f installFlags) check() error {
	switch {
	case f.wanted():
		return nil
	case f.dry, f.yes, f.user != "", f.root != "":
		return usagef("--dry-run, --yes, --user and --root go with --install or --uninstall")
	}
	return nil
}

const installHelp = "The key that browsers find needs setting up once, by the administrator: sudo signet passkey serve --install. It tells what it will do and asks.\n" +
	"--dry-run prints it all and changes nothing. The helper way (default) installs a small service that makes security keys for the users it was\n" +
	"installed for and nothing else. The rule way opens /dev/uhid to whoever sits at the machine; every program of the session can then make\n" +
	"keyboards and mice and type with them. --uninstall takes away exactly what was installed."

// runPasskeyInstall sets up, or takes away.
func runPasskeyInstall(ctx context.Context, a *App, f installFlags) error {
	if runtime.GOOS != "linux" {
		return failf("virtual.unsupported", "a virtual security key that browsers find works on Linux only").hint(hintJSON)
	}
	i := installing{a: a, f: f, root: uhidsetup.Root(f.root)}
	if f.uninstall {
		return i.uninstall(ctx)
	}
	return i.install(ctx)
}

// installing is one run.
type installing struct {
	a    *App
	f    installFlags
	root uhidsetup.Root
}

func (i *installing) install(ctx context.Context) error {
	plan, user, err := i.plan()
	if err != nil {
		return err
	}
	if err := i.apply(ctx, plan, func(steps []uhidsetup.Step) error {
		i.explain(plan, steps)
		return i.a.asked(ctx, "Install this?", "nothing was installed")
	}); err != nil || i.f.dry {
		return err
	}
	i.next(plan, user.Name)
	return nil
}

// apply makes a plan real, after ask agreed.
func (i *installing) apply(ctx context.Context, plan uhidsetup.Plan, ask func([]uhidsetup.Step) error) error {
	steps := i.root.After(plan.Way, i.root.Pending(plan), i.root.HasRule())
	if i.f.dry {
		return i.showPlan(plan, steps)
	}
	if err := i.mayWrite(); err != nil {
		return err
	}
	if err := i.root.Check(plan); err != nil {
		return (&Error{Exit: ExitFailure, Code: "virtual.foreign_file", Err: err}).hint("look at the file; move it away if nobody needs it, and run this again")
	}
	if !i.f.yes {
		if err := ask(steps); err != nil {
			return err
		}
	}
	done, err := i.root.Install(plan)
	i.told(done)
	if err != nil {
		return err
	}
	return i.run(ctx, steps)
}

func (i *installing) uninstall(ctx context.Context) error {
	if i.f.user != "" {
		return i.uninstallFor(ctx)
	}
	return i.uninstallAll(ctx)
}

// uninstallFor takes one user off the list; with the last one everything goes.
func (i *installing) uninstallFor(ctx context.Context) error {
	u, err := findUser(i.f.user)
	if err != nil {
		return usagef("there is no user %q here", i.f.user).hint("--user takes a name, or a number")
	}
	users, err := i.root.Users()
	if err != nil {
		return err
	}
	rest := uhidsetup.Without(users, u.UID)
	switch {
	case len(rest) == len(users):
		i.a.note("nothing is installed for %s", nameOf(u))
		return nil
	case len(rest) == 0:
		return i.uninstallAll(ctx)
	}
	return i.apply(ctx, i.root.Installation(rest), func([]uhidsetup.Step) error {
		return i.a.asked(ctx, "Take the virtual security key from "+nameOf(u)+"? It stays for "+usersOf(rest)+".", "nothing was removed")
	})
}

func (i *installing) uninstallAll(ctx context.Context) error {
	there := i.root.Installed()
	hadRule := i.root.HasRule()
	before, after := i.root.Before(), i.root.AfterRemoval(hadRule)
	if i.f.dry {
		return i.showRemoval(there, before, after)
	}
	if len(there) == 0 {
		i.a.note("nothing of Signet's is installed here")
		return nil
	}
	if err := i.mayWrite(); err != nil {
		return err
	}
	if !i.f.yes {
		for _, f := range there {
			i.a.printErr("  %s\n", f.Path)
		}
		if err := i.a.asked(ctx, "Remove these files, for every user of this machine?", "nothing was removed"); err != nil {
			return err
		}
	}
	if err := i.run(ctx, before); err != nil {
		return err
	}
	done, err := i.root.Uninstall()
	i.told(done)
	if err != nil {
		return err
	}
	return i.run(ctx, after)
}

// mayWrite refuses before anything is asked where the answer could not be carried out, or not be given.
func (i *installing) mayWrite() error {
	verb := "--install"
	if i.f.uninstall {
		verb = "--uninstall"
	}
	if i.root == "" && os.Geteuid() != 0 {
		return failf("virtual.not_root", "passkey serve %s writes below /etc, which only the administrator may", verb).
			hint("sudo %s passkey serve %s%s   (--dry-run shows what it will do)", i.program(), verb, i.repeated())
	}
	return i.a.mustAnswer(i.f.yes, "passkey serve "+verb)
}

// program is how sudo finds this program: by its name where that leads here, else by its path.
func (i *installing) program() string {
	exe, err := os.Executable()
	if err != nil {
		return "signet"
	}
	for _, dir := range []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"} {
		found, err := exec.LookPath(filepath.Join(dir, "signet"))
		if err != nil {
			continue
		}
		if a, err := filepath.EvalSymlinks(found); err == nil && a == exe {
			return "signet"
		}
		break
	}
	return shellWord(exe)
}

// repeated are the flags to give again.
func (i *installing) repeated() string {
	s := ""
	if i.f.way != uhidsetup.Helper.String() {
		s += " --way " + shellWord(i.f.way)
	}
	if i.f.user != "" {
		s += " --user " + shellWord(i.f.user)
	}
	return s
}

// shellWord quotes what a shell would take apart.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+@%", r))
	}
	if s != "" && !strings.ContainsFunc(s, plain) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// run runs the steps. A soft one that fails is told.
func (i *installing) run(ctx context.Context, steps []uhidsetup.Step) error {
	for _, s := range steps {
		out, err := s.Run(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Canceled
		case err != nil && s.Soft:
			i.a.warn("install_step", "%s: %v%s", s.String(), err, dash(out))
		case err != nil:
			return failf("virtual.install_step", "%s: %v%s", s.String(), err, dash(out)).hint("the files are in place and count from the next start of the machine; 'signet doctor' says what is missing")
		default:
			i.stepDone(s)
		}
	}
	return nil
}
