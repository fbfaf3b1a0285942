package unlock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"signet/vault/secret"
)

// This test binary is also a real age plugin: started under the name age-plugin-sigtest it speaks age's plugin protocol.
// Its "token" asks for a PIN (1234) and for a touch, and then behaves like the identity in its payload.
const testPlugin = "sigtest"

var (
	testPluginIdentity  = plugin.EncodeIdentity(testPlugin, []byte("token"))
	testPluginRecipient = plugin.EncodeRecipient(testPlugin, []byte("token"))
)

func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "age-plugin-") {
		os.Exit(pluginMain())
	}
	os.Exit(m.Run())
}

func pluginMain() int {
	p, err := plugin.New(testPlugin)
	if err != nil {
		return 1
	}
	p.RegisterFlags(nil)
	p.HandleRecipient(func([]byte) (age.Recipient, error) { return token{p: p}, nil })
	p.HandleIdentityAsRecipient(func([]byte) (age.Recipient, error) { return token{p: p}, nil })
	p.HandleIdentity(func([]byte) (age.Identity, error) { return token{p: p}, nil })
	return p.Main()
}

// token wraps a file key by a fixed XOR: what is tested is the conversation, not the strength.
type token struct{ p *plugin.Plugin }

func (token) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: testPlugin, Args: []string{"x"}, Body: xor(fileKey)}}, nil
}

func (k token) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		if s.Type != testPlugin {
			continue
		}
		pin, err := k.p.RequestValue("PIN", true)
		if err != nil {
			return nil, err
		}
		switch pin {
		case "1234":
		case "hang":
			_, _ = io.Copy(io.Discard, os.Stdin)
			time.Sleep(time.Hour)
		default:
			return nil, fmt.Errorf("wrong PIN")
		}
		if err := k.p.DisplayMessage("touch the token"); err != nil {
			return nil, err
		}
		if ok, err := k.p.Confirm("Touched?", "yes", "no"); err != nil || !ok {
			return nil, fmt.Errorf("not touched")
		}
		return xor(s.Body), nil
	}
	return nil, age.ErrIncorrectIdentity
}

func xor(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out
}

// installPlugin puts this binary under the plugin's name on the PATH.
func installPlugin(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "age-plugin-"+testPlugin)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// person is a Prompter that answers from a script and remembers what was said.
type person struct {
	mu     sync.Mutex
	pin    string
	touch  bool
	heard  []string
	asked  chan struct{} // closed at the first question
	closed sync.Once
}

func (p *person) hear(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, s)
	if p.asked != nil {
		p.closed.Do(func() { close(p.asked) })
	}
}

func (p *person) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.heard, "|")
}

func (p *person) Secret(_ context.Context, prompt string) (secret.Secret, error) {
	p.hear(prompt)
	return pass(p.pin), nil
}
func (p *person) Message(text string) { p.hear(text) }
func (p *person) Confirm(_ context.Context, prompt, yes, no string) (bool, error) {
	p.hear(prompt + " " + yes + "/" + no)
	return p.touch, nil
}

func TestPluginOpensWithAPerson(t *testing.T) {
	installPlugin(t)
	ctx := context.Background()
	for _, recipient := range []string{testPluginRecipient, testPluginIdentity} {
		sealed, err := SealKey(ctx, pass(sample), recipient, nil)
		if err != nil {
			t.Fatal(err)
		}
		who := &person{pin: "1234", touch: true}
		got, err := OpenKey(ctx, sealed, pass(testPluginIdentity), who)
		if err != nil || got.RevealString() != sample {
			t.Fatalf("got %v", err)
		}
		if want := "sigtest plugin: PIN|sigtest plugin: touch the token|sigtest plugin: Touched? yes/no"; who.said() != want {
			t.Errorf("the person saw %q", who.said())
		}
	}
}

func TestPluginRefusals(t *testing.T) {
	installPlugin(t)
	ctx := context.Background()
	sealed, err := SealKey(ctx, pass(sample), testPluginRecipient, nil)
	if err != nil {
		t.Fatal(err)
	}
	foreign, _ := age.GenerateHybridIdentity()
	elsewhere, err := SealKey(ctx, pass(sample), foreign.Recipient().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file []byte
		who  Prompter
		want error
	}{
		{"nobody there", sealed, nil, ErrNeedsPerson},
		{"wrong PIN", sealed, &person{pin: "0000"}, nil},
		{"not touched", sealed, &person{pin: "1234"}, nil},
		{"sealed to something else", elsewhere, &person{pin: "1234"}, ErrNotOurs},
	} {
		got, err := OpenKey(ctx, c.file, pass(testPluginIdentity), c.who)
		if err == nil || errors.Is(err, ErrDamaged) || !got.IsEmpty() || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestPluginMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := SealKey(context.Background(), pass(sample), testPluginRecipient, nil); !errors.Is(err, ErrPluginMissing) {
		t.Errorf("seal: %v", err)
	}
	if _, err := OpenKey(context.Background(), nil, pass(testPluginIdentity), nil); err == nil {
		t.Error("opened nothing")
	}
}

// A plugin that never answers is given up when the person gives up.
func TestPluginHangs(t *testing.T) {
	installPlugin(t)
	sealed, err := SealKey(context.Background(), pass(sample), testPluginRecipient, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	who := &person{pin: "hang", asked: make(chan struct{})}
	go func() { <-who.asked; cancel() }()
	if _, err := OpenKey(ctx, sealed, pass(testPluginIdentity), who); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The plugin that age itself ships: batchpass, which encrypts to its identity and has no recipient string.
func TestPluginBatchpass(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "age-plugin-batchpass")
	if out, err := exec.Command("go", "build", "-o", bin, "filippo.io/age/cmd/age-plugin-batchpass").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("AGE_PASSPHRASE", "swordfish")
	t.Setenv("AGE_PASSPHRASE_WORK_FACTOR", "10")
	id, err := ParseIdentity(pass(plugin.EncodeIdentity("batchpass", nil)))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := SealKey(context.Background(), pass(sample), id.Recipient, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenKey(context.Background(), sealed, id.Text, nil)
	if err != nil || got.RevealString() != sample {
		t.Fatalf("got %v", err)
	}
	t.Setenv("AGE_PASSPHRASE", "marlin")
	if _, err := OpenKey(context.Background(), sealed, id.Text, nil); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("wrong passphrase: %v", err)
	}
}
