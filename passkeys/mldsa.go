package passkeys

import (
	"fmt"
	"io"

	"filippo.io/mldsa"
)

// ML-DSA (FIPS 204) signs messages directly, with an empty context. A private key is its seed. The module is what crypto/mldsa will be from Go 1.27 on, and
// becomes a name for that then.

func parametersOf(alg Algorithm) mldsa.Parameters {
	if alg == MLDSA44 {
		return mldsa.MLDSA44()
	}
	return mldsa.MLDSA65()
}

func newMLDSA(alg Algorithm, rand io.Reader) (Key, error) {
	seed := make([]byte, mldsa.PrivateKeySize)
	defer clear(seed)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return Key{}, fmt.Errorf("make a key: %w", err)
	}
	return rawMLDSA(alg, seed)
}

func rawMLDSA(alg Algorithm, seed []byte) (Key, error) {
	k, err := mldsa.NewPrivateKey(parametersOf(alg), seed)
	if err != nil {
		return Key{}, errKey
	}
	return Key{alg, k}, nil
}

func keyOfMLDSA(k *mldsa.PrivateKey) (Key, error) {
	switch k.PublicKey().Parameters() {
	case mldsa.MLDSA44():
		return Key{MLDSA44, k}, nil
	case mldsa.MLDSA65():
		return Key{MLDSA65, k}, nil
	}
	return Key{}, errKey
}
