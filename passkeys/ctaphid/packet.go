package ctaphid

import (
	"encoding/binary"
	"errors"
)

// Sizes (CTAP 2.1, section 11.2.4). A message is one initialization packet and at most 128 continuation packets.
const (
	PacketSize = 64
	initData   = PacketSize - 7
	contData   = PacketSize - 5
	maxSeq     = 0x7f
	MaxMessage = initData + (maxSeq+1)*contData // 7609 bytes
)

// Packet is one HID report without a report id.
type Packet [PacketSize]byte

// Channel names a logical connection of a host.
type Channel uint32

// Reserved channels (section 11.2.3).
const (
	none      Channel = 0
	Broadcast Channel = 0xffffffff
)

// Command says what a message is (section 11.2.9).
type Command byte

// The commands. Those from 0x40 to 0x7f but ERROR and KEEPALIVE are a vendor's; this authenticator has none.
const (
	Ping      Command = 0x01
	Msg       Command = 0x03
	Lock      Command = 0x04
	Init      Command = 0x06
	Wink      Command = 0x08
	CBOR      Command = 0x10
	Cancel    Command = 0x11
	KeepAlive Command = 0x3b
	Error     Command = 0x3f
)

// Fault is the one byte of an ERROR message (section 11.2.9.1.6).
type Fault byte

// The errors that a host can get.
const (
	InvalidCommand  Fault = 0x01
	InvalidParam    Fault = 0x02
	InvalidLength   Fault = 0x03
	InvalidSequence Fault = 0x04
	MessageTimeout  Fault = 0x05
	ChannelBusy     Fault = 0x06
	InvalidChannel  Fault = 0x0b
	Other           Fault = 0x7f
)

// initBit marks an initialization packet.
const initBit = 0x80

func (p *Packet) channel() Channel { return Channel(binary.BigEndian.Uint32(p[:4])) }
func (p *Packet) isInit() bool     { return p[4]&initBit != 0 }
func (p *Packet) command() Command { return Command(p[4] &^ initBit) }
func (p *Packet) length() int      { return int(binary.BigEndian.Uint16(p[5:7])) }
func (p *Packet) sequence() byte   { return p[4] }

// ErrTooLong is returned for a message that no sequence of packets can carry.
var ErrTooLong = errors.New("ctaphid: message is longer than 7609 bytes")

// Packets cuts a message into packets. Unused bytes are zero.
func Packets(ch Channel, cmd Command, message []byte) ([]Packet, error) {
	if len(message) > MaxMessage {
		return nil, ErrTooLong
	}
	first := Packet{}
	binary.BigEndian.PutUint32(first[:4], uint32(ch))
	first[4] = byte(cmd) | initBit
	binary.BigEndian.PutUint16(first[5:7], uint16(len(message)))
	rest := message[copy(first[7:], message):]
	out := append(make([]Packet, 0, 1+(len(rest)+contData-1)/contData), first)
	for seq := byte(0); len(rest) > 0; seq++ {
		next := Packet{}
		binary.BigEndian.PutUint32(next[:4], uint32(ch))
		next[4] = seq
		rest = rest[copy(next[5:], rest):]
		out = append(out, next)
	}
	return out, nil
}

// assembly collects the packets of one message.
type assembly struct {
	ch   Channel
	cmd  Command
	want int
	data []byte
	next byte
}

// begin starts a message with its first packet; the caller has checked the length.
func begin(p *Packet) *assembly {
	n := p.length()
	a := &assembly{ch: p.channel(), cmd: p.command(), want: n, data: make([]byte, 0, n)}
	a.data = append(a.data, p[7:7+min(n, initData)]...)
	return a
}

// add takes a continuation packet; it reports whether it was the one that comes next.
func (a *assembly) add(p *Packet) bool {
	if p.sequence() != a.next || a.complete() {
		return false
	}
	a.next++
	a.data = append(a.data, p[5:5+min(a.want-len(a.data), contData)]...)
	return true
}

func (a *assembly) complete() bool { return len(a.data) == a.want }
