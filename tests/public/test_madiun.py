"""The public pages of a city without USSD, in its own language."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from gateway.context import Context
from gateway.settings import Settings
from tests.conftest import Stores
from tests.dialogues.test_by_sms import madiun
from tests.public.figures import publish_made_figures
from tests.web import serve


@pytest.fixture
def settings(stores: Stores) -> Settings:
    return madiun(stores)


@pytest.fixture
def pages(context: Context) -> Iterator[httpx.Client]:
    with serve(context.settings) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield client


def test_the_pages_say_what_to_write_and_never_what_to_dial(pages: httpx.Client) -> None:
    home, promises = pages.get("/"), pages.get("/commitments")
    assert (home.status_code, promises.status_code) == (200, 200)
    assert home.headers["content-language"] == "id"
    assert "Kirim SMS ini ke 98765" in home.text
    assert '<p class="code">MENU</p>' in home.text
    assert "Taat aturan sampah" in promises.text
    for page in (home.text, promises.text, pages.get("/commitments/IDMDI0003").text):
        assert not [word for word in ("*384", "Ombudsman", "M-Pesa", "tel:", "The county") if word in page]


def test_figures_say_that_nobody_supplied_how_many_live_where(context: Context, pages: httpx.Client) -> None:
    publish_made_figures(context)
    text = pages.get("/statistics").text
    assert "tidak ada angka per 10.000 orang" in text
    assert "Kartoharjo" in text
    assert not [word for word in ("*384", "Ombudsman", "M-Pesa", "tel:", "Per 10,000") if word in text]
