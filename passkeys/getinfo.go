package passkeys

import "context"

// info is the answer of authenticatorGetInfo (CTAP 2.1, section 6.4; the members from 0x16 on are of CTAP 2.2 and 2.3).
type info struct {
	Versions           []string          `cbor:"1,keyasint"`
	Extensions         []string          `cbor:"2,keyasint"`
	AAGUID             []byte            `cbor:"3,keyasint"`
	Options            map[string]bool   `cbor:"4,keyasint"`
	MaxMsgSize         int               `cbor:"5,keyasint"`
	PINProtocols       []pinProtocol     `cbor:"6,keyasint"`
	MaxList            int               `cbor:"7,keyasint"`
	MaxCredentialID    int               `cbor:"8,keyasint"`
	Transports         []string          `cbor:"9,keyasint"`
	Algorithms         []credentialParam `cbor:"10,keyasint"`
	MaxLargeBlobs      int               `cbor:"11,keyasint"`
	ForcePINChange     bool              `cbor:"12,keyasint"`
	MinPINLength       int               `cbor:"13,keyasint"`
	Firmware           uint64            `cbor:"14,keyasint,omitempty"`
	MaxCredBlob        int               `cbor:"15,keyasint"`
	MaxRPIDs           int               `cbor:"16,keyasint"`
	UVAttempts         int               `cbor:"17,keyasint,omitempty"`
	UVModality         uint64            `cbor:"18,keyasint,omitempty"`
	Remaining          *int              `cbor:"20,keyasint,omitempty"`
	AttestationFormats []string          `cbor:"22,keyasint"`
	Identifier         []byte            `cbor:"25,keyasint,omitempty"`
	MaxPINLength       int               `cbor:"29,keyasint"`
	CredStoreState     []byte            `cbor:"30,keyasint,omitempty"`
	ConfigCommands     []uint64          `cbor:"31,keyasint"`
}

// credentialParam is a PublicKeyCredentialParameters.
type credentialParam struct {
	Alg  *int64  `cbor:"alg"`
	Type *string `cbor:"type"`
}

const publicKeyType = "public-key"

// suggestedList is how many credentials a host names at most in one request. More are taken; what a message cannot carry is the real limit.
const suggestedList = 16

// getInfo is authenticatorGetInfo. Every member follows from the state of this moment.
func (a *Authenticator) getInfo(ctx context.Context, c *call) (any, error) {
	if err := a.known(ctx, c); err != nil {
		return nil, err
	}
	transports := a.opt.Transports
	if len(transports) == 0 {
		transports = []string{"usb"}
	}
	i := info{
		Versions: []string{"FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1"}, Extensions: extensionNames(), AAGUID: a.opt.AAGUID[:], Options: a.options(c),
		MaxMsgSize: MaxMsgSize, PINProtocols: pinProtocols(), MaxList: suggestedList, MaxCredentialID: maxCredentialID, Transports: transports,
		MaxLargeBlobs: maxLargeBlobs, ForcePINChange: c.mem.ForceChangePIN, MinPINLength: c.mem.minPIN(), Firmware: a.opt.Firmware,
		MaxCredBlob: maxCredBlob, MaxRPIDs: maxPINLengthRPs, AttestationFormats: []string{formatPacked}, MaxPINLength: mostPIN,
		ConfigCommands: []uint64{configAlwaysUV, configMinPIN},
	}
	if a.u2f(c) {
		i.Versions = append(i.Versions, u2fName)
	}
	for _, alg := range a.offers() {
		n, t := int64(alg), publicKeyType
		i.Algorithms = append(i.Algorithms, credentialParam{&n, &t})
	}
	if a.withUV() {
		i.UVAttempts, i.UVModality = maxMisses, a.opt.UVModality
	}
	version, versioned := a.version(ctx)
	if left, ok := a.remaining(ctx, version, versioned); ok {
		i.Remaining = &left
	}
	return i, a.identify(c, &i, version, versioned)
}

// options are the switches of getInfo. uv is there only when a verification can be asked for now: a browser that was promised one and does not get it gives
// up.
func (a *Authenticator) options(c *call) map[string]bool {
	o := map[string]bool{
		"rk": true, "up": true, "clientPin": c.mem.hasPIN(), "pinUvAuthToken": true, "credMgmt": true, "credentialMgmtPreview": true,
		"perCredMgmtRO": true, "largeBlobs": true, "authnrCfg": true, "setMinPINLength": true, "alwaysUv": c.mem.AlwaysUV, "makeCredUvNotRqd": !c.mem.AlwaysUV,
	}
	if a.withUV() {
		o["uv"], o["uvAcfg"] = true, true
	}
	return o
}

// version is that of the store, if it has one and can tell now.
func (a *Authenticator) version(ctx context.Context) (string, bool) {
	store, ok := a.opt.Store.(Versioned)
	if !ok {
		return "", false
	}
	version, err := store.Version(ctx)
	return version, err == nil
}

// remaining is how many passkeys still fit; not while the vault is locked. Hosts ask for it all the time, so it is counted again only when something changed.
func (a *Authenticator) remaining(ctx context.Context, version string, versioned bool) (int, bool) {
	if !versioned || a.countedAt == nil || *a.countedAt != version {
		count, err := a.opt.Store.Count(ctx)
		if err != nil {
			return 0, false
		}
		a.count, a.countedAt = count, &version
	}
	return max(0, maxCredentials-a.count), true
}
