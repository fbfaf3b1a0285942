package passkeys_test

import (
	"bytes"
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/passkeys"
)

// answered finds the status codes that the package's own code mentions outside of their table: those that a host can get.
func answered(t *testing.T) map[string]bool {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range files {
		name := f.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "status.go" {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, "Status") && id.Name != "Status" {
				found[id.Name] = true
			}
			return true
		})
	}
	return found
}

// statusConstants are the constants of status.go by name.
func statusConstants(t *testing.T) map[string]bool {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "status.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, d := range tree.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			for _, n := range s.(*ast.ValueSpec).Names {
				names[n.Name] = true
			}
		}
	}
	return names
}

// reaching says for every status that we answer how a host gets it.
var reaching = map[string]struct {
	status passkeys.Status
	reach  func(h *host) passkeys.Status
}{
	"StatusOK":               {passkeys.StatusOK, sending(4, nil)},
	"StatusInvalidCommand":   {passkeys.StatusInvalidCommand, sending(0x3f, nil)},
	"StatusInvalidParameter": {passkeys.StatusInvalidParameter, sending(1, making("a.example", "u", m{10: 1}))},
	"StatusInvalidLength":    {passkeys.StatusInvalidLength, sending(1, making("a.example", "u", m{1: hash[1:]}))},
	"StatusInvalidSeq":       {passkeys.StatusInvalidSeq, sending(12, m{2: hash, 3: 5})},
	"StatusCBORUnexpectedType": {
		passkeys.StatusCBORUnexpectedType, sending(1, making("a.example", "u", m{1: "text"})),
	},
	"StatusInvalidCBOR":      {passkeys.StatusInvalidCBOR, sending(1, nil)},
	"StatusMissingParameter": {passkeys.StatusMissingParameter, sending(2, m{2: hash})},
	"StatusLimitExceeded":    {passkeys.StatusLimitExceeded, sending(2, getting("a.example", m{3: many(1025)}))},
	"StatusLargeBlobStorageFull": {
		passkeys.StatusLargeBlobStorageFull, sending(12, m{2: hash, 3: 0, 4: 1 << 20}),
	},
	"StatusCredentialExcluded": {passkeys.StatusCredentialExcluded, func(h *host) passkeys.Status {
		return h.status(1, making("a.example", "v", m{5: list(h.register("a.example", "u", nil))}))
	}},
	"StatusUnsupportedAlgorithm": {
		passkeys.StatusUnsupportedAlgorithm, sending(1, making("a.example", "u", m{4: []any{tm{"alg": -65535, "type": "public-key"}}})),
	},
	"StatusOperationDenied": {passkeys.StatusOperationDenied, func(h *host) passkeys.Status {
		h.person.Refuses = true
		return h.status(11, nil)
	}},
	"StatusKeyStoreFull": {passkeys.StatusKeyStoreFull, func(h *host) passkeys.Status {
		h.store.Err = passkeys.ErrStoreFull
		return h.status(1, making("a.example", "u", m{7: rk}))
	}},
	"StatusUnsupportedOption": {passkeys.StatusUnsupportedOption, sending(2, getting("a.example", m{5: rk}))},
	"StatusInvalidOption":     {passkeys.StatusInvalidOption, sending(1, making("a.example", "u", m{7: tm{"up": false}}))},
	"StatusKeepAliveCancel": {passkeys.StatusKeepAliveCancel, func(h *host) passkeys.Status {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return passkeys.Status(h.a.Handle(ctx, []byte{11}, nil)[0])
	}},
	"StatusNoCredentials": {passkeys.StatusNoCredentials, sending(2, getting("a.example", nil))},
	"StatusUserActionTimeout": {passkeys.StatusUserActionTimeout, func(h *host) passkeys.Status {
		h.person.Err = context.DeadlineExceeded
		return h.status(11, nil)
	}},
	"StatusNotAllowed": {passkeys.StatusNotAllowed, sending(8, nil)},
	"StatusPINInvalid": {passkeys.StatusPINInvalid, func(h *host) passkeys.Status { return h.guess(1) }},
	"StatusPINBlocked": {passkeys.StatusPINBlocked, func(h *host) passkeys.Status {
		for range 2 {
			h.guess(3)
			h.replug()
		}
		return h.guess(2)
	}},
	"StatusPINAuthInvalid": {passkeys.StatusPINAuthInvalid, sending(1, making("a.example", "u", m{8: hash, 9: 2}))},
	"StatusPINAuthBlocked": {passkeys.StatusPINAuthBlocked, func(h *host) passkeys.Status { return h.guess(3) }},
	"StatusPINNotSet":      {passkeys.StatusPINNotSet, sending(1, making("a.example", "u", m{8: []byte{}}))},
	"StatusPUATRequired": {passkeys.StatusPUATRequired, func(h *host) passkeys.Status {
		h.protect()
		return h.status(1, making("a.example", "u", m{7: rk}))
	}},
	"StatusPINPolicyViolation": {passkeys.StatusPINPolicyViolation, func(h *host) passkeys.Status {
		return h.status(6, h.settingPIN(passkeys.PINTwo, "123"))
	}},
	"StatusRequestTooLarge": {passkeys.StatusRequestTooLarge, func(h *host) passkeys.Status {
		status, _ := h.raw(make([]byte, passkeys.MaxMsgSize+1))
		return status
	}},
	"StatusUVBlocked": {passkeys.StatusUVBlocked, func(h *host) passkeys.Status {
		h.uv, h.person.Err = true, passkeys.ErrVerifyBlocked
		r, _ := h.wantingByUV(passkeys.PermitManage, "")
		return h.status(6, r)
	}},
	"StatusUVInvalid": {passkeys.StatusUVInvalid, func(h *host) passkeys.Status {
		h.uv, h.person.Unable = true, true
		r, _ := h.wantingByUV(passkeys.PermitManage, "")
		return h.status(6, r)
	}},
	"StatusIntegrityFailure": {passkeys.StatusIntegrityFailure, sending(12, m{2: hash, 3: 0, 4: 32})},
	"StatusInvalidSubcommand": {
		passkeys.StatusInvalidSubcommand, sending(6, m{1: 2, 2: 0x7f}),
	},
	"StatusUnauthorizedPermission": {passkeys.StatusUnauthorizedPermission, func(h *host) passkeys.Status {
		h.protect()
		r, _ := h.wanting(passkeys.PINTwo, "1234", passkeys.PermitBio, "")
		return h.status(6, r)
	}},
	"StatusOther": {passkeys.StatusOther, func(h *host) passkeys.Status {
		h.store.Err = errors.New("disk")
		return h.status(2, getting("a.example", nil))
	}},
}

func sending(cmd byte, params any) func(h *host) passkeys.Status {
	return func(h *host) passkeys.Status { return h.status(cmd, params) }
}

func (h *host) status(cmd byte, params any) passkeys.Status {
	h.t.Helper()
	status, _ := h.do(cmd, params)
	return status
}

// guess tries wrong PINs and returns what the last one got.
func (h *host) guess(times int) (last passkeys.Status) {
	h.t.Helper()
	if h.state.Memory.PINLength == 0 {
		h.protect()
	}
	for range times {
		r, _ := h.wanting(passkeys.PINTwo, "0000", passkeys.PermitManage, "")
		last = h.status(6, r)
	}
	return last
}

// Every status that our code can answer is reached; every one that it never answers has its reason here.
func TestEveryStatusIsReached(t *testing.T) {
	t.Parallel()
	never := map[string]string{
		"StatusTimeout":           "CTAPHID tells it by itself",
		"StatusChannelBusy":       "CTAPHID tells it by itself",
		"StatusLockRequired":      "CTAPHID tells it by itself",
		"StatusInvalidChannel":    "CTAPHID tells it by itself",
		"StatusFPDatabaseFull":    "there is no sensor",
		"StatusProcessing":        "answers come when they are ready",
		"StatusInvalidCredential": "what is not ours is no credential: NO_CREDENTIALS",
		"StatusUserActionPending": "keep-alives say so",
		"StatusOperationPending":  "requests wait for the one before",
		"StatusNoOperations":      "nothing is pending",
		"StatusActionTimeout":     "USER_ACTION_TIMEOUT is what hosts know",
		"StatusUPRequired":        "a person is asked whenever the specification wants one",
	}
	used := answered(t)
	for name := range statusConstants(t) {
		_, reached := reaching[name]
		switch _, is := never[name]; {
		case used[name] && !reached:
			t.Errorf("%s is answered, and no test reaches it", name)
		case !used[name] && reached:
			t.Errorf("%s is reached, but nothing answers it", name)
		case !used[name] && !is:
			t.Errorf("%s is never answered: say why", name)
		}
	}
	for name, c := range reaching {
		h := plugged(t)
		if got := c.reach(h); got != c.status {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A PIN that is checked takes its try before it is looked at, and whether it is right is compared in constant time.
func TestPINChecksTakeATry(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	h.state.Memory.PINMisses = 7
	writes := h.state.Writes
	r, _ := h.wanting(passkeys.PINTwo, "1234", passkeys.PermitManage, "")
	h.ok(6, r)
	if h.state.Memory.PINMisses != 0 || h.state.Writes != writes+2 {
		t.Errorf("%d misses after %d writes", h.state.Memory.PINMisses, h.state.Writes-writes)
	}
}

// Nothing here compares bytes in a time that depends on them, but for identifiers that are no secrets.
func TestNoComparisonTellsByItsTime(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, banned := range []string{"bytes.Equal", "bytes.Compare(", "reflect.DeepEqual", "slices.Equal"} {
			if bytes.Contains(code, []byte(banned)) && name != "cbor.go" { // which orders the keys of maps
				t.Errorf("%s uses %s: compare with crypto/subtle or hmac.Equal", name, banned)
			}
		}
	}
}
