package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/seal"
)

// shelf is a vault that a test writes by hand: what FORMAT.md describes, made without the room that usually writes it.
type shelf struct {
	t     *testing.T
	root  string
	id    format.VaultID
	code  format.RecoveryCode
	epoch []format.SlotFile
	tips  map[format.MemberID]format.Hash
	seqs  map[format.MemberID]int
	sids  []format.SID
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{
		t: t, root: t.TempDir(), id: format.VaultID(format.Sum(nil)), code: format.RecoveryCode{Seed: localSecret(9)},
		tips: map[format.MemberID]format.Hash{}, seqs: map[format.MemberID]int{},
	}
	s.put("../recovery.txt", must(s.code.Sheet(s.id)).Reveal())
	return s
}

func (s *shelf) put(path string, data []byte) {
	s.t.Helper()
	path = filepath.Join(s.root, "v", filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) seal(n format.Name, plain []byte, recipient string) {
	s.t.Helper()
	file := must(seal.Bytes(plain, must(seal.ParseRecipient(recipient))))
	n.H32 = format.H32(file)
	s.put(n.Path(), file)
}

// rotate begins an epoch: a slot for the code, and the older ones in prev.
func (s *shelf) rotate() {
	s.t.Helper()
	id, rcpt, err := seal.NewIdentity()
	if err != nil {
		s.t.Fatal(err)
	}
	n := len(s.epoch) + 1
	if n > 1 {
		s.seal(format.Name{Kind: format.FilePrev, Epoch: n}, must(format.EncodeSlots(s.epoch...)).Reveal(), rcpt)
	}
	s.epoch = append(s.epoch, format.SlotFile{Vault: s.id, Epoch: n, Identity: id})
	slot := must(format.EncodeSlots(s.epoch[n-1])).Reveal()
	s.seal(format.Name{Kind: format.FileSlot, Epoch: n, Of: format.KindRecovery, Member: "abcdefgh"}, slot, must(seal.RecipientOf(must(s.code.Identity()))))
}

func (s *shelf) header(log format.MemberID) (format.SegmentHeader, string) {
	now := s.epoch[len(s.epoch)-1]
	rcpt := must(seal.RecipientOf(now.Identity))
	s.seqs[log]++
	return format.SegmentHeader{
		Vault: s.id, Log: log, Seq: s.seqs[log], Prev: s.tips[log], Epoch: now.Epoch, EpochK: format.Sum([]byte(rcpt)).H32(),
	}, rcpt
}

func (s *shelf) write(log format.MemberID, plain []byte, rcpt string) format.SID {
	s.tips[log] = format.Sum(plain)
	s.seal(format.Name{Kind: format.FileLog, Log: log.Short(), Seq: s.seqs[log]}, plain, rcpt)
	s.sids = append(s.sids, format.Sum(plain).SID())
	return s.sids[len(s.sids)-1]
}

func (s *shelf) segment(log format.MemberID, ops ...format.Op) format.SID {
	s.t.Helper()
	h, rcpt := s.header(log)
	body := must(format.Segment{Header: h, Ops: ops}.Encode())
	return s.write(log, format.Sign(format.KindSegment, s.id, body, signer), rcpt)
}

func (s *shelf) snapshot(log format.MemberID, c format.Context, records ...format.Record) format.SID {
	s.t.Helper()
	h, rcpt := s.header(log)
	var plain bytes.Buffer
	all := func(yield func(format.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
	must(format.WriteSnapshot(&plain, format.SnapshotHeader{SegmentHeader: h}, c, all, signer))
	return s.write(log, plain.Bytes(), rcpt)
}

var signer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))

func set(record format.RecordID, field, value string, wall int64, replaces ...format.Dot) format.Op {
	return format.Op{Record: record, Field: field, Value: &value, Wall: wall, Replaces: replaces}
}

func dot(sid format.SID, i int) format.Dot { return format.Dot{SID: sid, I: i} }

const (
	mail = format.RecordID("aaaaaaaaaaaaaaaaaaaaaaaaaa")
	bank = format.RecordID("baaaaaaaaaaaaaaaaaaaaaaaaa")
)

// writeHistory writes two devices' logs over two epochs: values replaced and deleted, a conflict, an edit that survived a
// delete made elsewhere, a snapshot with a cloud whose dots come only later.
func (s *shelf) writeHistory() {
	s.t.Helper()
	laptop, phone := format.NewMemberID([16]byte{1}), format.NewMemberID([16]byte{2})
	s.rotate()
	a1 := s.segment(laptop, set(mail, "title", "Mail", 1), set(mail, "cred/a/password", "first", 1), set(bank, "title", "Bank", 1))
	b1 := s.segment(phone, set(mail, "title", "Mail on the phone", 5, dot(a1, 0)), set(bank, "cred/b/password", "survives", 2))
	s.rotate()
	// The laptop has not folded the phone's file, but knows that its second write is gone.
	s.snapshot(laptop, format.Context{Have: map[format.MemberID][]format.SID{laptop: {a1}}, Cloud: []format.Dot{dot(b1, 1)}},
		format.Record{ID: mail, Fields: []format.Field{
			{Path: "cred/a/password", Values: []format.Value{{Dot: dot(a1, 1), Wall: 1, Text: "first"}}},
			{Path: "title", Values: []format.Value{{Dot: dot(a1, 0), Wall: 1, Text: "Mail"}}},
		}},
		format.Record{ID: bank, Fields: []format.Field{{Path: "title", Values: []format.Value{{Dot: dot(a1, 2), Wall: 1, Text: "Bank"}}}}},
	)
	s.segment(laptop,
		set(mail, "title", "Mail at home", 4, dot(a1, 0)), set(mail, "cred/a/password", "line\n\u2028\"two\"", 6, dot(a1, 1)),
		format.Op{Record: bank, Field: "title", Replaces: []format.Dot{dot(a1, 2)}, Wall: 6}, set(bank, "notes", "é", 6))
}

var writtenHistory = map[string]map[string][]string{
	string(mail): {"title": {"Mail on the phone", "Mail at home"}, "cred/a/password": {"line\n\u2028\"two\""}},
	string(bank): {"notes": {"é"}},
}

// TestFormatSuffices lets the reader that FORMAT.md prints, which shares nothing with Signet but that text, read a vault.
func TestFormatSuffices(t *testing.T) {
	t.Parallel()
	age := stockAge(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not here: install it; it runs the reader of FORMAT.md")
	}
	s := newShelf(t)
	s.writeHistory()
	script := filepath.Join(s.root, "read.py")
	if err := os.WriteFile(script, []byte(block(t, "```python\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, script, filepath.Join(s.root, "v"), filepath.Join(s.root, "recovery.txt"))
	cmd.Env = append(os.Environ(), "AGE="+age, "PYTHONIOENCODING=utf-8")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	got := map[string]map[string][]string{}
	for line := range strings.Lines(string(out)) {
		var r struct {
			E string
			F map[string][]string
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		got[r.E] = r.F
	}
	if !reflect.DeepEqual(got, writtenHistory) {
		t.Errorf("got  %v\nwant %v", got, writtenHistory)
	}
}

// block returns the first block of FORMAT.md that begins with fence.
func block(t *testing.T, fence string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "FORMAT.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), fence)
	body, _, closed := strings.Cut(rest, "```\n")
	if !ok || !closed {
		t.Fatalf("FORMAT.md has no block %s", fence)
	}
	return body
}

// TestByHand runs the commands of FORMAT.md's chapter "By hand" as they are printed there.
func TestByHand(t *testing.T) {
	t.Parallel()
	age := stockAge(t)
	for _, tool := range []string{"sh", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not here: install it; it runs the commands of FORMAT.md", tool)
		}
	}
	s := newShelf(t)
	s.writeHistory()
	bin := filepath.Join(s.root, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(age, filepath.Join(bin, "age")); err != nil {
		t.Skipf("no symbolic links here (%v): runs only on systems that have them", err)
	}
	commands, _, ok := strings.Cut(block(t, "```\nage -d -i recovery.txt"), "age -d -i epoch.txt roster/")
	if !ok {
		t.Fatal("the roster is not the last command any more")
	}
	commands = "age -d -i ../recovery.txt" + strings.ReplaceAll(commands, "000003", "000002")
	cmd := exec.Command("sh", "-euc", commands)
	cmd.Dir = filepath.Join(s.root, "v")
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	for _, want := range []string{`"v":"first"`, `"v":"survives"`, `"v":"line\n` + "\u2028" + `\"two\""`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if strings.Contains(string(out), "Mail") {
		t.Errorf("more than passwords: %s", out)
	}
}
