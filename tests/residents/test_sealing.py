"""Sealed bytes open only in their place, with a key that is still known."""

from __future__ import annotations

import hmac

import pytest
from cryptography.exceptions import InvalidTag

from gateway.residents.sealing import Lookup, Sealer

OLD, NEW = b"o" * 32, b"n" * 32


def test_the_last_key_seals_and_all_open() -> None:
    before = Sealer({1: OLD}).seal("+254711000111", "residents.number:a")
    both = Sealer({1: OLD, 2: NEW})
    after = both.seal("+254711000111", "residents.number:a")
    assert (before[0], after[0]) == (1, 2)
    assert both.open(before, "residents.number:a") == both.open(after, "residents.number:a") == "+254711000111"
    with pytest.raises(KeyError):
        Sealer({2: NEW}).open(before, "residents.number:a")


def test_sealed_bytes_moved_to_another_row_do_not_open() -> None:
    sealer = Sealer({1: OLD})
    with pytest.raises(InvalidTag):
        sealer.open(sealer.seal("+254711000111", "residents.number:a"), "residents.number:b")


def test_the_same_text_seals_differently_each_time() -> None:
    sealer = Sealer({1: OLD})
    assert sealer.seal("Water", "x") != sealer.seal("Water", "x")


def test_a_digest_depends_on_its_kind_and_its_key() -> None:
    digests = {Lookup(key).digest(kind, "1") for key in (OLD, NEW) for kind in ("number", "receipt")}
    assert len(digests) == 4
    # What is stored was made so: a digest made in another way finds none of it.
    assert Lookup(OLD).digest("number", "1") == hmac.digest(OLD, b"number\x001", "sha256")
