"""What a process remembers of a session's list says what reading all of it anew would say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.memory import Listed

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
