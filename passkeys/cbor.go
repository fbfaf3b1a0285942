package passkeys

import (
	"bytes"
	"errors"

	"github.com/fxamacker/cbor/v2"
)

// Limits of what a request may look like. CTAP asks for at least four levels (CTAP 2.1, section 8); extensions that nobody knows may bring a few more.
const (
	maxDepth    = 8
	maxElements = 4096
)

// encoder writes CTAP2 canonical CBOR: shortest integers and lengths, definite lengths, map keys sorted by length and then bytes.
var encoder = must(cbor.CTAP2EncOptions().EncMode())

// decoder reads what canonical has let through; its own limits are a second line.
var decoder = must(cbor.DecOptions{
	DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	MaxNestedLevels: maxDepth, MaxArrayElements: maxElements, MaxMapPairs: maxElements, IntDec: cbor.IntDecConvertSignedOrFail,
	UTF8: cbor.UTF8RejectInvalid, FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
}.DecMode())

// must is for tables that are right or wrong at compile time: the options above are constants.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// unmarshal reads one canonical CBOR value into v. An encoding that is not canonical, or has something behind it, is StatusInvalidCBOR; a value of another
// type than v has is StatusCBORUnexpectedType.
func unmarshal(b []byte, v any) error {
	if canonical(b) != nil {
		return StatusInvalidCBOR
	}
	err := decoder.Unmarshal(b, v)
	var wrong *cbor.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return StatusCBORUnexpectedType
	}
	return StatusInvalidCBOR
}

// marshal writes canonical CBOR. Everything it is given is a value of this package, so it cannot fail but by a fault of ours.
func marshal(v any) []byte { return must(encoder.Marshal(v)) }

// Major types (RFC 8949, section 3.1).
const (
	majorBytes  = 2
	majorText   = 3
	majorArray  = 4
	majorMap    = 5
	majorTag    = 6
	majorSimple = 7
)

var errCBOR = errors.New("not canonical CBOR")

// canonical checks that b is exactly one value in CTAP2 canonical CBOR encoding form (CTAP 2.1, section 8): one meaning has one encoding, so that nobody
// signs or stores what another reader understands differently.
func canonical(b []byte) error {
	rest, err := skip(b, 0)
	if err == nil && len(rest) != 0 {
		return errCBOR
	}
	return err
}

// skip checks one value and returns what follows it.
func skip(b []byte, depth int) ([]byte, error) {
	major, n, rest, err := head(b)
	if err != nil || depth > maxDepth {
		return nil, errCBOR
	}
	switch major {
	case majorBytes, majorText:
		if n > uint64(len(rest)) {
			return nil, errCBOR
		}
		return rest[n:], nil
	case majorArray:
		return skipMany(rest, n, depth)
	case majorMap:
		return skipMap(rest, n, depth)
	case majorTag:
		return nil, errCBOR
	}
	return rest, nil
}

func skipMany(b []byte, n uint64, depth int) ([]byte, error) {
	if n > maxElements {
		return nil, errCBOR
	}
	var err error
	for range n {
		if b, err = skip(b, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func skipMap(b []byte, n uint64, depth int) ([]byte, error) {
	if n > maxElements {
		return nil, errCBOR
	}
	var last []byte
	for range n {
		rest, err := skip(b, depth+1)
		if err != nil {
			return nil, err
		}
		key := b[:len(b)-len(rest)]
		if last != nil && !before(last, key) {
			return nil, errCBOR
		}
		last = key
		if b, err = skip(rest, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// before orders map keys: by major type, then the shorter encoding, then bytes. Equal keys are in no order.
func before(a, b []byte) bool {
	if a[0]>>5 != b[0]>>5 {
		return a[0]>>5 < b[0]>>5
	}
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return bytes.Compare(a, b) < 0
}

// head reads the first byte of a value and its argument, which must be written as short as it can be.
func head(b []byte) (major byte, n uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, 0, nil, errCBOR
	}
	major, info := b[0]>>5, b[0]&0x1f
	b = b[1:]
	if info < 24 {
		return major, uint64(info), b, simple(major, info)
	}
	size := 1 << (info - 24)
	if info > 27 || len(b) < size {
		return 0, 0, nil, errCBOR
	}
	for _, c := range b[:size] {
		n = n<<8 | uint64(c)
	}
	if major == majorSimple {
		return major, n, b[size:], simple(major, info)
	}
	if least := []uint64{24, 1 << 8, 1 << 16, 1 << 32}; n < least[info-24] {
		return 0, 0, nil, errCBOR
	}
	return major, n, b[size:], nil
}

// simple lets false, true, null and undefined through, and floating-point numbers, which only unknown extensions may hold.
func simple(major, info byte) error {
	if major != majorSimple || info >= 20 && info <= 23 || info >= 25 && info <= 27 {
		return nil
	}
	return errCBOR
}
