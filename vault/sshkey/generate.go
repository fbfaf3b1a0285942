package sshkey

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"io"

	"signet/vault/secret"
)

// maxComment bounds what a new key may be called.
const maxComment = 1024

// Generate makes an Ed25519 key in OpenSSH's container, without a passphrase: it is kept where it is sealed anyway.
func Generate(rand io.Reader, comment string) (secret.Secret, error) {
	if len(comment) > maxComment || bytes.ContainsAny([]byte(comment), "\r\n\x00") {
		return secret.Secret{}, errors.New("make SSH key: the comment is too long or has several lines")
	}
	seed := make([]byte, ed25519.SeedSize+4)
	defer clear(seed)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return secret.Secret{}, errors.New("make SSH key: the source of randomness failed")
	}
	key := ed25519.NewKeyFromSeed(seed[:ed25519.SeedSize])
	defer clear(key)
	check := seed[ed25519.SeedSize:]
	public := key[ed25519.SeedSize:]
	blob := join([]byte("ssh-ed25519"), public)

	// Measured with room, so that no smaller buffer with the key is left behind by growing.
	section := make([]byte, 0, 512+len(comment))
	section = append(append(section, check...), check...)
	values := join([]byte("ssh-ed25519"), public, key, []byte(comment))
	section = append(section, values...)
	clear(values)
	for i := byte(1); len(section)%8 != 0; i++ {
		section = append(section, i)
	}
	defer clear(section[:cap(section)])

	body := join([]byte("none"), []byte("none"), nil)
	body = append(body, 0, 0, 0, 1)
	rest := join(blob, section)
	defer clear(rest)
	all := make([]byte, 0, len(openSSHMagic)+len(body)+len(rest))
	all = append(append(append(all, openSSHMagic...), body...), rest...)
	defer clear(all)
	return secret.New(pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: all})), nil
}
