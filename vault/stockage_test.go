package vault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age/plugin"

	"signet/vault/entry"
	"signet/vault/format"
)

// ageTools builds the age command and its batchpass plugin from the sources that go.mod pins; their own dependencies come from
// their own go.sum.
func ageTools(t *testing.T) (string, error) {
	if path := os.Getenv("SIGNET_AGE"); path != "" {
		return filepath.Dir(path), nil
	}
	src, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "filippo.io/age").Output()
	if err != nil {
		return "", err
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir+string(os.PathSeparator), "./cmd/age", "./cmd/age-plugin-batchpass")
	build.Dir = strings.TrimSpace(string(src))
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
}

// stock is the stock age command over one vault directory.
type stock struct {
	t    *testing.T
	bin  string
	dir  string
	work string
	pass string // for files behind a passphrase
}

func newStock(t *testing.T, dir string) *stock {
	t.Helper()
	bin, err := ageTools(t)
	if err != nil {
		t.Skipf("the age command cannot be built here (%v): run with a Go module proxy once, or set SIGNET_AGE to an age 1.3 command that has "+
			"age-plugin-batchpass beside it", err)
	}
	return &stock{t: t, bin: bin, dir: dir, work: t.TempDir(), pass: testPass}
}

// keep writes an identity file for -i.
func (s *stock) keep(name string, text []byte) string {
	s.t.Helper()
	p := filepath.Join(s.work, name)
	must(s.t, os.WriteFile(p, text, 0o600))
	return p
}

func (s *stock) run(args ...string) ([]byte, error) {
	s.t.Helper()
	cmd := exec.Command(filepath.Join(s.bin, "age"), args...)
	cmd.Env = []string{"PATH=" + s.bin, "AGE_PASSPHRASE=" + s.pass, "HOME=" + s.work}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("age %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return out, nil
}

func (s *stock) open(identity, file string) []byte {
	s.t.Helper()
	out, err := s.run("-d", "-i", identity, filepath.Join(s.dir, file))
	must(s.t, err)
	return out
}

// glob finds the files of a pattern in the vault.
func (s *stock) glob(pattern string) []string {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, pattern))
	must(s.t, err)
	for i := range found {
		rel, err := filepath.Rel(s.dir, found[i])
		must(s.t, err)
		found[i] = filepath.ToSlash(rel)
	}
	return found
}

// newest is the directory of the current epoch.
func (s *stock) newest() string {
	s.t.Helper()
	dirs := s.glob("epochs/*")
	slices.Sort(dirs)
	return dirs[len(dirs)-1]
}

// I3: every synced file opens with the stock age command on the path of vault.md 5.15: member, slot, epoch, data; older epochs
// through prev; attachments by the identity in their field.
func TestI3StockAgeOpensEveryFile(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	apply(t, v, login(1, "Bank", "first epoch")...)
	v.compactAt = 1
	must(t, v.Maintain(t.Context())) // a snapshot
	v.compactAt = 0
	must(t, v.Rotate(t.Context(), "test"))
	apply(t, v, login(2, "Mail", "second epoch")...)
	big := bytes.Repeat([]byte("attachment "), 10_000)
	_, err := v.Attach(t.Context(), recID(2), "scan.pdf", "application/pdf", bytes.NewReader(big))
	must(t, err)
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{})) // a rekey and a third epoch
	apply(t, v, login(3, "Shop", "third epoch")...)
	must(t, v.Close())

	s := newStock(t, h.dir)
	for name, member := range s.members(h) {
		t.Run(name, func(t *testing.T) {
			s := &stock{t, s.bin, s.dir, t.TempDir(), s.pass}
			s.everything(member, big)
		})
	}
}

// members are the identity files of those who open the vault: the recovery sheet, and the device key behind its passphrase.
func (s *stock) members(h *home) map[string]func(s *stock) (identity, slots string) {
	return map[string]func(s *stock) (string, string){
		"recovery sheet": func(s *stock) (string, string) { return s.keep("recovery.txt", []byte(h.sheet)), "rec-*" },
		"device key behind its passphrase": func(s *stock) (string, string) {
			batch := s.keep("batch.txt", []byte(plugin.EncodeIdentity("batchpass", nil)))
			way := s.keep("way.txt", s.open(batch, "unlock/passphrase.age"))
			return s.keep("device.txt", s.open(way, "unlock/passphrase-key.age")), "dev-*"
		},
	}
}

// everything opens each synced file with what one member holds.
func (s *stock) everything(member func(*stock) (string, string), attached []byte) {
	t := s.t
	identity, pattern := member(s)
	opened := map[string]bool{}
	slots := s.glob(s.newest() + "/" + pattern)
	if len(slots) != 1 {
		t.Fatalf("slots %v", slots)
	}
	epoch := s.open(identity, slots[0])
	for _, prev := range s.glob(s.newest() + "/prev-*") {
		opened[prev] = true
		epoch = append(epoch, s.open(s.keep("epoch.txt", epoch), prev)...)
	}
	keys := s.keep("epochs.txt", epoch)
	for _, f := range s.glob("roster/*") {
		if !bytes.HasPrefix(s.open(keys, f), []byte(`{"t":"genesis"`)) {
			t.Errorf("%s is no roster", f)
		}
		opened[f] = true
	}
	var log bytes.Buffer
	for _, f := range s.glob("log/*/*") {
		log.Write(s.open(keys, f))
		opened[f] = true
	}
	for _, want := range []string{"first epoch", "second epoch", "third epoch", `"t":"snap"`, `"t":"seg"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in the log", want)
		}
	}
	s.attachments(log.Bytes(), attached, opened)
	for _, f := range s.glob("epochs/*/*") {
		opened[f] = true // slots of other members and of older epochs are theirs; each was opened when it was current
	}
	for _, kind := range []string{"epochs/*/*", "roster/*", "log/*/*", "att/*"} {
		files := s.glob(kind)
		if len(files) == 0 {
			t.Errorf("no file %s", kind)
		}
		for _, f := range files {
			if !opened[f] {
				t.Errorf("%s was not opened", f)
			}
			if format.ParseName(f).Kind == format.FileUnknown {
				t.Errorf("%s is a name of nothing", f)
			}
		}
	}
}

// attachments takes the identity out of the field, as a person with jq would.
func (s *stock) attachments(log, want []byte, opened map[string]bool) {
	t := s.t
	for line := range bytes.Lines(log) {
		var op struct {
			F string `json:"f"`
			V string `json:"v"`
		}
		if json.Unmarshal(line, &op) != nil || filepath.Base(op.F) != filepath.Base(entry.AttachmentPath(Credential{ID: "x"})) || op.V == "" {
			continue
		}
		var field struct {
			Key  string `json:"key"`
			Size int    `json:"size"`
		}
		must(t, json.Unmarshal([]byte(op.V), &field))
		for _, f := range s.glob("att/*") {
			got := s.open(s.keep("att.txt", []byte(field.Key)), f)
			if len(got) < field.Size || !bytes.Equal(got[:field.Size], want) || len(bytes.Trim(got[field.Size:], "\x00")) > 0 {
				t.Errorf("%s: other content, or not padded with zeros", f)
			}
			opened[f] = true
		}
	}
}
