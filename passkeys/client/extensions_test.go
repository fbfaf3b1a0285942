package client_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"signet/passkeys"
	"signet/passkeys/client"
)

func ext(o object) object { return object{"extensions": o} }

// secrets are the results of prf, "" where there are none.
func (a answer) secrets() (first, second string) {
	prf, _ := a.ClientExtensionResults["prf"].(object)
	results, _ := prf["results"].(object)
	first, _ = results["first"].(string)
	second, _ = results["second"].(string)
	return first, second
}

func eval(inputs ...string) object {
	o := object{"first": b64([]byte(inputs[0]))}
	if len(inputs) > 1 {
		o["second"] = b64([]byte(inputs[1]))
	}
	return o
}

// The secrets are those of hmac-secret after verification, on every way to them.
func TestPRFIsTheSameOnEveryWay(t *testing.T) {
	p := open(t)
	made := p.made(making(ext(object{"prf": object{"eval": eval("one", "two")}})))
	cred := must[[]passkeys.Credential](t)(p.store.Find(context.Background(), "example.com"))[0]
	want := func(input string) string {
		salt := sha256.Sum256([]byte("WebAuthn PRF\x00" + input))
		mac := hmac.New(sha256.New, cred.SecretUV.Reveal())
		mac.Write(salt[:])
		return b64(mac.Sum(nil))
	}
	list := []object{made.descriptor()}
	by := func(v object) object {
		return object{"prf": object{"eval": eval("other"), "evalByCredential": object{made.ID: v}}}
	}
	for name, a := range map[string]answer{
		"when it is made":      made,
		"without a list":       p.signed(getting(ext(object{"prf": object{"eval": eval("one", "two")}}))),
		"with a list":          p.signed(getting(with(object{"allowCredentials": list}, ext(object{"prf": object{"eval": eval("one", "two")}})))),
		"by credential":        p.signed(getting(with(object{"allowCredentials": list}, ext(by(eval("one", "two")))))),
		"verification refused": p.signed(getting(with(object{"userVerification": "discouraged"}, ext(object{"prf": object{"eval": eval("one", "two")}})))),
		"among many":           p.signed(getting(with(object{"allowCredentials": append(strangers(60, 20), list...)}, ext(by(eval("one", "two")))))),
	} {
		if first, second := a.secrets(); first != want("one") || second != want("two") {
			t.Errorf("%s: %s %s", name, first, second)
		}
		if a.flags(t)&passkeys.FlagUV == 0 {
			t.Errorf("%s: not verified", name)
		}
		secret := must[[]byte](t)(base64.RawURLEncoding.DecodeString(want("one")))
		if bytes.Contains(a.authData(t), secret) {
			t.Errorf("%s: the secret stands in the authenticator data", name)
		}
	}
	if first, second := p.signed(getting(ext(object{"prf": object{"eval": eval("one")}}))).secrets(); first != want("one") || second != "" {
		t.Errorf("one input: %s %s", first, second)
	}
}

// A device that speaks only the older PIN protocol gives the same secrets.
func TestPRFOverTheOlderProtocol(t *testing.T) {
	p := open(t)
	prf := ext(object{"prf": object{"eval": eval("one")}})
	want, _ := p.made(making(prf)).secrets()
	p.without(6, func(any) any { return []uint64{1} })
	if got, _ := p.signed(getting(prf)).secrets(); got != want || want == "" {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPRFByPIN(t *testing.T) {
	p := open(t)
	prf := ext(object{"prf": object{"eval": eval("one")}})
	want, _ := p.made(making(prf)).secrets()
	p.uv = false
	p.setPIN("1234")
	p.pins("1234")
	if got, _ := p.signed(getting(prf)).secrets(); got != want || want == "" {
		t.Errorf("%s, want %s", got, want)
	}
}

// Without verification there are no results: those of the unverified would be others.
func TestPRFWithoutVerificationGivesNothing(t *testing.T) {
	p := open(t)
	prf := ext(object{"prf": object{"eval": eval("one")}})
	p.made(making(prf))
	p.uv = false
	a := p.signed(getting(prf))
	if first, _ := a.secrets(); first != "" || a.ClientExtensionResults["prf"] == nil {
		t.Errorf("%v", a.ClientExtensionResults)
	}
	made := p.made(making(with(object{"user": object{"id": "AAAA", "name": "x", "displayName": "x"}}, prf)))
	if first, _ := made.secrets(); first != "" || made.ClientExtensionResults["prf"].(object)["enabled"] != true {
		t.Errorf("%v", made.ClientExtensionResults)
	}
}

// The secrets of a user whom the device did not verify after all are not those of prf, and are not told.
func TestPRFOfADeviceThatDidNotVerify(t *testing.T) {
	p := open(t)
	prf := ext(object{"prf": object{"eval": eval("one")}})
	p.made(making(prf))
	p.device.edit = func(request, answer []byte) []byte {
		if request[0] == 2 {
			answer = unverified(t, answer)
		}
		return answer
	}
	if first, _ := p.signed(getting(prf)).secrets(); first != "" {
		t.Error(first)
	}
}

// With several passkeys the salts are those of the one that signs.
func TestPRFByCredentialOfSeveral(t *testing.T) {
	p := open(t)
	var list []object
	for _, user := range []string{"AAAA", "AAAB", "AAAC"} {
		made := p.made(making(with(object{"user": object{"id": user, "name": user, "displayName": "x"}}, ext(object{"prf": object{}}))))
		list = append(list, made.descriptor())
	}
	id := func(i int) string { return list[i]["id"].(string) }
	single := func(i int, input string) string {
		first, _ := p.signed(getting(with(object{"allowCredentials": list[i : i+1]}, ext(object{"prf": object{"eval": eval(input)}})))).secrets()
		return first
	}
	a := p.signed(getting(with(object{"allowCredentials": append(strangers(2, 8), list...)}, ext(object{"prf": object{
		"eval": eval("all"), "evalByCredential": object{id(1): eval("second"), id(2): eval("third")},
	}}))))
	input := map[string]string{id(0): "all", id(1): "second", id(2): "third"}[a.ID]
	for i := range list {
		if id(i) == a.ID {
			if got, _ := a.secrets(); got != single(i, input) {
				t.Errorf("%s for passkey %d, want that of %s", got, i, input)
			}
			return
		}
	}
	t.Error("signed with a stranger")
}

func TestPRFOfAPasskeyWithout(t *testing.T) {
	p := open(t)
	made := p.made(making(nil))
	if made.ClientExtensionResults["prf"] != nil {
		t.Error("prf in the answer although nobody asked")
	}
	a := p.signed(getting(ext(object{"prf": object{"eval": eval("one")}})))
	if first, _ := a.secrets(); first != "" {
		t.Error("secrets out of nowhere")
	}
	p.without(2, extension("hmac-secret"))
	if enabled := p.made(making(ext(object{"prf": object{}}))).ClientExtensionResults["prf"].(object)["enabled"]; enabled != false {
		t.Errorf("enabled: %v", enabled)
	}
}

// Large blobs are written, read, replaced and kept apart.
func TestLargeBlobs(t *testing.T) {
	p := open(t)
	blob := func(a answer) object { o, _ := a.ClientExtensionResults["largeBlob"].(object); return o }
	support := ext(object{"largeBlob": object{"support": "required"}})
	var list []object
	for _, user := range []string{"AAAA", "AAAB"} {
		made := p.made(making(with(object{"user": object{"id": user, "name": user, "displayName": "x"}}, support)))
		if blob(made)["supported"] != true {
			t.Fatalf("%v", made.ClientExtensionResults)
		}
		list = append(list, made.descriptor())
	}
	write := func(i int, text string) object {
		return blob(p.signed(getting(with(object{"allowCredentials": list[i : i+1]}, ext(object{"largeBlob": object{"write": b64([]byte(text))}})))))
	}
	read := func(i int) any {
		return blob(p.signed(getting(with(object{"allowCredentials": list[i : i+1]}, ext(object{"largeBlob": object{"read": true}})))))["blob"]
	}
	if read(0) != nil {
		t.Error("a blob before there was one")
	}
	long := strings.Repeat("a certificate, say, ", 100)
	for i, text := range []string{"first", long} {
		if got := write(i, text); got["written"] != true {
			t.Errorf("%d: %v", i, got)
		}
	}
	if write(0, "another")["written"] != true || read(0) != b64([]byte("another")) || read(1) != b64([]byte(long)) {
		t.Error("what is read is not what was written")
	}
	if write(1, "")["written"] != true || read(1) != "" {
		t.Errorf("an empty blob reads %v", read(1))
	}
	noise := make([]byte, 40<<10) // more than there is room for, whatever it is packed with
	for i := range noise {
		sum := sha256.Sum256([]byte(fmt.Sprint(i)))
		noise[i] = sum[0]
	}
	if write(0, string(noise))["written"] != false || read(0) != b64([]byte("another")) {
		t.Error("too large a blob was written, or damaged the old one")
	}
}

// A site that says nothing of how much it wants a blob would like one.
func TestRoomForLargeBlobs(t *testing.T) {
	for name, input := range map[string]object{"nothing": {}, "preferred": {"support": "preferred"}, "required": {"support": "required"}, "other": {"support": "x"}} {
		p := open(t)
		if got := p.made(making(ext(object{"largeBlob": input}))).ClientExtensionResults["largeBlob"]; got.(object)["supported"] != true {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// An array that was damaged counts as empty (CTAP 2.1, section 6.10.3), and can be written again.
func TestDamagedLargeBlobs(t *testing.T) {
	p := open(t)
	list := object{"allowCredentials": []object{p.made(making(ext(object{"largeBlob": object{"support": "required"}}))).descriptor()}}
	write := func(text string) any {
		a := p.signed(getting(with(ext(object{"largeBlob": object{"write": b64([]byte(text))}}), list)))
		return a.ClientExtensionResults["largeBlob"].(object)["written"]
	}
	read := func() any {
		a := p.signed(getting(with(ext(object{"largeBlob": object{"read": true}}), list)))
		return a.ClientExtensionResults["largeBlob"].(object)["blob"]
	}
	if write("before") != true || read() != b64([]byte("before")) {
		t.Fatal("not written")
	}
	blobs := p.state.Memory.LargeBlobs
	blobs[len(blobs)-1] ^= 1
	if got := read(); got != nil {
		t.Errorf("read %v", got)
	}
	if write("after") != true || read() != b64([]byte("after")) {
		t.Error("not written again")
	}
}

func TestLargeBlobOfAPasskeyWithout(t *testing.T) {
	p := open(t)
	made := p.made(making(object{"authenticatorSelection": nil, "extensions": object{"largeBlob": object{"support": "preferred"}}}))
	if got := made.ClientExtensionResults["largeBlob"].(object)["supported"]; got != false {
		t.Errorf("supported: %v", got)
	}
	list := object{"allowCredentials": []object{made.descriptor()}}
	a := p.signed(getting(with(ext(object{"largeBlob": object{"write": "AAAA"}}), list)))
	if got := a.ClientExtensionResults["largeBlob"].(object)["written"]; got != false {
		t.Errorf("written: %v", got)
	}
	a = p.signed(getting(with(ext(object{"largeBlob": object{"read": true}}), list)))
	if got := a.ClientExtensionResults["largeBlob"].(object); got["blob"] != nil {
		t.Errorf("%v", got)
	}
	if a := p.signed(getting(with(ext(object{"largeBlob": object{"read": false}}), list))); a.ClientExtensionResults["largeBlob"] != nil {
		t.Errorf("%v", a.ClientExtensionResults)
	}
}

func TestCredBlob(t *testing.T) {
	p := open(t)
	made := p.made(making(ext(object{"credBlob": b64([]byte("a small thing"))})))
	if made.ClientExtensionResults["credBlob"] != true {
		t.Errorf("%v", made.ClientExtensionResults)
	}
	a := p.signed(getting(ext(object{"getCredBlob": true})))
	if a.ClientExtensionResults["getCredBlob"] != b64([]byte("a small thing")) {
		t.Errorf("%v", a.ClientExtensionResults)
	}
	made = p.made(making(ext(object{"credBlob": b64(make([]byte, 4000))})))
	if made.ClientExtensionResults["credBlob"] != false {
		t.Errorf("too large: %v", made.ClientExtensionResults)
	}
}

func TestCredentialProtection(t *testing.T) {
	for policy, want := range map[string]passkeys.Protection{
		"userVerificationOptional": passkeys.ProtectOptional, "userVerificationOptionalWithCredentialIDList": passkeys.ProtectWithList,
		"userVerificationRequired": passkeys.ProtectRequired, "somethingElse": passkeys.ProtectOptional,
	} {
		p := open(t)
		p.made(making(ext(object{"credentialProtectionPolicy": policy, "enforceCredentialProtectionPolicy": true})))
		if got := must[[]passkeys.Credential](t)(p.store.Find(context.Background(), "example.com"))[0].Protect; got != want {
			t.Errorf("%s: %d", policy, got)
		}
		_, err := p.get(getting(object{"userVerification": "discouraged"}))
		if (err == nil) != (want == passkeys.ProtectOptional) {
			t.Errorf("%s: signing in without verification: %v", policy, err)
		}
		p.signed(getting(nil))
	}
}

// A passkey that only shows itself to a verified user is still found among many, and excluded among many.
func TestProtectedPasskeysInLongLists(t *testing.T) {
	p := open(t)
	made := p.made(making(ext(object{"credentialProtectionPolicy": "userVerificationRequired"})))
	p.signed(getting(object{"allowCredentials": append(strangers(50, 8), made.descriptor())}))
	p.uv = false
	p.setPIN("1234")
	p.pins("1234", "1234")
	_, err := p.create(making(object{"excludeCredentials": append(strangers(50, 8), made.descriptor())}))
	fails(t, err, client.InvalidState, "already")
}

// minPinLength is for the site to read in the authenticator data, where the owner allowed it.
func TestMinPINLength(t *testing.T) {
	p := open(t)
	p.state.Memory.MinPINRPs = []string{"example.com"}
	if data := p.made(making(ext(object{"minPinLength": true}))).authData(t); !bytes.Contains(data, []byte("minPinLength")) {
		t.Errorf("%x", data)
	}
	if data := p.made(making(ext(object{"minPinLength": false}))).authData(t); bytes.Contains(data, []byte("minPinLength")) {
		t.Errorf("%x", data)
	}
}

// A credential of U2F's time belongs to an AppID. It is asked for when the RP ID has none.
func TestAppID(t *testing.T) {
	const appID = "https://example.com/u2f.json"
	p := open(t)
	p.from = client.Caller{Origin: origin(t, "https://example.com"), Checked: true}
	made := p.made(making(object{"authenticatorSelection": object{"residentKey": "discouraged"}}))
	list := object{"allowCredentials": []object{made.descriptor()}}
	a := p.signed(getting(with(ext(object{"appid": appID}), list)))
	if a.ClientExtensionResults["appid"] != false {
		t.Errorf("a passkey of the RP ID itself: %v", a.ClientExtensionResults)
	}
	// The device knows the credential under the AppID only.
	sum := sha256.Sum256([]byte(appID))
	p.device.edit = func(request, answer []byte) []byte {
		if request[0] != 2 {
			return answer
		}
		if !bytes.Contains(request, []byte(appID)) {
			return []byte{byte(passkeys.StatusNoCredentials)}
		}
		good := p.device.a.Handle(context.Background(), bytes.Replace(request, append([]byte{0x78, byte(len(appID))}, appID...), append([]byte{0x6b}, "example.com"...), 1), nil)
		return bytes.Replace(good, rpHash("example.com"), sum[:], 1)
	}
	a = p.signed(getting(with(ext(object{"appid": appID}), list)))
	if a.ClientExtensionResults["appid"] != true {
		t.Errorf("%v", a.ClientExtensionResults)
	}
	_, err := p.create(making(with(ext(object{"appidExclude": appID}), object{"excludeCredentials": []object{made.descriptor()}})))
	fails(t, err, client.InvalidState, "already")
}

func rpHash(id string) []byte { sum := sha256.Sum256([]byte(id)); return sum[:] }

func TestAppIDExcludeThatExcludesNobody(t *testing.T) {
	p := open(t)
	made := p.made(making(with(ext(object{"appidExclude": "https://example.com/u2f.json"}), object{"excludeCredentials": strangers(3, 3)})))
	if made.ClientExtensionResults["appidExclude"] != true {
		t.Errorf("%v", made.ClientExtensionResults)
	}
}
