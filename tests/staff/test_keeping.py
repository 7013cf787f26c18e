"""Keeping accounts over the API, and reading what was done: who may, what ends at once, what stands in the trail."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.settings import Settings
from gateway.staff.models import Staff, StaffToken
from gateway.staff.trail_api import in_force
from tests.desk import Office

AMINA = {"email": "Amina@Kakamega.example", "name": "Amina Wanjala", "role": "officer"}


def test_an_account_from_its_first_day_to_its_last(office: Office) -> None:
    def post(path: str, body: object = None, status: int = 200) -> dict[str, object]:
        answer = office.post(path, body, "admin")
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    office.token("admin")
    (admin,) = office.rows(Staff, Staff.role == "admin")
    made = post("/staff", AMINA, 201)
    person = f"/staff/{made['id']}"
    assert (made["email"], made["active"], made["factor_since"], made["signed_in_at"]) == (
        "amina@kakamega.example",
        True,
        None,
        None,
    )
    assert post("/staff", AMINA, 422)["detail"] == "there is an account with this e-mail already"
    assert post("/staff", AMINA | {"email": "b@b.ke", "role": "focal", "department": "moon"}, 422)
    invited = post(f"{person}/invitation")
    assert str(invited["address"]).partition("/console/join/")[2]
    assert office.get(person, "admin")["invited_until"] == invited["until"]
    assert post(f"{person}/change", {"name": "Amina", "role": "focal"}, 422)["field"] == "department"
    focal = {"name": "Amina", "role": "focal", "department": "environment"}
    assert post(f"{person}/change", focal)["department"] == "environment"
    assert post(f"{person}/change", focal, 422)["detail"] == "it is so already"

    assert office.get("/me")["role"] == "officer"
    (officer,) = office.rows(Staff, Staff.email == "officer@kakamega.example")
    post(f"/staff/{officer.id}/sign-out")
    assert office.ask("GET", "/me").status_code == 401, "at once"
    assert post(f"/staff/{officer.id}/end")["active"] is False
    assert post(f"/staff/{officer.id}/end", None, 409)["detail"] == "this account ended already"
    assert post(f"/staff/{officer.id}/invitation", None, 404)
    ended = office.get("/staff?active=false", "admin")["items"]
    assert [one["email"] for one in ended] == ["officer@kakamega.example"]
    assert post(f"/staff/{officer.id}/open-again")["active"] is True
    for verb, body in (("change", AMINA | {"role": "supervisor"}), ("end", None)):
        said = {name: said for name, said in (body or {}).items() if name != "email"} or None
        assert post(f"/staff/{admin.id}/{verb}", said, 409)["detail"] == "somebody else changes one's own account"
    emails, cursor = [], ""
    while cursor is not None:
        page = office.get(f"/staff?limit=1&cursor={cursor}", "admin")
        emails += [one["email"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert emails == sorted(["admin@kakamega.example", "amina@kakamega.example", "officer@kakamega.example"])

    done = ["staff.opened_again", "staff.ended", "staff.signed_out", "staff.tokens_revoked"] * 2
    trail = office.get("/audit?person=ADMIN@kakamega.example&action=staff.", "admin")["items"]
    assert [one["action"] for one in trail if one["subject"] == str(officer.id)] == [*done[:4], *done[2:4]]
    page = office.get(f"/audit?subject={made['id']}&limit=1", "admin")
    assert page["items"][0]["data"]["before"] == {"role": "officer", "department": None}
    page = office.get(f"/audit?subject={made['id']}&limit=1&cursor={page['next_cursor']}", "admin")
    assert page["items"][0]["action"] == "staff.invited"
    assert office.get("/audit/chain?recompute=true", "admin")["verdict"] == {"ok": True, "first_broken": None}

    with office.context.work() as session:
        session.execute(sa.update(StaffToken).values(proved_at=None))
    assert post("/staff", AMINA | {"email": "c@c.ke"}, 403)["code"] == "proof_needed"


def test_settings_are_told_without_a_secret(settings: Settings) -> None:
    told = {one.name: one for one in in_force(settings)}
    assert (told["BARAZA_PACK"].value, told["BARAZA_SEALING_KEYS"].value) == (settings.pack, None)
    assert told["BARAZA_REPORT_HOURS"].source == "default"
    private = settings.model_copy(
        update={"database_url": "postgresql://baraza:hush@db:5432/b?password=hush", "redis_url": "redis://:hush@v:6/0"}
    )
    told = {one.name: one for one in in_force(private)}
    assert told["BARAZA_DATABASE_URL"].value == "postgresql://db:5432"
    assert told["BARAZA_REDIS_URL"].value == "redis://v:6"
