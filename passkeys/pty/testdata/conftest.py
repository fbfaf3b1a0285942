"""Gives each test a security key of its own: the pseudo-terminals of new ones stand in SIGNET_KEYS, of those that verify by themselves in SIGNET_UV_KEYS."""

import os

import pytest
from fido2.ctap2 import Ctap2
from fido2.hid import CtapHidDevice
from fido2.hid.base import CtapHidConnection, HidDescriptor

plugged = {name: iter(os.environ[name].split(":")) for name in ("SIGNET_KEYS", "SIGNET_UV_KEYS")}


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


def opened(name):
    path = next(plugged[name])
    connection = Terminal(path)
    return connection, CtapHidDevice(HidDescriptor(path, 0, 0, 64, 64), connection)


@pytest.fixture
def device():
    connection, device = opened("SIGNET_KEYS")
    yield device
    connection.close()


@pytest.fixture
def ctap(device):
    return Ctap2(device)


@pytest.fixture
def uv_device():
    connection, device = opened("SIGNET_UV_KEYS")
    yield device
    connection.close()
