"""What changed, for programs that look for news: Atom and JSON Feed with the same entries."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree as Xml

from tests.desk import Office

ATOM = "{http://www.w3.org/2005/Atom}"
PROMISE = "KEKAK0003"


def test_both_feeds_tell_what_was_published_newest_first(office: Office) -> None:
    for number in (1, 2):
        text = {"en": f"News {number} & <more>", "sw": f"Habari {number}"}
        assert office.post(f"/commitments/{PROMISE}/updates", {"text": text}).status_code == 201
    for path in ("/commitments", f"/commitments/{PROMISE}"):
        atom = office.client.get(f"{path}/feed.atom?lang=en")
        assert atom.headers["content-type"] == "application/atom+xml; charset=utf-8"
        top = Xml.fromstring(atom.content)  # noqa: S314  # our own
        entries = top.findall(f"{ATOM}entry")
        assert [entry.findtext(f"{ATOM}content") for entry in entries[:2]] == ["News 2 & <more>", "News 1 & <more>"]
        assert (entries[0].findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
        datetime.fromisoformat(top.findtext(f"{ATOM}updated") or "")
        feed = office.client.get(f"{path}/feed.json?lang=sw")
        assert feed.headers["content-type"] == "application/feed+json; charset=utf-8"
        made = feed.json()
        assert made["version"] == "https://jsonfeed.org/version/1.1"
        assert made["language"] == "sw"
        assert [item["content_text"] for item in made["items"][:2]] == ["Habari 2", "Habari 1"]
        assert made["items"][0]["url"].endswith(f"/commitments/{PROMISE}?lang=sw")
        assert len(made["items"]) == len(entries)
        again = office.client.get(f"{path}/feed.json?lang=sw", headers={"If-None-Match": feed.headers["etag"]})
        assert again.status_code == 304
    page = office.client.get(f"/commitments/{PROMISE}?lang=en").text
    assert f'type="application/atom+xml" title="Atom" href="/commitments/{PROMISE}/feed.atom?lang=en"' in page


def test_of_a_promise_that_is_none_there_is_no_feed(office: Office) -> None:
    assert office.client.get("/commitments/KEKAK9999/feed.atom").status_code == 404
