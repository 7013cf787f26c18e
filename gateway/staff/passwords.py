"""Passwords: argon2id as RFC 9106 advises for little memory, never more than two at once."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import Invalid, filled

SHORTEST, LONGEST = 12, 200
"""Characters. Length is what counts; no rule of digits and signs (NIST SP 800-63B, section 5.1.1.2)."""

_HASHER = PasswordHasher()
# One hash takes 64 MiB: however many sign in at once, the machine stays up.
_TURNS = threading.BoundedSemaphore(2)


def seal(password: str) -> str:
    """The hash to keep."""
    with _TURNS:
        return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash it takes as long as with one, so that nobody learns who is staff."""
    with _TURNS:
        try:
            return _HASHER.verify(kept or _nobodys(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def check(password: str, *, email: str) -> None:
    """Raise `Invalid` for a password that is too short, too long, or the e-mail itself."""
    if not SHORTEST <= len(password) <= LONGEST:
        why = filled("the password must have {least} to {most} characters", least=SHORTEST, most=LONGEST)
        raise Invalid(why, field="password")
    if password.strip().lower() in {email, email.partition("@")[0]} or len(set(password)) < 5:
        raise Invalid("this password is too easy to guess", field="password")


def same(password: str, again: str) -> None:
    """Raise `Invalid` when a new password was not typed the same twice."""
    if password != again:
        raise Invalid("the two passwords are not the same", field="again")


def _nobodys() -> str:
    """What no password has, checked at the cost of any other; written down, since to reckon it would slow the start."""
    return f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}${'A' * 22}${'A' * 43}"
