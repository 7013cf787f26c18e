"""The desk puts a category right: history is kept, rules and figures follow, and it can be put back."""

from __future__ import annotations

from gateway.statistics import rollups
from tests.desk import Office
from worker import tasks


def outcomes(office: Office) -> dict[str, int]:
    tasks.count_cases(office.context)
    with office.context.work() as session:
        counted = rollups.counts(session)
    found: dict[str, int] = {}
    for (_, outcome), number in counted["offices"].items():
        found[outcome] = found.get(outcome, 0) + number
    return {outcome: number for outcome, number in found.items() if number}


def put(office: Office, serial: str, category: str, reason: str = "The story says so") -> dict[str, object]:
    answer = office.post(f"/cases/{serial}/category", {"category": category, "reason": reason})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_correction_stays_inside_and_the_rules_are_asked_again(office: Office) -> None:
    filed = office.file(category="DELAY")
    case = put(office, filed.serial, "BRIBE")
    assert (case["category"], case["status"], case["version"]) == ("BRIBE", "received", 2)
    (event,) = [one for one in office.get(f"/cases/{filed.serial}/timeline")["items"] if one["kind"] == "recategorised"]
    assert event["sentence"].startswith(
        'Achieng Otieno moved the case from the category "Delay or no reply" to "Bribe asked"'
    )
    assert (event["audience"], event["text"]) == ("internal", "The story says so")
    assert office.owed() == []
    assert "case.recategorised" in office.audited()
    assert (
        office.post(
            f"/cases/{filed.serial}/category", {"category": "DELAY", "reason": "As it was", "version": 1}
        ).status_code
        == 409
    )
    put(office, filed.serial, "DELAY")
    for wrong in ("DELAY", "NOTHING", "budget"):  # it is there already; there is none; one of another kind
        body = {"category": wrong, "reason": "The story says so"}
        assert office.post(f"/cases/{filed.serial}/category", body).status_code == 422, wrong


def test_what_nobody_can_make_out_is_counted_so_and_its_resident_is_asked_to_say_more(office: Office) -> None:
    filed = office.file(language="sw")
    assert outcomes(office) == {"open": 1}
    case = put(office, filed.serial, "UNCLEAR", "Ni herufi tu")
    assert case["status"] == "received"
    assert outcomes(office) == {"unclear": 1}
    events = office.get(f"/cases/{filed.serial}/timeline")["items"]
    assert events[-1]["audience"] == "resident"
    assert events[-1]["text"].startswith("Hatukuweza kuelewa hili linahusu nini. Ni herufi tu")
    put(office, filed.serial, "DELAY", "Alipiga simu")
    assert outcomes(office) == {"open": 1}
    assert [(template, language) for template, language, _ in office.owed()] == [("reply", "sw")] * 2
    office.change_case(filed.serial, status="withdrawn")
    put(office, filed.serial, "UNCLEAR", "Ni herufi tu")
    assert len(office.owed()) == 2, "of a closed case nobody is asked to say more"


def test_an_information_request_can_be_unclear_and_danger_makes_urgent(office: Office) -> None:
    asked = office.file(kind="information", category="budget")
    before = office.get(f"/cases/{asked.serial}")["due_at"]
    assert put(office, asked.serial, "UNCLEAR")["due_at"] == before, "the days of the law go on"
    danger = next(known.code for known in office.context.pack.categories if known.danger and known.kind == "complaint")
    told = office.file(category="DELAY")
    assert put(office, told.serial, danger)["urgent"] is True
    assert put(office, told.serial, "DELAY")["urgent"] is True, "by this nothing stops being urgent"
