package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"signet/passkeys"
	"signet/passkeys/client"
)

// seeds are options with everything in them, and some with faults.
func seeds(f *testing.F, all ...object) {
	f.Helper()
	for _, o := range all {
		b, err := json.Marshal(o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("https://login.example.com", string(b))
		f.Add("https://evil.example", `{"publicKey":`+string(b)+`,"mediation":"conditional"}`)
	}
	for _, c := range unreadable {
		if len(c.text) < 1000 {
			f.Add("http://localhost:8080", c.text)
		}
	}
}

var everyCreation = making(object{
	"timeout": 60000, "excludeCredentials": strangers(20, 4), "attestation": "direct", "attestationFormats": []string{"packed"}, "hints": []string{"client-device"},
	"authenticatorSelection": object{"residentKey": "preferred", "requireResidentKey": true, "userVerification": "required", "authenticatorAttachment": "platform"},
	"extensions": object{
		"credProps": true, "prf": object{"eval": eval("a", "b")}, "largeBlob": object{"support": "preferred"}, "credentialProtectionPolicy": "userVerificationRequired",
		"enforceCredentialProtectionPolicy": true, "minPinLength": true, "credBlob": "AAAA", "appidExclude": "https://example.com/a",
	},
})

func everyRequest() object {
	list := strangers(20, 4)
	return getting(object{
		"timeout": 60000, "allowCredentials": list, "userVerification": "required",
		"extensions": object{
			"prf": object{"eval": eval("a"), "evalByCredential": object{list[0]["id"].(string): eval("c", "d")}}, "largeBlob": object{"read": true},
			"getCredBlob": true, "appid": "https://example.com/a",
		},
	})
}

// plausible checks what every outcome has in common: an error with a name and a reason, or a response that is JSON, for the origin that asked.
func plausible(t *testing.T, from client.Caller, out []byte, err error) {
	t.Helper()
	var e *client.Error
	switch {
	case err == nil:
	case !errors.As(err, &e) || !strings.HasSuffix(e.Name, "Error") || e.Reason == "" || out != nil:
		t.Fatalf("%T %v with %d bytes", err, err, len(out))
	default:
		return
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	var data spoken
	if err := json.Unmarshal(decoded(t, a.Response.ClientDataJSON), &data); err != nil || data.Origin != from.Origin.String() {
		t.Fatalf("%+v %v", data, err)
	}
	if a.flags(t)&passkeys.FlagUP == 0 || a.ID == "" || a.Type != "public-key" {
		t.Fatalf("%s", out)
	}
}

func fuzz(f *testing.F, run func(*client.Client, context.Context, client.Caller, []byte) ([]byte, error)) {
	p := open(f)
	f.Fuzz(func(t *testing.T, from, options string) {
		o, err := client.ParseOrigin(from)
		if err != nil {
			return
		}
		p.device.sent = nil
		caller := client.Caller{Origin: o}
		out, err := run(client.New(p.opt), context.Background(), caller, []byte(options))
		plausible(t, caller, out, err)
	})
}

func FuzzCreate(f *testing.F) {
	seeds(f, making(nil), everyCreation)
	fuzz(f, (*client.Client).Create)
}

func FuzzGet(f *testing.F) {
	seeds(f, getting(nil), everyRequest())
	fuzz(f, (*client.Client).Get)
}

func FuzzSignal(f *testing.F) {
	f.Add("https://example.com", `{"rpId":"example.com","userId":"YWRh","credentialId":"azE","allAcceptedCredentialIds":["azE"],"name":"a","displayName":"A"}`)
	f.Fuzz(func(t *testing.T, from, options string) {
		o, err := client.ParseOrigin(from)
		if err != nil {
			return
		}
		for _, s := range []client.Signal{client.UnknownCredential, client.AllAcceptedCredentials, client.CurrentUserDetails} {
			changes, err := client.New(client.Options{}).Signal(context.Background(), client.Caller{Origin: o}, s, []byte(options), book())
			if err != nil && (changes != nil || !errors.As(err, new(*client.Error))) {
				t.Fatalf("%T %v", err, err)
			}
		}
	})
}

// An origin that is taken is its own ASCII form, and whoever reads it again reads the same.
func FuzzParseOrigin(f *testing.F) {
	for _, s := range []string{"https://example.com", "HTTPS://EXAMPLE.com:443/", "https://bücher.example", "http://localhost:8080", "https://127.1", "null", "https://[::1]", "https://日本語。jp"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := client.ParseOrigin(s)
		if err != nil {
			return
		}
		again, err := client.ParseOrigin(o.String())
		if err != nil || again != o {
			t.Fatalf("%q becomes %q becomes %q: %v", s, o, again, err)
		}
		if strings.ContainsFunc(o.String(), func(r rune) bool { return r <= ' ' || r > '~' || r >= 'A' && r <= 'Z' || r == '"' || r == '\\' }) {
			t.Fatalf("%q becomes %q", s, o)
		}
	})
}

// A site's list of related origins comes from the network, and may be anything.
func FuzzRelated(f *testing.F) {
	f.Add(`{"origins":["https://example.de"]}`, "application/json", "/x", 200)
	f.Add(`{"origins":["https://a.test","nonsense"]}`, "text/html", "//b.test", 302)
	f.Fuzz(func(t *testing.T, body, kind, location string, status int) {
		page := client.Fetched{Status: status, ContentType: kind, Location: location, Body: []byte(body)}
		w := &web{pages: map[string]client.Fetched{relatedURL: page, "https://example.com/x": page}}
		p := client.Options{Fetch: w}
		_, err := client.New(p).Signal(context.Background(), client.Caller{Origin: client.Origin{Scheme: "https", Host: "example.de"}}, client.UnknownCredential,
			[]byte(`{"rpId":"example.com","credentialId":"AA"}`), book())
		if err == nil && !strings.Contains(strings.ReplaceAll(strings.ToLower(body), `\`, ""), "example.de") && !strings.Contains(body, `\u`) {
			t.Fatalf("%s names example.de", body)
		}
		for _, url := range w.asked {
			if !strings.HasPrefix(url, "https://") {
				t.Fatalf("asked %s", url)
			}
		}
	})
}

// A device may be anything that was plugged in: whatever it answers, there is no panic, and no answer that a site would have to be told of.
func FuzzDevice(f *testing.F) {
	p := open(f)
	var answers [5][]byte
	p.device.edit = func(request, answer []byte) []byte {
		if at := slot(request[0]); len(answer) > len(answers[at]) {
			answers[at] = answer
		}
		return answer
	}
	p.made(everyCreation)
	p.made(making(ext(object{"prf": object{"eval": eval("a")}, "largeBlob": object{"support": "required"}})))
	p.signed(getting(ext(object{"prf": object{"eval": eval("a")}, "largeBlob": object{"read": true}})))
	f.Add(answers[0], answers[1], answers[2], answers[3], answers[4])
	f.Add([]byte{0}, []byte{0, 0xa0}, []byte{0, 0xa0}, []byte{0x31}, []byte{0, 0xa1, 1, 0x40})
	request := must[[]byte](f)(json.Marshal(getting(ext(object{"prf": object{"eval": eval("a")}, "largeBlob": object{"read": true}, "getCredBlob": true}))))
	creation := must[[]byte](f)(json.Marshal(everyCreation))
	f.Fuzz(func(t *testing.T, info, make, get, pin, blob []byte) {
		device := answering{info, make, get, pin, blob}
		c, from := client.New(client.Options{Device: device}), client.Caller{Origin: client.Origin{Scheme: "https", Host: "example.com"}}
		out, err := c.Create(context.Background(), from, creation)
		plausible(t, from, out, err)
		out, err = c.Get(context.Background(), from, request)
		plausible(t, from, out, err)
	})
}

// answering is a device with one answer for each kind of command.
type answering [5][]byte

func slot(cmd byte) int { return map[byte]int{4: 0, 1: 1, 2: 2, 6: 3, 8: 2, 12: 4}[cmd] }

func (a answering) Handle(_ context.Context, request []byte, _ func(bool)) []byte {
	return a[slot(request[0])]
}
