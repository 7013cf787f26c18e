"""The hop's own connection to Valkey: answers in order, failures told at once, and back when Valkey is back."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisError, ResponseError

from gateway.line import ANSWER_SECONDS, Line, packed, unpacked
from operations.embedded import RunningValkey, start_valkey
from tests.conftest import Stores
from tests.loops import play_out

Story = Callable[[Line], Coroutine[Any, Any, None]]


def play(url: str, story: Story) -> None:
    async def whole() -> None:
        line = Line(url)
        await story(line)
        await line.aclose()

    play_out(whole)


@pytest.fixture
def own() -> Iterator[RunningValkey]:
    """A Valkey that this test may stop."""
    with tempfile.TemporaryDirectory(prefix="baraza-line-") as folder:
        running = start_valkey(Path(folder))
        yield running
        running.stop()


@pytest.mark.parametrize(
    ("sent", "reply"),
    [
        (b"+OK\r\n", b"OK"),
        (b":-7\r\n", -7),
        (b"$4\r\na\r\nb\r\n", b"a\r\nb"),
        (b"$0\r\n\r\n", b""),
        (b"$-1\r\n", None),
        (b"*0\r\n", []),
        (b"*2\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n", [1, [b"x", None]]),
    ],
)
def test_a_reply_is_read_whole_or_not_at_all(sent: bytes, reply: object) -> None:
    assert unpacked(sent, 0) == (reply, len(sent))
    assert unpacked(b"+before\r\n" + sent, 9) == (reply, len(sent) + 9)


def test_a_command_is_words_with_their_lengths() -> None:
    assert packed((b"SET", b"k", b"\r\n")) == b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\r\n\r\n"


def test_many_calls_at_once_each_get_their_own_answer(stores: Stores) -> None:
    async def story(line: Line) -> None:
        words = [os.urandom(size) for size in (*range(200), 70_000, 300_000)]
        assert await asyncio.gather(*(line.call(b"ECHO", word) for word in words)) == words

    play(stores.valkey.url, story)


def test_a_refusal_is_told_to_who_asked_and_to_nobody_else(stores: Stores) -> None:
    async def story(line: Line) -> None:
        first, refused, last = await asyncio.gather(
            line.call(b"ECHO", b"1"), line.call(b"NONSENSE"), line.call(b"ECHO", b"2"), return_exceptions=True
        )
        assert (first, last) == (b"1", b"2")
        assert isinstance(refused, ResponseError)

    play(stores.valkey.url, story)


def test_who_gives_up_leaves_the_others_their_answers(stores: Stores) -> None:
    async def story(line: Line) -> None:
        await line.call(b"PING")
        given_up = asyncio.ensure_future(line.call(b"ECHO", b"never read"))
        await asyncio.sleep(0)
        given_up.cancel()
        assert await line.call(b"ECHO", b"mine") == b"mine"

    play(stores.valkey.url, story)


def test_a_wrong_password_is_an_error_each_time(stores: Stores) -> None:
    async def story(line: Line) -> None:
        for _ in range(2):
            with pytest.raises(ResponseError):
                await line.call(b"PING")

    play(stores.valkey.url.replace(":@", ":wrong@").replace("redis://:", "redis://:x"), story)


def test_it_fails_while_valkey_is_away_and_works_when_it_is_back(own: RunningValkey) -> None:
    async def story(line: Line) -> None:
        assert await line.call(b"PING") == b"PONG"
        own.stop()
        for _ in range(3):
            with pytest.raises((RedisError, OSError)):
                await line.call(b"PING")
        again = start_valkey(own.program.folder.parent if own.program.folder else Path())
        assert again.url == own.url
        assert await line.call(b"PING") == b"PONG"
        again.stop()

    play(own.url, story)


def test_a_valkey_that_hangs_holds_nobody_up_for_long(own: RunningValkey) -> None:
    async def story(line: Line) -> None:
        await line.call(b"PING")
        os.kill(own.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises((RedisError, OSError)):
            await line.call(b"PING")
        assert time.monotonic() - began < 2 * ANSWER_SECONDS
        with pytest.raises((RedisError, OSError)):
            await line.call(b"PING")
        os.kill(own.pid, signal.SIGCONT)
        assert await line.call(b"PING") == b"PONG"

    play(own.url, story)
