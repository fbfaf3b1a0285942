package clip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// display is a parsed DISPLAY: [host]:number[.screen].
type display struct {
	host   string
	number int
}

func parseDisplay(s string) (display, error) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return display{}, errors.New("DISPLAY has no colon")
	}
	num, _, _ := strings.Cut(s[i+1:], ".")
	n, err := strconv.ParseUint(num, 10, 16)
	if err != nil || n > 59535 { // 6000+n is a port
		return display{}, errors.New("DISPLAY has no number")
	}
	host := s[:i]
	if strings.HasPrefix(host, "/") || host == "unix" || strings.HasSuffix(host, "/unix") {
		host = ""
	}
	return display{host, int(n)}, nil
}

// connect prefers the socket in the file system, then the abstract one of Linux; a named host is TCP (ssh -X).
func (d display) connect(ctx context.Context, goos string) (net.Conn, error) {
	var dial net.Dialer
	if d.host != "" {
		return dial.DialContext(ctx, "tcp", net.JoinHostPort(d.host, strconv.Itoa(6000+d.number)))
	}
	name := fmt.Sprintf("/tmp/.X11-unix/X%d", d.number)
	conn, err := dial.DialContext(ctx, "unix", name)
	if err != nil && goos == "linux" {
		if abstract, err2 := dial.DialContext(ctx, "unix", "@"+name); err2 == nil {
			return abstract, nil
		}
	}
	return conn, err
}

// dialX11 connects, logs in, and prepares window and atoms. Everything before start is read in line.
func dialX11(ctx context.Context, h Host) (*x11Conn, error) {
	d, err := parseDisplay(h.Env("DISPLAY"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	nc, err := d.connect(ctx, h.OS)
	if err != nil {
		return nil, fmt.Errorf("connect to display %s: %v", oneLine([]byte(h.Env("DISPLAY"))), err)
	}
	c := &x11Conn{
		net: nc, order: binary.LittleEndian, atoms: map[string]uint32{"ATOM": atomATOM},
		replies: make(chan []byte, 4), notices: make(chan []byte, 4), dead: make(chan struct{}),
	}
	if err := c.login(cookie(h, d)); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// login is the connection setup (protocol, chapter 8).
func (c *x11Conn) login(name string, data []byte) error {
	hello := []byte{'l', 0}
	for _, v := range []int{11, 0, len(name), len(data), 0} {
		hello = c.order.AppendUint16(hello, uint16(v))
	}
	hello = append(pad4(append(hello, name...)), data...)
	_ = c.net.SetDeadline(time.Now().Add(programTimeout))
	defer func() { _ = c.net.SetDeadline(time.Time{}) }()
	if _, err := c.net.Write(pad4(hello)); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(c.net, head); err != nil {
		return errX11Gone
	}
	body := make([]byte, 4*int(c.order.Uint16(head[6:])))
	if _, err := io.ReadFull(c.net, body); err != nil {
		return errX11Gone
	}
	if head[0] != 1 {
		return fmt.Errorf("the X server refuses: %s", oneLine(body[:min(int(head[1]), len(body))]))
	}
	return c.setup(body)
}

// setup reads the parts of the server's description that matter: ids for our objects, the request limit, the first root.
func (c *x11Conn) setup(b []byte) error {
	const fixed, format = 32, 8
	if len(b) < fixed {
		return errors.New("the X server's description is cut short")
	}
	vendor := (int(c.order.Uint16(b[16:])) + 3) &^ 3
	screen := fixed + vendor + format*int(b[21])
	if b[20] == 0 || screen+4 > len(b) {
		return errors.New("the X server has no screen")
	}
	c.window = c.order.Uint32(b[4:])
	c.property = atomSTRING // any atom names a property of our own window
	c.maxData = 4*int(c.order.Uint16(b[18:])) - 64
	c.root = c.order.Uint32(b[screen:])
	return nil
}

// prepare makes the window and learns the atoms; the reader runs already.
func (c *x11Conn) prepare(ctx context.Context) error {
	if err := c.createWindow(); err != nil {
		return err
	}
	for _, name := range append([]string{"CLIPBOARD", "TARGETS", kdeHint}, textTargets[:]...) {
		a, err := c.internAtom(ctx, name)
		if err != nil {
			return err
		}
		c.atoms[name] = a
	}
	c.clipboard = c.atoms["CLIPBOARD"]
	return nil
}

func pad4(b []byte) []byte { return append(b, make([]byte, (4-len(b)%4)%4)...) }

// maxXauthority bounds the file of cookies.
const maxXauthority = 1 << 20

// cookie finds the MIT-MAGIC-COOKIE-1 for a display; without one, the server may still let its own user in.
func cookie(h Host, d display) (name string, data []byte) {
	file := h.Env("XAUTHORITY")
	if file == "" {
		file = filepath.Join(h.Env("HOME"), ".Xauthority")
	}
	f, err := os.Open(file)
	if err != nil {
		return "", nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxXauthority))
	if err != nil {
		return "", nil
	}
	hostname, _ := os.Hostname()
	return pickCookie(b, strconv.Itoa(d.number), hostname)
}

// pickCookie reads entries of family, address, display number, name and data, each but the first with a 16-bit length
// before it (Xau library). An entry for this host wins over one for any.
func pickCookie(b []byte, number, hostname string) (name string, data []byte) {
	const familyLocal, familyWild, mit = 256, 65535, "MIT-MAGIC-COOKIE-1"
	best := 0
	for len(b) >= 2 {
		family := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		var f [4][]byte
		for i := range f {
			if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
				return name, data
			}
			n := int(binary.BigEndian.Uint16(b))
			f[i], b = b[2:2+n], b[2+n:]
		}
		if string(f[2]) != mit || len(f[1]) > 0 && string(f[1]) != number {
			continue
		}
		rank := 1
		switch {
		case family == familyLocal && string(f[0]) == hostname:
			rank = 3
		case family == familyWild:
			rank = 2
		}
		if rank > best {
			best, name, data = rank, mit, f[3]
		}
	}
	return name, data
}
