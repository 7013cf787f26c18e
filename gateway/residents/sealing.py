"""Sealing (AES-256-GCM) and keyed lookup (HMAC-SHA-256). Two keys of their own; a dump without them tells nothing."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from gateway.settings import Settings, parse_sealing_keys

_NONCE = 12


class Sealer:
    """Seals text to a place: sealed bytes open only under the `place` (table.column:row) they were sealed for.

    Layout: one byte key version, twelve bytes nonce, ciphertext with tag.
    """

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self.version = list(keys)[-1]
        self._begins = bytes((self.version,))
        self._encrypt = self._keys[self.version].encrypt

    def seal(self, text: str, place: str) -> bytes:
        return self.seal_bytes(text.encode(), place)

    def seal_bytes(self, content: bytes, place: str) -> bytes:
        """As `seal`, for a file."""
        nonce = os.urandom(_NONCE)
        return self._begins + nonce + self._encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The text. Raises KeyError for an unknown key version, `cryptography.exceptions.InvalidTag` otherwise."""
        return self.open_bytes(sealed, place).decode()

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """What `seal_bytes` sealed; raises as `open` does."""
        key = self._keys[sealed[0]]
        return key.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode())


class Lookup:
    """Keyed hashes that find a row by something secret, one space of values for each `kind`."""

    def __init__(self, key: bytes) -> None:
        self._keyed = HMAC(key, SHA256())  # made once: to take in the key costs more than to hash

    def digest(self, kind: str, value: str) -> bytes:
        """32 bytes that only the holder of the key can compute."""
        keyed = self._keyed.copy()
        keyed.update(f"{kind}\0{value}".encode())
        return keyed.finalize()


class Vault:
    """Both together, as the services take them."""

    def __init__(self, sealer: Sealer, lookup: Lookup) -> None:
        self.sealer = sealer
        self.lookup = lookup

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        keys = parse_sealing_keys(settings.sealing_keys.get_secret_value())
        return cls(Sealer(keys), Lookup(base64.b64decode(settings.lookup_key.get_secret_value())))
