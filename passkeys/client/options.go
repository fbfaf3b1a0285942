package client

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"signet/passkeys"
)

// Bounds of what a site may send.
const (
	maxOptions   = 256 << 10 // bytes of JSON
	maxChallenge = 16 << 10
	maxUserID    = 64 // WebAuthn Level 3, section 5.4.3
	maxID        = 1023
	maxListed    = 1024
	maxInput     = 64 << 10 // bytes of one input of an extension
	maxName      = 256      // what of a name is passed on; devices keep at least 64 (WebAuthn Level 3, section 6.4.1)
)

// How long a request may take (WebAuthn Level 3, section 5.1.3, step 5): what the site says, within these.
const (
	leastTimeout   = 30 * time.Second
	defaultTimeout = 5 * time.Minute
	mostTimeout    = 10 * time.Minute
)

// creationJSON is PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3, section 5.1.8). Unknown members are passed over.
type creationJSON struct {
	RP *struct {
		ID   *string `json:"id"`
		Name *string `json:"name"`
	} `json:"rp"`
	User *struct {
		ID          *string `json:"id"`
		Name        *string `json:"name"`
		DisplayName *string `json:"displayName"`
	} `json:"user"`
	Challenge *string          `json:"challenge"`
	Params    *[]paramJSON     `json:"pubKeyCredParams"`
	Timeout   *float64         `json:"timeout"`
	Exclude   []descriptorJSON `json:"excludeCredentials"`
	Selection struct {
		Attachment  string `json:"authenticatorAttachment"`
		ResidentKey string `json:"residentKey"`
		RequireRK   bool   `json:"requireResidentKey"`
		UV          string `json:"userVerification"`
	} `json:"authenticatorSelection"`
	Attestation string             `json:"attestation"`
	Formats     []string           `json:"attestationFormats"`
	Extensions  creationExtensions `json:"extensions"`
}

type paramJSON struct {
	Type *string  `json:"type"`
	Alg  *float64 `json:"alg"`
}

type descriptorJSON struct {
	ID   *string `json:"id"`
	Type *string `json:"type"`
}

// requestJSON is PublicKeyCredentialRequestOptionsJSON (WebAuthn Level 3, section 5.1.9).
type requestJSON struct {
	Challenge  *string           `json:"challenge"`
	Timeout    *float64          `json:"timeout"`
	RPID       *string           `json:"rpId"`
	Allow      []descriptorJSON  `json:"allowCredentials"`
	UV         string            `json:"userVerification"`
	Extensions requestExtensions `json:"extensions"`
}

// creation is what a site asks of create, decoded.
type creation struct {
	rpID       *string
	rpName     string
	user       passkeys.User
	challenge  []byte
	algorithms []int64
	timeout    time.Duration
	exclude    [][]byte
	attachment string
	rk, uv     string // required, preferred or discouraged
	attest     string
	formats    []string
	ext        creationExtensions
}

// request is what a site asks of get, decoded.
type request struct {
	rpID      *string
	challenge []byte
	timeout   time.Duration
	allow     [][]byte
	listed    bool // there was a list, whatever is left of it
	uv        string
	ext       requestExtensions
}

// envelope is how servers hand options over: as what a page gives to navigator.credentials.
type envelope struct {
	PublicKey jsontext.Value `json:"publicKey"`
	Mediation string         `json:"mediation"`
}

// read reads a JSON object into v, out of its envelope where it is in one. It returns the mediation.
func read(b []byte, v any) (string, error) {
	if len(b) > maxOptions {
		return "", errorf(Type, "the options are longer than %d kB", maxOptions>>10)
	}
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return "", unreadable(err)
	}
	if bytes.HasPrefix(e.PublicKey, []byte("{")) {
		b = e.PublicKey
	}
	if err := json.Unmarshal(b, v); err != nil {
		return "", unreadable(err)
	}
	if e.Mediation == "silent" {
		return "", errorf(NotAllowed, "the options ask for no question to anybody (mediation silent); a passkey is never used without one")
	}
	return e.Mediation, nil
}

// unreadable tells a fault of the JSON from a value of the wrong kind.
func unreadable(err error) error {
	var kind *json.SemanticError
	if errors.As(err, &kind) {
		at := string(kind.JSONPointer)
		if at == "" {
			return errorf(Type, "the options are not a JSON object")
		}
		return errorf(Type, "%s is of the wrong kind", clip(at))
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errorf(Syntax, "the options have a member twice")
	}
	var at *jsontext.SyntacticError
	if errors.As(err, &at) {
		return errorf(Syntax, "the options are not JSON: byte %d", at.ByteOffset)
	}
	return errorf(Syntax, "the options are not JSON")
}

func parseCreation(b []byte) (*creation, string, error) {
	var j creationJSON
	mediation, err := read(b, &j)
	if err != nil {
		return nil, "", err
	}
	if err := j.missing(); err != nil {
		return nil, "", err
	}
	o := &creation{
		rpID: j.RP.ID, rpName: *j.RP.Name, user: passkeys.User{Name: *j.User.Name, DisplayName: *j.User.DisplayName}, timeout: within(j.Timeout),
		attachment: j.Selection.Attachment, rk: residentKey(j.Selection.ResidentKey, j.Selection.RequireRK), uv: wish(j.Selection.UV),
		attest: j.Attestation, formats: j.Formats, ext: j.Extensions,
	}
	if o.user.ID, err = decode64("user.id", *j.User.ID, maxUserID); err != nil {
		return nil, "", err
	}
	if len(o.user.ID) == 0 {
		return nil, "", errorf(Type, "user.id is empty; it has 1 to %d bytes", maxUserID)
	}
	if o.challenge, err = decode64("challenge", *j.Challenge, maxChallenge); err != nil {
		return nil, "", err
	}
	if o.algorithms, err = algorithms(*j.Params); err != nil {
		return nil, "", err
	}
	if o.exclude, err = ids("excludeCredentials", j.Exclude); err != nil {
		return nil, "", err
	}
	return o, mediation, o.ext.check()
}

// missing names the first member that has to be there and is not.
func (j *creationJSON) missing() error {
	name := ""
	switch {
	case j.RP == nil:
		name = "rp"
	case j.RP.Name == nil:
		name = "rp.name"
	case j.User == nil:
		name = "user"
	case j.User.ID == nil:
		name = "user.id"
	case j.User.Name == nil:
		name = "user.name"
	case j.User.DisplayName == nil:
		name = "user.displayName"
	case j.Challenge == nil:
		name = "challenge"
	case j.Params == nil:
		name = "pubKeyCredParams"
	default:
		return nil
	}
	return errMissing(name)
}

func errMissing(name string) error { return errorf(Type, "the options lack %s", name) }

func parseRequest(b []byte) (*request, string, error) {
	var j requestJSON
	mediation, err := read(b, &j)
	if err != nil {
		return nil, "", err
	}
	if j.Challenge == nil {
		return nil, "", errMissing("challenge")
	}
	o := &request{rpID: j.RPID, timeout: within(j.Timeout), listed: len(j.Allow) != 0, uv: wish(j.UV), ext: j.Extensions}
	if o.challenge, err = decode64("challenge", *j.Challenge, maxChallenge); err != nil {
		return nil, "", err
	}
	if o.allow, err = ids("allowCredentials", j.Allow); err != nil {
		return nil, "", err
	}
	if o.listed && len(o.allow) == 0 {
		return nil, "", errorf(NotAllowed, "the site names only credentials that are no passkeys")
	}
	return o, mediation, o.ext.check(o.allow)
}

// within is the site's time-out within our bounds.
func within(ms *float64) time.Duration {
	if ms == nil || *ms != *ms {
		return defaultTimeout
	}
	return time.Duration(min(max(*ms, float64(leastTimeout.Milliseconds())), float64(mostTimeout.Milliseconds()))) * time.Millisecond
}

// wish reads a preference; what nobody knows counts as the default.
func wish(s string) string {
	if s == required || s == discouraged {
		return s
	}
	return preferred
}

// residentKey reads the newer member, and the older one where the newer says nothing that is known (WebAuthn Level 3, section 5.4.4).
func residentKey(s string, older bool) string {
	switch {
	case s == required, s == preferred, s == discouraged:
		return s
	case older:
		return required
	}
	return discouraged
}

// algorithms keeps the site's order. None means the two that everybody knows (WebAuthn Level 3, section 5.1.3, step 9).
func algorithms(params []paramJSON) ([]int64, error) {
	if len(params) > maxListed {
		return nil, errorf(Type, "pubKeyCredParams has more than %d members", maxListed)
	}
	if len(params) == 0 {
		return []int64{int64(passkeys.ES256), int64(passkeys.RS256)}, nil
	}
	var list []int64
	for _, p := range params {
		switch {
		case p.Type == nil:
			return nil, errMissing("pubKeyCredParams type")
		case p.Alg == nil:
			return nil, errMissing("pubKeyCredParams alg")
		case *p.Alg != float64(int32(*p.Alg)):
			return nil, errorf(Type, "pubKeyCredParams: %g is no algorithm", *p.Alg)
		case *p.Type == publicKeyType && !slices.Contains(list, int64(*p.Alg)):
			list = append(list, int64(*p.Alg))
		}
	}
	if len(list) == 0 {
		return nil, errorf(NotSupported, "the site asks for no credential of type public-key, and passkeys are of no other type")
	}
	return list, nil
}

// ids decodes a list of credentials: each once, in the site's order, without those of other types.
func ids(member string, list []descriptorJSON) ([][]byte, error) {
	if len(list) > maxListed {
		return nil, errorf(Type, "%s has more than %d members", member, maxListed)
	}
	var all [][]byte
	seen := map[string]bool{}
	for _, d := range list {
		if d.ID == nil || d.Type == nil {
			return nil, errorf(Type, "%s has a member without id or type", member)
		}
		id, err := decode64(member+" id", *d.ID, maxOptions)
		if err != nil {
			return nil, err
		}
		if *d.Type != publicKeyType || seen[string(id)] || len(id) == 0 || len(id) > maxID {
			continue
		}
		seen[string(id)] = true
		all = append(all, id)
	}
	return all, nil
}

// cut shortens a name to what is passed on, at the border of a character.
func cut(s string) string {
	if len(s) <= maxName {
		return s
	}
	n := maxName
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
