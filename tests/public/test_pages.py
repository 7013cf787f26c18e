"""The public pages: in both languages, light, with nothing from elsewhere, and honest when something is away."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from gateway.commitments import service
from gateway.commitments.models import Commitment
from tests.desk import Office
from tests.public.figures import publish_made_figures

PAGES = [
    "/",
    "/commitments",
    "/commitments/KEKAK0003",
    "/commitments/KEKAK0002",
    "/statistics",
    "/open-data/",
    "/share",
]
PROMISE = "KEKAK0003"


class Seen(HTMLParser):
    """The words of a page and the addresses it names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"href", "src"} and value]
        assert not [name for name, _ in attrs if name == "style" or name.startswith("on")], "inline style or script"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(office: Office, path: str, **options: object) -> Seen:
    answer = office.client.get(path, **options)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return Seen(answer.text)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_page_is_light_and_stands_alone(office: Office, path: str, language: str) -> None:
    publish_made_figures(office.context)
    answer = office.client.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == language
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = Seen(answer.text)
    assert "script" not in page.tags
    assert all(address.startswith(("/", "tel:", "#")) for address in page.addresses)
    css = office.client.get("/static/public.css")
    assert "url(" not in css.text
    assert len(answer.content) + len(css.content) < 50_000
    assert f'<html lang="{language}">' in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_linked_that_is_not_there(office: Office, path: str) -> None:
    for address in {address for address in read(office, path).addresses if address.startswith("/")}:
        assert office.client.get(address).status_code == 200, address


def test_home_says_how_to_dial_and_that_this_is_a_demonstration(office: Office) -> None:
    english, swahili = read(office, "/?lang=en").text, read(office, "/?lang=sw").text
    for text in (english, swahili):
        assert "*384*1#" in text
        assert "22384" in text
        assert "0800 724 388" in text
    assert "Demonstration." in english
    assert "Maonyesho tu." in swahili
    assert "Public participation" in english
    assert "Ushiriki wa umma" in swahili
    assert "1195" not in english, "a number nobody has verified"


@pytest.mark.parametrize(
    ("asked", "accepted", "expected"),
    [
        ("sw", "en", "sw"),
        (None, "sw-KE,sw;q=0.9,en;q=0.8", "sw"),
        (None, "fr,en;q=0.2,sw;q=0.7", "sw"),
        (None, "fr", "en"),
        (None, "", "en"),
        ("xx", "sw", "sw"),
        ("luy", "", "en"),  # a slot without strings
        (None, "sw;q=high,;;,*", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_or_preferred(
    office: Office, asked: str | None, accepted: str, expected: str
) -> None:
    params = {"lang": asked} if asked else {}
    answer = office.client.get("/", params=params, headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == expected
    assert answer.headers["vary"] == "Accept-Language"


def test_the_two_voices_stand_side_by_side_and_are_never_mixed(office: Office) -> None:
    with office.context.work() as session:
        session.execute(
            sa.update(Commitment).where(Commitment.ogp_id == PROMISE).values(claim="substantial", judged="limited")
        )
    text = read(office, f"/commitments/{PROMISE}?lang=en").text
    assert "The county says substantial" in text
    assert "The independent monitor says limited" in text
    swahili = read(office, f"/commitments/{PROMISE}?lang=sw").text
    assert "Kaunti inasema kwa kiasi kikubwa" in swahili
    assert "Mkaguzi huru anasema kidogo" in swahili


def test_nothing_said_is_shown_as_nothing_said(office: Office) -> None:
    text = read(office, "/commitments/KEKAK0002?lang=en").text
    assert "The county says no report yet" in text
    assert "The independent monitor says not yet assessed" in text
    assert "inferred from the plan" in text
    assert "inferred from the plan" not in read(office, f"/commitments/{PROMISE}?lang=en").text


def test_news_are_read_newest_first_and_never_by_how_many(office: Office) -> None:
    for number in (1, 2):
        news = {"en": f"News {number} & <b>more</b>", "sw": f"Habari {number}"}
        assert office.post(f"/commitments/{PROMISE}/updates", {"text": news}).status_code == 201
    page = office.client.get(f"/commitments/{PROMISE}?lang=en").text
    assert page.index("News 2 &amp; &lt;b&gt;more&lt;/b&gt;") < page.index("News 1 &amp;")
    assert "Habari 2" in read(office, "/commitments?lang=sw").text
    assert "follower" not in page


def test_a_promise_that_is_none_is_a_page_too(office: Office) -> None:
    answer = office.client.get("/commitments/KEKAK9999?lang=sw")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Hakuna ukurasa kama huu" in answer.text


def test_how_to_dial_is_told_even_while_the_store_is_away(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise exc.TimeoutError

    monkeypatch.setattr(service, "list_commitments", away)
    text = read(office, "/?lang=en").text
    assert "*384*1#" in text
    assert "cannot be shown just now" in text
    answer = office.client.get("/commitments?lang=en")
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")


def test_the_api_explains_itself_with_nothing_from_elsewhere(office: Office) -> None:
    answer = office.client.get("/docs")
    page = Seen(answer.text)
    assert all(address.startswith("/") for address in page.addresses)
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert all(office.client.get(address).status_code == 200 for address in page.addresses)
