"""Encrypted files: AES-256-GCM in chunks, so that a cut or changed file is noticed.

Layout: 8 bytes name, 16 bytes salt, then chunks of (4 bytes length, ciphertext). The nonce is the chunk's
number, its associated data tells whether it is the last one. The key is scrypt of the passphrase and the salt.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from clinic.core.errors import Invalid

MAGIC = b"CLINIC\x00\x01"
CHUNK = 1024 * 1024
BROKEN = "This file is not a whole backup of Clinic, or the key is another one."


def seal(source: Path, target: Path, passphrase: bytes) -> int:
    """Encrypt a file; the target appears whole or not at all. Gives its size in bytes."""
    salt = os.urandom(16)
    cipher = AESGCM(_key(passphrase, salt))
    half = target.with_name(target.name + ".part")
    with source.open("rb") as reading, half.open("wb") as writing:
        os.fchmod(writing.fileno(), 0o600)
        writing.write(MAGIC + salt)
        for number, (chunk, last) in enumerate(_chunks(reading)):
            sealed = cipher.encrypt(_nonce(number), chunk, b"last" if last else b"more")
            writing.write(struct.pack(">I", len(sealed)) + sealed)
        writing.flush()
        os.fsync(writing.fileno())
    half.replace(target)
    return target.stat().st_size


def unseal(source: Path, target: Path, passphrase: bytes) -> None:
    """Decrypt a file. Raises Invalid when it is cut, changed or sealed with another key."""
    with source.open("rb") as reading, target.open("wb") as writing:
        if reading.read(len(MAGIC)) != MAGIC:
            raise Invalid(BROKEN)
        cipher = AESGCM(_key(passphrase, reading.read(16)))
        number = 0
        while True:
            chunk, last = _open(cipher, reading, number)
            writing.write(chunk)
            number += 1
            if last:
                break
        if reading.read(1):
            raise Invalid(BROKEN)


def _open(cipher: AESGCM, reading: BinaryIO, number: int) -> tuple[bytes, bool]:
    head = reading.read(4)
    size = struct.unpack(">I", head)[0] if len(head) == 4 else 0
    if not 16 <= size <= CHUNK + 16:
        raise Invalid(BROKEN)
    sealed = reading.read(size)
    for word in (b"more", b"last"):
        try:
            return cipher.decrypt(_nonce(number), sealed, word), word == b"last"
        except InvalidTag:
            continue
    raise Invalid(BROKEN)


def _chunks(reading: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    chunk = reading.read(CHUNK)
    while True:
        following = reading.read(CHUNK)
        yield chunk, not following
        if not following:
            return
        chunk = following


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _key(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase)
