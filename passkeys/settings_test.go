package passkeys_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"signet/passkeys"
)

func ff(message ...byte) []byte { return append(bytes.Repeat([]byte{0xff}, 32), message...) }

// writing is one fragment of a large-blob array with its proof.
func writing(token, part []byte, offset, length int) m {
	r := m{2: part, 3: offset}
	if length != 0 {
		r[4] = length
	}
	if token != nil {
		sum := sha256.Sum256(part)
		message := append(binary.LittleEndian.AppendUint32(ff(0x0c, 0), uint32(offset)), sum[:]...)
		r[5], r[6] = passkeys.PINTwo.Authenticate(token, message), 2
	}
	return r
}

func summed(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(bytes.Clone(body), sum[:16]...)
}

func TestLargeBlobs(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	if got := h.ok(12, m{1: 100, 3: 0})[1].([]byte); !bytes.Equal(got, summed([]byte{0x80})) {
		t.Errorf("a new array is %x", got)
	}
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitBlobs, "")
	data := summed(bytes.Repeat([]byte("large"), 2000))
	h.ok(12, writing(token, data[:7000], 0, len(data)))
	if got := h.ok(12, m{1: 100, 3: 0})[1].([]byte); len(got) != 17 {
		t.Error("half an array can be read")
	}
	h.refused("again from the start", passkeys.StatusOK, 12, writing(token, data[:7000], 0, len(data)))
	h.ok(12, writing(token, data[7000:], 7000, 0))
	got := append(h.ok(12, m{1: 7000, 3: 0})[1].([]byte), h.ok(12, m{1: 7000, 3: 7000})[1].([]byte)...)
	if !bytes.Equal(got, data) {
		t.Errorf("%d bytes of %d", len(got), len(data))
	}
	if end := h.ok(12, m{1: 10, 3: len(data)})[1].([]byte); len(end) != 0 {
		t.Errorf("%x behind the end", end)
	}
}

func TestLargeBlobsRefuses(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitBlobs, "")
	data := summed(make([]byte, 100))
	bad := append(data[:115:115], data[115]^1)
	for name, c := range map[string]struct {
		params any
		want   passkeys.Status
	}{
		"nothing":              {m{}, passkeys.StatusInvalidParameter},
		"no offset":            {m{1: 1}, passkeys.StatusInvalidParameter},
		"both":                 {m{1: 1, 2: data, 3: 0}, passkeys.StatusInvalidParameter},
		"read with a length":   {m{1: 1, 3: 0, 4: 1}, passkeys.StatusInvalidParameter},
		"read with a proof":    {m{1: 1, 3: 0, 5: hash}, passkeys.StatusInvalidParameter},
		"read too much":        {m{1: 7546, 3: 0}, passkeys.StatusInvalidLength},
		"read behind the end":  {m{1: 1, 3: 18}, passkeys.StatusInvalidParameter},
		"write too much":       {m{2: make([]byte, 7546), 3: 0, 4: 8000}, passkeys.StatusInvalidLength},
		"no length":            {m{2: data, 3: 0}, passkeys.StatusInvalidParameter},
		"no room":              {writing(token, data, 0, 16385), passkeys.StatusLargeBlobStorageFull},
		"too short":            {writing(token, data[:16], 0, 16), passkeys.StatusInvalidParameter},
		"a length in between":  {writing(token, data, 5, 100), passkeys.StatusInvalidParameter},
		"out of order":         {writing(token, data, 5, 0), passkeys.StatusInvalidSeq},
		"no proof":             {writing(nil, data, 0, len(data)), passkeys.StatusPUATRequired},
		"another proof":        {m{2: data, 3: 0, 4: len(data), 5: hash, 6: 2}, passkeys.StatusPINAuthInvalid},
		"proof, no protocol":   {m{2: data, 3: 0, 4: len(data), 5: hash}, passkeys.StatusMissingParameter},
		"longer than it said":  {writing(token, data, 0, len(data)-1), passkeys.StatusInvalidParameter},
		"a checksum that lies": {writing(token, bad, 0, len(bad)), passkeys.StatusIntegrityFailure},
	} {
		h.refused(name, c.want, 12, c.params)
	}
	h.refused("a hole", passkeys.StatusOK, 12, writing(token, data[:50], 0, len(data)))
	h.refused("a hole", passkeys.StatusInvalidSeq, 12, writing(token, data[60:], 60, 0))
	other := h.token(passkeys.PINTwo, "1234", passkeys.PermitManage, "")
	h.refused("another permission", passkeys.StatusPINAuthInvalid, 12, writing(other, data, 0, len(data)))
	plugged(t).ok(12, writing(nil, data, 0, len(data))) // nothing protects it
}

// configuring is a request of authenticatorConfig with its proof.
func configuring(token []byte, sub int, params any) m {
	r := m{1: sub}
	message := ff(0x0d, byte(sub))
	if params != nil {
		r[2] = params
		message = append(message, passkeys.Marshal(params)...)
	}
	if token != nil {
		r[3], r[4] = 2, passkeys.PINTwo.Authenticate(token, message)
	}
	return r
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.refused("a change nobody made", passkeys.StatusPINNotSet, 13, configuring(nil, 3, m{3: true}))
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitConfig, "")
	for name, c := range map[string]struct {
		params any
		want   passkeys.Status
	}{
		"no subcommand":            {m{}, passkeys.StatusMissingParameter},
		"enterprise attestation":   {configuring(token, 1, nil), passkeys.StatusInvalidParameter},
		"a vendor's":               {configuring(token, 0xff, nil), passkeys.StatusInvalidParameter},
		"no proof":                 {configuring(nil, 2, nil), passkeys.StatusPUATRequired},
		"no protocol":              {m{1: 2, 4: hash}, passkeys.StatusMissingParameter},
		"a wrong proof":            {m{1: 2, 3: 2, 4: hash}, passkeys.StatusPINAuthInvalid},
		"shorter":                  {configuring(token, 3, m{1: 3}), passkeys.StatusPINPolicyViolation},
		"longer than PINs can be":  {configuring(token, 3, m{1: 64}), passkeys.StatusPINPolicyViolation},
		"too many sites":           {configuring(token, 3, m{2: strings.Split("a b c d e f g h i", " ")}), passkeys.StatusKeyStoreFull},
		"a long site":              {configuring(token, 3, m{2: []string{strings.Repeat("a", 256)}}), passkeys.StatusInvalidLength},
		"complexity":               {configuring(token, 3, m{4: true}), passkeys.StatusInvalidParameter},
		"a length of another type": {configuring(token, 3, m{1: "4"}), passkeys.StatusCBORUnexpectedType},
	} {
		h.refused(name, c.want, 13, c.params)
	}
	other := h.token(passkeys.PINTwo, "1234", passkeys.PermitManage, "")
	h.refused("another permission", passkeys.StatusPINAuthInvalid, 13, configuring(other, 2, nil))
}

func TestAlwaysUV(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	id := h.register("a.example", "u", nil)
	h.ok(13, configuring(nil, 2, nil))
	if h.person.Last().Action != passkeys.ActionConfigure {
		t.Errorf("%+v", h.person.Last())
	}
	if o := h.ok(4, nil)[4].(map[any]any); o["alwaysUv"] != true || o["makeCredUvNotRqd"] != false {
		t.Errorf("%v", o)
	}
	h.refused("sign in", passkeys.StatusPUATRequired, 2, getting("a.example", m{3: list(id)}))
	h.ok(2, getting("a.example", m{3: list(id), 5: tm{"up": false}}))
	h.refused("register", passkeys.StatusPUATRequired, 1, making("a.example", "u", nil))
	h.uv = true
	asked := len(h.person.Asked)
	if data := parse(t, h.ok(2, getting("a.example", m{3: list(id)})), 2); data.flags&passkeys.FlagUV == 0 || len(h.person.Asked) != asked+1 {
		t.Errorf("flags %x", data.flags)
	}
	h.refused("off again without a proof", passkeys.StatusPUATRequired, 13, configuring(nil, 2, nil))
}

func TestMinPINLength(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.protect()
	token := h.token(passkeys.PINTwo, "1234", passkeys.PermitConfig, "")
	h.ok(13, configuring(token, 3, m{1: 6, 2: []string{"a.example"}}))
	if info := h.ok(4, nil); info[13] != int64(6) || info[12] != true {
		t.Errorf("%v", info)
	}
	h.refused("the token ended", passkeys.StatusPINAuthInvalid, 13, configuring(token, 3, m{1: 7}))
	h.refused("a PIN of five", passkeys.StatusPINPolicyViolation, 6, h.changingPIN(passkeys.PINTwo, "1234", "12345"))
	h.ok(6, h.changingPIN(passkeys.PINTwo, "1234", "123456"))
	for site, want := range map[string]any{"a.example": int64(6), "b.example": nil} {
		made := parse(t, h.ok(1, making(site, "u", m{6: tm{"minPinLength": true}})), 2)
		if made.extensions["minPinLength"] != want {
			t.Errorf("%s: %v", site, made.extensions)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	h, _ := filled(t)
	h.state.Memory.AlwaysUV, h.state.Memory.MinPINLength = true, 4
	h.now = h.now.Add(11 * time.Second)
	h.refused("too late", passkeys.StatusNotAllowed, 7, nil)
	h.replug()
	h.person.Refuses = true
	h.refused("refused", passkeys.StatusOperationDenied, 7, nil)
	h.person.Refuses, h.store.Err = false, errors.New("disk")
	h.refused("a broken store", passkeys.StatusOther, 7, nil)
	h.store.Err = nil
	h.ok(7, nil)
	if ask := h.person.Last(); ask.Action != passkeys.ActionReset || ask.Passkeys != 3 {
		t.Errorf("%+v", ask)
	}
	memory := h.state.Memory
	if len(h.store.Trash) != 3 || !memory.PIN.IsEmpty() || memory.AlwaysUV || len(memory.SealKeys) != 0 || len(memory.RetiredKeys) != 1 {
		t.Errorf("%d in the trash, %+v", len(h.store.Trash), memory)
	}
	h.ok(6, h.settingPIN(passkeys.PINTwo, "1234"))
}

func TestSelection(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.ok(11, nil)
	h.person.Refuses = true
	h.refused("refused", passkeys.StatusOperationDenied, 11, nil)
	h.person.Refuses, h.person.Err = false, context.DeadlineExceeded
	h.refused("nobody answers", passkeys.StatusUserActionTimeout, 11, nil)
}
