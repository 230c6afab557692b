"""Seals as the SDKs write them, by packages of PyPI. Reads tasks as lines of JSON, answers each with a line, in order.

`fernet` is the WorkOS SDK's own; the others are rebuilt from what those of other languages do, on `cryptography` and PyNaCl.
A seal or a password that is refused is an answer; everything else ends the process, and with it the test.
"""

import base64
import hashlib
import json
import os
import re
import sys

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Refused(Exception):
    """This seal, or this password, is none."""


class WorkOs:
    """The SDK's own functions, from the data to the seal: of the module in version 10, of a class in version 5."""

    def __init__(self):
        from workos import session

        self.sdk = session if hasattr(session, "seal_data") else session.SessionModule

    def seal(self, data, password):
        return self.sdk.seal_data(data, fernet_key(password))

    def open(self, sealed, password):
        return self.sdk.unseal_data(sealed, fernet_key(password))


def fernet_key(password):
    try:
        Fernet(password)
    except ValueError as error:
        raise Refused from error
    return password


class Ruby:
    def seal(self, data, password):
        nonce = os.urandom(12)
        encrypted = AESGCM(sha256(password)).encrypt(nonce, text_of(data), None)
        return encode(b"\x01" + nonce + encrypted[-16:] + encrypted[:-16])

    def open(self, sealed, password):
        version, nonce, tag, encrypted = cut(decode(sealed), 1, 12, 16)
        if version != b"\x01":
            raise Refused
        return json.loads(AESGCM(sha256(password)).decrypt(nonce, encrypted + tag, None))


class RubyLegacy:
    """Only written: nothing writes it here any more."""

    def seal(self, data, password):
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(password.encode()).encrypt(nonce, text_of(data), None)
        return re.sub("(.{60})", "\\1\n", encode(sealed))


class Go:
    def seal(self, data, password):
        nonce = os.urandom(12)
        return encode(nonce + self.cipher(password).encrypt(nonce, text_of(data), None))

    def open(self, sealed, password):
        nonce, encrypted = cut(decode(sealed), 12)
        return json.loads(self.cipher(password).decrypt(nonce, encrypted, None))

    def cipher(self, password):
        return AESGCM(bytes.fromhex(password) if re.fullmatch("[0-9a-fA-F]{64}", password) else sha256(password))


class Php:
    def __init__(self):
        from nacl import exceptions, secret

        self.box, self.error = secret.SecretBox, exceptions.CryptoError

    def seal(self, data, password):
        text = json.dumps(data, separators=(",", ":")).replace("/", "\\/").encode()
        return encode(self.box(decode(password)).encrypt(text))

    def open(self, sealed, password):
        try:
            return json.loads(self.box(decode(password)).decrypt(decode(sealed)))
        except self.error as error:
            raise Refused from error


def sha256(password):
    return hashlib.sha256(password.encode()).digest()


def text_of(data):
    return json.dumps(data, ensure_ascii=False).encode()


def encode(octets):
    return base64.b64encode(octets).decode()


def decode(text):
    return base64.b64decode(text, validate=True)


def cut(octets, *lengths):
    """The first pieces of these lengths, and the rest."""
    pieces = []
    for length in lengths:
        pieces.append(octets[:length])
        octets = octets[length:]
    return [*pieces, octets]


PEERS = {"fernet": WorkOs, "ruby": Ruby, "ruby-legacy": RubyLegacy, "go": Go, "php": Php}

# All tasks of a batch are of one format, and only its packages are loaded.
peer = PEERS[sys.argv[1]]()
for line in sys.stdin.buffer:
    task = json.loads(line)
    try:
        if "sealed" in task:
            answer = {"data": peer.open(task["sealed"], task["password"])}
        else:
            answer = {"sealed": peer.seal(task["data"], task["password"])}
    except (InvalidToken, InvalidTag, Refused):
        answer = {}
    sys.stdout.write(json.dumps(answer) + "\n")
