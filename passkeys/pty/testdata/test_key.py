"""Judges security keys with python3-fido2, which shares no code with libfido2. Each key is new, and its person says yes to everything."""

import hashlib
import os

import pytest
from fido2 import cbor
from fido2.attestation import PackedAttestation
from fido2.client import Fido2Client
from fido2.ctap import CtapError
from fido2.ctap1 import APDU, ApduError, Ctap1
from fido2.ctap2 import ClientPin, Config, CredentialManagement, Ctap2, LargeBlobs, PinProtocolV1, PinProtocolV2
from fido2.hid import CAPABILITY, CTAPHID
from fido2.server import Fido2Server

ERR = CtapError.ERR
ALLOW = ClientPin.PERMISSION
HASH = b"\x07" * 32
RP = {"id": "site.example", "name": "Site"}
OTHER = {"id": "other.example", "name": "Other"}
PIN = "1234"
ES256 = [{"type": "public-key", "alg": -7}]

both = pytest.mark.parametrize("protocol", [PinProtocolV1(), PinProtocolV2()], ids=["protocol 1", "protocol 2"])


def user(name):
    return {"id": name.encode(), "name": name, "displayName": "Display " + name}


def refused(code, call, *args, **kwargs):
    with pytest.raises(CtapError) as e:
        call(*args, **kwargs)
    assert e.value.code == code


def proof(ctap, protocol, pin, permissions, rp_id):
    token = ClientPin(ctap, protocol).get_pin_token(pin, permissions, rp_id)
    return {"pin_uv_param": protocol.authenticate(token, HASH), "pin_uv_protocol": protocol.VERSION}


def make(ctap, protocol=None, who="ann", rp=RP, alg=-7, rk=True, pin=PIN, extensions=None, exclude=None):
    kwargs = proof(ctap, protocol, pin, ALLOW.MAKE_CREDENTIAL, rp["id"]) if protocol else {}
    answer = ctap.make_credential(
        HASH, rp, user(who), [{"type": "public-key", "alg": alg}], exclude_list=exclude, extensions=extensions,
        options={"rk": True} if rk else None, **kwargs)
    assert answer.fmt == "packed"
    PackedAttestation().verify(answer.att_statement, answer.auth_data, HASH)
    assert answer.auth_data.is_user_verified() == bool(protocol)
    return answer.auth_data.credential_data, answer


def named(cred):
    return {"type": "public-key", "id": cred.credential_id}


def get(ctap, cred, protocol=None, rp=RP, pin=PIN, extensions=None, listed=True, options=None):
    kwargs = proof(ctap, protocol, pin, ALLOW.GET_ASSERTION, rp["id"]) if protocol else {}
    answer = ctap.get_assertion(
        rp["id"], HASH, [named(cred)] if listed else None, extensions=extensions, options=options, **kwargs)
    answer.verify(HASH, cred.public_key)
    assert answer.auth_data.is_user_verified() == bool(protocol)
    return answer


def sealing(ctap, protocol, salts):
    """The input of hmac-secret, and how to open its output."""
    agreement, shared = ClientPin(ctap, protocol)._get_shared_secret()
    sealed = protocol.encrypt(shared, salts)
    tag = protocol.authenticate(shared, sealed)
    return {1: agreement, 2: sealed, 3: tag, 4: protocol.VERSION}, lambda out: protocol.decrypt(shared, out)


def secrets(ctap, protocol, cred, salts, verified):
    given, opened = sealing(ctap, protocol, salts)
    answer = get(ctap, cred, protocol if verified else None, extensions={"hmac-secret": given})
    return opened(answer.auth_data.extensions["hmac-secret"])


def managing(ctap, protocol, pin=PIN):
    return CredentialManagement(ctap, protocol, ClientPin(ctap, protocol).get_pin_token(pin, ALLOW.CREDENTIAL_MGMT))


def configuring(ctap, protocol, pin=PIN):
    return Config(ctap, protocol, ClientPin(ctap, protocol).get_pin_token(pin, ALLOW.AUTHENTICATOR_CFG))


def writing(ctap, protocol, pin=PIN):
    return LargeBlobs(ctap, protocol, ClientPin(ctap, protocol).get_pin_token(pin, ALLOW.LARGE_BLOB_WRITE))


def touched(call, *args, **kwargs):
    """U2F hosts ask until somebody was there."""
    while True:
        try:
            return call(*args, **kwargs)
        except ApduError as e:
            if e.code != APDU.USE_NOT_SATISFIED:
                raise


@both
def test_pin(ctap, protocol):
    client, odd = ClientPin(ctap, protocol), "ü" * 4 + "🔑"
    refused(ERR.PIN_NOT_SET, client.get_pin_token, PIN, ALLOW.CREDENTIAL_MGMT)
    refused(ERR.PIN_POLICY_VIOLATION, client.set_pin, "123\0")
    client.set_pin(PIN)
    assert ctap.get_info().options["clientPin"]
    refused(ERR.PIN_AUTH_INVALID, client.set_pin, "5678")
    refused(ERR.PIN_INVALID, client.change_pin, "0000", "5678")
    assert client.get_pin_retries()[0] == 7
    client.change_pin(PIN, odd)
    client.get_pin_token(odd, ALLOW.CREDENTIAL_MGMT)
    assert client.get_pin_retries() == (8, False)
    client.change_pin(odd, "x" * 63)
    refused(ERR.PIN_INVALID, client.get_pin_token, "0000", ALLOW.CREDENTIAL_MGMT)
    refused(ERR.PIN_INVALID, client.get_pin_token, "0000", ALLOW.CREDENTIAL_MGMT)
    refused(ERR.PIN_AUTH_BLOCKED, client.get_pin_token, "0000", ALLOW.CREDENTIAL_MGMT)
    refused(ERR.PIN_AUTH_BLOCKED, client.get_pin_token, "x" * 63, ALLOW.CREDENTIAL_MGMT)
    assert client.get_pin_retries() == (5, True)


@both
def test_legacy_token(ctap, protocol):
    """A token without permissions makes and gets, and does nothing else."""
    client = ClientPin(ctap, protocol)
    client.set_pin(PIN)
    client._supports_permissions = False
    token = client.get_pin_token(PIN)
    refused(ERR.PIN_AUTH_INVALID, CredentialManagement(ctap, protocol, token).get_metadata)
    refused(ERR.PIN_AUTH_INVALID, Config(ctap, protocol, token).toggle_always_uv)
    answer = ctap.make_credential(
        HASH, RP, user("ann"), ES256, options={"rk": True},
        pin_uv_param=protocol.authenticate(token, HASH), pin_uv_protocol=protocol.VERSION)
    assert answer.auth_data.is_user_verified()


@both
def test_permissions(ctap, protocol):
    """A token does what it was asked for, for its site, once."""
    client = ClientPin(ctap, protocol)
    client.set_pin(PIN)
    make(ctap, protocol)
    refused(ERR.PIN_AUTH_INVALID, ctap.get_assertion, RP["id"], HASH, **proof(ctap, protocol, PIN, ALLOW.MAKE_CREDENTIAL, RP["id"]))
    refused(ERR.PIN_AUTH_INVALID, ctap.get_assertion, RP["id"], HASH, **proof(ctap, protocol, PIN, ALLOW.GET_ASSERTION, OTHER["id"]))
    once = proof(ctap, protocol, PIN, ALLOW.GET_ASSERTION, RP["id"])
    ctap.get_assertion(RP["id"], HASH, **once)
    refused(ERR.PIN_AUTH_INVALID, ctap.get_assertion, RP["id"], HASH, **once)
    refused(ERR.UNAUTHORIZED_PERMISSION, client.get_pin_token, PIN, ALLOW.BIO_ENROLL)
    refused(ERR.MISSING_PARAMETER, client.get_pin_token, PIN, ALLOW.GET_ASSERTION)
    refused(ERR.INVALID_PARAMETER, client.get_pin_token, PIN, 0)


@both
@pytest.mark.parametrize("rk", [True, False], ids=["resident", "sealed"])
def test_hmac_secret(ctap, protocol, rk):
    ClientPin(ctap, protocol).set_pin(PIN)
    cred, made = make(ctap, protocol, rk=rk, extensions={"hmac-secret": True})
    assert made.auth_data.extensions == {"hmac-secret": True}
    for verified in False, True:
        one = secrets(ctap, protocol, cred, b"\1" * 32, verified)
        two = secrets(ctap, protocol, cred, b"\1" * 32 + b"\2" * 32, verified)
        swapped = secrets(ctap, protocol, cred, b"\2" * 32 + b"\1" * 32, verified)
        assert len(one) == 32 and two[:32] == one and swapped == two[32:] + one and two[32:] != one
    assert secrets(ctap, protocol, cred, b"\1" * 32, False) != secrets(ctap, protocol, cred, b"\1" * 32, True)
    other, _ = make(ctap, protocol, who="bob", rk=rk, extensions={"hmac-secret": True})
    assert secrets(ctap, protocol, other, b"\1" * 32, True) != secrets(ctap, protocol, cred, b"\1" * 32, True)
    another = PinProtocolV2() if protocol.VERSION == 1 else PinProtocolV1()
    assert secrets(ctap, another, cred, b"\1" * 32, True) == secrets(ctap, protocol, cred, b"\1" * 32, True)
    refused(ERR.INVALID_PARAMETER, secrets, ctap, protocol, cred, b"\1" * 48, False)


@both
def test_hmac_secret_mc(ctap, protocol):
    """What a registration answers is what a sign-in answers."""
    ClientPin(ctap, protocol).set_pin(PIN)
    given, opened = sealing(ctap, protocol, b"\1" * 64)
    cred, made = make(ctap, protocol, extensions={"hmac-secret": True, "hmac-secret-mc": given})
    assert opened(made.auth_data.extensions["hmac-secret-mc"]) == secrets(ctap, protocol, cred, b"\1" * 64, True)


@both
def test_credential_management(ctap, protocol):
    ClientPin(ctap, protocol).set_pin(PIN)
    made = {(rp["id"], who): make(ctap, protocol, who=who, rp=rp)[0] for rp in (RP, OTHER) for who in ("ann", "bob", "eve")}
    manage = managing(ctap, protocol)
    assert manage.get_metadata()[1] == len(made) and manage.get_metadata()[2] > 1000
    rps = {rp[3]["id"]: rp[4] for rp in manage.enumerate_rps()}
    assert rps == {rp["id"]: hashlib.sha256(rp["id"].encode()).digest() for rp in (RP, OTHER)}
    for rp_id, hashed in rps.items():
        found = {c[6]["name"]: c for c in manage.enumerate_creds(hashed)}
        assert set(found) == {"ann", "bob", "eve"}
        for who, c in found.items():
            cred = made[rp_id, who]
            assert c[6] == user(who) and c[7] == named(cred) and c[8] == cred.public_key and c[10] == 1
    cred = made[RP["id"], "ann"]
    for changed in {"id": b"ann", "name": "anna", "displayName": "Anna A."}, {"id": b"ann"}:
        manage.update_user_info(named(cred), changed)
        assert changed in [c[6] for c in manage.enumerate_creds(rps[RP["id"]])]
    refused(ERR.INVALID_PARAMETER, manage.update_user_info, named(cred), {"id": b"bob", "name": "x"})
    refused(ERR.NO_CREDENTIALS, manage.update_user_info, {"type": "public-key", "id": b"x" * 32}, {"id": b"ann"})
    manage.delete_cred(named(cred))
    refused(ERR.NO_CREDENTIALS, manage.delete_cred, named(cred))
    assert manage.get_metadata()[1] == len(made) - 1
    refused(ERR.NO_CREDENTIALS, manage.enumerate_creds_begin, b"\0" * 32)
    refused(ERR.NO_CREDENTIALS, get, ctap, cred, protocol)
    get(ctap, made[RP["id"], "bob"], protocol)


def test_management_unproven(ctap):
    refused(ERR.PIN_REQUIRED, ctap.credential_mgmt, 1)


@both
def test_large_blobs(ctap, protocol):
    LargeBlobs(ctap).put_blob(b"a" * 32, b"nothing protects this")
    ClientPin(ctap, protocol).set_pin(PIN)
    refused(ERR.PIN_REQUIRED, LargeBlobs(ctap).put_blob, b"a" * 32, b"now something does")
    blobs = writing(ctap, protocol)
    blobs.put_blob(b"b" * 32, b"one")
    blobs.put_blob(b"c" * 32, b"small")
    assert blobs.get_blob(b"a" * 32) == b"nothing protects this"
    assert blobs.get_blob(b"b" * 32) == b"one" and blobs.get_blob(b"c" * 32) == b"small"
    assert len(blobs.read_blob_array()) == 3
    blobs.delete_blob(b"b" * 32)
    assert blobs.get_blob(b"b" * 32) is None and blobs.get_blob(b"c" * 32) == b"small"
    big = os.urandom(9000)  # more than one message carries; the library itself tells a wrong length then
    data = cbor.encode([big])
    data += hashlib.sha256(data).digest()[:16]
    for at in range(0, len(data), 4000):
        part = data[at:at + 4000]
        message = b"\xff" * 32 + b"\x0c\x00" + at.to_bytes(4, "little") + hashlib.sha256(part).digest()
        ctap.large_blobs(
            at, set=part, length=len(data) if at == 0 else None, pin_uv_protocol=protocol.VERSION,
            pin_uv_param=protocol.authenticate(blobs.pin_uv_token, message))
    assert blobs.read_blob_array() == [big]
    refused(ERR.LARGE_BLOB_STORAGE_FULL, ctap.large_blobs, 0, set=b"x" * 17, length=17000)
    blobs.write_blob_array([])
    assert list(LargeBlobs(ctap).read_blob_array()) == []


@both
def test_large_blob_key(ctap, protocol):
    ClientPin(ctap, protocol).set_pin(PIN)
    cred, made = make(ctap, protocol, extensions={"largeBlobKey": True})
    key = made.large_blob_key
    assert len(key) == 32
    assert get(ctap, cred, protocol, extensions={"largeBlobKey": True}).large_blob_key == key
    manage = managing(ctap, protocol)
    (rp,) = manage.enumerate_rps()
    assert manage.enumerate_creds(rp[4])[0][11] == key
    assert get(ctap, cred, protocol).large_blob_key is None
    refused(ERR.INVALID_OPTION, make, ctap, protocol, rk=False, extensions={"largeBlobKey": True})


@both
def test_always_uv(ctap, protocol):
    ClientPin(ctap, protocol).set_pin(PIN)
    cred, _ = make(ctap, protocol, rk=False)
    assert "U2F_V2" in ctap.get_info().versions
    configuring(ctap, protocol).toggle_always_uv()
    info = ctap.get_info()
    assert info.options["alwaysUv"] and not info.options["makeCredUvNotRqd"] and "U2F_V2" not in info.versions
    refused(ERR.PIN_REQUIRED, get, ctap, cred)
    refused(ERR.PIN_REQUIRED, make, ctap, rk=False)
    get(ctap, cred, protocol)
    configuring(ctap, protocol).toggle_always_uv()
    get(ctap, cred)
    make(ctap, rk=False)


@both
def test_min_pin_length(ctap, protocol):
    client = ClientPin(ctap, protocol)
    client.set_pin(PIN)
    refused(ERR.PIN_POLICY_VIOLATION, configuring(ctap, protocol).set_min_pin_length, 3)
    configuring(ctap, protocol).set_min_pin_length(6, [RP["id"]])
    info = ctap.get_info()
    assert info.min_pin_length == 6 and info.force_pin_change
    refused(ERR.PIN_POLICY_VIOLATION, client.get_pin_token, PIN, ALLOW.CREDENTIAL_MGMT)
    refused(ERR.PIN_POLICY_VIOLATION, client.change_pin, PIN, "12345")
    client.change_pin(PIN, "123456")
    assert not ctap.get_info().force_pin_change
    _, made = make(ctap, protocol, pin="123456", extensions={"minPinLength": True})
    assert made.auth_data.extensions == {"minPinLength": 6}
    _, made = make(ctap, protocol, pin="123456", rp=OTHER, extensions={"minPinLength": True})
    assert not made.auth_data.extensions
    configuring(ctap, protocol, "123456").set_min_pin_length(force_change_pin=True)
    assert ctap.get_info().force_pin_change
    refused(ERR.PIN_POLICY_VIOLATION, client.change_pin, "123456", "123456")
    client.change_pin("123456", "654321")
    refused(ERR.PIN_POLICY_VIOLATION, configuring(ctap, protocol, "654321").set_min_pin_length, 5)


@both
def test_enterprise_attestation(ctap, protocol):
    ClientPin(ctap, protocol).set_pin(PIN)
    refused(ERR.INVALID_PARAMETER, configuring(ctap, protocol)._call, Config.CMD.ENABLE_ENTERPRISE_ATT)


@both
@pytest.mark.parametrize("level", [1, 2, 3])
def test_cred_protect(ctap, protocol, level):
    ClientPin(ctap, protocol).set_pin(PIN)
    for rk in True, False:
        cred, made = make(ctap, protocol, rk=rk, extensions={"credProtect": level})
        assert made.auth_data.extensions == {"credProtect": level}
        get(ctap, cred, protocol)
        if level == 3:
            refused(ERR.NO_CREDENTIALS, get, ctap, cred)
        else:
            get(ctap, cred)
        if rk and level == 1:
            get(ctap, cred, listed=False)
        elif rk:
            refused(ERR.NO_CREDENTIALS, get, ctap, cred, listed=False)
            get(ctap, cred, protocol, listed=False)


@both
def test_cred_blob(ctap, protocol):
    ClientPin(ctap, protocol).set_pin(PIN)
    cred, made = make(ctap, protocol, extensions={"credBlob": b"x" * 32})
    assert made.auth_data.extensions == {"credBlob": True}
    assert get(ctap, cred, extensions={"credBlob": True}).auth_data.extensions == {"credBlob": b"x" * 32}
    _, made = make(ctap, protocol, who="bob", extensions={"credBlob": b"x" * 33})
    assert made.auth_data.extensions == {"credBlob": False}
    _, made = make(ctap, protocol, who="eve", rk=False, extensions={"credBlob": b"x"})
    assert made.auth_data.extensions == {"credBlob": False}


@both
@pytest.mark.parametrize("alg", [-7, -8], ids=["ES256", "EdDSA"])
def test_algorithms(ctap, protocol, alg):
    ClientPin(ctap, protocol).set_pin(PIN)
    for rk in True, False:
        cred, _ = make(ctap, protocol, alg=alg, rk=rk)
        assert cred.public_key[3] == alg
        get(ctap, cred, protocol)
    refused(ERR.UNSUPPORTED_ALGORITHM, make, ctap, protocol, alg=-65535)


def test_exclude(ctap):
    for rk in True, False:
        cred, _ = make(ctap, rk=rk)
        refused(ERR.CREDENTIAL_EXCLUDED, make, ctap, who="bob", exclude=[{"type": "public-key", "id": b"x"}, named(cred)])
        make(ctap, rp=OTHER, exclude=[named(cred)])


def test_several_accounts(ctap):
    """The newest first, each with its handle; names only after verification."""
    made = [make(ctap, who=who)[0] for who in ("ann", "bob", "eve")]
    found = ctap.get_assertions(RP["id"], HASH)
    assert [a.user for a in found] == [{"id": b"eve"}, {"id": b"bob"}, {"id": b"ann"}]
    for a, cred in zip(found, reversed(made)):
        a.verify(HASH, cred.public_key)
    refused(ERR.NOT_ALLOWED, ctap.get_next_assertion)
    protocol = PinProtocolV2()
    ClientPin(ctap, protocol).set_pin(PIN)
    found = ctap.get_assertions(RP["id"], HASH, **proof(ctap, protocol, PIN, ALLOW.GET_ASSERTION, RP["id"]))
    assert [a.user for a in found] == [user("eve"), user("bob"), user("ann")]
    make(ctap, protocol, who="eve")  # takes the place of the first
    assert len(ctap.get_assertions(RP["id"], HASH)) == 3


def test_silent_probe(ctap):
    cred, _ = make(ctap, rk=False)
    answer = get(ctap, cred, options={"up": False})
    assert not answer.auth_data.is_user_present()
    refused(ERR.NO_CREDENTIALS, ctap.get_assertion, OTHER["id"], HASH, [named(cred)], options={"up": False})


@both
def test_token_by_verification(uv_device, protocol):
    ctap = Ctap2(uv_device)
    assert ctap.get_info().options["uv"]
    client = ClientPin(ctap, protocol)
    assert client.get_uv_retries()[0] == 3
    token = client.get_uv_token(ALLOW.MAKE_CREDENTIAL | ALLOW.GET_ASSERTION, RP["id"])
    answer = ctap.make_credential(
        HASH, RP, user("ann"), ES256, options={"rk": True},
        pin_uv_param=protocol.authenticate(token, HASH), pin_uv_protocol=protocol.VERSION)
    assert answer.auth_data.is_user_verified()
    assert ctap.get_assertion(RP["id"], HASH, options={"uv": True}).auth_data.is_user_verified()


def test_reset(ctap):
    protocol = PinProtocolV2()
    ClientPin(ctap).set_pin(PIN)
    lost = [make(ctap, protocol, rk=rk)[0] for rk in (True, False)]
    ctap.reset()
    assert not ctap.get_info().options["clientPin"]
    for cred in lost:
        refused(ERR.NO_CREDENTIALS, get, ctap, cred)
    ClientPin(ctap).set_pin(PIN)


def test_u2f(device):
    assert not device.capabilities & CAPABILITY.NMSG
    u2f, app, challenge = Ctap1(device), hashlib.sha256(b"site.example").digest(), b"\x09" * 32
    assert u2f.get_version() == "U2F_V2"
    made = touched(u2f.register, challenge, app)
    made.verify(app, challenge)
    counters = []
    for _ in range(3):
        signed = touched(u2f.authenticate, challenge, app, made.key_handle)
        signed.verify(app, challenge, made.public_key)
        assert signed.user_presence == 1
        counters.append(signed.counter)
    assert counters == sorted(set(counters))
    for handle, site, code in (
            (made.key_handle, app, APDU.USE_NOT_SATISFIED), (b"x" * 64, app, APDU.WRONG_DATA), (made.key_handle, b"\0" * 32, APDU.WRONG_DATA)):
        with pytest.raises(ApduError) as e:
            u2f.authenticate(challenge, site, handle, check_only=True)
        assert e.value.code == code
    Ctap2(device).get_assertion(RP["id"], HASH, [{"type": "public-key", "id": made.key_handle}])  # the new protocol signs with it too


def test_u2f_signs_with_what_ctap2_made(device):
    cred, _ = make(Ctap2(device), rk=False)
    public = b"\4" + cred.public_key[-2] + cred.public_key[-3]
    app, challenge = hashlib.sha256(RP["id"].encode()).digest(), b"\x09" * 32
    touched(Ctap1(device).authenticate, challenge, app, cred.credential_id).verify(app, challenge, public)


def test_transport(device):
    for size in 1, 57, 58, 116, 117, 1000, 7609:
        data = os.urandom(size)
        assert device.call(CTAPHID.PING, data) == data
    device.wink()
    device.lock(1)
    device.lock(0)
    assert device.capabilities & CAPABILITY.CBOR and device.capabilities & CAPABILITY.WINK


def test_malformed(ctap):
    """Nothing of a good request can be left out at its end, and nothing may follow it."""
    good = cbor.encode({1: HASH, 2: RP, 3: user("ann"), 4: ES256})
    for bad in [good[:n] for n in range(len(good))] + [good + b"\0"]:
        assert ctap.device.call(CTAPHID.CBOR, b"\1" + bad) == bytes([ERR.INVALID_CBOR])


@pytest.mark.parametrize("pin", [None, PIN], ids=["present", "PIN"])
def test_client_and_server(device, pin):
    """A whole WebAuthn client and a whole relying party, both of other people."""
    if pin:
        ClientPin(Ctap2(device)).set_pin(pin)
    client, server = Fido2Client(device, "https://site.example"), Fido2Server(RP, attestation="direct")
    need = "required" if pin else "discouraged"
    for rk in True, False:
        options, state = server.register_begin(user("ann"), user_verification=need, resident_key=rk)
        options["publicKey"]["extensions"] = {"hmacCreateSecret": True}
        made = client.make_credential(options["publicKey"], pin=pin)
        assert made.extension_results == {"hmacCreateSecret": True}
        cred = server.register_complete(state, made.client_data, made.attestation_object).credential_data
        seen = set()
        for _ in range(2):
            options, state = server.authenticate_begin([] if rk else [cred], user_verification=need)
            options["publicKey"]["extensions"] = {"hmacGetSecret": {"salt1": b"\1" * 32, "salt2": b"\2" * 32}}
            got = client.get_assertion(options["publicKey"], pin=pin).get_response(0)
            server.authenticate_complete(state, [cred], cred.credential_id, got.client_data, got.authenticator_data, got.signature)
            seen.add(tuple(sorted(got.extension_results["hmacGetSecret"].items())))
        assert len(seen) == 1
