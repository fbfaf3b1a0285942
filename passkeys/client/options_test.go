package client_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"signet/passkeys/client"
)

// wrong is a row of the tables of bad options: text to send, or a change to good options.
type wrong struct {
	name  string
	text  string
	more  object
	error string
	words string
}

func (p *page) refuses(t *testing.T, rows []wrong, good object, f func(*client.Client, context.Context, client.Caller, []byte) ([]byte, error)) {
	t.Helper()
	for _, c := range rows {
		text := []byte(c.text)
		if c.text == "" {
			copied := object{}
			text = must[[]byte](t)(json.Marshal(with(with(copied, good), c.more)))
		}
		before := len(p.device.sent)
		_, err := f(client.New(p.opt), context.Background(), p.from, text)
		if err == nil {
			t.Errorf("%s: taken", c.name)
			continue
		}
		t.Run(c.name, func(t *testing.T) { fails(t, err, c.error, c.words) })
		if strings.Contains(c.words, "!") && len(p.device.sent) != before {
			t.Errorf("%s: the device was asked", c.name)
		}
	}
}

// unreadable are texts that neither create nor get takes.
var unreadable = []wrong{
	{"nothing", " ", nil, client.Syntax, "not JSON"},
	{"half an object", `{"challenge":`, nil, client.Syntax, "not JSON"},
	{"no object", `[]`, nil, client.Type, "not a JSON object"},
	{"a string", `"x"`, nil, client.Type, "not a JSON object"},
	{"two objects", `{}{}`, nil, client.Syntax, "not JSON"},
	{"a member twice", `{"challenge":"AAAA","challenge":"AAAB"}`, nil, client.Syntax, "twice"},
	{"a member twice below", `{"extensions":{"prf":{"eval":{"first":"AA","first":"AB"}}}}`, nil, client.Syntax, "twice"},
	{"a member twice in the envelope", `{"publicKey":{},"publicKey":{}}`, nil, client.Syntax, "twice"},
	{"half a surrogate", `{"challenge":"\ud800"}`, nil, client.Syntax, "not JSON"},
	{"bytes that are no text", "{\"challenge\":\"\xff\"}", nil, client.Syntax, "not JSON"},
	{"a comment", `{/*x*/}`, nil, client.Syntax, "not JSON"},
	{"too long", `{"challenge":"` + strings.Repeat("A", 300<<10) + `"}`, nil, client.Type, "longer than"},
	{"deep", strings.Repeat(`{"x":`, 20000) + "1" + strings.Repeat("}", 20000), nil, client.Syntax, "not JSON"},
	{"no challenge", `{"rp":{"name":"x"},"user":{"id":"AA","name":"x","displayName":"x"},"pubKeyCredParams":[]}`, nil, client.Type, "lack challenge"},
}

func TestCreationOptionsThatAreNone(t *testing.T) {
	p := open(t)
	long := strings.Repeat("A", 90)
	param := func(o object) object { return object{"pubKeyCredParams": []object{o}} }
	user := func(o object) object {
		return object{"user": with(object{"id": "AA", "name": "x", "displayName": "x"}, o)}
	}
	ext := func(o object) object { return object{"extensions": o} }
	p.refuses(t, append(unreadable, []wrong{
		{"no rp", "", object{"rp": nil}, client.Type, "lack rp"},
		{"no rp name", "", object{"rp": object{"id": "example.com"}}, client.Type, "lack rp.name"},
		{"rp is a string", "", object{"rp": "example.com"}, client.Type, "/rp is of the wrong kind"},
		{"no user", "", object{"user": nil}, client.Type, "lack user"},
		{"no user id", "", user(object{"id": nil}), client.Type, "lack user.id"},
		{"no user name", "", user(object{"name": nil}), client.Type, "lack user.name"},
		{"no display name", "", user(object{"displayName": nil}), client.Type, "lack user.displayName"},
		{"an empty user id", "", user(object{"id": ""}), client.Type, "user.id is empty"},
		{"a long user id", "", user(object{"id": long}), client.Type, "user.id is longer than 64 bytes"},
		{"a user id with padding", "", user(object{"id": "AA=="}), client.Encoding, "user.id is not base64url: it is padded"},
		{"a user id in base64", "", user(object{"id": "a+/b"}), client.Encoding, "with + and /"},
		{"a user id with a line break", "", user(object{"id": "AA\nAA"}), client.Encoding, "line break"},
		{"a user id of one letter", "", user(object{"id": "A"}), client.Encoding, "user.id is not base64url"},
		{"a challenge that is no base64url", "", object{"challenge": "a b"}, client.Encoding, "challenge is not base64url"},
		{"a challenge of numbers", "", object{"challenge": []int{1, 2}}, client.Type, "/challenge is of the wrong kind"},
		{"a long challenge", "", object{"challenge": strings.Repeat("A", 100<<10)}, client.Type, "challenge is longer"},
		{"no parameters", "", object{"pubKeyCredParams": nil}, client.Type, "lack pubKeyCredParams"},
		{"a parameter without algorithm", "", param(object{"type": "public-key"}), client.Type, "alg"},
		{"a parameter without type", "", param(object{"alg": -7}), client.Type, "type"},
		{"an algorithm that is no number", "", param(object{"type": "public-key", "alg": "ES256"}), client.Type, "wrong kind"},
		{"half an algorithm", "", param(object{"type": "public-key", "alg": -7.5}), client.Type, "no algorithm"},
		{"a huge algorithm", "", param(object{"type": "public-key", "alg": 1e300}), client.Type, "no algorithm"},
		{"only other types", "", param(object{"type": "password", "alg": -7}), client.NotSupported, "no other type"},
		{"only unknown algorithms", "", param(object{"type": "public-key", "alg": -65535}), client.NotSupported, "none of the algorithms"},
		{"an exclude list of strings", "", object{"excludeCredentials": []string{"AA"}}, client.Type, "wrong kind"},
		{"an excluded id that is none", "", object{"excludeCredentials": []object{{"type": "public-key", "id": "!"}}}, client.Encoding, "excludeCredentials id"},
		{"an excluded one without id", "", object{"excludeCredentials": []object{{"type": "public-key"}}}, client.Type, "without id or type"},
		{"a time-out in words", "", object{"timeout": "soon"}, client.Type, "/timeout"},
		{"silent", `{"mediation":"silent","publicKey":{"challenge":"AAAA"}}`, nil, client.NotAllowed, "mediation silent"},
		{"prf by credential", "", ext(object{"prf": object{"evalByCredential": object{"AAAA": object{"first": "AA"}}}}), client.NotSupported, "evalByCredential"},
		{"prf by no credential", "", ext(object{"prf": object{"evalByCredential": object{}}}), client.NotSupported, "evalByCredential"},
		{"prf without first", "", ext(object{"prf": object{"eval": object{"second": "AA"}}}), client.Type, "first"},
		{"prf with a bad input", "", ext(object{"prf": object{"eval": object{"first": "="}}}), client.Encoding, "prf.eval.first"},
		{"prf with a bad second input", "", ext(object{"prf": object{"eval": object{"first": "AA", "second": "="}}}), client.Encoding, "prf.eval.second"},
		{"prf is true", "", ext(object{"prf": true}), client.Type, "/extensions/prf"},
		{"large blob read", "", ext(object{"largeBlob": object{"read": true}}), client.NotSupported, "when signing in"},
		{"large blob write", "", ext(object{"largeBlob": object{"write": "AA"}}), client.NotSupported, "when signing in"},
		{"credBlob that is none", "", ext(object{"credBlob": "?"}), client.Encoding, "extensions.credBlob"},
		{"appidExclude of another site", "", ext(object{"appidExclude": "https://evil.example/app.json"}), client.Security, "login.example.com asked for a passkey of evil.example"},
		{"appidExclude without https", "", ext(object{"appidExclude": "http://example.com/app.json"}), client.Security, "no https address"},
		{"appidExclude of a suffix", "", ext(object{"appidExclude": "https://com/app.json"}), client.Security, "refused"},
	}...), making(nil), (*client.Client).Create)
	if n := p.device.count(1); n != 1 { // the unknown algorithm
		t.Errorf("the device was asked %d times", n)
	}
}

func TestRequestOptionsThatAreNone(t *testing.T) {
	p := open(t)
	ext := func(o object, allow ...string) object {
		var list []object
		for _, id := range allow {
			list = append(list, object{"type": "public-key", "id": id})
		}
		return object{"extensions": o, "allowCredentials": list}
	}
	by := func(name string, v object) object { return object{"prf": object{"evalByCredential": object{name: v}}} }
	first := object{"first": "AA"}
	p.refuses(t, append(unreadable, []wrong{
		{"a challenge with padding", "", object{"challenge": "AAA="}, client.Encoding, "padded"},
		{"an rpId that is a number", "", object{"rpId": 7}, client.Type, "/rpId"},
		{"an allowed id that is none", "", object{"allowCredentials": []object{{"type": "public-key", "id": "a/b"}}}, client.Encoding, "allowCredentials id"},
		{"only other types", "", object{"allowCredentials": []object{{"type": "password", "id": "AAAA"}}}, client.NotAllowed, "no passkeys"},
		{"only ids that are too long", "", object{"allowCredentials": []object{{"type": "public-key", "id": strings.Repeat("AAAA", 342)}}}, client.NotAllowed, "no passkeys"},
		{"prf for nobody", "", ext(by("AAAA", first)), client.NotSupported, "allowCredentials"},
		{"prf for an empty name", "", ext(by("", first), "AAAA"), client.Syntax, "not base64url"},
		{"prf for a bad name", "", ext(by("A=", first), "AAAA"), client.Syntax, "not base64url"},
		{"prf for somebody else", "", ext(by("AAAB", first), "AAAA"), client.Syntax, "does not"},
		{"prf without first", "", ext(by("AAAA", object{}), "AAAA"), client.Type, "first"},
		{"prf with a bad input", "", ext(by("AAAA", object{"first": "*"}), "AAAA"), client.Encoding, "evalByCredential.first"},
		{"large blob support", "", ext(object{"largeBlob": object{"support": "preferred"}}), client.NotSupported, "making a passkey"},
		{"large blob read and write", "", ext(object{"largeBlob": object{"read": true, "write": "AA"}}, "AAAA"), client.NotSupported, "not both"},
		{"large blob write to nobody", "", ext(object{"largeBlob": object{"write": "AA"}}), client.NotSupported, "exactly one"},
		{"large blob write to two", "", ext(object{"largeBlob": object{"write": "AA"}}, "AAAA", "AAAB"), client.NotSupported, "exactly one"},
		{"large blob that is none", "", ext(object{"largeBlob": object{"write": "="}}, "AAAA"), client.Encoding, "largeBlob.write"},
		{"appid of another site", "", ext(object{"appid": "https://evil.example"}), client.Security, "evil.example"},
		{"silent", `{"mediation":"silent","publicKey":{"challenge":"AAAA"}}`, nil, client.NotAllowed, "mediation silent"},
	}...), getting(nil), (*client.Client).Get)
	if len(p.device.sent) != 0 {
		t.Errorf("the device was asked %d times", len(p.device.sent))
	}
}

// What nobody knows is passed over; null is the same as nothing; the options may come as servers hand them to a page.
func TestOptionsThatAreUnusualAndGood(t *testing.T) {
	p := open(t)
	for name, o := range map[string]object{
		"unknown members":     making(object{"foo": 1, "hints": []string{"security-key", "x"}, "extensions": object{"uvm": true, "x": object{}}}),
		"unknown values":      making(object{"attestation": "all", "authenticatorSelection": object{"residentKey": "x", "userVerification": "y", "authenticatorAttachment": "z"}}),
		"nulls":               making(object{"timeout": jsonNull, "excludeCredentials": jsonNull, "extensions": jsonNull, "authenticatorSelection": jsonNull, "attestation": jsonNull, "hints": jsonNull}),
		"an envelope":         {"publicKey": making(nil), "mediation": "optional"},
		"no algorithms":       making(object{"pubKeyCredParams": []object{}}),
		"algorithms of later": making(object{"pubKeyCredParams": []object{{"type": "public-key", "alg": -9999}, {"type": "x", "alg": -7}, {"type": "public-key", "alg": -8}}}),
		"other excluded":      making(object{"excludeCredentials": []object{{"type": "password", "id": "AAAA"}, {"type": "public-key", "id": ""}}}),
		"a short time-out":    making(object{"timeout": 1}),
		"a negative time-out": making(object{"timeout": -1e300}),
		"an endless time-out": making(object{"timeout": 1e300}),
		"transports":          making(object{"excludeCredentials": []object{{"type": "public-key", "id": "AAAA", "transports": []string{"smoke-signal"}}}}),
		"long names": making(object{
			"rp":   object{"id": "example.com", "name": strings.Repeat("ß", 500)},
			"user": object{"id": "AAAA", "name": strings.Repeat("ü", 9000), "displayName": strings.Repeat("𝄞", 9000)},
		}),
		"empty names": making(object{"rp": object{"id": "example.com", "name": ""}, "user": object{"id": "AAAA", "name": "", "displayName": ""}}),
	} {
		if _, err := p.create(o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, o := range map[string]object{
		"an envelope": {"publicKey": getting(nil)}, "nulls": getting(object{"allowCredentials": jsonNull, "timeout": jsonNull, "extensions": jsonNull}),
		"unknown values": getting(object{"userVerification": "maybe", "hints": []string{"x"}}),
	} {
		if _, err := p.get(o); err != nil {
			t.Errorf("signing in, %s: %v", name, err)
		}
	}
}

// jsonNull is a member that is there and null.
var jsonNull = json.RawMessage("null")
