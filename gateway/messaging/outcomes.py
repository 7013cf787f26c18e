"""What follows when a send ended so: (layer, code) to a decision, as data. Adapters tell what happened, this decides.

Source of the recipient codes: Africa's Talking, "SMS sending", status codes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.channels.base import Layer


class Do(StrEnum):
    """What becomes of the message, and of its channel."""

    ACCEPT = "accept"
    """The provider has it: wait for the delivery report."""
    RETRY = "retry"
    """Owed again, a little later, so many times."""
    UNKNOWN = "unknown"
    """It may have been sent: wait for a report, then see the sweep."""
    FINAL = "final"
    """It will never arrive."""
    HOLD = "hold"
    """The provider holds it; staff look at it."""
    STOP = "stop"
    """Owed again, and the channel stops until staff have mended it."""
    PAUSE = "pause"
    """Owed again, and the channel rests for a while."""


@dataclass(frozen=True, slots=True)
class Decision:
    do: Do
    reason: str
    tries: int = 0
    """How many sends a `RETRY` may take in all."""
    repeat: bool = False
    """The send before may have worked: the next one is marked as a possible repeat."""
    rest: timedelta = timedelta()
    """How long the whole channel rests."""
    unreachable: bool = False
    """This number cannot be reached by SMS; staff and the next dial are told."""


SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

ANY = "*"

DECISIONS: dict[tuple[Layer, str], Decision] = {
    # Nothing left. At most 15 minutes between tries: 60 of them bridge about 14 hours.
    (Layer.CONNECT, ANY): Decision(Do.RETRY, "no_connection", tries=60, rest=3 * SECOND),
    (Layer.CONNECT, "certificate"): Decision(Do.PAUSE, "certificate", rest=MINUTE),
    (Layer.CONNECT, "address"): Decision(Do.PAUSE, "bad_address", rest=MINUTE),
    # Something left and no answer came back.
    (Layer.TRANSPORT, ANY): Decision(Do.UNKNOWN, "no_answer"),
    (Layer.HTTP, "401"): Decision(Do.STOP, "bad_key"),
    (Layer.HTTP, "403"): Decision(Do.PAUSE, "forbidden", rest=MINUTE),
    (Layer.HTTP, "404"): Decision(Do.PAUSE, "bad_address", rest=MINUTE),
    (Layer.HTTP, "429"): Decision(Do.RETRY, "too_fast", tries=60, rest=5 * SECOND),
    (Layer.HTTP, "408"): Decision(Do.RETRY, "provider_error", tries=5, repeat=True),
    (Layer.HTTP, "5xx"): Decision(Do.RETRY, "provider_error", tries=8, repeat=True, rest=2 * SECOND),
    (Layer.HTTP, "4xx"): Decision(Do.RETRY, "refused", tries=3),
    (Layer.HTTP, ANY): Decision(Do.PAUSE, "bad_address", rest=MINUTE),  # a redirect: this is not the API
    (Layer.BODY, "InvalidSenderId"): Decision(Do.STOP, "bad_sender"),
    (Layer.BODY, ANY): Decision(Do.UNKNOWN, "unclear_answer"),
    (Layer.RECIPIENT, "malformed"): Decision(Do.FINAL, "invalid_number"),  # ours: never handed over
    (Layer.RECIPIENT, "100"): Decision(Do.ACCEPT, "processed"),
    (Layer.RECIPIENT, "101"): Decision(Do.ACCEPT, "sent"),
    (Layer.RECIPIENT, "102"): Decision(Do.ACCEPT, "queued"),
    (Layer.RECIPIENT, "401"): Decision(Do.HOLD, "risk_hold"),
    (Layer.RECIPIENT, "402"): Decision(Do.STOP, "bad_sender"),
    (Layer.RECIPIENT, "403"): Decision(Do.FINAL, "invalid_number"),
    (Layer.RECIPIENT, "404"): Decision(Do.FINAL, "unsupported_number"),
    (Layer.RECIPIENT, "405"): Decision(Do.PAUSE, "no_balance", rest=5 * MINUTE),
    # Many people block adverts and are caught by it: no opt-out of theirs.
    (Layer.RECIPIENT, "406"): Decision(Do.FINAL, "unreachable_by_sms", unreachable=True),
    (Layer.RECIPIENT, "407"): Decision(Do.FINAL, "no_route"),
    (Layer.RECIPIENT, "409"): Decision(Do.FINAL, "do_not_disturb"),
    (Layer.RECIPIENT, "500"): Decision(Do.RETRY, "provider_error", tries=5, repeat=True),
    (Layer.RECIPIENT, "501"): Decision(Do.RETRY, "gateway_error", tries=5, repeat=True),
    (Layer.RECIPIENT, "502"): Decision(Do.RETRY, "rejected_by_gateway", tries=2),
    # The words of adapters whose provider has codes of its own.
    (Layer.RECIPIENT, "accepted"): Decision(Do.ACCEPT, "sent"),
    (Layer.RECIPIENT, "bad_key"): Decision(Do.STOP, "bad_key"),
    (Layer.RECIPIENT, "bad_sender"): Decision(Do.STOP, "bad_sender"),
    (Layer.RECIPIENT, "invalid_number"): Decision(Do.FINAL, "invalid_number"),
    (Layer.RECIPIENT, "bad_text"): Decision(Do.HOLD, "bad_text"),
    (Layer.RECIPIENT, "no_balance"): Decision(Do.PAUSE, "no_balance", rest=5 * MINUTE),
    (Layer.RECIPIENT, "too_fast"): Decision(Do.RETRY, "too_fast", tries=60, rest=5 * SECOND),
    (Layer.RECIPIENT, "blocked"): Decision(Do.FINAL, "unreachable_by_sms", unreachable=True),
    (Layer.RECIPIENT, "no_route"): Decision(Do.FINAL, "no_route"),
    (Layer.RECIPIENT, "provider_error"): Decision(Do.RETRY, "provider_error", tries=5, repeat=True),
    (Layer.RECIPIENT, ANY): Decision(Do.UNKNOWN, "unclear_answer"),
}


def decide(layer: Layer, code: str) -> Decision:
    """The decision on an outcome; a code nobody listed is decided as its family or its layer."""
    family = f"{code[:1]}xx"
    for known in (code, family, ANY):
        if (layer, known) in DECISIONS:
            return DECISIONS[layer, known]
    raise KeyError(layer)


FIRST_RETRY = 5 * SECOND


def backoff(tries: int, first: timedelta = FIRST_RETRY) -> timedelta:
    """How long to wait after so many sends: from `first`, doubling to 15 minutes, by chance half of it to all of it."""
    longest = min(first * 2 ** min(tries - 1, 10), 15 * MINUTE)
    return longest * random.uniform(0.5, 1)  # noqa: S311  # spreads load, guards nothing


UNKNOWN_LIMIT = timedelta(minutes=15)
"""How long a message of unknown fate waits for its report before a reply is sent once more."""
