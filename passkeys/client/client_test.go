package client_test

import (
	"testing"

	"signet/passkeys"
)

func TestAPasskeyIsMadeAndUsed(t *testing.T) {
	p := open(t)
	made := p.made(making(nil))
	if made.flags(t)&(passkeys.FlagUP|passkeys.FlagUV|passkeys.FlagBE|passkeys.FlagBS) != passkeys.FlagUP|passkeys.FlagUV|passkeys.FlagBE|passkeys.FlagBS {
		t.Errorf("flags %#x", made.flags(t))
	}
	if len(p.person.Asked) != 1 {
		t.Errorf("asked %d times", len(p.person.Asked))
	}
	signed := p.signed(getting(nil))
	if signed.ID != made.ID || signed.Response.UserHandle != b64([]byte("u1")) {
		t.Errorf("%+v", signed)
	}
	if len(p.person.Asked) != 2 {
		t.Errorf("asked %d times in both requests", len(p.person.Asked))
	}
}

func TestPRFGivesTheSameSecretTwice(t *testing.T) {
	p := open(t)
	prf := object{"extensions": object{"prf": object{"eval": object{"first": b64([]byte("one")), "second": b64([]byte("two"))}}}}
	made := p.made(making(prf))
	first := p.signed(getting(prf))
	second := p.signed(getting(with(object{"allowCredentials": []object{made.descriptor()}}, prf)))
	t.Log(made.ClientExtensionResults, first.ClientExtensionResults, second.ClientExtensionResults)
	secret := func(a answer) string {
		r, _ := a.ClientExtensionResults["prf"].(object)["results"].(object)
		s, _ := r["first"].(string)
		return s
	}
	if secret(made) == "" || secret(made) != secret(first) || secret(first) != secret(second) {
		t.Error("the secrets differ")
	}
}
