package secret

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "canary-7f3a-hunter2"

// model has what a Bubble Tea model has: unexported fields only, where fmt ignores the methods of the field's type.
type model struct {
	s  Secret
	p  *Secret
	in struct{ deep []Secret }
}

func TestNoVerbPrintsASecret(t *testing.T) {
	s := FromString(canary)
	m := model{s: s, p: &s}
	m.in.deep = []Secret{s}
	for _, verb := range strings.Split("v +v #v s q x X d o b t T p e", " ") {
		for _, val := range []any{s, &s, m, &m, []Secret{s}, map[string]Secret{"k": s}} {
			got := fmt.Sprintf("%"+verb, val)
			if strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) || strings.Contains(got, fmt.Sprint([]byte(canary))) {
				t.Errorf("%%%s of %T prints the secret: %s", verb, val, got)
			}
		}
	}
}

func TestNoLoggerPrintsASecret(t *testing.T) {
	s := FromString(canary)
	var buf bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&buf, nil), slog.NewJSONHandler(&buf, nil)} {
		slog.New(h).Info("x", "s", s, "m", model{s: s}, "group", slog.GroupValue(slog.Any("s", s)))
	}
	if strings.Contains(buf.String(), canary) {
		t.Fatalf("slog prints the secret: %s", buf.String())
	}
}

func TestNoMarshallerAcceptsASecret(t *testing.T) {
	s := FromString(canary)
	if out, err := json.Marshal(struct{ S Secret }{s}); err == nil {
		t.Errorf("encoding/json wrote %s", out)
	}
	if err := gob.NewEncoder(&bytes.Buffer{}).Encode(s); err == nil {
		t.Error("encoding/gob accepted a secret")
	}
}

func TestWipeClearsEveryCopyButNotAClone(t *testing.T) {
	s := FromString(canary)
	same, clone := s, s.Clone()
	s.Wipe()
	if strings.Contains(same.RevealString(), "canary") {
		t.Error("a copy survived Wipe")
	}
	if !clone.Equal(FromString(canary)) {
		t.Error("Wipe reached a clone")
	}
	if !(Secret{}).IsEmpty() {
		t.Error("the zero value is not empty")
	}
}
