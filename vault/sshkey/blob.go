package sshkey

import (
	"bytes"
	"encoding/binary"
	"math/big"
)

const openSSHMagic = "openssh-key-v1\x00"

// reader takes length-prefixed fields from the front of a blob.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uint32() uint32 {
	if len(r.b) < 4 {
		r.bad = true
		return 0
	}
	n := binary.BigEndian.Uint32(r.b)
	r.b = r.b[4:]
	return n
}

func (r *reader) text() []byte {
	n := r.uint32()
	if r.bad || uint64(n) > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}

// ofOpenSSH reads OpenSSH's container. The public key stands before the part that may be encrypted; the comment inside it.
func ofOpenSSH(blob []byte) (Info, error) {
	rest, ok := bytes.CutPrefix(blob, []byte(openSSHMagic))
	r := reader{b: rest}
	cipher, _, _, keys := r.text(), r.text(), r.text(), r.uint32()
	public, section := r.text(), r.text()
	if !ok || r.bad || keys != 1 {
		return Info{}, ErrNotKey
	}
	info, err := ofBlob(public)
	if err != nil {
		return Info{}, err
	}
	if info.Encrypted = string(cipher) != "none"; !info.Encrypted {
		info.Comment = comment(section, info.Type)
	}
	return info, nil
}

// fields is how many fields a private section has between the type and the comment.
var fields = map[string]int{
	"ssh-ed25519": 2, "ssh-rsa": 6, "ssh-dss": 5, "ecdsa-sha2-nistp256": 3, "ecdsa-sha2-nistp384": 3, "ecdsa-sha2-nistp521": 3,
}

// comment finds the comment behind the private values; "" for types whose values are not known.
func comment(section []byte, typ string) string {
	n, known := fields[typ]
	r := reader{b: section}
	if a, b := r.uint32(), r.uint32(); a != b || !known {
		return ""
	}
	for range n + 1 {
		r.text()
	}
	text := r.text()
	if r.bad {
		return ""
	}
	return string(text)
}

func join(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p))) //nolint:gosec // far below MaxText
		out = append(out, p...)
	}
	return out
}

// mpint is a number as the SSH protocol spells it: with a leading zero where the first bit would be a sign.
func mpint(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0]&0x80 != 0 {
		return append([]byte{0}, b...)
	}
	return b
}
