package uhid

import (
	"encoding/binary"
	"errors"
	"fmt"

	"signet/passkeys/ctaphid"
)

// eventType says what an event of the kernel is (linux/uhid.h).
type eventType uint32

// The events that matter to a device without feature reports.
const (
	eventDestroy        eventType = 1
	eventStart          eventType = 2
	eventStop           eventType = 3
	eventOpen           eventType = 4
	eventClose          eventType = 5
	eventOutput         eventType = 6
	eventGetReport      eventType = 9
	eventGetReportReply eventType = 10
	eventCreate2        eventType = 11
	eventInput2         eventType = 12
	eventSetReport      eventType = 13
	eventSetReportReply eventType = 14
)

// Sizes of struct uhid_event, which is packed but for the alignment of one 64-bit member: the kernel of a 64-bit machine writes 4380 bytes, that of a 32-bit one 4376.
const (
	maxEvent  = 4380
	dataMax   = 4096 // UHID_DATA_MAX
	typeSize  = 4
	nameMax   = 127 // of 128, with its NUL
	physMax   = 63
	uniqMax   = 63
	create2   = 280 // before the descriptor, with the type
	errorCode = 5   // EIO: the answer to feature reports, which this device has none of
)

// The device that hosts see. BUS_USB, because libfido2 skips every other bus. No numbers of somebody who makes
// keys, because hosts treat those by what that maker's keys can do: 1209 is pid.codes, which gives numbers to free projects, and 5347 was free there when it was
// chosen; it is not registered yet.
const (
	busUSB    = 3
	vendorID  = 0x1209
	productID = 0x5347
	version   = 0x0100
)

// descriptor is the FIDO HID report descriptor (CTAP 2.1, section 11.2.8.1): usage page F1D0, one 64-byte report each way, no report ids.
var descriptor = []byte{
	0x06, 0xD0, 0xF1, 0x09, 0x01, 0xA1, 0x01,
	0x09, 0x20, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02,
	0x09, 0x21, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02,
	0xC0,
}

// event is what the kernel said, as far as this device cares.
type event struct {
	kind   eventType
	id     uint32         // of a request that wants a reply
	report ctaphid.Packet // of eventOutput
	whole  bool           // report is one: 64 bytes with report id 0
}

var errEvent = errors.New("event is cut short")

// decode reads an event. What this device has no use for comes back with its kind alone.
func decode(b []byte) (event, error) {
	if len(b) < typeSize {
		return event{}, errEvent
	}
	e := event{kind: eventType(binary.NativeEndian.Uint32(b))}
	b = b[typeSize:]
	switch e.kind {
	case eventOutput:
		if len(b) < dataMax+3 {
			return event{}, errEvent
		}
		// What a host writes begins with the report id, which is 0. Shorter or longer reports are no CTAPHID packets; a real key would not take them either.
		size := binary.NativeEndian.Uint16(b[dataMax:])
		e.whole = size == 1+ctaphid.PacketSize && b[0] == 0
		if e.whole {
			copy(e.report[:], b[1:])
		}
	case eventGetReport, eventSetReport:
		if len(b) < 4 {
			return event{}, errEvent
		}
		e.id = binary.NativeEndian.Uint32(b)
	}
	return e, nil
}

// identity is what tells one device from another.
type identity struct{ name, phys, uniq string }

// encodeCreate2 plugs the device in. Every member but the identity is fixed.
func encodeCreate2(id identity) ([]byte, error) {
	for _, f := range []struct {
		what, s string
		max     int
	}{{"name", id.name, nameMax}, {"phys", id.phys, physMax}, {"uniq", id.uniq, uniqMax}} {
		if err := printable(f.what, f.s, f.max); err != nil {
			return nil, err
		}
	}
	b := make([]byte, create2, create2+len(descriptor))
	binary.NativeEndian.PutUint32(b, uint32(eventCreate2))
	u := b[typeSize:]
	copy(u[0:128], id.name)
	copy(u[128:192], id.phys)
	copy(u[192:256], id.uniq)
	binary.NativeEndian.PutUint16(u[256:], uint16(len(descriptor)))
	binary.NativeEndian.PutUint16(u[258:], busUSB)
	binary.NativeEndian.PutUint32(u[260:], vendorID)
	binary.NativeEndian.PutUint32(u[264:], productID)
	binary.NativeEndian.PutUint32(u[268:], version)
	return append(b, descriptor...), nil // the country at 272 stays 0
}

// printable refuses what would break the kernel's uevent, which udev reads line by line, or a udev rule.
func printable(what, s string, limit int) error {
	if s == "" || len(s) > limit {
		return fmt.Errorf("%s of the security key has %d bytes, not 1 to %d", what, len(s), limit)
	}
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return fmt.Errorf("%s of the security key holds more than printable ASCII", what)
		}
	}
	return nil
}

// encodeInput2 sends a report to the hosts: exactly 64 bytes, no report id.
func encodeInput2(p *ctaphid.Packet) []byte {
	b := make([]byte, typeSize+2, typeSize+2+len(p))
	binary.NativeEndian.PutUint32(b, uint32(eventInput2))
	binary.NativeEndian.PutUint16(b[typeSize:], uint16(len(p)))
	return append(b, p[:]...)
}

// encodeReply refuses a feature report. The kernel gives every host that asks five seconds of waiting where no answer comes.
func encodeReply(kind eventType, id uint32) []byte {
	b := make([]byte, typeSize+4+2+2) // id, error, and for get_report a size of 0
	binary.NativeEndian.PutUint32(b, uint32(kind))
	binary.NativeEndian.PutUint32(b[typeSize:], id)
	binary.NativeEndian.PutUint16(b[typeSize+4:], errorCode)
	return b
}

func encodeDestroy() []byte {
	return binary.NativeEndian.AppendUint32(nil, uint32(eventDestroy))
}
