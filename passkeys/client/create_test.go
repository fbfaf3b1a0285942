package client_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
	"signet/passkeys/client"
)

func TestWhetherThePasskeyIsKept(t *testing.T) {
	selection := func(o object) object {
		return making(object{"authenticatorSelection": o, "extensions": object{"credProps": true}})
	}
	for name, c := range map[string]struct {
		options object
		all     bool // the client keeps every passkey
		want    bool
	}{
		"required":                           {selection(object{"residentKey": "required"}), false, true},
		"preferred":                          {selection(object{"residentKey": "preferred"}), false, true},
		"discouraged":                        {selection(object{"residentKey": "discouraged"}), false, false},
		"nothing said":                       {selection(object{}), false, false},
		"no selection":                       {making(object{"authenticatorSelection": nil, "extensions": object{"credProps": true}}), false, false},
		"the older member":                   {selection(object{"requireResidentKey": true}), false, true},
		"the newer member wins":              {selection(object{"residentKey": "discouraged", "requireResidentKey": true}), false, false},
		"a wish nobody knows":                {selection(object{"residentKey": "x", "requireResidentKey": true}), false, true},
		"discouraged, but the client keeps":  {selection(object{"residentKey": "discouraged"}), true, true},
		"nothing said, but the client keeps": {selection(object{}), true, true},
	} {
		p := open(t)
		p.opt.Discoverable = c.all
		made := p.made(c.options)
		kept := must[int](t)(p.store.Count(context.Background())) == 1
		told := made.ClientExtensionResults["credProps"].(object)["rk"]
		if kept != c.want || told != c.want {
			t.Errorf("%s: kept %v, told %v", name, kept, told)
		}
		// Either way it signs in where the site names it.
		p.signed(getting(object{"allowCredentials": []object{made.descriptor()}}))
	}
}

// without hides something that the device says of itself.
func (p *page) without(member int, change func(any) any) {
	p.device.edit = func(request, answer []byte) []byte {
		if request[0] != 4 {
			return answer
		}
		var m map[int]any
		if err := cbor.Unmarshal(answer[1:], &m); err != nil {
			p.t.Fatal(err)
		}
		if m[member] = change(m[member]); m[member] == nil {
			delete(m, member)
		}
		return append([]byte{0}, must[[]byte](p.t)(cbor.Marshal(m))...)
	}
}

func option(name string) func(any) any {
	return func(v any) any { delete(v.(map[any]any), name); return v }
}

func extension(name string) func(any) any {
	return func(v any) any {
		var left []any
		for _, e := range v.([]any) {
			if e != name {
				left = append(left, e)
			}
		}
		return left
	}
}

func TestWhatTheDeviceCannotDo(t *testing.T) {
	for name, c := range map[string]struct {
		member  int
		change  func(any) any
		options object
		error   string // empty: it goes on without
		words   string
	}{
		"it keeps no passkeys":            {4, option("rk"), making(nil), client.Constraint, "the device keeps none"},
		"it keeps none, which is no must": {4, option("rk"), making(object{"authenticatorSelection": object{"residentKey": "preferred"}}), "", ""},
		"it knows no protection": {2, extension("credProtect"), making(object{"extensions": object{
			"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": true}}), client.NotAllowed, "credProtect"},
		"it knows no protection, which is no must": {2, extension("credProtect"), making(object{"extensions": object{
			"credentialProtectionPolicy": "userVerificationRequired"}}), "", ""},
		"it knows no protection, and none is wanted": {2, extension("credProtect"), making(object{"extensions": object{
			"credentialProtectionPolicy": "userVerificationOptional", "enforceCredentialProtectionPolicy": true}}), "", ""},
		"it has no room for blobs":                   {4, option("largeBlobs"), making(object{"extensions": object{"largeBlob": object{"support": "required"}}}), client.NotAllowed, "large blob"},
		"it has no room for blobs, which is no must": {4, option("largeBlobs"), making(object{"extensions": object{"largeBlob": object{"support": "preferred"}}}), "", ""},
		"no hmac-secret":                             {2, extension("hmac-secret"), making(object{"extensions": object{"prf": object{}}}), "", ""},
		"no list of protocols":                       {6, func(any) any { return nil }, making(object{"extensions": object{"prf": object{}}}), "", ""},
		"it says nothing of its sizes":               {5, func(any) any { return nil }, making(object{"user": object{"id": "AA", "name": "x", "displayName": "x"}}), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t)
			p.without(c.member, c.change)
			_, err := p.create(c.options)
			if c.error == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			fails(t, err, c.error, c.words)
			if p.device.count(1) != 0 {
				t.Error("the device was asked to make one all the same")
			}
		})
	}
}

func TestAttachment(t *testing.T) {
	for _, c := range []struct {
		own, asked, want string // want empty: refused
	}{
		{"", "", "platform"}, {"", "platform", "platform"}, {"", "cross-platform", "cross-platform"}, {"", "other", "platform"},
		{"cross-platform", "", "cross-platform"}, {"cross-platform", "cross-platform", "cross-platform"}, {"cross-platform", "platform", ""},
		{"cross-platform", "other", "cross-platform"}, {"platform", "cross-platform", ""},
	} {
		p := open(t)
		p.opt.Attachment = c.own
		made, err := p.create(making(object{"authenticatorSelection": object{"authenticatorAttachment": c.asked}}))
		if c.want == "" {
			fails(t, err, client.NotAllowed, "wants a "+c.asked+" authenticator")
		} else if err != nil || made.AuthenticatorAttachment != c.want {
			t.Errorf("%+v: %q %v", c, made.AuthenticatorAttachment, err)
		}
	}
}

func TestTransportsAreSortedAndUnique(t *testing.T) {
	p := open(t)
	p.without(9, func(any) any { return []string{"usb", "internal", "hybrid", "usb"} })
	if got := fmt.Sprint(p.made(making(nil)).Response.Transports); got != "[hybrid internal usb]" {
		t.Error(got)
	}
	p.without(9, func(any) any { return nil })
	if got := p.made(making(nil)); got.Response.Transports == nil || len(got.Response.Transports) != 0 {
		t.Errorf("%#v", got.Response.Transports)
	}
}

// object in an attestation object.
func attested(t *testing.T, a answer) (format string, statement map[string]any, aaguid []byte) {
	t.Helper()
	var o struct {
		Format    string         `cbor:"fmt"`
		Statement map[string]any `cbor:"attStmt"`
		Data      []byte         `cbor:"authData"`
	}
	if err := cbor.Unmarshal(must[[]byte](t)(base64.RawURLEncoding.DecodeString(a.Response.AttestationObject)), &o); err != nil {
		t.Fatal(err)
	}
	if b64(o.Data) != a.Response.AuthenticatorData {
		t.Error("authenticatorData is not that of the attestation object")
	}
	return o.Format, o.Statement, o.Data[37:53]
}

func TestAttestationConveyance(t *testing.T) {
	zero := string(make([]byte, 16))
	for _, c := range []struct {
		asked   string
		formats []string
		old     bool // the device does not listen to what is preferred
		format  string
		named   bool // the AAGUID is told
	}{
		{"none", nil, false, "none", true}, // as password managers do, so that sites can name where the passkey is
		{"", nil, false, "none", true},
		{"everything", nil, false, "none", true},
		{"none", []string{"packed"}, false, "none", true},
		{"indirect", nil, false, "packed", true},
		{"direct", nil, false, "packed", true},
		{"enterprise", nil, false, "packed", true},
		{"direct", []string{"none"}, false, "none", true},
		{"direct", []string{"tpm", "packed"}, false, "packed", true},
		{"none", nil, true, "none", false}, // a hardware key's model is nobody's business
		{"direct", nil, true, "packed", true},
	} {
		p := open(t)
		if c.old {
			p.without(0x16, func(any) any { return nil })
		}
		o := making(object{"attestation": c.asked, "attestationFormats": c.formats})
		if c.asked == "" {
			o = making(object{"attestation": nil})
		}
		format, statement, aaguid := attested(t, p.made(o))
		if format != c.format || (string(aaguid) != zero) != c.named || (format == "none") != (len(statement) == 0) {
			t.Errorf("%+v: %s %v %x", c, format, statement, aaguid)
		}
	}
}

// A site that wants to know nothing keeps what a self attestation without a model tells: nothing.
func TestSelfAttestationWithoutAModelIsKept(t *testing.T) {
	p := open(t)
	p.device.a = must[*passkeys.Authenticator](t)(passkeys.New(passkeys.Options{
		Store: p.store, State: p.state, Approver: p.person, Now: time.Now, Rand: zeros{}, WithUV: func() bool { return true },
	}))
	p.without(0x16, func(any) any { return nil })
	if format, statement, _ := attested(t, p.made(making(nil))); format != "packed" || statement["sig"] == nil {
		t.Errorf("%s %v", format, statement)
	}
}

// zeros is no randomness at all.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestAnExcludedPasskeyIsRevealedOnlyAfterConsent(t *testing.T) {
	p := open(t)
	made := p.made(making(nil))
	again := making(object{"excludeCredentials": []object{made.descriptor()}})
	_, err := p.create(again)
	fails(t, err, client.InvalidState, "there is a passkey of this account at example.com already")
	if ask := p.person.Last(); !ask.Excluded {
		t.Error("nobody was asked")
	}
	p.person.Refuses = true
	_, err = p.create(again)
	fails(t, err, client.NotAllowed, "the request of example.com was refused")
}

// strangers are ids that nobody has.
func strangers(n, length int) (all []object) {
	for i := range n {
		id := append([]byte(fmt.Sprintf("stranger %d", i)), make([]byte, length)...)
		all = append(all, object{"type": "public-key", "id": b64(id)})
	}
	return all
}

// More credentials than the device takes at once are looked for in pieces, silently, and the one that is there is named in the request that asks.
func TestLongExcludeLists(t *testing.T) {
	p := open(t)
	made := p.made(making(nil))
	for _, length := range []int{10, 700} {
		list := append(strangers(40, length), append([]object{made.descriptor(), made.descriptor()}, strangers(5, length)...)...)
		asked := len(p.person.Asked)
		_, err := p.create(making(object{"excludeCredentials": list}))
		fails(t, err, client.InvalidState, "already")
		if len(p.person.Asked) != asked+1 {
			t.Errorf("%d questions", len(p.person.Asked)-asked)
		}
	}
	p.made(making(object{"excludeCredentials": strangers(100, 10), "user": object{"id": "AAAA", "name": "x", "displayName": "x"}}))
}

// Ids that are too long for the device are not its own.
func TestIDsThatTheDeviceCannotHave(t *testing.T) {
	p := open(t)
	p.without(8, func(any) any { return 64 })
	p.made(making(object{"excludeCredentials": strangers(3, 500)}))
	_, err := p.get(getting(object{"allowCredentials": strangers(3, 500)}))
	fails(t, err, client.NotAllowed, "no passkey here")
}

func TestRefusalsHaveTheirNames(t *testing.T) {
	type device = passkeys.Status
	for status, want := range map[device][2]string{
		passkeys.StatusCredentialExcluded:   {client.InvalidState, "already"},
		passkeys.StatusUnsupportedAlgorithm: {client.NotSupported, "algorithms"},
		passkeys.StatusNoCredentials:        {client.NotAllowed, "no passkey"},
		passkeys.StatusOperationDenied:      {client.NotAllowed, "refused"},
		passkeys.StatusUserActionTimeout:    {client.NotAllowed, "nobody answered"},
		passkeys.StatusKeepAliveCancel:      {client.NotAllowed, "cancelled"},
		passkeys.StatusKeyStoreFull:         {client.NotAllowed, "no room"},
		passkeys.StatusPINBlocked:           {client.NotAllowed, "until it is reset"},
		passkeys.StatusPINAuthBlocked:       {client.NotAllowed, "take the device out"},
		passkeys.StatusUVBlocked:            {client.NotAllowed, "could not verify"},
		passkeys.StatusPUATRequired:         {client.NotAllowed, "wants to verify"},
		passkeys.StatusPINPolicyViolation:   {client.NotAllowed, "changed"},
		passkeys.StatusRequestTooLarge:      {client.NotAllowed, "larger"},
		passkeys.StatusOther:                {client.NotAllowed, "OTHER"},
		passkeys.Status(0xf3):               {client.NotAllowed, "0xf3"},
	} {
		p := open(t)
		p.device.edit = func(request, answer []byte) []byte {
			if request[0] == 1 {
				return []byte{byte(status)}
			}
			return answer
		}
		_, err := p.create(making(selection("discouraged", "discouraged")))
		fails(t, err, want[0], want[1])
		var s passkeys.Status
		if !errors.As(err, &s) || s != status {
			t.Errorf("the cause of %v is lost", status)
		}
	}
}

func TestTheTimeEnds(t *testing.T) {
	p := open(t)
	p.person.Absent = true
	ctx, cancel := context.WithCancel(context.Background())
	p.person.Deciding = func(passkeys.Ask) error { cancel(); return nil }
	_, err := client.New(p.opt).Create(ctx, p.from, must[[]byte](t)(json.Marshal(making(nil))))
	fails(t, err, client.Abort, "given up")
}
