package tui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"signet/tui/tuitest"
	"signet/vault/entry"
)

func importRoom(t *testing.T, edit ...func(*tuitest.Importer)) *driver {
	t.Helper()
	return drive(t, 100, 30, opened, func(o *Options, _ *tuitest.Opener) {
		fake := &tuitest.Importer{}
		o.Ports.Importer = fake
		for _, e := range edit {
			e(fake)
		}
	}).want("15").keys("ctrl+x i").want("Reads Bitwarden JSON, Chrome CSV.", "Look into it")
}

func TestAnImportSaysFirstWhatWouldHappen(t *testing.T) {
	t.Parallel()
	d := importRoom(t).typed("/tmp/bad.json").keys("enter").want("bad.json, line 7: not a file that Signet can read")
	d.keys("ctrl+u").typed("/tmp/a.json").keys("enter").want("Bitwarden JSON, 1.2 MiB", "1,003 items: 997 new, 3 here already, 2 different from yours, which stay, 1 left out", "900 login, 103 note")
	d.want("1 value is lost", "Old bank  new, item 7", "custom field “linked” is kept in another form: as text", "40 more items")
	if calls := d.vault.Made(); calls[len(calls)-1] == "Apply" {
		t.Fatal("a look wrote something")
	}
	d.keys("enter").want("997 entries are imported", "Delete the file when all is well")
	d.keys("z").want("Taken back: the import", "GitHub")
}

func TestAnImportAgainHasNothingToDo(t *testing.T) {
	t.Parallel()
	importRoom(t).typed("old.csv").keys("enter").want("There is nothing new in this file", "3 here already").keys("enter").want("GitHub")
}

func TestAnEncryptedFileAsksForItsPassphrase(t *testing.T) {
	t.Parallel()
	d := importRoom(t).typed("locked.age").keys("enter").want("the file is encrypted", "Its passphrase").typed("wrong").keys("enter").want("wrong passphrase")
	d.keys("ctrl+u").typed("open").keys("enter").want("encrypted", "997 new").keys("enter").want("are imported")
	if d.is("Delete the file") {
		t.Error("an encrypted file is called one in clear")
	}
}

func TestAnImportCanBeCancelled(t *testing.T) {
	t.Parallel()
	look, block := make(chan struct{}), make(chan struct{})
	d := importRoom(t, func(i *tuitest.Importer) { i.Look, i.Block = look, block })
	d.typed("a.json").keys("enter").want("looking into the file: 7; Esc cancels").keys("esc").want("cancelled: nothing was imported")
	close(look)
	d.keys("enter").want("997 new").keys("enter").want("importing 1 of 1,003; Esc cancels").keys("esc").want("cancelled: nothing was imported", "997 new")
	for _, c := range d.vault.Made() {
		if c == "Apply" {
			t.Error("a cancelled import wrote something")
		}
	}
	close(block)
	d.keys("enter").want("are imported")
}

func TestAPathIsCompleted(t *testing.T) {
	t.Parallel()
	d := importRoom(t).typed("~/Do").want("~/Documents/", "~/Downloads/")
	d.typed("w").keys("tab").want("File  ~/Downloads/").want("~/Downloads/bitwarden-old.json").keys("tab").want("~/Downloads/bitwarden").keys("down", "down", "enter").want("bitwarden-old.json").gone("bitwarden.json")
	d.keys("enter").want("nothing new")
	d = importRoom(t)
	d.send(tea.PasteMsg{Content: "'/home/ada/my file.json' \n"})
	d.want("/home/ada/my file.json")
}

func exportRoom(t *testing.T, edit ...func(*tuitest.Exporter)) (*driver, *tuitest.Exporter) {
	t.Helper()
	fake := &tuitest.Exporter{}
	for _, e := range edit {
		e(fake)
	}
	d := drive(t, 100, 30, opened, func(o *Options, _ *tuitest.Opener) { o.Ports.Exporter = fake })
	return d.want("15").keys("ctrl+x x").want("Protection", "Look at it", "~/signet-2026-03-14.signet.jsonl.age"), fake
}

func TestAnExportIsEncryptedUnlessOneInsists(t *testing.T) {
	t.Parallel()
	d, fake := exportRoom(t)
	d.keys("tab", "tab", "tab", "tab").typed("many good words").keys("tab").typed("many good").keys("enter").want("the two are not the same")
	d.typed(" words").keys("enter").want("Signet JSON, encrypted to a passphrase, to ~/signet-2026-03-14.signet.jsonl.age", "15 items", "The file will hold everything.")
	d.keys("enter").want("readable by you alone (mode 0600)", "15 entries are written", "'signet import' reads it")
	got := fake.Asked()
	if len(got) != 1 || got[0].Passphrase.RevealString() != "many good words" || got[0].Replace || got[0].IDs != nil {
		t.Errorf("written: %+v", got)
	}
	d.keys("enter").want("GitHub")
}

func TestClearTextIsAskedAboutAndSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	d, fake := exportRoom(t)
	d.keys("tab", "tab", "tab", "left").want("none: every secret in clear", "~/signet-2026-03-14.signet.jsonl").gone(".age").keys("tab", "enter").want("in clear, to ~/signet")
	d.keys("enter").want("Write every secret in clear?", "backups, who finds the disk").keys("enter").gone("Write every secret")
	if len(fake.Asked()) != 0 {
		t.Fatal("Enter at once wrote secrets in clear")
	}
	d.keys("enter").want("Write every secret").keys("down", "enter").want("mode 0600")
	if got := fake.Asked(); len(got) != 1 || !got[0].Passphrase.IsEmpty() {
		t.Errorf("written: %+v", got)
	}
}

func TestAFileIsReplacedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	d, fake := exportRoom(t)
	d.keys("tab", "tab", "ctrl+u").typed("~/Downloads").keys("tab", "right", "tab").typed("age1xyz").keys("enter").want("that is a folder: name a file in it")
	d.keys("ctrl+u").typed("~/notes.txt").keys("tab", "tab", "tab", "enter").want("encrypted to a recipient, to ~/notes.txt").keys("enter").want("Replace the file?").keys("enter").gone("Replace the file?")
	d.keys("enter").want("Replace the file?").keys("down", "enter").want("mode 0600")
	if got := fake.Asked(); len(got) != 1 || !got[0].Replace || got[0].Recipient != "age1xyz" {
		t.Errorf("written: %+v", got)
	}
}

// A file that appears between the look and the writing is not replaced either.
func TestAFileThatAppearsIsNotReplaced(t *testing.T) {
	t.Parallel()
	d, fake := exportRoom(t, func(x *tuitest.Exporter) { x.Err = tuitest.ErrExists })
	d.keys("tab", "tab", "tab", "right", "tab").typed("age1xyz").keys("enter").want("to a recipient").keys("enter").want("file exists").keys("enter").want("Replace the file?")
	if len(fake.Asked()) != 0 {
		t.Error("it was written")
	}
}

func TestAnExportSaysWhatTheFormatCannotHold(t *testing.T) {
	t.Parallel()
	d, _ := exportRoom(t)
	d.keys("tab", "right", "tab", "tab", "right", "tab").typed("nobody").keys("enter").want("recipient is none")
	d.keys("ctrl+u").typed("age1xyz").keys("enter").want("Other JSON", "1 value is lost", "passkey is lost: the format has none").keys("esc").want("Look at it")
}

func TestAnExportCanBeCancelled(t *testing.T) {
	t.Parallel()
	block := make(chan struct{})
	d, fake := exportRoom(t, func(x *tuitest.Exporter) { x.Block = block })
	d.keys("tab", "tab", "tab", "right", "tab").typed("age1xyz").keys("enter").want("to a recipient").keys("enter").want("writing 1 of 15; Esc cancels").keys("esc").want("cancelled: no file was written")
	close(block)
	if len(fake.Asked()) != 0 {
		t.Error("it was written")
	}
	d.keys("enter").want("mode 0600")
}

// What shows secrets asks to unlock again where the vault says so; writing them to a file is no way around it.
func TestAnExportAsksToUnlockWhereTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	fake := &tuitest.Exporter{}
	d := drive(t, 100, 30, opened, func(o *Options, op *tuitest.Opener) { o.Ports.Exporter = fake; op.Vault.Conf.RevealAgain = true })
	d.want("15").keys("ctrl+x x").want("Look at it").keys("tab", "tab", "tab", "right", "tab").typed("age1xyz").keys("enter").want("to a recipient").keys("enter").want("before secrets are written to a file")
	if len(fake.Asked()) != 0 {
		t.Fatal("it was written without an unlock")
	}
	d.typed("open sesame").keys("enter").want("mode 0600")
}

func TestTheMarkedEntriesAreExported(t *testing.T) {
	t.Parallel()
	fake := &tuitest.Exporter{}
	d := drive(t, 100, 30, opened, func(o *Options, _ *tuitest.Opener) { o.Ports.Exporter = fake }).want("15")
	d.keys("tab", "space", "space", "x").want("2 chosen entries").keys("tab", "tab", "tab", "right", "tab").typed("age1xyz").keys("enter").want("2 items").keys("enter").want("2 entries are written")
	if got := fake.Asked(); len(got) != 1 || len(got[0].IDs) != 2 || got[0].IDs[0] == entry.ID("") {
		t.Errorf("written: %+v", got)
	}
}

func TestWhatTheSearchShowsIsExported(t *testing.T) {
	t.Parallel()
	fake := &tuitest.Exporter{}
	d := drive(t, 100, 30, opened, func(o *Options, _ *tuitest.Opener) { o.Ports.Exporter = fake }).want("15").keys("git").want("3 of 15")
	d.keys("ctrl+x x").want("everything, the trash included").keys("left").want("what the search shows: 3 entries")
	d.keys("tab", "tab", "tab", "right", "tab").typed("age1xyz").keys("enter").want("3 items").keys("enter").want("3 entries are written")
	if got := fake.Asked(); len(got) != 1 || len(got[0].IDs) != 3 {
		t.Errorf("written: %+v", got)
	}
}

func TestAnExportThatFailsSaysWhy(t *testing.T) {
	t.Parallel()
	d, _ := exportRoom(t, func(x *tuitest.Exporter) { x.Err = errors.New("no space left on the disk") })
	d.keys("tab", "tab", "tab", "right", "tab").typed("age1xyz").keys("enter").want("to a recipient").keys("enter").want("no space left on the disk", "to a recipient")
	if strings.Contains(d.picture(), "mode 0600") {
		t.Error("it says that the file was written")
	}
}

// A letter typed where a choice has the cursor goes nowhere: it was meant for a field.
func TestALetterDoesNotLeaveTheExportForm(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened).want("15").keys("ctrl+x x").want("Look at it", "F1 help").typed("tifA?,~").want("Look at it")
	d.keys("ctrl+x ,").want("Settings").keys("esc").want("Look at it")
}
