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

from gateway.line import ANSWER_SECONDS, Line
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


def test_replies_of_every_kind(stores: Stores) -> None:
    async def story(line: Line) -> None:
        async def says(script: bytes) -> object:
            return await line.call(b"EVAL", script, b"0")

        assert await says(b"return -7") == -7
        assert await says(b"return 'a\\r\\nb'") == b"a\r\nb"
        assert await says(b"return ''") == b""
        assert await says(b"return nil") is None
        assert await says(b"return {}") == []
        assert await says(b"return {1, {'x', false}}") == [1, [b"x", None]]
        assert await says(b"return redis.status_reply('FINE')") == b"FINE"

    play(stores.valkey.url, story)


def test_what_is_no_reply_ends_the_connection() -> None:
    async def story() -> None:
        async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

        server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        line = Line(f"redis://127.0.0.1:{port}/0")
        with pytest.raises(RedisError):
            await line.call(b"PING")
        await line.aclose()
        server.close()

    play_out(story)


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
