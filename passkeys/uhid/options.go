package uhid

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strconv"

	"signet/passkeys/ctaphid"
)

// Options say what key to plug in, and where. The zero value is right but for Uniq.
type Options struct {
	// Name is what browsers show: "Signet", or "Signet" and something after a space, at most 64 bytes of printable ASCII.
	Name string
	// Uniq tells this key from others of the machine: the vault and the device. Only a hash of it leaves the process.
	Uniq string

	File   *os.File // an open /dev/uhid, owned from then on; nil opens Device or asks the helper
	Device string   // "" is /dev/uhid
	Socket string   // of the helper; "" is /run/signet-uhid.sock
	Sys    Sys      // "" is /sys
}

func (o *Options) defaults() {
	for _, d := range []struct {
		field *string
		value string
	}{{&o.Name, namePrefix}, {&o.Device, DevicePath}, {&o.Socket, Socket}} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
}

// DevicePath is where the kernel takes virtual HID devices.
const DevicePath = "/dev/uhid"

// UniqOf is the uniq of a key: signet-<number of the user>-<tag>. A udev rule gives the node to its user by it.
func UniqOf(uid int, tag string) string { return UniqPrefix + strconv.Itoa(uid) + "-" + tag }

// UniqPrefix begins the uniq of every key of Signet's.
const UniqPrefix = "signet-"

// tag is what is known of the vault outside the process: too short to be tried back, long enough not to meet another.
func (o *Options) tag() string {
	sum := sha256.Sum256([]byte("signet uhid\x00" + o.Uniq))
	return hex.EncodeToString(sum[:8])
}

// Errors of Open that callers tell apart. The text of each names the next step.
var (
	// ErrNoUHID means that the kernel has no uhid, or that its module is not loaded.
	ErrNoUHID = errors.New("this machine has no /dev/uhid")
	// ErrNotPermitted means that /dev/uhid is there, not open to this user, and that no helper listens.
	ErrNotPermitted = errors.New("/dev/uhid is not open to this user and Signet's helper is not installed")
)

// carrier brings reports to hosts and back.
type carrier interface {
	io.Closer
	Path() string
	Receive(*ctaphid.Packet) error // io.EOF: unplugged
	Send(*ctaphid.Packet) error
}
