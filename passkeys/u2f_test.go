package passkeys_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"testing"
	"time"

	"signet/passkeys"
)

// Status words.
const (
	u2fOK         = 0x9000
	u2fLength     = 0x6700
	u2fWait       = 0x6985
	u2fRefused    = 0x6986
	u2fWrongData  = 0x6a80
	u2fParameters = 0x6a86
	u2fNoCommand  = 0x6d00
	u2fNoClass    = 0x6e00
)

var challenge = bytes.Repeat([]byte{9}, 32)

func siteOf(rpID string) []byte {
	sum := sha256.Sum256([]byte(rpID))
	return sum[:]
}

// old is a key that offers U2F.
func old(t testing.TB) *host {
	t.Helper()
	h := plugged(t)
	h.opt.U2F = true
	h.replug()
	return h
}

// extended is an APDU as CTAPHID carries it.
func extended(ins, p1 byte, data ...[]byte) []byte {
	all := bytes.Join(data, nil)
	out := append([]byte{0, ins, p1, 0, 0}, byte(len(all)>>8), byte(len(all)))
	return append(append(out, all...), 0, 0)
}

// message sends an APDU.
func (h *host) message(request []byte) (int, []byte) {
	h.t.Helper()
	out := h.a.Message(context.Background(), request, nil)
	if len(out) < 2 {
		h.t.Fatalf("the answer %x", out)
	}
	return int(binary.BigEndian.Uint16(out[len(out)-2:])), out[:len(out)-2]
}

func (h *host) word(name string, want int, request []byte) []byte {
	h.t.Helper()
	got, answer := h.message(request)
	for deadline := time.Now().Add(10 * time.Second); got == u2fWait && want != u2fWait && time.Now().Before(deadline); {
		got, answer = h.message(request) // a slow machine: the person has not answered yet
	}
	if got != want {
		h.t.Errorf("%s: %04x, want %04x", name, got, want)
	}
	if got != u2fOK && len(answer) != 0 {
		h.t.Errorf("%s: an error with %d bytes before it", name, len(answer))
	}
	return answer
}

// u2fKey is a registration taken apart.
type u2fKey struct {
	public *ecdsa.PublicKey
	handle []byte
}

func (h *host) u2fRegister(rpID string) u2fKey {
	h.t.Helper()
	b := h.word("register", u2fOK, extended(1, 3, challenge, siteOf(rpID)))
	if len(b) < 68 || b[0] != 5 {
		h.t.Fatalf("the answer %x", b)
	}
	point, n := b[1:66], int(b[66])
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		h.t.Fatal(err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		h.t.Fatal(err)
	}
	k := u2fKey{public, b[67 : 67+n]}
	var raw asn1.RawValue
	sig, err := asn1.Unmarshal(b[67+n:], &raw)
	if err != nil {
		h.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw.FullBytes)
	if err != nil {
		h.t.Fatal(err)
	}
	said := bytes.Join([][]byte{{0}, siteOf(rpID), challenge, k.handle, point}, nil)
	if err := cert.CheckSignature(x509.ECDSAWithSHA256, said, sig); err != nil {
		h.t.Error(err)
	}
	return k
}

// u2fSign signs in and returns presence and counter.
func (h *host) u2fSign(rpID string, k u2fKey, how byte) (byte, uint32) {
	h.t.Helper()
	b := h.word("authenticate", u2fOK, authenticating(rpID, k.handle, how))
	sum := sha256.Sum256(bytes.Join([][]byte{siteOf(rpID), b[:5], challenge}, nil))
	if !ecdsa.VerifyASN1(k.public, sum[:], b[5:]) {
		h.t.Error("the signature does not fit")
	}
	return b[0], binary.BigEndian.Uint32(b[1:])
}

func authenticating(rpID string, handle []byte, how byte) []byte {
	return extended(2, how, challenge, siteOf(rpID), []byte{byte(len(handle))}, handle)
}

func TestU2F(t *testing.T) {
	t.Parallel()
	h := old(t)
	if got := h.word("version", u2fOK, extended(3, 0)); string(got) != "U2F_V2" {
		t.Errorf("%q", got)
	}
	k := h.u2fRegister("a.example")
	if ask := h.person.Last(); ask.Action != passkeys.ActionRegister || !ask.U2F || !bytes.Equal(ask.SiteHash, siteOf("a.example")) {
		t.Errorf("%+v", ask)
	}
	up, first := h.u2fSign("a.example", k, 3)
	_, second := h.u2fSign("a.example", k, 3)
	if up != 1 || second <= first {
		t.Errorf("presence %d, counters %d and %d", up, first, second)
	}
	asked := len(h.person.Asked)
	h.word("ours", u2fWait, authenticating("a.example", k.handle, 7))
	if up, _ := h.u2fSign("a.example", k, 8); up != 0 {
		t.Error("present without being asked")
	}
	h.word("not ours", u2fWrongData, authenticating("a.example", append([]byte{1}, k.handle...), 7))
	h.word("of another site", u2fWrongData, authenticating("b.example", k.handle, 3))
	if len(h.person.Asked) != asked {
		t.Error("a probe asked somebody")
	}
}

func TestU2FRefuses(t *testing.T) {
	t.Parallel()
	h := old(t)
	long := make([]byte, 65)
	for name, c := range map[string]struct {
		request []byte
		want    int
	}{
		"nothing":                 {nil, u2fLength},
		"three bytes":             {[]byte{0, 3, 0}, u2fLength},
		"another class":           {[]byte{0x80, 3, 0, 0}, u2fNoClass},
		"another instruction":     {[]byte{0, 4, 0, 0}, u2fNoCommand},
		"half a long length":      {[]byte{0, 3, 0, 0, 0, 0}, u2fLength},
		"too little data":         {[]byte{0, 1, 0, 0, 64, 1, 2}, u2fLength},
		"too much data":           {append([]byte{0, 1, 0, 0, 1}, long...), u2fLength},
		"a long length that lies": {append([]byte{0, 1, 0, 0, 0, 1, 0}, long...), u2fLength},
		"version with data":       {extended(3, 0, long), u2fLength},
		"registering 65 bytes":    {extended(1, 3, long), u2fLength},
		"authenticating nothing":  {extended(2, 3), u2fLength},
		"a handle that is short":  {extended(2, 3, long[:64], []byte{2, 1}), u2fLength},
		"a handle that is none":   {extended(2, 3, long[:64], []byte{0}), u2fWrongData},
		"another way to ask":      {extended(2, 4, long[:64], []byte{1, 1}), u2fParameters},
	} {
		h.word(name, c.want, c.request)
	}
	if len(h.person.Asked) != 0 {
		t.Error("somebody was asked")
	}
}

// Short and extended APDUs, with and without Le, mean the same.
func TestU2FEncodings(t *testing.T) {
	t.Parallel()
	h := old(t)
	data := append(bytes.Clone(challenge), siteOf("a.example")...)
	for name, request := range map[string][]byte{
		"version":               {0, 3, 0, 0},
		"version, Le":           {0, 3, 0, 0, 0},
		"version, long Le":      {0, 3, 0, 0, 0, 0, 0},
		"version, no data, Le":  {0, 3, 0, 0, 0, 0, 0, 0, 0},
		"register, short":       append([]byte{0, 1, 3, 0, 64}, data...),
		"register, short, Le":   append(append([]byte{0, 1, 3, 0, 64}, data...), 0),
		"register, extended":    append([]byte{0, 1, 3, 0, 0, 0, 64}, data...),
		"register, extended Le": append(append([]byte{0, 1, 3, 0, 0, 0, 64}, data...), 1, 0),
	} {
		h.word(name, u2fOK, request)
	}
}

// A key handle serves both protocols, and so does a credential that CTAP2 made.
func TestU2FAndCTAP2(t *testing.T) {
	t.Parallel()
	h := old(t)
	k := h.u2fRegister("a.example")
	got := h.ok(2, getting("a.example", m{3: list(k.handle)}))
	data := parse(t, got, 2)
	if data.flags != passkeys.FlagUP || data.counter == 0 {
		t.Errorf("flags %x, counter %d", data.flags, data.counter)
	}
	sum := sha256.Sum256(append(bytes.Clone(got[2].([]byte)), hash...))
	if !ecdsa.VerifyASN1(k.public, sum[:], got[3].([]byte)) {
		t.Error("the signature does not fit")
	}
	for _, opts := range []tm{nil, rk} {
		for level, want := range map[int]int{1: u2fOK, 2: u2fOK, 3: u2fWrongData} {
			id := h.register("b.example", "u", m{6: tm{"credProtect": level}, 7: opts})
			h.word("credProtect", want, authenticating("b.example", id, 3))
		}
	}
	eddsa := h.register("b.example", "e", m{4: []any{tm{"alg": -8, "type": "public-key"}}})
	h.word("EdDSA", u2fWrongData, authenticating("b.example", eddsa, 3))
}

// A site that the vault has a passkey of is named.
func TestU2FNamesTheSite(t *testing.T) {
	t.Parallel()
	h := old(t)
	h.register("a.example", "u", m{7: rk})
	h.u2fRegister("a.example")
	if ask := h.person.Last(); ask.RPID != "a.example" || ask.RPName != "The site" {
		t.Errorf("%+v", ask)
	}
}

func TestU2FIsOff(t *testing.T) {
	t.Parallel()
	h := plugged(t)
	h.word("not offered", u2fNoCommand, extended(3, 0))
	h = old(t)
	if versions := h.ok(4, nil)[1].([]any); versions[len(versions)-1] != "U2F_V2" {
		t.Errorf("%v", versions)
	}
	h.state.Memory.AlwaysUV = true
	h.word("alwaysUv", u2fNoCommand, extended(3, 0))
	if versions := h.ok(4, nil)[1].([]any); versions[len(versions)-1] == "U2F_V2" || h.a.U2FOffered() {
		t.Errorf("%v", versions)
	}
}

// Before anything is known of a locked vault U2F is offered, and what the vault says then counts.
func TestU2FIsOffAfterAll(t *testing.T) {
	t.Parallel()
	for _, alwaysUV := range []bool{false, true} {
		h := old(t)
		k := h.u2fRegister("a.example")
		h.state.Memory.AlwaysUV = alwaysUV
		want := u2fOK
		if alwaysUV {
			want = u2fNoCommand
		}
		for _, request := range [][]byte{extended(1, 3, challenge, siteOf("a.example")), authenticating("a.example", k.handle, 3), authenticating("a.example", k.handle, 8)} {
			h.lock(false)
			if !h.a.U2FOffered() {
				t.Error("not offered")
			}
			asked := len(h.person.Asked)
			h.word("after it was opened", want, request)
			if alwaysUV && len(h.person.Asked) != asked {
				t.Error("somebody was asked")
			}
		}
	}
}

// A host asks again and again; a person is asked once, and the question goes when the host asks for something else.
func TestU2FWaits(t *testing.T) {
	t.Parallel()
	h := old(t)
	k := h.u2fRegister("a.example")
	answers := make(chan bool)
	h.person.Deciding = func(passkeys.Ask) error {
		if <-answers {
			return nil
		}
		return passkeys.StatusOperationDenied
	}
	asked := len(h.person.Asked)
	for range 3 {
		h.word("not yet", u2fWait, authenticating("a.example", k.handle, 3))
	}
	answers <- true
	h.u2fSign("a.example", k, 3)
	h.word("not yet", u2fWait, authenticating("a.example", k.handle, 3))
	answers <- false
	for range 3 {
		h.word("refused", u2fRefused, authenticating("a.example", k.handle, 3))
	}
	if n := len(h.person.Asked) - asked; n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// absentFor answers nothing that a U2F host of one site asks until that is taken back, and yes to everything else.
type absentFor []byte

func (a absentFor) Approve(ctx context.Context, ask passkeys.Ask) (passkeys.Answer, error) {
	if ask.U2F && bytes.Equal(ask.SiteHash, a) {
		<-ctx.Done()
		return passkeys.Answer{}, ctx.Err()
	}
	return passkeys.Answer{Allowed: true}, nil
}

// What is asked for a U2F host goes off the screen when another request has to ask.
func TestU2FGivesWay(t *testing.T) {
	t.Parallel()
	h := old(t)
	h.opt.Approver = absentFor(siteOf("a.example"))
	h.replug()
	h.word("not yet", u2fWait, extended(1, 3, challenge, siteOf("a.example")))
	h.word("another", u2fOK, extended(1, 3, challenge, siteOf("b.example")))
	h.word("not yet", u2fWait, extended(1, 3, challenge, siteOf("a.example")))
	h.ok(1, making("a.example", "u", nil))
}

func TestU2FOpensTheVault(t *testing.T) {
	t.Parallel()
	h := old(t)
	k := h.u2fRegister("a.example")
	for _, how := range []byte{3, 8} {
		opened := h.lock(true)
		h.u2fSign("a.example", k, how)
		if *opened != 1 {
			t.Errorf("opened %d times", *opened)
		}
	}
}

// Chromium lets a person choose a key with a registration of its own.
func TestU2FTouchOnly(t *testing.T) {
	t.Parallel()
	h := old(t)
	h.word("touch", u2fOK, extended(1, 3, bytes.Repeat([]byte{'B'}, 32), bytes.Repeat([]byte{'A'}, 32)))
	if h.person.Last().Action != passkeys.ActionSelect {
		t.Errorf("%+v", h.person.Last())
	}
}

// FuzzMessage: whatever comes, the answer ends with a status word.
func FuzzMessage(f *testing.F) {
	h := old(f)
	k := h.u2fRegister("a.example")
	f.Add(extended(3, 0))
	f.Add([]byte{0, 3, 0, 0})
	f.Add(extended(1, 3, challenge, siteOf("a.example")))
	for _, how := range []byte{3, 7, 8} {
		f.Add(authenticating("a.example", k.handle, how))
	}
	seed, _ := hex.DecodeString("000103004041")
	f.Add(seed)
	f.Fuzz(func(t *testing.T, request []byte) {
		out := h.a.Message(context.Background(), request, nil)
		if len(out) < 2 || len(out) > passkeys.MaxMsgSize {
			t.Errorf("%x answered %x", request, out)
		}
	})
}
