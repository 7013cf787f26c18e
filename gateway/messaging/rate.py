"""One limiter for all workers: segments a second, charged before a call leaves, replies first.

A token bucket in Valkey, by Valkey's own clock. It is filled more slowly than the rate by what it holds, so that in any
five seconds never more than five times the rate goes out, and still at least 95 % of it where the rate is 50 or more.
Broadcasts leave half of the bucket to replies: they use what replies leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import redis

from gateway.messaging.templates import BROADCASTS

WINDOW = 5.0
"""Seconds in which five times the rate is never exceeded."""

LONGEST = 5
"""Segments of the longest text in GSM-7: half a bucket holds it. A longer one is charged no more than fits."""

# KEYS: bucket. ARGV: tokens a second, most tokens, tokens to leave, segments a message, messages wanted, fewest worth a
# call. Returns how many messages may go now, or none and how many milliseconds to wait.
_TAKE = """
local second, micro = unpack(redis.call('TIME'))
local now = second + micro / 1e6
local speed, most, leave = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local each, wanted, fewest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = most
if kept[1] then
    tokens = math.min(most, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) * speed)
end
local granted = math.min(wanted, math.floor((tokens - leave) / each + 1e-9))
local enough = math.min(wanted, fewest)
if granted < enough then
    return {0, math.ceil((leave + enough * each - tokens) / speed * 1000)}
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens - granted * each), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], 60000)
return {granted, 0}
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may go now; if none, after how many seconds to ask again."""

    messages: int
    wait: float


class Limiter:
    """The rate of one channel, in segments a second, kept together by every worker that shares a Valkey."""

    def __init__(self, valkey: redis.Redis, channel: str, rate: float) -> None:
        self._script = valkey.register_script(_TAKE)
        self._key = f"rate:{channel}"
        self._most = max(0.2 * rate, 2.0 * LONGEST)
        self._speed = max(rate - self._most / WINDOW, rate / 10)

    def take(self, lane: str, *, segments: int, wanted: int) -> Grant:
        """Ask for up to `wanted` messages of so many segments each. Raises `redis.RedisError`."""
        leave = self._most / 2 if lane == BROADCASTS else 0.0
        each = min(segments, int(self._most - leave))
        fewest = max(1, int((self._most - leave) / 2 / each))
        answer = self._script(keys=[self._key], args=[self._speed, self._most, leave, each, wanted, fewest])
        granted, milliseconds = cast("list[int]", answer)
        return Grant(int(granted), int(milliseconds) / 1000)
