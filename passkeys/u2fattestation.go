package passkeys

import (
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"
)

// u2fReserved begins the answer to a registration.
const u2fReserved = 0x05

// u2fAttest is the answer to a registration (U2F Raw Message Formats 1.2, section 4.3). U2F wants a certificate: this one is the credential's own and
// signed by itself, so that it tells nothing of the device.
func (a *Authenticator) u2fAttest(cred *Credential, challenge []byte, site siteHash) ([]byte, error) {
	key := cred.Key.priv.(*ecdsa.PrivateKey) //nolint:forcetypeassert // ES256, made a moment ago
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	cert, err := x509.CreateCertificate(a.opt.Rand, u2fCertificate(), u2fCertificate(), &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	message := append(append(append([]byte{0}, site[:]...), challenge...), cred.ID...)
	sig, err := cred.Key.Sign(a.opt.Rand, append(message, point...))
	if err != nil {
		return nil, err
	}
	out := append([]byte{u2fReserved}, point...)
	out = append(append(out, byte(len(cred.ID))), cred.ID...) //nolint:gosec // a sealed id of ES256 has about 90 bytes
	return append(append(out, cert...), sig...), nil
}

// u2fCertificate is the same for every registration, but for key and signature.
func u2fCertificate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Signet U2F"},
		NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC),
	}
}
