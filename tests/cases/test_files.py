"""What goes with a conversation: files of staff, canned replies, and what a text costs."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from gateway.cases import files
from gateway.cases.records import Attachment
from tests.desk import Office

PDF = b"%PDF-1.7\nThe borehole at Shirere\n%%EOF"


def attach(
    office: Office, serial: str, content: bytes, name: str = "report.pdf", role: str = "officer", audience: str = ""
) -> httpx.Response:
    asked = f"?audience={audience}" if audience else ""
    return office.ask(
        "POST",
        f"/cases/{serial}/attachments{asked}",
        role,
        content=content,
        headers={"X-File-Name": quote(name), "Content-Type": "application/octet-stream"},
    )


def where(office: Office) -> Path:
    return Path(office.context.settings.files or "")


def test_a_file_is_sealed_named_by_its_hash_and_comes_back_whole(office: Office) -> None:
    serial = office.file().serial
    put = attach(office, serial, PDF, "../../etc/Ripoti ya <kisima>.exe")
    assert put.status_code == 201
    assert (put.json()["name"], put.json()["media_type"]) == ("Ripoti ya _kisima_.pdf", "application/pdf")
    (row,) = office.rows(Attachment)
    stored = (where(office) / row.file).read_bytes()
    assert b"Shirere" not in stored
    (listed,) = office.get(f"/cases/{serial}/attachments")["items"]
    assert listed["sealed_sha256"] == sha256(stored).hexdigest() == row.file
    assert (where(office) / row.file).stat().st_mode & 0o077 == 0
    got = office.ask("GET", f"/cases/{serial}/attachments/{row.id}")
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''Ripoti%20ya%20_kisima_.pdf"
    assert (got.headers["x-content-type-options"], got.headers["cache-control"]) == ("nosniff", "no-store")
    assert office.audited() == ["case.attached", "attachment.opened"]
    (where(office) / row.file).write_bytes(stored[:-1] + bytes((stored[-1] ^ 1,)))
    broken = office.ask("GET", f"/cases/{serial}/attachments/{row.id}")
    assert (broken.status_code, b"Shirere" in broken.content) == (503, False)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("Maji yamerudi – asante".encode(), "text/plain"),
        (b"<script>alert(1)</script>", "text/plain"),
        (b"PK\x03\x04 a document of an office program", None),
        (b"MZ\x90\x00", None),
        (b"\xff\xfe\x00", None),
        (b"", None),
    ],
)
def test_a_file_is_known_by_its_content(office: Office, content: bytes, kind: str | None) -> None:
    serial = office.file().serial
    put = attach(office, serial, content, "photo.png")
    assert (put.status_code, put.json().get("media_type")) == ((201, kind) if kind else (422, None))


def test_a_file_that_is_too_large_is_not_read(office: Office) -> None:
    serial = office.file().serial
    put = attach(office, serial, b"x" * (files.MOST + 1))
    assert (put.status_code, put.json()["code"]) == (413, "too_large")
    assert office.rows(Attachment) == []


def test_a_department_opens_what_was_put_there_for_it(office: Office) -> None:
    serial = office.file().serial
    office.change_case(serial, department_code="environment")
    inside, shared = attach(office, serial, PDF).json(), attach(office, serial, PDF, audience="department").json()
    theirs = attach(office, serial, PDF, role="focal").json()
    assert theirs["audience"] == "department"
    listed = [item["id"] for item in office.get(f"/cases/{serial}/attachments", "focal")["items"]]
    assert listed == [shared["id"], theirs["id"]]
    assert len(office.get(f"/cases/{serial}/attachments")["items"]) == 3
    assert office.ask("GET", f"/cases/{serial}/attachments/{inside['id']}", "focal").status_code == 404
    assert office.ask("GET", f"/cases/{serial}/attachments/{shared['id']}", "focal").content == PDF
    assert office.get(f"/cases/{serial}/attachments", "oversight")["items"] == []
    other = office.file().serial
    assert office.ask("GET", f"/cases/{other}/attachments/{inside['id']}").status_code == 404


def test_canned_replies_say_what_they_cost(office: Office) -> None:
    canned = office.get("/canned-replies")["items"]
    assert {"looking_into_it", "need_more"} <= {reply["code"] for reply in canned}
    assert all(set(reply["texts"]) == {"en", "sw"} == set(reply["segments"]) for reply in canned)
    assert all(1 <= parts <= 2 for reply in canned for parts in reply["segments"].values())
    short = office.post("/drafts/cost", {"text": "We are on it", "language": "en"}).json()
    assert short == {"segments": 1, "septets": 12, "foreign": [], "cut": False}
    long = office.post("/drafts/cost", {"text": "x" * 700, "language": "en"}).json()
    assert (long["segments"], long["cut"]) == (5, True)
