from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.context import Context
from tests.conftest import SECRET
from tests.web import Handset, serve


@pytest.fixture
def address(context: Context) -> Iterator[str]:
    with serve(context.settings) as root:
        yield root


@pytest.fixture
def handset(address: str) -> Handset:
    return Handset(address, SECRET)
