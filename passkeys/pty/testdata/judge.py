"""Judges a security key on a pseudo-terminal with python3-fido2: judge.py PATH. The key is new, and its person says yes to everything."""

import os
import sys

from fido2.ctap import CtapError
from fido2.ctap2 import ClientPin, Config, CredentialManagement, Ctap2, LargeBlobs, PinProtocolV1, PinProtocolV2
from fido2.hid import CtapHidDevice
from fido2.hid.base import CtapHidConnection, HidDescriptor

HASH = b"\x07" * 32
RP = {"id": "site.example", "name": "Site"}
PARAMS = [{"type": "public-key", "alg": -7}]
PIN = "1234"


class Terminal(CtapHidConnection):
    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)

    def write_packet(self, data):
        os.write(self.fd, b"\0" + bytes(data))

    def read_packet(self):
        got = b""
        while len(got) < 64:
            got += os.read(self.fd, 64 - len(got))
        return got

    def close(self):
        os.close(self.fd)


def refused(code, call, *args):
    try:
        call(*args)
    except CtapError as e:
        assert e.code == code, e
        return
    raise AssertionError("not refused: %s" % call)


def token(ctap, protocol, permissions, rp=None):
    return ClientPin(ctap, protocol).get_pin_token(PIN, permissions, rp)


def make(ctap, protocol, user, extensions):
    t = token(ctap, protocol, ClientPin.PERMISSION.MAKE_CREDENTIAL, RP["id"])
    answer = ctap.make_credential(
        HASH, RP, {"id": user, "name": "name", "displayName": "display"}, PARAMS, extensions=extensions,
        options={"rk": True}, pin_uv_param=protocol.authenticate(t, HASH), pin_uv_protocol=protocol.VERSION)
    key = answer.auth_data.credential_data.public_key
    key.verify(bytes(answer.auth_data) + HASH, answer.att_statement["sig"])
    return answer


def get(ctap, protocol, cred, extensions, verified):
    proof = {}
    if verified:
        t = token(ctap, protocol, ClientPin.PERMISSION.GET_ASSERTION, RP["id"])
        proof = {"pin_uv_param": protocol.authenticate(t, HASH), "pin_uv_protocol": protocol.VERSION}
    answer = ctap.get_assertion(
        RP["id"], HASH, [{"type": "public-key", "id": cred.credential_id}], extensions=extensions, **proof)
    answer.verify(HASH, cred.public_key)
    return answer.auth_data.extensions


def secrets(ctap, protocol, cred, salts, verified):
    client = ClientPin(ctap, protocol)
    agreement, shared = client._get_shared_secret()
    sealed = protocol.encrypt(shared, salts)
    out = get(ctap, protocol, cred, {"hmac-secret": {
        1: agreement, 2: sealed, 3: protocol.authenticate(shared, sealed), 4: protocol.VERSION}}, verified)
    return protocol.decrypt(shared, out["hmac-secret"])


def main(path):
    ctap = Ctap2(CtapHidDevice(HidDescriptor(path, 0, 0, 64, 64), Terminal(path)))
    ClientPin(ctap).set_pin(PIN)
    for protocol in PinProtocolV1(), PinProtocolV2():
        made = make(ctap, protocol, b"user %d" % protocol.VERSION, {
            "hmac-secret": True, "credBlob": b"kept for the site", "credProtect": 2})
        assert made.auth_data.extensions == {"hmac-secret": True, "credBlob": True, "credProtect": 2}, made.auth_data.extensions
        cred = made.auth_data.credential_data
        assert get(ctap, protocol, cred, {"credBlob": True}, False)["credBlob"] == b"kept for the site"
        one = secrets(ctap, protocol, cred, b"\1" * 32, False)
        two = secrets(ctap, protocol, cred, b"\1" * 32 + b"\2" * 32, False)
        verified = secrets(ctap, protocol, cred, b"\1" * 32, True)
        assert len(one) == 32 and two[:32] == one and two[32:] != one and verified != one

        manage = CredentialManagement(ctap, protocol, token(ctap, protocol, ClientPin.PERMISSION.CREDENTIAL_MGMT))
        assert manage.get_metadata()[1] == protocol.VERSION
        (rp,) = manage.enumerate_rps()
        found = manage.enumerate_creds(rp[4])
        assert len(found) == protocol.VERSION and found[0][6]["displayName"] == "display"
        name = {"id": cred.credential_id, "type": "public-key"}
        manage.update_user_info(name, {"id": b"user %d" % protocol.VERSION, "name": "new", "displayName": "newer"})
        assert manage.enumerate_creds(rp[4])[0][6]["displayName"] == "newer"

        blobs = LargeBlobs(ctap, protocol, token(ctap, protocol, ClientPin.PERMISSION.LARGE_BLOB_WRITE))
        blobs.put_blob(b"k" * 32, b"blob" * 500)
        assert blobs.get_blob(b"k" * 32) == b"blob" * 500
        config = Config(ctap, protocol, token(ctap, protocol, ClientPin.PERMISSION.AUTHENTICATOR_CFG))
        config.toggle_always_uv()
        assert ctap.get_info().options["alwaysUv"]
        config.toggle_always_uv()
        refused(CtapError.ERR.PIN_POLICY_VIOLATION, config.set_min_pin_length, 3)
    refused(CtapError.ERR.PIN_INVALID, ClientPin(ctap).get_pin_token, "0000", ClientPin.PERMISSION.CREDENTIAL_MGMT)
    assert ClientPin(ctap).get_pin_retries()[0] == 7
    ctap.selection()
    ctap.reset()
    assert not ctap.get_info().options["clientPin"]


main(sys.argv[1])
