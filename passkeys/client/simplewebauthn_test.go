package client_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const judgeFolder = "testdata/simplewebauthn"

// node runs the site that is built with @simplewebauthn/server: ceremonies in, one verdict for each.
func node(t *testing.T, all []ceremony) []verdict {
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
	var in, stderr bytes.Buffer
	for _, c := range all {
		line := must[[]byte](t)(json.Marshal(c))
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command(program, "judge.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = judgeFolder, &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.String())
	}
	var verdicts []verdict
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var v verdict
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", lines.Bytes(), err)
		}
		verdicts = append(verdicts, v)
	}
	if len(verdicts) != len(all) {
		t.Fatalf("%d verdicts on %d ceremonies\n%s", len(verdicts), len(all), stderr.String())
	}
	return verdicts
}

type verdict struct {
	Told    *told  `json:"told"`
	Refused string `json:"refused"`
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
	verdicts := node(t, append(plain, quantum...))
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
