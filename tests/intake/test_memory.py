"""What a process remembers of a session's list says what reading all of it anew would say."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.context import Context
from gateway.intake.memory import Listed
from gateway.intake.sessions import SESSIONS, Sessions
from gateway.line import Line
from tests.loops import play_out

STATE = {"screen": "menu", "language": "en", "answers": {}, "trail": [], "page": 0, "began": 0, "ended": False}
ITEMS = st.one_of(
    st.sampled_from(["", "1", "1*2"]).map(lambda text: b"d" + text.encode()),
    st.builds(
        lambda at, state: b"f" + json.dumps({"at": at, "facts": {"cases": at}, "state": state}).encode(),
        st.sampled_from(["", "1", "rebuilt:1"]),
        st.sampled_from([None, STATE]),
    ),
)


def opened(item: bytes) -> Any:
    if item == b"broken":
        raise ValueError("cannot be opened")
    return item[1:].decode() if item.startswith(b"d") else json.loads(item[1:])


def says(listed: Listed) -> tuple[object, ...]:
    return listed.texts, listed.facts, listed.checkpoints


@given(st.lists(st.lists(ITEMS, max_size=4), max_size=6), st.data())
def test_a_list_read_as_it_grows_says_what_it_says_at_once(parts: list[list[bytes]], data: st.DataObject) -> None:
    """It grows, may be lost and begun again, and answers to hops sent at once may come in another order."""
    kept, items = Listed(), list[bytes]()
    for part in parts:
        items = [*([] if data.draw(st.booleans(), label="lost") else items), *part]
        kept.take(items, opened)
        anew = Listed()
        anew.take(items, opened)
        assert says(kept) == says(anew)
        older = items[: data.draw(st.integers(0, len(items)), label="older")]
        kept.take(older, opened)
        assert len(kept.texts) == sum(item.startswith(b"d") for item in older)


def test_what_cannot_be_opened_leaves_all_as_it_was() -> None:
    listed = Listed()
    listed.take([b"d"], opened)
    with pytest.raises(ValueError, match="cannot be opened"):
        listed.take([b"d", b"d1", b"broken"], opened)
    listed.take([b"d", b"d1"], opened)
    assert listed.texts == ["", "1"]


BEGAN = {"version": "1", "profile": {"known": False}}


@pytest.mark.parametrize("more", [[], ["1"], ["1", "1*1"], ["1", "1*1", "1*1*2"]])
def test_a_list_that_was_lost_and_begun_again_is_read_anew(context: Context, more: list[str]) -> None:
    """Another process began it again meanwhile: shorter, longer or just as long as what this one had read."""

    async def play() -> None:
        line = Line(context.settings.redis_url)
        one, other, key = Sessions(line, context.vault), Sessions(line, context.vault), os.urandom(32)
        mine, theirs = Listed(), Listed()
        await one.hear(key, "", mine, BEGAN)
        assert (await one.hear(key, "1", mine)).texts == [""]
        assert await one.note(key, "1", {"cases": [1]}, mine) == {"cases": [1]}
        await line.call(b"DEL", SESSIONS + key.hex().encode())
        await other.hear(key, "", theirs, BEGAN | {"version": "2"})
        for text in more:
            await other.hear(key, text, theirs)
        heard = await one.hear(key, "1*1*2", mine)
        assert heard == await other.hear(key, "1*1*2", theirs)
        assert (heard.facts, heard.texts) == ({"": BEGAN | {"version": "2"}}, ["", *more[:2]])
        assert (await one.hear(key, "1*1*2*1", mine)).texts == ["", *more[:2], "1*1*2"]
        assert (await one.recall(key)).texts == ["", *more[:2], "1*1*2", "1*1*2*1"]
        await line.aclose()

    play_out(play)


def test_hops_of_one_session_heard_at_once_are_listed_once(context: Context) -> None:
    """Copies of the same hop and of the next, all sent before any is answered."""

    async def play() -> None:
        line = Line(context.settings.redis_url)
        sessions, key, listed = Sessions(line, context.vault), os.urandom(32), Listed()
        await sessions.hear(key, "", listed, BEGAN)
        texts = ["1", "1", "1*a word", "1*a word", "1"]
        heard = await asyncio.gather(*(sessions.hear(key, text, listed) for text in texts))
        assert [history.texts for history in heard] == [[""], [""], ["", "1"], ["", "1"], [""]]
        assert (await sessions.recall(key)).texts == listed.texts == ["", "1", "1*a word"]
        await line.aclose()

    play_out(play)
