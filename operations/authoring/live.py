"""A session that ran a moment ago, found and read for `baraza menu repro`. What is opened stays in this process."""

from __future__ import annotations

import asyncio

import phonenumbers
import redis

from gateway.intake.sessions import SESSION_SECONDS, SESSIONS, History, Sessions, session_key
from gateway.line import Line
from gateway.pack import load
from gateway.residents.numbers import tidy_number
from gateway.residents.sealing import Vault
from gateway.settings import Settings
from operations.authoring.repro import Repro, reproduce
from operations.errors import OperationsError

GONE = f"nothing is kept of that session; its list lives {SESSION_SECONDS // 60} minutes after the last hop"


def by_session(settings: Settings, session_id: str, number: str) -> Repro:
    """The script of the aggregator's session `session_id` of a number. Raises OperationsError when it is gone."""
    country = load(settings.pack).about.country
    return _repro(settings, session_key(Vault.from_settings(settings), session_id, tidy_number(number, country)))


def by_key(settings: Settings, digits: str) -> Repro:
    """The script of the session whose key begins with these hexadecimal digits, as log lines name it."""
    digits = digits.removeprefix("s-")
    try:
        bytes.fromhex(digits + "0" * (len(digits) % 2))
    except ValueError:
        raise OperationsError("--session-key: hexadecimal digits, as in the log") from None
    valkey = redis.Redis.from_url(settings.redis_url, socket_timeout=5)
    try:
        found = list(valkey.scan_iter(match=SESSIONS + digits.lower().encode() + b"*", count=1000))
    except redis.RedisError as error:
        raise OperationsError(f"Valkey: {type(error).__name__}") from None
    finally:
        valkey.close()
    if not found:
        raise OperationsError(GONE)
    if len(found) > 1:
        raise OperationsError(f"{len(found)} sessions begin so: give more digits")
    return _repro(settings, bytes.fromhex(found[0].removeprefix(SESSIONS).decode()))


def _repro(settings: Settings, key: bytes) -> Repro:
    history = asyncio.run(_recall(settings, key))
    if not history.texts:
        raise OperationsError(GONE)
    pack = load(settings.pack)
    return reproduce(history, pack.guide, number=fictional(pack.about.country), version=pack.version)


async def _recall(settings: Settings, key: bytes) -> History:
    line = Line(settings.redis_url)
    try:
        return await Sessions(line, Vault.from_settings(settings)).recall(key)
    except (redis.RedisError, OSError) as error:
        raise OperationsError(f"Valkey: {type(error).__name__}") from None
    finally:
        await line.aclose()


def fictional(country: str) -> str:
    """A mobile number of the country's pattern that libphonenumber uses as its example; E.164."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        raise OperationsError(f"no example of a number in {country}")
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
