package client

import (
	"context"
	"errors"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"signet/passkeys"
)

// Commands (CTAP 2.1, section 6).
const (
	cmdMakeCredential   = 0x01
	cmdGetAssertion     = 0x02
	cmdGetInfo          = 0x04
	cmdClientPIN        = 0x06
	cmdGetNextAssertion = 0x08
	cmdSelection        = 0x0b
	cmdLargeBlobs       = 0x0c
)

// What a device is taken for that does not say (CTAP 2.1, section 6.4).
const (
	defaultMsgSize = 1024
	defaultList    = 1
)

// Limits of what a device may answer.
const (
	maxAnswer   = 64 << 10
	maxDepth    = 16
	maxElements = 4096
)

// encoder writes CTAP2 canonical CBOR, which devices insist on.
var encoder = must(cbor.CTAP2EncOptions().EncMode())

// decoder reads answers. It does not insist on the canonical form: devices that are a little off are of use too.
var decoder = must(cbor.DecOptions{
	DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	MaxNestedLevels: maxDepth, MaxArrayElements: maxElements, MaxMapPairs: maxElements, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
}.DecMode())

// must is for tables that are right or wrong at compile time.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// marshal encodes values of this package, which cannot fail but by a fault of ours.
func marshal(v any) []byte { return must(encoder.Marshal(v)) }

// errAnswer says that a device answered something that is no answer.
var errAnswer = errors.New("the device gave an answer that makes no sense")

// info is the answer of authenticatorGetInfo (CTAP 2.1, section 6.4), as far as it is needed.
type info struct {
	Extensions   []string        `cbor:"2,keyasint"`
	Options      map[string]bool `cbor:"4,keyasint"`
	MaxMsgSize   uint64          `cbor:"5,keyasint"`
	PINProtocols []uint64        `cbor:"6,keyasint"`
	MaxList      uint64          `cbor:"7,keyasint"`
	MaxID        uint64          `cbor:"8,keyasint"`
	Transports   []string        `cbor:"9,keyasint"`
	MaxBlobs     uint64          `cbor:"11,keyasint"`
	ForceChange  bool            `cbor:"12,keyasint"`
	MaxCredBlob  uint64          `cbor:"15,keyasint"`
	Formats      []string        `cbor:"22,keyasint"`
}

func (i *info) can(extension string) bool { return slices.Contains(i.Extensions, extension) }

// talk is one request of a page at work with the device.
type talk struct {
	opt  *Options
	info info
	rpID string
	hash []byte // of the client data

	proof    method
	token    []byte // pinUvAuthToken, wiped at the end
	protocol protocol
}

// begin asks the device what it can do.
func (c *Client) begin(ctx context.Context, rpID string) (*talk, error) {
	t := &talk{opt: &c.opt, rpID: rpID}
	if err := t.send(ctx, cmdGetInfo, nil, &t.info); err != nil {
		return nil, err
	}
	i := &t.info
	if i.MaxMsgSize < defaultMsgSize {
		i.MaxMsgSize = defaultMsgSize
	}
	if i.MaxList == 0 {
		i.MaxList = defaultList
	}
	return t, nil
}

func (t *talk) end() { clear(t.token) }

// send puts one command to the device and reads its answer into into, where there is one to come. A status that is not OK is a passkeys.Status.
func (t *talk) send(ctx context.Context, cmd byte, params, into any) error {
	request := []byte{cmd}
	if params != nil {
		request = append(request, marshal(params)...)
		defer clear(request)
	}
	if t.info.MaxMsgSize != 0 && uint64(len(request)) > t.info.MaxMsgSize {
		return passkeys.StatusRequestTooLarge
	}
	answer := t.opt.Device.Handle(ctx, request, t.opt.Waiting)
	if len(answer) == 0 || len(answer) > maxAnswer {
		return errAnswer
	}
	if s := passkeys.Status(answer[0]); s != passkeys.StatusOK {
		return s
	}
	if into == nil {
		return nil
	}
	if err := decoder.Unmarshal(answer[1:], into); err != nil {
		return errAnswer
	}
	return nil
}

// descriptor is a PublicKeyCredentialDescriptor on its way to a device, which has no use for transports.
type descriptor struct {
	ID   []byte `cbor:"id"`
	Type string `cbor:"type"`
}

const publicKeyType = "public-key"

func descriptors(ids [][]byte) []descriptor {
	var list []descriptor
	for _, id := range ids {
		list = append(list, descriptor{id, publicKeyType})
	}
	return list
}
