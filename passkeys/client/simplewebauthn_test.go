package client_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"signet/passkeys/client"
)

const judgeFolder = "testdata/simplewebauthn"

// judge is a running site that is built with @simplewebauthn/server.
type judge struct {
	t      *testing.T
	in     io.WriteCloser
	out    *bufio.Scanner
	stderr bytes.Buffer
}

func node(t *testing.T) *judge {
	t.Helper()
	program := os.Getenv("SIGNET_NODE")
	if program == "" {
		program = "node"
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skip("node is missing: make deps installs it")
	}
	if _, err := os.Stat(filepath.Join(judgeFolder, "node_modules", "@simplewebauthn")); err != nil {
		t.Skip("@simplewebauthn/server is missing: make deps installs it")
	}
	j := &judge{t: t}
	cmd := exec.Command(program, "judge.mjs")
	cmd.Dir, cmd.Stderr = judgeFolder, &j.stderr
	j.in = must[io.WriteCloser](t)(cmd.StdinPipe())
	out := must[io.ReadCloser](t)(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = j.in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("node: %v\n%s", err, j.stderr.String())
		}
	})
	j.out = bufio.NewScanner(out)
	j.out.Buffer(nil, 1<<20)
	return j
}

// says puts questions and reads as many verdicts.
func (j *judge) says(questions ...any) (all []verdict) {
	j.t.Helper()
	wrong := make(chan error, 1)
	go func() {
		e := json.NewEncoder(j.in)
		for _, q := range questions {
			if err := e.Encode(q); err != nil {
				wrong <- err
				return
			}
		}
		wrong <- nil
	}()
	for range questions {
		var v verdict
		if !j.out.Scan() {
			j.t.Fatalf("node ended\n%s", j.stderr.String())
		}
		if err := json.Unmarshal(j.out.Bytes(), &v); err != nil {
			j.t.Fatalf("%s: %v", j.out.Bytes(), err)
		}
		all = append(all, v)
	}
	if err := <-wrong; err != nil {
		j.t.Fatal(err)
	}
	return all
}

type verdict struct {
	Told    *told  `json:"told"`
	Refused string `json:"refused"`
	Options object `json:"options"`
}

// @simplewebauthn/server is another site of somebody else, which shares no code with go-webauthn.
func TestSimpleWebAuthnJudgesEveryCeremony(t *testing.T) {
	var plain, quantum []ceremony
	for _, c := range ceremonies() {
		if c.postQuantum() {
			quantum = append(quantum, c)
		} else {
			plain = append(plain, c)
		}
	}
	var questions []any
	for _, c := range append(plain, quantum...) {
		questions = append(questions, c)
	}
	verdicts := node(t).says(questions...)
	checkVerdicts(t, plain, verdicts)
	t.Run("ML-DSA", func(t *testing.T) {
		if strings.Contains(verdicts[len(plain)].Refused, "does not support use of ML-DSA") {
			t.Skip("this Node cannot verify ML-DSA: install Node 24.7 or later, or set SIGNET_NODE to one")
		}
		checkVerdicts(t, quantum, verdicts[len(plain):])
	})
}

func checkVerdicts(t *testing.T, all []ceremony, verdicts []verdict) {
	t.Helper()
	for i, c := range all {
		v := verdicts[i]
		switch {
		case c.Take && v.Told == nil:
			t.Errorf("%s: %s", c.Name, v.Refused)
		case !c.Take && v.Told != nil && !c.Loose:
			t.Errorf("%s: taken", c.Name)
		case c.Take && *v.Told != c.Want:
			t.Errorf("%s: the site reads %+v, want %+v", c.Name, *v.Told, c.Want)
		}
	}
}

// The options that @simplewebauthn/server writes go in as they are, and the answers go back as they are.
func TestSimpleWebAuthnServerRoundTrip(t *testing.T) {
	p, j := open(t), node(t)
	options := func(generate string, known ...string) object {
		v := j.says(object{"generate": generate, "rpId": "example.com", "user": "user 1", "known": known})[0]
		if v.Options == nil {
			t.Fatal(v.Refused)
		}
		return v.Options
	}
	judged := func(c ceremony, o object, a answer) *told {
		c.Challenge, c.Origin, c.RPID, c.UV, c.Response = o["challenge"].(string), p.from.Origin.String(), "example.com", true, a.raw
		v := j.says(c)[0]
		if v.Told == nil {
			t.Fatal(v.Refused)
		}
		return v.Told
	}
	o := options("registration")
	made := p.made(o)
	if got := judged(ceremony{Create: true, Alg: made.Response.PublicKeyAlgorithm}, o, made); got.Format != "packed" || !got.UV {
		t.Errorf("%+v", got)
	}
	if made.ClientExtensionResults["credProps"].(object)["rk"] != true { // which it asks for by itself
		t.Errorf("%v", made.ClientExtensionResults)
	}
	_, err := p.create(options("registration", made.ID))
	fails(t, err, client.InvalidState, "already")
	kept := &stored{ID: made.ID, PublicKey: b64(keyOf(made))}
	for _, known := range [][]string{nil, {made.ID}} {
		o = options("sign-in", known...)
		signed := p.signed(o)
		if got := judged(ceremony{Stored: kept}, o, signed); !got.UV || signed.Response.UserHandle != b64([]byte("user 1")) {
			t.Errorf("%+v %s", got, signed.raw)
		}
	}
}
