package uhid

import (
	"os"
	"path/filepath"
	"strings"
)

// Sys is where sysfs is mounted; "" is /sys. Tests bring a directory.
type Sys string

func (s Sys) path(parts ...string) string {
	root := string(s)
	if root == "" {
		root = "/sys"
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

// maxUevent bounds what is read of one file; a kernel's has a few hundred bytes.
const maxUevent = 1 << 16

// HID is a node of the kernel's with what its device says about itself.
type HID struct {
	Node string // /dev/hidrawN
	Name string
	Phys string
	Uniq string
	ID   string // bus:vendor:product in hexadecimal
}

// Hidraws lists the nodes that there are.
func (s Sys) Hidraws() []HID {
	names, err := os.ReadDir(s.path("class", "hidraw"))
	if err != nil {
		return nil
	}
	var out []HID
	for _, n := range names {
		if !strings.HasPrefix(n.Name(), "hidraw") {
			continue
		}
		b, err := os.ReadFile(s.path("class", "hidraw", n.Name(), "device", "uevent"))
		if err != nil || len(b) > maxUevent {
			continue
		}
		out = append(out, parseUevent("/dev/"+n.Name(), string(b)))
	}
	return out
}

func parseUevent(node, text string) HID {
	h := HID{Node: node}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		switch key {
		case "HID_NAME":
			h.Name = value
		case "HID_PHYS":
			h.Phys = value
		case "HID_UNIQ":
			h.Uniq = value
		case "HID_ID":
			h.ID = value
		}
	}
	return h
}

// node finds the node of the device with this phys, "" while there is none.
func (s Sys) node(phys string) string {
	for _, h := range s.Hidraws() {
		if h.Phys == phys {
			return h.Node
		}
	}
	return ""
}
