package cli

import (
	"fmt"
	"strings"

	"signet/internal/uhidhelper"
	"signet/internal/uhidsetup"
)

// What each way means, in the words that a person decides by.
const (
	helperWords = `This gives a virtual security key, which browsers find, to: %s

A small service of this machine makes the key and passes on what browsers and
Signet say to each other, 64 bytes at a time. Only the service opens /dev/uhid,
it makes security keys and no other device, and it serves the users on its list.
It runs as root without any capability, without network, with one device to see,
and ends when nobody uses it.

`
	ruleWords = `This lets whoever sits at this machine make virtual devices, so that a virtual
security key, which browsers find, can be had by: %s

RISK: /dev/uhid makes input devices of every kind. With this rule each program
in the session of whoever sits here, a game as well as Signet, can make a
keyboard and type with it: into a password prompt, or where you work as root.
The helper, which is installed without --way rule, has no such risk.

`
)

// explain says what will happen and why, before the question.
func (i *installing) explain(p uhidsetup.Plan, steps []uhidsetup.Step) {
	words := helperWords
	if p.Way == uhidsetup.Rule {
		words = ruleWords
	}
	i.a.printErr(words, usersOf(p.Users))
	i.a.printErr("files:\n")
	for _, f := range p.Files() {
		i.a.printErr("  %s\n      %s\n", f.Path, f.Why)
	}
	if len(steps) > 0 {
		i.a.printErr("then:\n")
	}
	for _, s := range steps {
		i.a.printErr("  %s\n      %s\n", s.String(), s.Why)
	}
	i.a.printErr("\n'signet passkey serve --install --dry-run' prints the files whole; --uninstall takes all of it away again.\n\n")
}

func usersOf(users []uhidhelper.User) string {
	var names []string
	for _, u := range users {
		names = append(names, nameOf(u))
	}
	return strings.Join(names, ", ")
}

type installFileLine struct {
	Type    string `json:"type"`
	V       int    `json:"v"`
	Path    string `json:"path"`
	Did     string `json:"did"` // written, unchanged, removed; with --dry-run: would_write, would_remove
	Mode    string `json:"mode,omitempty"`
	Content string `json:"content,omitempty"`
	Link    string `json:"link,omitempty"`
	Copy    string `json:"copy_of,omitempty"`
}

type installStepLine struct {
	Type string   `json:"type"`
	V    int      `json:"v"`
	Argv []string `json:"argv"`
	Did  string   `json:"did"` // run; with --dry-run: would_run
}

// showPlan is --dry-run: the files whole, to standard output.
func (i *installing) showPlan(p uhidsetup.Plan, steps []uhidsetup.Step) error {
	if !i.a.JSON {
		i.a.printf("way: %s; users: %s\n", p.Way.String(), usersOf(p.Users))
	}
	for _, f := range p.Files() {
		if err := i.showFile(f); err != nil {
			return err
		}
	}
	return i.showSteps(steps)
}

func (i *installing) showFile(f uhidsetup.File) error {
	if i.a.JSON {
		l := installFileLine{Type: "install_file", V: 1, Path: f.Path, Did: "would_write"}
		switch f.Kind {
		case uhidsetup.Link:
			l.Link = f.Content
		case uhidsetup.Copy:
			l.Copy, l.Mode = f.Content, modeOf(f)
		default:
			l.Content, l.Mode = f.Content, modeOf(f)
		}
		return i.a.line(l)
	}
	switch f.Kind {
	case uhidsetup.Link:
		i.a.printf("\nwould link %s -> %s\n", f.Path, f.Content)
	case uhidsetup.Copy:
		i.a.printf("\nwould copy %s to %s (%s)\n", f.Content, f.Path, modeOf(f))
	default:
		i.a.printf("\nwould write %s (%s)\n", f.Path, modeOf(f))
		for line := range strings.Lines(f.Content) {
			i.a.printf("    %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	return nil
}

func modeOf(f uhidsetup.File) string { return fmt.Sprintf("%04o", f.Mode.Perm()) }

func (i *installing) showSteps(steps []uhidsetup.Step) error {
	if !i.a.JSON && len(steps) > 0 {
		i.a.printf("\n")
	}
	for _, s := range steps {
		if i.a.JSON {
			if err := i.a.line(installStepLine{"install_step", 1, s.Argv, "would_run"}); err != nil {
				return err
			}
			continue
		}
		i.a.printf("would run: %s\n", s.String())
	}
	return nil
}

func (i *installing) showRemoval(there []uhidsetup.File, before, after []uhidsetup.Step) error {
	if len(there) == 0 && !i.a.JSON {
		i.a.printf("nothing of Signet's is installed here\n")
		return nil
	}
	if err := i.showSteps(before); err != nil {
		return err
	}
	for _, f := range there {
		if !i.a.JSON {
			i.a.printf("would remove %s\n", f.Path)
		} else if err := i.a.line(installFileLine{Type: "install_file", V: 1, Path: f.Path, Did: "would_remove"}); err != nil {
			return err
		}
	}
	return i.showSteps(after)
}

// told says what was done, one line each.
func (i *installing) told(done []uhidsetup.Change) {
	for _, c := range done {
		if i.a.JSON {
			_ = i.a.line(installFileLine{Type: "install_file", V: 1, Path: c.Path, Did: c.Did})
			continue
		}
		i.a.printf("%s  %s\n", fixed(c.Did, 9), c.Path)
	}
}

func (i *installing) stepDone(s uhidsetup.Step) {
	if i.a.JSON {
		_ = i.a.line(installStepLine{"install_step", 1, s.Argv, "run"})
		return
	}
	i.a.printf("%s  %s\n", fixed("done", 9), s.String())
}

// next says how it goes on.
func (i *installing) next(p uhidsetup.Plan, name string) {
	if i.root != "" {
		return
	}
	if p.Way == uhidsetup.Helper && !uhidsetup.SystemdRuns() {
		i.a.warn("no_systemd", "systemd does not run here, so nothing starts the helper; let your own service manager run, as root: %s passkey %s --listen /run/signet-uhid.sock", p.Program, uhidsetup.HelperCommand)
	}
	if !uhidsetup.UdevRuns() {
		i.a.warn("no_udev", "udev does not run here, so browsers find no key and its node stays root's")
	}
	if name == "" {
		name = "that user"
	}
	i.a.note("next, as %s: signet passkey serve", name)
}
