"""Open data: what is in the files is what the package says, and nothing small, personal or secret is in any of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from frictionless import Package, validate

from gateway.cases.models import Case
from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.statistics.datasets import NotPublicError, of_table
from gateway.statistics.open_data import DATASETS
from tests.desk import NUMBER, STORY, Office
from tests.public.figures import publish_made_figures
from worker import tasks


@pytest.fixture
def filled(office: Office) -> Office:
    office.file()
    news = {"en": "=The Citizen Budget is out.", "sw": "Bajeti ya Mwananchi imetolewa."}
    assert office.post("/commitments/KEKAK0003/updates", {"text": news}).status_code == 201
    tasks.link_audit(office.context)
    tasks.publish_head(office.context)
    publish_made_figures(office.context)
    return office


def test_the_package_is_valid_and_holds_nothing_that_points_at_people(filled: Office, tmp_path: Path) -> None:
    get = filled.client.get
    package = get("/open-data/datapackage.json")
    assert package.headers["content-type"] == "application/json; charset=utf-8"
    (tmp_path / "datapackage.json").write_bytes(package.content)
    for resource in package.json()["resources"]:
        file = get(f"/open-data/{resource['path']}")
        assert file.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        (tmp_path / resource["path"]).write_bytes(file.content)
        rows = list(csv.DictReader(io.StringIO(file.text)))
        assert get(f"/open-data/{resource['name']}.json").json() is not None
        for secret in (STORY, NUMBER[1:], NUMBER[4:]):
            assert secret not in file.text
        for row in rows:
            if "cases" in row:
                assert (row["cases"] == "") == (row["hidden"] == "true")
                assert row["cases"] in {"", "0"} or int(row["cases"]) >= 10
    report = validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["taskNumber", "rowNumber", "fieldNumber", "type", "note"])
    assert len(Package(str(tmp_path / "datapackage.json")).resources) == len(DATASETS)


def test_promises_are_exported_as_the_partnership_lists_them(filled: Office) -> None:
    rows = list(csv.DictReader(io.StringIO(filled.client.get("/open-data/commitments.csv").text)))
    assert [row["ogp_id"] for row in rows] == ["KEKAK0001", "KEKAK0002", "KEKAK0003", "KEKAK0004"]
    assert rows[1]["inferred"] == "true"
    assert json.loads(rows[0]["title"])["en"] == "Public Participation and Civic Engagement"
    assert (rows[0]["starts_on"], rows[0]["claim"], rows[0]["judged"]) == ("2025-01-01", "no_report", "not_assessed")
    assert filled.client.get("/open-data/updates.json").json()[0]["text"]["en"] == "=The Citizen Budget is out."


def test_a_column_that_is_not_public_cannot_become_open_data() -> None:
    with pytest.raises(NotPublicError, match=r"commitment_updates\.published_by"):
        of_table("x", "x", "x", {CommitmentUpdate.published_by: "who"}, order=CommitmentUpdate.id)
    with pytest.raises(NotPublicError, match=r"cases\.serial"):
        of_table("x", "x", "x", {Case.serial: "which"}, order=Case.id)
    with pytest.raises(NotPublicError, match="from_pack"):
        of_table("x", "x", "x", {Commitment.from_pack: "what"}, order=Commitment.position)


def test_files_are_kept_until_something_new_is_published(filled: Office) -> None:
    for path in ("cases-by-place.csv", "updates.json", "datapackage.json", "open311/requests.json"):
        first = filled.client.get(f"/open-data/{path}")
        assert first.headers["cache-control"] == "public, max-age=300"
        again = filled.client.get(f"/open-data/{path}", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    old = filled.client.get("/open-data/updates.json").headers["etag"]
    filled.post("/commitments/KEKAK0003/updates", {"text": {"en": "More.", "sw": "Zaidi."}})
    assert filled.client.get("/open-data/updates.json").headers["etag"] != old


def test_open311_lists_what_the_pack_marks_public_by_month_and_never_a_few(filled: Office) -> None:
    services = filled.client.get("/open-data/open311/services.json").json()
    assert [service["service_code"] for service in services] == ["DELAY", "POOR"]
    entries = filled.client.get("/open-data/open311/requests.json").json()
    assert entries
    for entry in entries:
        assert entry["extended_attributes"]["requests"] >= 10
        assert entry["requested_datetime"].endswith("-01T00:00:00Z")
        assert entry["description"] is entry["address"] is entry["lat"] is entry["status"] is None
    poor = filled.client.get("/open-data/open311/requests.json", params={"service_code": "POOR"}).json()
    assert {entry["service_code"] for entry in poor} == {"POOR"}
    month = poor[-1]["extended_attributes"]["period"]
    only = {"start_date": f"{month}-01T00:00:00Z", "end_date": f"{month}-28T00:00:00Z", "service_code": "POOR"}
    assert len(filled.client.get("/open-data/open311/requests.json", params=only).json()) == 1
    assert filled.client.get("/open-data/open311/requests.json", params={"service_code": "BRIBE"}).json() == []


def test_what_is_not_there_is_a_page_too(office: Office) -> None:
    assert office.client.get("/open-data/cases.csv").status_code == 404
    assert office.client.get("/open-data/commitments.xlsx").status_code == 404
    assert office.client.get("/open-data", follow_redirects=False).status_code == 308
    assert office.client.get("/open-data/cases-by-place.csv").text.count("\n") == 1, "nothing is published yet"
