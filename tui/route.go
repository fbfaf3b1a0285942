package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"signet/tui/dialog"
	"signet/tui/screen"
)

// rootID is the address of the root itself; screens begin at 1.
const rootID int64 = 0

// request does what a screen asked for. One row per request.
func (r *root) request(msg tea.Msg) tea.Cmd {
	if build := r.opens(msg); build != nil {
		return r.push(build)
	}
	switch m := msg.(type) {
	case screen.Answer:
		return r.deliver(m)
	case screen.OpenURL:
		return r.open(func(e screen.Env) tea.Cmd { return e.CmdOpenURL(m) })
	case screen.CopyNext:
		return r.open(func(e screen.Env) tea.Cmd { return e.CmdParts(m.ID) })
	case screen.OpenHelp:
		return r.help()
	case screen.OpenPalette:
		return r.palette()
	case screen.Chosen:
		return r.chosen(m.Action)
	case screen.OpenMessages:
		return r.messages()
	case screen.ToggleMouse:
		return r.toggleMouse()
	case screen.Look:
		return r.look(m)
	case screen.NextTheme:
		return r.nextTheme()
	case screen.Back:
		return r.pop()
	case screen.SearchFor:
		return r.searchFor(m)
	case screen.Ask:
		return r.ask(m)
	case screen.RunOutside:
		return r.runOutside(m)
	case screen.Lock:
		return r.lock(m.Why)
	case screen.Quit:
		return r.quit()
	case screen.Copy:
		return r.copy(m)
	case screen.Prove:
		return r.prove(m)
	case screen.Proven:
		return r.proven(m)
	case screen.SwitchKey:
		return r.switchKey()
	case screen.DecisionMade:
		return r.decide(m)
	case screen.AnswerStopped:
		r.stopAnswer(m.ID)
		return nil
	}
	return r.news(msg)
}

// opens says which screen a request opens: one row per screen. A request whose port is missing opens none; the command palette
// offers only what opens something.
func (r *root) opens(msg tea.Msg) func(screen.Env) screen.Screen {
	ports := r.opt.Ports
	switch m := msg.(type) {
	case screen.OpenEntry:
		return func(e screen.Env) screen.Screen { return screen.NewEntry(e, m.ID) }
	case screen.OpenFolders:
		return func(e screen.Env) screen.Screen { return screen.NewFolders(e) }
	case screen.OpenEdit:
		return func(e screen.Env) screen.Screen { return screen.NewEdit(e, m.ID) }
	case screen.OpenNew:
		return func(e screen.Env) screen.Screen { return screen.NewAdd(e, m.Kind, m.Type) }
	case screen.OpenTrash:
		return func(e screen.Env) screen.Screen { return screen.NewTrash(e) }
	case screen.OpenImport:
		if ports.Importer != nil {
			return func(e screen.Env) screen.Screen { return screen.NewImport(e) }
		}
	case screen.OpenEnrol:
		return func(e screen.Env) screen.Screen { return screen.NewEnrol(e) }
	case screen.OpenQR:
		return func(e screen.Env) screen.Screen { return screen.NewQR(e, m) }
	case screen.OpenFile:
		return func(e screen.Env) screen.Screen { return screen.NewFile(e, m) }
	case screen.OpenAudit:
		if ports.Auditor != nil {
			return func(e screen.Env) screen.Screen { return screen.NewAudit(e) }
		}
	case screen.OpenWays:
		if ports.Ways != nil {
			return func(e screen.Env) screen.Screen { return screen.NewWays(e) }
		}
	case screen.OpenExport:
		if ports.Exporter != nil {
			return func(e screen.Env) screen.Screen { return screen.NewExport(e, m) }
		}
	case screen.OpenPasskeys:
		if ports.Passkeys != nil {
			return func(e screen.Env) screen.Screen { return screen.NewPasskeys(e) }
		}
	case screen.OpenRequests:
		if ports.RequestLog != nil {
			return func(e screen.Env) screen.Screen { return screen.NewRequests(e) }
		}
	case screen.OpenHardwareKeys:
		if ports.HardwareKeys != nil {
			return func(e screen.Env) screen.Screen { return screen.NewHardwareKeys(e) }
		}
	case screen.OpenSettings:
		if ports.Settings != nil {
			return func(e screen.Env) screen.Screen { return screen.NewSettings(e) }
		}
	case screen.OpenRecovery:
		return func(e screen.Env) screen.Screen { return screen.NewRecovery(e, m) }
	}
	return nil
}

// news takes what commands of the root and of screens report.
func (r *root) news(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case screen.Notify:
		r.status.notify(m, r.now())
	case screen.Working:
		r.working(m.What)
	case screen.CopyDone:
		return r.copied(m)
	case screen.PartsRead:
		return r.copyPart(m)
	case screen.URLDone:
		return r.urlDone(m)
	case screen.Stepped:
		r.stepped(m)
	case screen.UndoLast:
		return r.undo()
	case undone:
		return r.undoDone(m)
	case started:
		return r.began(m)
	case screen.Opened:
		return r.opened(m.Vault, m.Then)
	case sessionReady:
		return r.ready(m)
	case watched:
		return r.event(m)
	case draftsWritten:
		r.draftsWrote(m)
	case sealed:
		return r.unsealed(m)
	case machineSays:
		return r.machine(m)
	case settingsRead:
		r.settingsRead(m)
	case keyChanged:
		return r.keyChanged(m)
	case keySwitched:
		return r.keySwitched(m)
	case asked:
		return r.took(m)
	case decided:
		return r.decisionTaken(m)
	}
	return nil
}

// push opens a screen above the others.
func (r *root) push(build func(screen.Env) screen.Screen) tea.Cmd {
	r.lastID++
	s := build(r.env(r.lastID))
	r.stack = append(r.stack, layer{id: r.lastID, s: s})
	sized := r.update(len(r.stack)-1, r.sized())
	return tea.Batch(r.stack[len(r.stack)-1].s.Init(), sized)
}

// pop closes the top screen; the last one stays.
func (r *root) pop() tea.Cmd {
	n := len(r.stack)
	if n < 2 {
		return nil
	}
	left := r.leave(r.stack[n-1])
	r.stack[n-1].s.Close()
	r.stack = r.stack[:n-1]
	return left
}

// searchFor goes back to the list of entries and lets it search. A form with unsaved changes on the way stays.
func (r *root) searchFor(m screen.SearchFor) tea.Cmd {
	if len(r.dirty()) > 0 {
		return r.request(screen.Notify{Level: screen.Bad, Text: "A form below has unsaved changes: save it or leave it first"})
	}
	for len(r.stack) > 1 {
		r.pop()
	}
	return r.toTop(m)
}

// replace closes every screen and every dialog and opens another one.
func (r *root) replace(build func(screen.Env) screen.Screen) tea.Cmd {
	for _, l := range slices.Backward(r.stack) {
		l.s.Close()
	}
	for _, o := range r.dialogs {
		if w, ok := o.d.(screen.Wiper); ok {
			w.Wipe()
		}
	}
	r.stack, r.dialogs, r.pending = nil, nil, false
	r.approvals.told = ""
	return r.push(build)
}

func (r *root) help() tea.Cmd {
	if len(r.stack) == 0 {
		return nil
	}
	top := r.top()
	if _, open := top.(*screen.Help); open {
		return r.pop()
	}
	groups := []screen.HelpGroup{{Title: top.Title(), Keys: top.Keys()}, {Title: "Everywhere", Keys: r.global()}}
	var going []key.Binding
	for _, p := range r.places() {
		going = append(going, p.key)
	}
	if len(going) > 0 {
		groups = append(groups, screen.HelpGroup{Title: "Go to", Keys: going})
	}
	return r.push(func(e screen.Env) screen.Screen { return screen.NewHelp(e, groups...) })
}

func (r *root) ask(m screen.Ask) tea.Cmd {
	r.status.work = "" // it waits for a person now
	o := overlay{to: m.To, d: m.Dialog}
	if m.Sudden {
		o.grace = dialog.NewGrace(r.now())
	}
	if r.approval() != nil { // what a program asks stays above: it does not wait
		r.dialogs = slices.Insert(r.dialogs, len(r.dialogs)-1, o)
		return nil
	}
	r.dialogs = append(r.dialogs, o)
	return nil
}

// env is what a new screen gets.
func (r *root) env(id int64) screen.Env {
	return screen.Env{
		ID: id, Ctx: r.context(), Vault: r.session.vault, Ports: r.opt.Ports, Keys: r.keys,
		Settings: r.session.settings, Info: r.session.info, Terminal: r.opt.terminal, Out: &r.out, Memory: &r.memory, Linear: r.looks.Linear, Kept: &r.kept,
	}
}

func (r *root) sized() screen.Sized {
	b := r.parts().Body
	return screen.Sized{W: b.W, H: b.H}
}
